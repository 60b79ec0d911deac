// The recorded traces and the conformance cases, from the folder that COTEXT_DATA names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "document/document.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_repeat.h"
#include "simulation/trace/trace_statistics.h"

namespace cotext {
namespace {

class TraceDataTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("COTEXT_DATA");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
    folder_ = folder;
  }

  // Returns the traces in a sub-folder, by file name.
  std::map<std::string, Trace> Read(const std::string& sub_folder) {
    std::map<std::string, Trace> traces;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / sub_folder)) {
      const std::string name = entry.path().filename();
      if (!name.ends_with(".json") && !name.ends_with(".json.gz")) continue;
      auto trace = ReadTrace(entry.path());
      if (trace) {
        traces.emplace(name, std::move(*trace));
      } else {
        ADD_FAILURE() << trace.error().message;
      }
    }
    EXPECT_FALSE(traces.empty()) << sub_folder;
    return traces;
  }

 private:
  std::filesystem::path folder_;
};

void ExpectReplays(const Trace& trace, ReplayMode mode) {
  const auto result = Replay(trace, {.mode = mode});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->ok()) << trace.name() << " differs at "
                            << result->first_difference.value_or(0);
}

void ExpectOracleEndsAs(const Trace& trace, NaiveRga::Order order) {
  NaiveRga rga(trace.agent_count(), order);
  while (rga.transaction_count() < trace.transaction_count()) {
    const auto applied = rga.Apply(trace);
    ASSERT_TRUE(applied) << applied.error().message;
  }
  EXPECT_TRUE(rga.TextOf(rga.CheckoutAll()) == trace.end_content()) << trace.name();
}

TEST_F(TraceDataTest, EveryConformanceCaseMergesToWhatAutomergeHas) {
  for (const auto& [name, trace] : Read("conformance/rga")) {
    ExpectOracleEndsAs(trace, NaiveRga::Order::kRga);
    ExpectReplays(trace, ReplayMode::kMerge);
  }
}

TEST_F(TraceDataTest, EveryTraceReplaysInItsOwnMode) {
  for (const auto& [name, trace] : Read("traces")) ExpectReplays(trace, DefaultMode(trace));
}

TEST_F(TraceDataTest, EveryTraceReplaysOnOtToo) {
  for (const auto& [name, trace] : Read("traces")) {
    for (const ReplayMode mode : {DefaultMode(trace), ReplayMode::kMerge, ReplayMode::kLoad}) {
      const auto result = Replay(trace, {.engine = Engine::kOt, .mode = mode});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok()) << name;
      const bool is_graph = name.starts_with("A1") || name.starts_with("A2");
      EXPECT_EQ(result->control, is_graph ? "ttf" : "jupiter") << name;
    }
  }
}

TEST_F(TraceDataTest, EveryConformanceCaseMergesOnOtToWhatAutomergeHas) {
  for (const auto& [name, trace] : Read("conformance/rga")) {
    const auto result = Replay(trace, {.engine = Engine::kOt});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->ok()) << name;
  }
}

TEST_F(TraceDataTest, SequentialTracesMergeToo) {
  for (const auto& [name, trace] : Read("traces")) {
    if (trace.kind() == Trace::Kind::kSequential) ExpectReplays(trace, ReplayMode::kMerge);
  }
}

TEST_F(TraceDataTest, FriendsforeverRepeatedReplays) {
  const auto repeated = Repeat(Read("traces").at("friendsforever.json.gz"), 25);
  ASSERT_TRUE(repeated);
  ExpectReplays(*repeated, ReplayMode::kMerge);
}

TEST_F(TraceDataTest, HistoriesTakeAboutAsMuchAsIntegratingThemTwice) {
  auto traces = Read("traces");
  for (const char* name : {"A1.json.gz", "A2.json.gz", "friendsforever.json.gz"}) {
    const Trace& trace = traces.at(name);
    const auto history = BuildHistory(trace);
    ASSERT_TRUE(history) << history.error().message;
    EXPECT_LE(history->integrated, 3 * trace.transaction_count()) << name;
    EXPECT_LE(history->copied, trace.transaction_count() / 3) << name;
    EXPECT_LE(history->replicas, 30U) << name;
  }
  const Trace& of_two = traces.at("friendsforever.json.gz");
  EXPECT_LE(BuildHistory(of_two)->integrated, of_two.transaction_count());
}

TEST_F(TraceDataTest, TheOracleReplaysTheConcurrentTraces) {
  auto traces = Read("traces");
  // A2 takes the oracle half a minute under a sanitizer; replaying it has its own end text as
  // oracle.
  for (const char* name : {"friendsforever.json.gz", "A1.json.gz"}) {
    ExpectOracleEndsAs(traces.at(name), NaiveRga::Order::kRga);
  }
  // These two end alike in either order.
  for (const char* name : {"friendsforever.json.gz", "A1.json.gz"}) {
    ExpectOracleEndsAs(traces.at(name), NaiveRga::Order::kAgentAscending);
  }
}

TEST_F(TraceDataTest, StatisticsAreThoseInTheTracesReadme) {
  auto traces = Read("traces");
  const TraceStatistics a2 = ComputeStatistics(traces.at("A2.json.gz"));
  EXPECT_EQ(a2.agents, 375U);
  EXPECT_EQ(a2.transactions, 3210U);
  EXPECT_EQ(a2.roots, 5U);
  EXPECT_EQ(a2.heads, 1U);
  EXPECT_EQ(a2.concurrency_max, 599U);
  EXPECT_EQ(a2.final_chars, 227352U);
  const TraceStatistics rust = ComputeStatistics(traces.at("rustcode.json.gz"));
  EXPECT_EQ(rust.patches, 40173U);
  EXPECT_EQ(rust.inserted, 522531U);
  EXPECT_EQ(rust.deleted, 457313U);
  EXPECT_EQ(rust.final_chars, 65218U);
}

}  // namespace
}  // namespace cotext
