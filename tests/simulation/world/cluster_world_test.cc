// Worlds of several servers with bridges between them.
#include <gtest/gtest.h>

#include <cstdint>

#include "document/document.h"
#include "document/error.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/world.h"
#include "tests/simulation/world/run_world.h"

namespace cotext {
namespace {

TEST(ClusterWorldTest, WithoutFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(Topology::kCluster, 50, {});
}

TEST(ClusterWorldTest, WithAllFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(Topology::kCluster, 300, FaultKinds::All());
}

TEST(ClusterWorldTest, EachKindOfFaultAloneIsSurvived) { RunEachKindAlone(Topology::kCluster, 10); }

TEST(ClusterWorldTest, TheSameScenarioGivesTheSameResult) {
  ExpectTheSameResultEachTime(Topology::kCluster, 10);
}

TEST(ClusterWorldTest, TheWorldsAreAsBadAsTheyAreMeantToBe) {
  WorldResult all;
  uint64_t bridge_faults = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Scenario scenario = MakeScenario(Topology::kCluster, seed, FaultKinds::All());
    for (const Fault& fault : scenario.plan.faults) {
      const bool is_crash = fault.kind == FaultKind::kCrash || fault.kind == FaultKind::kPartition;
      bridge_faults += is_crash && fault.nodes.back() >= scenario.servers + scenario.replicas;
    }
    const WorldResult result = RunWorld(scenario);
    EXPECT_TRUE(result.settled_after_us);
    all.operations += result.operations;
    all.lost_operations += result.lost_operations;
    all.server_lives += result.server_lives;
    all.failovers += result.failovers;
    all.network.lost += result.network.lost;
    all.network.resets += result.network.resets;
  }
  EXPECT_GT(bridge_faults, 20U);
  EXPECT_GT(all.operations, 3000U);
  EXPECT_GT(all.lost_operations, 100U);
  EXPECT_GT(all.server_lives, 200U);
  EXPECT_GT(all.failovers, 50U);
  EXPECT_GT(all.network.lost, 100U);
  EXPECT_GT(all.network.resets, 20U);
}

// A client whose server is cut off for long goes on at another, and loses nothing.
TEST(ClusterWorldTest, WhoseServerIsGoneGoesOnAtAnother) {
  Scenario scenario = MakeScenario(Topology::kCluster, 1, {});
  scenario.plan.faults = {
      {.kind = FaultKind::kServerCrash, .at_us = 1'000'000, .for_us = 60'000'000, .nodes = {0}}};
  scenario.plan.quiet_at_us = 61'000'000;
  const WorldResult result = RunWorld(scenario);
  EXPECT_TRUE(result.violations.empty());
  EXPECT_GT(result.failovers, 0U);
}

// Long histories, which a piece of may be more than a server lets wait, and which some are behind
// with for minutes.
TEST(ClusterWorldTest, LongEditingIsSurvived) {
  for (const uint64_t seed : {11ULL, 37ULL, 87ULL, 122ULL}) {
    const Scenario scenario =
        GenerateScenario({.topology = Topology::kCluster, .replicas = 5, .edits = 200}, seed);
    const WorldResult result = RunWorld(scenario);
    EXPECT_TRUE(result.violations.empty()) << "seed " << seed;
  }
}

// All clients have changed to one server, to which two bridges come as well.
TEST(ClusterWorldTest, OneServerHasSessionsForAllClientsAndBridges) {
  const Scenario scenario =
      GenerateScenario({.topology = Topology::kCluster, .replicas = 5, .edits = 200}, 151);
  const WorldResult result = RunWorld(scenario);
  EXPECT_TRUE(result.violations.empty()) << result.violations[0].what;
}

// He had repeated at one server, under his own name, what another's edits at a second had been: the
// first one did not know of their author yet, and no server can prevent that.
TEST(ClusterWorldTest, AnAttackerRepeatsOnlyEditsWhoseAuthorHisServerKnows) {
  const Scenario scenario =
      GenerateScenario({.topology = Topology::kCluster, .replicas = 5, .edits = 20}, 944);
  const WorldResult result = RunWorld(scenario);
  EXPECT_TRUE(result.violations.empty()) << result.violations[0].what;
}

TEST(ClusterWorldTest, WhatCannotBeSimulatedIsSaid) {
  Scenario scenario = MakeScenario(Topology::kCluster, 1, {});
  scenario.engine = Engine::kOt;
  EXPECT_EQ(World::Make(scenario).error().code, ErrorCode::kUnsupported);
  scenario.engine = Engine::kRga;
  scenario.links.clear();
  EXPECT_EQ(World::Make(scenario).error().code, ErrorCode::kInvalidTrace);
}

}  // namespace
}  // namespace cotext
