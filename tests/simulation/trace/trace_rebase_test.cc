#include "simulation/trace/trace_rebase.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_writer.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Order = NaiveRga::Order;

// Two agents insert at one place, and a third transaction depends on who comes first.
const char* const kTied = R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                          R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]},)"
                          R"({"parents":[0,1],"agent":0,"patches":[[1,1,"B"]]})";

TEST(TraceRebaseTest, ATransactionThatSawAnotherOrderGetsNewPatches) {
  const Trace trace = ParseConcurrentTrace(2, kTied, "aB");
  const auto rebased = Rebase(trace, Order::kAgentAscending);
  ASSERT_TRUE(rebased);
  EXPECT_EQ(rebased->rederived, 1U);
  EXPECT_EQ(rebased->trace.end_content(), "aB");
  // In RGA order the merged state is "ba": the b goes, the B comes.
  EXPECT_EQ(rebased->trace.patches(0).ToVector(), trace.patches(0).ToVector());
  EXPECT_EQ(rebased->trace.patches(2).ToVector(),
            (std::vector{TracePatch{.position = 0, .deleted = 1, .inserted = ""},
                         TracePatch{.position = 1, .deleted = 0, .inserted = "B"}}));
}

TEST(TraceRebaseTest, FromRgaOrderNothingChanges) {
  const Trace trace = ParseConcurrentTrace(2, kTied, "bB");
  const auto rebased = Rebase(trace, Order::kRga);
  ASSERT_TRUE(rebased);
  EXPECT_EQ(rebased->rederived, 0U);
  EXPECT_EQ(SerializeTrace(rebased->trace), SerializeTrace(trace));
}

TEST(TraceRebaseTest, HeadsThatMergeOtherwiseGetAMergeOfTheirOwn) {
  const Trace trace = ParseConcurrentTrace(2,
                                           R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                                           R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]})",
                                           "ab");
  const auto rebased = Rebase(trace, Order::kAgentAscending);
  ASSERT_TRUE(rebased);
  EXPECT_EQ(rebased->trace.transaction_count(), 3U);
  EXPECT_EQ(rebased->trace.parents(2).size(), 2U);
  EXPECT_EQ(rebased->trace.agent(2), 1U);
  EXPECT_TRUE(Replay(rebased->trace, {})->ok());
}

TEST(TraceRebaseTest, TheEndIsWhatTheSourceOrderReaches) {
  const auto rebased = Rebase(ParseConcurrentTrace(2, kTied, "wrong"), Order::kAgentAscending);
  ASSERT_TRUE(rebased);
  EXPECT_EQ(rebased->trace.end_content(), "aB");
}

TEST(TraceRebaseTest, PositionsOutOfRangeUnderTheSourceOrderAreErrors) {
  const Trace trace = ParseConcurrentTrace(1, R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                                              R"({"parents":[0],"agent":0,"patches":[[2,0,"b"]]})");
  const auto rebased = Rebase(trace, Order::kAgentAscending);
  ASSERT_FALSE(rebased);
  EXPECT_EQ(
      rebased.error().message,
      "test.json: transaction 1: patch 0: position 2 is out of range of a text of 1 code points");
}

TEST(TraceRebaseTest, ADeltaBecomesPatchesInSequence) {
  const Delta delta = Delta().Retain(1).Insert("ab").Delete(2).Insert("c").Retain(3).Delete(1);
  EXPECT_EQ(ToPatches(delta),
            (std::vector{TracePatch{.position = 1, .deleted = 2, .inserted = "ab"},
                         TracePatch{.position = 3, .deleted = 0, .inserted = "c"},
                         TracePatch{.position = 7, .deleted = 1}}));
  EXPECT_EQ(ToPatches(Delta()), std::vector<TracePatch>());
  EXPECT_EQ(ToPatches(Delta().Delete(2).Insert("é").Delete(1)),
            (std::vector{TracePatch{.position = 0, .deleted = 3, .inserted = "é"}}));
}

TEST(TraceRebaseTest, EveryTransactionEndsInTheTextThatItsAuthorSaw) {
  uint64_t rederived = 0;
  ForEachSeed(200, [&rederived](Random& random) {
    const Trace trace = RandomTrace(random, Order::kAgentAscending);
    const auto rebased = Rebase(trace, Order::kAgentAscending);
    ASSERT_TRUE(rebased) << rebased.error().message;
    rederived += rebased->rederived;
    ASSERT_EQ(rebased->trace.end_content(), trace.end_content());
    ASSERT_EQ(rebased->trace.transaction_count(), trace.transaction_count());
    NaiveRga source(trace.agent_count(), Order::kAgentAscending);
    NaiveRga target(trace.agent_count());
    for (size_t t = 0; t < trace.transaction_count(); ++t) {
      const auto seen = source.Apply(trace);
      const auto reached = target.Apply(rebased->trace);
      ASSERT_TRUE(seen && reached);
      ASSERT_EQ(target.TextOf(*reached), source.TextOf(*seen)) << "transaction " << t;
    }
    const auto replayed = Replay(rebased->trace, {});
    ASSERT_TRUE(replayed) << replayed.error().message;
    EXPECT_TRUE(replayed->ok());
    ASSERT_TRUE(ParseTrace(SerializeTrace(rebased->trace), "rebased"));
  });
  EXPECT_GT(rederived, 200U);
}

}  // namespace
}  // namespace cotext
