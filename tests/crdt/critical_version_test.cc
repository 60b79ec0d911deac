#include "crdt/critical_version.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "crdt/causal_graph.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

OpId Id(uint64_t counter, uint64_t replica) {
  return {.counter = counter, .replica = ReplicaId{replica}};
}

uint32_t Latest(const CausalGraph& graph, uint32_t most) {
  return LatestCriticalEnd(graph, OpIndex{most}).value;
}

// Two write at once behind three operations, and one of them goes on when he has heard of both:
//   1@10 2@10 3@10  4@10 5@10  4@20  6@10
CausalGraph Fork() {
  CausalGraph graph;
  graph.Append(Id(1, 10), 5, {});
  graph.Append(Id(4, 20), 1, std::array{OpIndex{2}});
  graph.Append(Id(6, 10), 1, std::array{OpIndex{4}, OpIndex{5}});
  return graph;
}

TEST(CriticalVersionTest, WhatOneWroteMayBeCutAnywhere) {
  CausalGraph graph;
  graph.Append(Id(1, 10), 5, {});
  for (uint32_t most = 0; most <= 5; ++most) EXPECT_EQ(Latest(graph, most), most);
}

TEST(CriticalVersionTest, EditsMadeAtOnceAreKeptTogether) {
  const CausalGraph graph = Fork();
  const std::vector<uint32_t> expected = {0, 1, 2, 3, 3, 3, 6, 7};
  for (uint32_t most = 0; most <= 7; ++most) EXPECT_EQ(Latest(graph, most), expected[most]);
}

TEST(CriticalVersionTest, WhatSomebodyWroteOfNothingIsAfterNothing) {
  CausalGraph graph;
  graph.Append(Id(1, 10), 3, {});
  graph.Append(Id(1, 20), 1, {});
  EXPECT_EQ(Latest(graph, 3), 0U);
  EXPECT_EQ(Latest(graph, 4), 4U);
}

TEST(CriticalVersionTest, TheVersionOfTheFirstIsThatOfEachReplica) {
  const CausalGraph graph = Fork();
  VersionVector six;
  six.Observe(Id(5, 10));
  six.Observe(Id(4, 20));
  EXPECT_EQ(VersionOfFirst(graph, OpIndex{6}), six);
  VersionVector two;
  two.Observe(Id(2, 10));
  EXPECT_EQ(VersionOfFirst(graph, OpIndex{2}), two);
  EXPECT_EQ(VersionOfFirst(graph, OpIndex{}), VersionVector());
}

// Returns, for each number of operations, whether all others come after each of them.
std::vector<bool> CriticalEnds(const CausalGraph& graph) {
  const uint32_t all = graph.end().value;
  std::vector<bool> is_critical(all + 1, true);
  for (uint32_t later = 0; later < all; ++later) {
    const std::array heads = {OpIndex{later}};
    for (uint32_t earlier = 0; earlier < later; ++earlier) {
      if (graph.Covers(heads, OpIndex{earlier})) continue;
      for (uint32_t end = earlier + 1; end <= later; ++end) is_critical[end] = false;
    }
  }
  return is_critical;
}

TEST(CriticalVersionModelTest, EqualsTheDefinition) {
  uint64_t found = 0;
  ForEachSeed(300, [&](Random& random) {
    TwinReplicas replicas(random, random.Between(1, 3));
    replicas.Run(static_cast<int>(random.Below(30)));
    Rga& rga = replicas.Any().rga;
    // What comes after a horizon is a history like any other.
    if (random.Chance(20) && rga.history().graph.end() > OpIndex{}) {
      const OpIndex end = LatestCriticalEnd(rga.history().graph, rga.history().graph.end());
      ASSERT_TRUE(rga.Trim(VersionOfFirst(rga.history().graph, end)).has_value());
      replicas.Edit(replicas[0]);
    }
    const CausalGraph& graph = rga.history().graph;
    const std::vector<bool> is_critical = CriticalEnds(graph);
    uint32_t latest = 0;
    for (uint32_t most = 0; most <= graph.end().value; ++most) {
      if (is_critical[most]) latest = most;
      ASSERT_EQ(Latest(graph, most), latest) << most;
      if (latest < most) ++found;
    }
    const VersionVector version = VersionOfFirst(graph, OpIndex{latest});
    if (!version.empty()) ASSERT_TRUE(Rga(rga).Trim(version).has_value());
  });
  EXPECT_GT(found, 100U) << "hardly anything was not critical";
}

}  // namespace
}  // namespace cotext
