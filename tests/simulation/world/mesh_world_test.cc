// Worlds of peers without a server.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>

#include "document/error.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/world.h"
#include "tests/simulation/world/run_world.h"

namespace cotext {
namespace {

TEST(MeshWorldTest, WithoutFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(Topology::kMesh, 50, {});
}

TEST(MeshWorldTest, WithAllFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(Topology::kMesh, 400, FaultKinds::All());
}

TEST(MeshWorldTest, EachKindOfFaultAloneIsSurvived) { RunEachKindAlone(Topology::kMesh, 15); }

TEST(MeshWorldTest, TheSameScenarioGivesTheSameResult) {
  ExpectTheSameResultEachTime(Topology::kMesh, 15);
}

TEST(MeshWorldTest, TheWorldsAreAsBadAsTheyAreMeantToBe) {
  WorldResult all;
  uint64_t lossy = 0;
  uint64_t disk_faults = 0;
  std::set<size_t> link_counts;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Scenario scenario = MakeScenario(Topology::kMesh, seed, FaultKinds::All());
    lossy += scenario.plan.connections == ConnectionKind::kLossy ? 1 : 0;
    if (scenario.replicas == 5) link_counts.insert(scenario.links.size());
    for (const Fault& fault : scenario.plan.faults) {
      disk_faults += fault.kind == FaultKind::kDisk ? 1 : 0;
      EXPECT_NE(fault.kind, FaultKind::kServerCrash);
    }
    const WorldResult result = RunWorld(scenario);
    EXPECT_TRUE(result.settled_after_us);
    all.operations += result.operations;
    all.lost_operations += result.lost_operations;
    all.network.lost += result.network.lost;
    all.network.duplicated += result.network.duplicated;
    all.network.reordered += result.network.reordered;
    all.network.corrupted += result.network.corrupted;
    all.network.resets += result.network.resets;
  }
  EXPECT_GT(lossy, 10U);
  EXPECT_GT(disk_faults, 20U);
  EXPECT_TRUE(link_counts.contains(4));   // A line or a tree,
  EXPECT_TRUE(link_counts.contains(10));  // and everybody with everybody.
  EXPECT_GE(link_counts.size(), 3U);
  EXPECT_GT(all.operations, 3000U);
  EXPECT_GT(all.lost_operations, 100U);
  EXPECT_GT(all.network.lost, 100U);
  EXPECT_GT(all.network.duplicated, 100U);
  EXPECT_GT(all.network.reordered, 100U);
  EXPECT_GT(all.network.corrupted, 10U);
  EXPECT_GT(all.network.resets, 20U);
}

TEST(MeshWorldTest, PeersThatNoLinksLeadToAreRefused) {
  Scenario scenario = MakeScenario(Topology::kMesh, 1, {});
  scenario.links.clear();
  EXPECT_EQ(World::Make(scenario).error().code, ErrorCode::kInvalidTrace);
}

}  // namespace
}  // namespace cotext
