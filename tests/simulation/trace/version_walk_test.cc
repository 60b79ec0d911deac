#include "simulation/trace/version_walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "document/random.h"
#include "simulation/trace/trace.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Counts = VersionWalk::Counts;

TEST(VersionWalkTest, CoversWhatParentsHaveSeenAndTheParentsThemselves) {
  const Trace trace = ParseConcurrentTrace(
      2, R"({"parents":[],"agent":0,"patches":[]},{"parents":[],"agent":1,"patches":[]},)"
         R"({"parents":[0],"agent":0,"patches":[]},{"parents":[1,2],"agent":1,"patches":[]})");
  VersionWalk walk(trace);
  for (const Counts& covered : std::vector<Counts>{{0, 0}, {0, 0}, {1, 0}, {2, 1}}) {
    ASSERT_TRUE(walk.Next());
    EXPECT_EQ(walk.covered(), covered) << walk.transaction();
    EXPECT_TRUE(walk.SeesOwnPast());
  }
  EXPECT_FALSE(walk.Next());
}

TEST(VersionWalkTest, AnEmptyTraceHasNothingToWalk) {
  const Trace trace = ParseConcurrentTrace(0, "");
  EXPECT_FALSE(VersionWalk(trace).Next());
}

// The transactions that each one has seen, found by following parents.
std::vector<std::vector<bool>> Ancestors(const Trace& trace) {
  std::vector<std::vector<bool>> seen;
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    std::vector<bool> ancestors(trace.transaction_count());
    for (const uint32_t parent : trace.parents(t)) {
      ancestors[parent] = true;
      for (size_t i = 0; i < t; ++i) ancestors[i] = ancestors[i] || seen[parent][i];
    }
    seen.push_back(ancestors);
  }
  return seen;
}

TEST(VersionWalkTest, EqualsASearchThroughTheParents) {
  ForEachSeed(50, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto ancestors = Ancestors(trace);
    VersionWalk walk(trace);
    while (walk.Next()) {
      Counts expected(trace.agent_count());
      for (size_t i = 0; i < walk.transaction(); ++i) {
        if (ancestors[walk.transaction()][i]) ++expected[trace.agent(i)];
      }
      ASSERT_EQ(walk.covered(), expected) << walk.transaction();
      ASSERT_TRUE(walk.SeesOwnPast());
    }
  });
}

TEST(VersionWalkTest, KnowsWhetherAnAgentSeesItsOwnPast) {
  Trace trace("t", Trace::Kind::kConcurrent, 2);
  trace.AddTransaction(0, {});
  trace.AddTransaction(1, std::vector<uint32_t>{0});
  trace.AddTransaction(0, std::vector<uint32_t>{1});
  trace.AddTransaction(0, std::vector<uint32_t>{1});
  VersionWalk walk(trace);
  for (const bool sees : {true, true, true, false}) {
    ASSERT_TRUE(walk.Next());
    EXPECT_EQ(walk.SeesOwnPast(), sees) << walk.transaction();
  }
  EXPECT_EQ(walk.own_earlier(), 2U);
}

}  // namespace
}  // namespace cotext
