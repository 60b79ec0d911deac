#include "simulation/campaign/shrink_scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/store_kind.h"
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
  Scenario large = Large(seed);
  large.store = StoreKind::kSqlite;
  const Scenario small = ShrinkScenario(large, {.fails = fails});
  EXPECT_TRUE(fails(small));
  EXPECT_EQ(small.plan.faults.size(), 1U);
  EXPECT_EQ(small.actions.size(), 2U);
  EXPECT_EQ(EventsOf(small), 3U);
  EXPECT_EQ(small.replicas, 1U);
  EXPECT_EQ(small.plan.connections, ConnectionKind::kOrdered);
  EXPECT_EQ(small.plan.path.loss_ppm, 0U);
  EXPECT_EQ(small.plan.store, sync::MemoryStoreFaults{});
  EXPECT_EQ(small.store, StoreKind::kMemory);
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

// Whether each replica does something.
bool AllAct(const Scenario& scenario) {
  for (uint32_t replica = 0; replica < scenario.replicas; ++replica) {
    if (std::ranges::find(scenario.actions, replica, &UserAction::replica) ==
        scenario.actions.end()) {
      return false;
    }
  }
  return true;
}

UserAction TypedBy(uint32_t replica) {
  return {.at_us = 10, .replica = replica, .kind = UserAction::Kind::kType, .text = "x"};
}

TEST(ShrinkScenarioTest, WhatHappensToAReplicaAloneGoesWithIt) {
  Scenario scenario{.replicas = 3, .plan = {}, .actions = {}};
  for (const NodeNumber node : {2U, 3U}) {
    scenario.plan.faults.push_back(
        {.kind = FaultKind::kReset, .at_us = node, .for_us = 1, .nodes = {node}});
  }
  // No fault can go before its replica.
  const auto fails = [](const Scenario& candidate) {
    return candidate.plan.faults.size() + 1 >= candidate.replicas &&
           std::ranges::none_of(candidate.plan.faults,
                                [](const Fault& fault) { return fault.nodes.empty(); });
  };
  const Scenario small = ShrinkScenario(scenario, {.fails = fails});
  EXPECT_EQ(small.replicas, 1U);
  EXPECT_EQ(small.plan.faults.size(), 0U);
}

TEST(ShrinkScenarioTest, ThoseOnBothSidesOfAPeerThatGoesAreLinked) {
  Scenario scenario{.topology = Topology::kMesh,
                    .servers = 0,
                    .replicas = 3,
                    .links = {{.first = 0, .second = 1}, {.first = 1, .second = 2}},
                    .plan = {},
                    .actions = {TypedBy(0), TypedBy(2)}};
  const auto fails = [](const Scenario& candidate) {
    return candidate.actions.size() == 2 && candidate.replicas >= 2 &&
           ReadScenario(WriteScenario(candidate)).has_value();
  };
  ASSERT_TRUE(fails(scenario));
  const Scenario small = ShrinkScenario(scenario, {.fails = fails});
  EXPECT_EQ(small.replicas, 2U);
  EXPECT_EQ(small.links, (std::vector<ScenarioLink>{{.first = 0, .second = 1}}));
}

TEST(ShrinkScenarioTest, LinksThatDoNotMatterGo) {
  Scenario scenario{
      .topology = Topology::kMesh,
      .servers = 0,
      .replicas = 3,
      .links = {{.first = 0, .second = 1}, {.first = 0, .second = 2}, {.first = 1, .second = 2}},
      .plan = {},
      .actions = {TypedBy(0), TypedBy(1), TypedBy(2)}};
  const auto fails = [](const Scenario& candidate) {
    return candidate.replicas == 3 && AllAct(candidate) &&
           ReadScenario(WriteScenario(candidate)).has_value();
  };
  ASSERT_TRUE(fails(scenario));
  EXPECT_EQ(ShrinkScenario(scenario, {.fails = fails}).links.size(), 2U);
}

TEST(ShrinkScenarioTest, BridgesBehindOneThatGoesKeepTheirFaults) {
  Scenario scenario{
      .topology = Topology::kCluster,
      .servers = 3,
      .replicas = 1,
      .links = {{.first = 0, .second = 1}, {.first = 1, .second = 2}, {.first = 0, .second = 2}},
      .plan = {},
      .actions = {}};
  scenario.plan.faults = {{.kind = FaultKind::kReset, .at_us = 1, .nodes = {3 + 1 + 2}}};
  // Something happens to the bridge between servers 0 and 2.
  const auto fails = [](const Scenario& candidate) {
    const ScenarioLink hit{.first = 0, .second = 2};
    return std::ranges::any_of(candidate.plan.faults, [&](const Fault& fault) {
      const size_t bridge = fault.nodes.at(0) - candidate.servers - candidate.replicas;
      return bridge < candidate.links.size() && candidate.links[bridge] == hit;
    });
  };
  ASSERT_TRUE(fails(scenario));
  const Scenario small = ShrinkScenario(scenario, {.fails = fails});
  EXPECT_EQ(small.links.size(), 1U);
  ASSERT_EQ(small.plan.faults.size(), 1U);
  EXPECT_EQ(small.plan.faults[0].nodes, std::vector<NodeNumber>{4});
}

TEST(ShrinkScenarioTest, OtherSeedsAreTried) {
  const Scenario large = Large();
  const auto fails = [&](const Scenario& scenario) {
    return scenario == large || scenario.seed == (large.seed ^ 2U);
  };
  const Scenario small = ShrinkScenario(large, {.fails = fails});
  EXPECT_EQ(small.seed, large.seed ^ 2U);
  EXPECT_EQ(EventsOf(small), 0U);
}

TEST(ShrinkScenarioTest, ActionsDoAsLittleAsTheyCan) {
  Scenario scenario{.replicas = 1, .plan = {}, .actions = {}};
  scenario.actions = {{.kind = UserAction::Kind::kInsertAt,
                       .places = {1, 2, 3},
                       .count = 7,
                       .text = "\xc3\xa4\xc3\xb6"}};
  const auto fails = [](const Scenario& candidate) { return candidate.actions.size() == 1; };
  const Scenario small = ShrinkScenario(scenario, {.fails = fails});
  ASSERT_EQ(small.actions.size(), 1U);
  EXPECT_EQ(small.actions[0].text, "\xc3\xa4");
  EXPECT_EQ(small.actions[0].count, 1U);
  EXPECT_EQ(small.actions[0].places, std::vector<uint64_t>{1});
}

TEST(ShrinkScenarioTest, WhatCanGoOnlyOnceSomethingElseHasGoneGoes) {
  Scenario scenario{.replicas = 1, .plan = {}, .actions = {TypedBy(0), TypedBy(0)}};
  scenario.plan.quiet_at_us = 1'000'000;
  // Time is looked at last.
  const auto fails = [](const Scenario& candidate) {
    return candidate.actions.size() == 2 || candidate.plan.quiet_at_us < 1000;
  };
  EXPECT_EQ(EventsOf(ShrinkScenario(scenario, {.fails = fails})), 0U);
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
