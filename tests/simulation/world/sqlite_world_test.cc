// Worlds whose servers keep documents in the real store, on simulated disks.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/world.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

struct Kind {
  Engine engine = Engine::kRga;
  Topology topology = Topology::kStar;
};

Scenario MakeScenario(const Kind& kind, uint64_t seed, const FaultKinds& faults) {
  Random random(seed);
  const auto replicas = static_cast<uint32_t>(random.Between(2, 5));
  const auto servers = static_cast<uint32_t>(random.Between(2, 4));
  return GenerateScenario({.engine = kind.engine,
                           .topology = kind.topology,
                           .servers = kind.topology == Topology::kCluster ? servers : 1,
                           .replicas = replicas,
                           .store = StoreKind::kSqlite,
                           .edits = 20,
                           .kinds = faults},
                          seed);
}

WorldResult RunWorld(const Scenario& scenario) {
  auto world = World::Make(scenario);
  EXPECT_TRUE(world) << world.error().message;
  return (*world)->Run();
}

class SqliteWorldTest : public testing::TestWithParam<Kind> {
 protected:
  static void RunSeeds(uint64_t count, const FaultKinds& faults) {
    const uint64_t first = SeedFromEnvironment(1);
    for (uint64_t seed = first; seed - first < count; ++seed) {
      SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
      const WorldResult result = RunWorld(MakeScenario(GetParam(), seed, faults));
      for (const Violation& violation : result.violations) {
        ADD_FAILURE() << violation.promise << ": " << violation.what;
      }
      if (testing::Test::HasFailure()) return;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, SqliteWorldTest,
                         testing::Values(Kind{}, Kind{.engine = Engine::kOt},
                                         Kind{.topology = Topology::kCluster}),
                         [](const auto& test) {
                           return std::string(TopologyName(test.param.topology)) +
                                  (test.param.engine == Engine::kOt ? "Ot" : "Rga");
                         });

TEST_P(SqliteWorldTest, WithAllFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(100, FaultKinds::All());
}

TEST_P(SqliteWorldTest, WhatHappensToItsServersAndDisksAloneIsSurvived) {
  for (const FaultKind kind :
       {FaultKind::kSlowStore, FaultKind::kServerCrash, FaultKind::kServerRestart, FaultKind::kDisk,
        FaultKind::kFullDisk, FaultKind::kHostile}) {
    SCOPED_TRACE(FaultName(kind));
    FaultKinds kinds;
    kinds.Add(kind);
    RunSeeds(10, kinds);
  }
}

TEST_P(SqliteWorldTest, TheSameScenarioGivesTheSameResult) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Scenario scenario = MakeScenario(GetParam(), seed, FaultKinds::All());
    const auto read = ReadScenario(WriteScenario(scenario));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, scenario);
    const WorldResult first = RunWorld(scenario);
    const WorldResult second = RunWorld(*read);
    EXPECT_EQ(first.fingerprint, second.fingerprint);
    EXPECT_EQ(first.text, second.text);
    EXPECT_EQ(first.virtual_us, second.virtual_us);
  }
}

TEST_P(SqliteWorldTest, AFullDiskHoldsEverybodyUpUntilItHasRoom) {
  Scenario scenario = MakeScenario(GetParam(), 1, {});
  const uint64_t calm_us = scenario.plan.quiet_at_us;
  Fault full{.kind = FaultKind::kFullDisk, .at_us = 1, .for_us = calm_us + 30'000'000};
  for (uint32_t server = 0; server < scenario.servers; ++server) full.nodes.push_back(server);
  scenario.plan.faults = {full};
  scenario.plan.quiet_at_us = full.at_us + full.for_us;
  const WorldResult result = RunWorld(scenario);
  EXPECT_TRUE(result.violations.empty()) << result.violations[0].what;
  // Where it has room all the while, other things happen.
  scenario.plan.faults[0].amount = 1'000'000'000;
  EXPECT_NE(RunWorld(scenario).fingerprint, result.fingerprint);
}

TEST(SqliteWorldTest, AMeshHasNoServersThatWouldHaveAStore) {
  Scenario scenario = GenerateScenario({.topology = Topology::kMesh}, 1);
  EXPECT_TRUE(World::Make(scenario));
  scenario.store = StoreKind::kSqlite;
  EXPECT_EQ(World::Make(scenario).error().code, ErrorCode::kInvalidTrace);
}

}  // namespace
}  // namespace cotext
