#include "simulation/campaign/shrink_scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/user_action.h"

namespace cotext {
namespace {

Scenario Large(uint64_t seed = 1) { return GenerateScenario({.replicas = 5, .edits = 40}, seed); }

bool HasFault(const Scenario& scenario, FaultKind kind) {
  return std::ranges::any_of(scenario.plan.faults,
                             [&](const Fault& fault) { return fault.kind == kind; });
}

uint64_t CountUndos(const Scenario& scenario) {
  return static_cast<uint64_t>(
      std::ranges::count(scenario.actions, UserAction::Kind::kUndo, &UserAction::kind));
}

TEST(ShrinkScenarioTest, WhatMattersStaysAndNothingElse) {
  const auto fails = [](const Scenario& scenario) {
    return HasFault(scenario, FaultKind::kServerCrash) && CountUndos(scenario) >= 2;
  };
  uint64_t seed = 1;
  while (!fails(Large(seed))) ++seed;
  const Scenario large = Large(seed);
  const Scenario small = ShrinkScenario(large, {.fails = fails});
  EXPECT_TRUE(fails(small));
  EXPECT_EQ(small.plan.faults.size(), 1U);
  EXPECT_EQ(small.actions.size(), 2U);
  EXPECT_EQ(EventsOf(small), 3U);
  EXPECT_EQ(small.replicas, 1U);
  EXPECT_EQ(small.plan.connections, ConnectionKind::kOrdered);
  EXPECT_EQ(small.plan.path.loss_ppm, 0U);
  EXPECT_EQ(small.plan.store, sync::MemoryStoreFaults{});
  EXPECT_LT(small.plan.quiet_at_us, large.plan.quiet_at_us / 10);
  // It is still a scenario.
  EXPECT_EQ(ReadScenario(WriteScenario(small)), small);
}

TEST(ShrinkScenarioTest, NodesKeepTheirPlacesWhenOthersGo) {
  Scenario scenario = Large();
  scenario.plan.faults = {
      {.kind = FaultKind::kPartition, .at_us = 5, .for_us = 1, .nodes = {0, 4}}};
  // Node 4 is replica 3; only its actions and that fault matter.
  const auto fails = [](const Scenario& candidate) {
    const auto types = [&](const UserAction& action) {
      return action.kind == UserAction::Kind::kType &&
             std::ranges::any_of(candidate.plan.faults, [&](const Fault& fault) {
               return std::ranges::find(fault.nodes, 1 + action.replica) != fault.nodes.end();
             });
    };
    return std::ranges::any_of(candidate.actions, types);
  };
  ASSERT_TRUE(fails(scenario));
  const Scenario small = ShrinkScenario(scenario, {.fails = fails});
  EXPECT_EQ(small.replicas, 1U);
  ASSERT_EQ(small.plan.faults.size(), 1U);
  EXPECT_EQ(small.plan.faults[0].nodes, std::vector<NodeNumber>{1});
  ASSERT_EQ(small.actions.size(), 1U);
  EXPECT_EQ(small.actions[0].replica, 0U);
}

TEST(ShrinkScenarioTest, WhatFailsWithSomeSeedsOnlyIsShrunkAllTheSame) {
  const Scenario large = Large();
  // Luck, as that of networks.
  const auto fails = [](const Scenario& scenario) {
    return (scenario.seed + scenario.actions.size()) % 3 != 0 && !scenario.actions.empty();
  };
  const Scenario small = ShrinkScenario(large, {.fails = fails});
  EXPECT_TRUE(fails(small));
  EXPECT_EQ(EventsOf(small), 1U);
}

TEST(ShrinkScenarioTest, MeshesAndClustersHoldTogetherWhenTheyGetSmaller) {
  for (const Topology topology : {Topology::kMesh, Topology::kCluster}) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      const Scenario large =
          GenerateScenario({.topology = topology, .servers = 4, .replicas = 6, .edits = 4}, seed);
      // Only what is a scenario can fail.
      const auto fails = [](const Scenario& scenario) {
        return !scenario.actions.empty() && ReadScenario(WriteScenario(scenario)).has_value();
      };
      ASSERT_TRUE(fails(large));
      const Scenario small = ShrinkScenario(large, {.fails = fails});
      EXPECT_EQ(small.replicas, 1U);
      EXPECT_EQ(small.actions.size(), 1U);
      EXPECT_EQ(small.plan.faults.size(), 0U);
    }
  }
}

TEST(ShrinkScenarioTest, TriesAreLimited) {
  uint64_t tries = 0;
  const Scenario large = Large();
  const Scenario same = ShrinkScenario(large, {.fails =
                                                   [&](const Scenario&) {
                                                     ++tries;
                                                     return false;
                                                   },
                                               .tries_max = 17});
  EXPECT_EQ(tries, 17U);
  EXPECT_EQ(same, large);
}

}  // namespace
}  // namespace cotext
