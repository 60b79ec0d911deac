#include "simulation/trace/trace_generator.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "document/utf8.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_statistics.h"
#include "simulation/trace/trace_writer.h"
#include "simulation/trace/version_walk.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(TraceGeneratorTest, TheSameSeedGivesTheSameBytes) {
  const GeneratorOptions options{.seed = 7, .transactions = 300};
  EXPECT_EQ(SerializeTrace(*Generate(options)), SerializeTrace(*Generate(options)));
  GeneratorOptions other = options;
  other.seed = 8;
  EXPECT_NE(SerializeTrace(*Generate(options)), SerializeTrace(*Generate(other)));
}

// On any machine: these bytes may change only when the generator is meant to.
TEST(TraceGeneratorTest, TheBytesOfASeedAreKnown) {
  const auto trace = Generate({.seed = 3, .agents = 2, .transactions = 4, .unicode_percent = 0});
  EXPECT_EQ(SerializeTrace(*trace),
            "{\"kind\":\"concurrent\",\"numAgents\":2,\"endContent\":\"qjvnyrksdv\",\"txns\":[\n"
            "{\"parents\":[],\"agent\":1,\"patches\":[[0,0,\"w\"],[0,1,\"\"],[0,0,\"p\"]]},\n"
            "{\"parents\":[0],\"agent\":0,\"patches\":[[0,0,\"sdv\"]]},\n"
            "{\"parents\":[0],\"agent\":1,\"patches\":[[0,1,\"\"],[0,0,\"nyrk\"]]},\n"
            "{\"parents\":[1],\"agent\":0,\"patches\":[[0,0,\"qjv\"]]},\n"
            "{\"parents\":[2,3],\"agent\":0,\"patches\":[]}\n]}\n");
}

TEST(TraceGeneratorTest, TracesAreValidAndEndAsTheOracleSays) {
  ForEachSeed(100, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto read = ParseTrace(SerializeTrace(trace), "generated");
    ASSERT_TRUE(read) << read.error().message;
    NaiveRga rga(trace.agent_count());
    while (rga.transaction_count() < trace.transaction_count()) ASSERT_TRUE(rga.Apply(trace));
    EXPECT_EQ(rga.TextOf(rga.CheckoutAll()), trace.end_content());
    EXPECT_LE(Heads(trace).size(), 1U);
  });
}

// Returns, by transaction, what it covers, itself included.
std::vector<VersionWalk::Counts> Versions(const Trace& trace) {
  std::vector<VersionWalk::Counts> versions;
  VersionWalk walk(trace);
  while (walk.Next()) {
    versions.push_back(walk.covered());
    ++versions.back()[trace.agent(walk.transaction())];
  }
  return versions;
}

TEST(TraceGeneratorTest, ParentsAreConcurrent) {
  ForEachSeed(50, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto versions = Versions(trace);
    for (size_t t = 0; t < trace.transaction_count(); ++t) {
      for (const uint32_t one : trace.parents(t)) {
        for (const uint32_t other : trace.parents(t)) {
          const uint32_t agent = trace.agent(one);
          ASSERT_TRUE(one == other || versions[other][agent] < versions[one][agent])
              << "transaction " << t << ": " << other << " covers " << one;
        }
      }
    }
  });
}

TEST(TraceGeneratorTest, SharesDoWhatTheySay) {
  const auto nothing = Generate({.transactions = 500,
                                 .same_place_percent = 0,
                                 .delete_percent = 0,
                                 .unicode_percent = 0,
                                 .merge_percent = 0});
  const auto everything = Generate({.transactions = 500,
                                    .same_place_percent = 100,
                                    .delete_percent = 100,
                                    .unicode_percent = 100,
                                    .merge_percent = 100});
  ASSERT_TRUE(nothing && everything);
  EXPECT_EQ(ComputeStatistics(*nothing).deleted, 0U);
  EXPECT_GT(ComputeStatistics(*everything).deleted, 1000U);
  EXPECT_EQ(CountCodePoints(nothing->end_content()), nothing->end_content().size());
  EXPECT_EQ(everything->end_content().find_first_of("abcdefghijklmnopqrstuvwxyz"),
            std::string::npos);
  EXPECT_GT(ComputeStatistics(*nothing).concurrency_mean,
            10 * ComputeStatistics(*everything).concurrency_mean);
}

TEST(TraceGeneratorTest, InsertsAtTheSamePlaceAllGoToTheBeginning) {
  const auto trace =
      Generate({.transactions = 100, .same_place_percent = 100, .delete_percent = 0});
  for (size_t t = 0; t < trace->transaction_count(); ++t) {
    for (const TracePatch patch : trace->patches(t)) EXPECT_EQ(patch.position, 0U);
  }
}

// Returns how many of a trace's patches are at the beginning.
size_t CountAtBeginning(const Trace& trace) {
  size_t count = 0;
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) count += patch.position == 0 ? 1 : 0;
  }
  return count;
}

TEST(TraceGeneratorTest, TiesAreAtTheBeginning) {
  const auto all = Generate({.transactions = 300, .ties_percent = 100});
  EXPECT_EQ(CountAtBeginning(*all), all->patch_count());
  EXPECT_GT(ComputeStatistics(*all).deleted, 100U);
  const auto most = Generate({.transactions = 300, .same_place_percent = 0, .ties_percent = 60});
  EXPECT_GT(CountAtBeginning(*most), most->patch_count() / 2);
  EXPECT_LT(CountAtBeginning(*most), most->patch_count() * 7 / 10);
  const auto none = Generate({.transactions = 300, .same_place_percent = 0});
  EXPECT_LT(CountAtBeginning(*none), none->patch_count() / 10);
}

TEST(TraceGeneratorTest, RefusesOptionsThatAreOutOfRange) {
  EXPECT_EQ(Generate({.agents = 0}).error().message,
            "the number of agents must be from 1 to 65536");
  EXPECT_EQ(Generate({.agents = 65537}).error().message,
            "the number of agents must be from 1 to 65536");
  EXPECT_EQ(Generate({.patches_max = 0}).error().message,
            "patches and characters per patch must be at least 1");
  EXPECT_EQ(Generate({.insert_max = 0}).error().message,
            "patches and characters per patch must be at least 1");
  EXPECT_EQ(Generate({.merge_percent = 101}).error().message,
            "a share must be at most 100 percent");
  EXPECT_EQ(Generate({.ties_percent = 101}).error().message, "a share must be at most 100 percent");
}

TEST(TraceGeneratorTest, NoTransactionsAreAnEmptyTrace) {
  const auto trace = Generate({.transactions = 0});
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->transaction_count(), 0U);
  EXPECT_EQ(trace->end_content(), "");
}

}  // namespace
}  // namespace cotext
