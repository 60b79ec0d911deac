#include "simulation/world/world.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/random.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

Scenario MakeScenario(uint64_t seed, const FaultKinds& kinds, uint32_t edits) {
  Random random(seed);
  return GenerateScenario(
      {.replicas = static_cast<uint32_t>(random.Between(2, 5)), .edits = edits, .kinds = kinds},
      seed);
}

WorldResult RunWorld(const Scenario& scenario) {
  auto world = World::Make(scenario);
  EXPECT_TRUE(world) << world.error().message;
  return (*world)->Run();
}

void ExpectClean(const Scenario& scenario) {
  const WorldResult result = RunWorld(scenario);
  for (const Violation& violation : result.violations) {
    ADD_FAILURE() << violation.promise << ": " << violation.what;
  }
}

void RunSeeds(uint64_t count, const FaultKinds& kinds, uint32_t edits) {
  const uint64_t first = SeedFromEnvironment(1);
  for (uint64_t seed = first; seed - first < count; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    ExpectClean(MakeScenario(seed, kinds, edits));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(WorldTest, WithoutFaultsEverythingIsKeptAndTheSameForAll) { RunSeeds(100, {}, 20); }

TEST(WorldTest, WithAllFaultsEverythingIsKeptAndTheSameForAll) {
  RunSeeds(400, FaultKinds::All(), 20);
}

TEST(WorldTest, EachKindOfFaultAloneIsSurvived) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(kFaultKindLast); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    SCOPED_TRACE(FaultName(kind));
    FaultKinds kinds;
    kinds.Add(kind);
    RunSeeds(20, kinds, 20);
  }
}

TEST(WorldTest, TheWorldsAreAsBadAsTheyAreMeantToBe) {
  uint64_t lossy = 0;
  WorldResult all;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Scenario scenario = MakeScenario(seed, FaultKinds::All(), 20);
    lossy += scenario.plan.connections == ConnectionKind::kLossy ? 1 : 0;
    const WorldResult result = RunWorld(scenario);
    EXPECT_TRUE(result.settled_after_us);
    all.operations += result.operations;
    all.lost_operations += result.lost_operations;
    all.server_lives += result.server_lives;
    all.network.lost += result.network.lost;
    all.network.duplicated += result.network.duplicated;
    all.network.reordered += result.network.reordered;
    all.network.corrupted += result.network.corrupted;
    all.network.resets += result.network.resets;
  }
  EXPECT_GT(lossy, 10U);
  EXPECT_GT(all.operations, 3000U);
  EXPECT_GT(all.server_lives, 75U);
  EXPECT_GT(all.lost_operations, 100U);
  EXPECT_GT(all.network.lost, 100U);
  EXPECT_GT(all.network.duplicated, 100U);
  EXPECT_GT(all.network.reordered, 100U);
  EXPECT_GT(all.network.corrupted, 10U);
  EXPECT_GT(all.network.resets, 20U);
}

TEST(WorldTest, TheSameScenarioGivesTheSameResult) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario scenario = MakeScenario(seed, FaultKinds::All(), 20);
    const auto read = ReadScenario(WriteScenario(scenario));
    ASSERT_TRUE(read);
    const WorldResult first = RunWorld(scenario);
    const WorldResult second = RunWorld(*read);
    EXPECT_EQ(first.fingerprint, second.fingerprint);
    EXPECT_EQ(first.text, second.text);
    EXPECT_EQ(first.virtual_us, second.virtual_us);
  }
}

TEST(WorldTest, WhoeverGoesInCirclesIsStopped) {
  const Scenario scenario = MakeScenario(1, {}, 20);
  const auto world = World::Make(scenario, {.steps_max = 1});
  ASSERT_TRUE(world);
  const WorldResult result = (*world)->Run();
  ASSERT_FALSE(result.violations.empty());
  EXPECT_EQ(result.violations.back(), (Violation{"no refusal", "nobody comes to rest"}));
}

TEST(WorldTest, WhatCannotBeSimulatedIsSaid) {
  Scenario scenario;
  scenario.servers = 2;
  const auto world = World::Make(scenario);
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace cotext
