#include <gtest/gtest.h>

#include <cstdint>

#include "document/document.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/world.h"
#include "tests/simulation/world/world_seeds.h"

namespace cotext {
namespace {

TEST(OtWorldTest, WithoutFaultsEverythingIsKeptAndTheSameForAll) {
  RunStars(Engine::kOt, 100, {}, 20);
}

TEST(OtWorldTest, WithAllFaultsEverythingIsKeptAndTheSameForAll) {
  RunStars(Engine::kOt, 400, FaultKinds::All(), 20);
}

TEST(OtWorldTest, EachKindOfFaultAloneIsSurvived) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(kFaultKindLast); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    SCOPED_TRACE(FaultName(kind));
    RunStars(Engine::kOt, 20, KindsOf({kind}), 20);
  }
}

TEST(OtWorldTest, WhoWasAwayForTooLongGetsHisEditsBack) {
  uint64_t handed_back = 0;
  uint64_t worlds = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const WorldResult result =
        RunWorld(MakeStar(Engine::kOt, seed, KindsOf({FaultKind::kOffline}), 20));
    EXPECT_TRUE(result.violations.empty()) << "COTEXT_SEED=" << seed;
    handed_back += result.handed_back;
    worlds += result.handed_back > 0 ? 1 : 0;
  }
  EXPECT_GT(handed_back, 50U);
  EXPECT_GT(worlds, 10U);
}

TEST(OtWorldTest, TheWorldsAreAsBadAsTheyAreMeantToBe) {
  WorldResult all;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const WorldResult result = RunWorld(MakeStar(Engine::kOt, seed, FaultKinds::All(), 20));
    EXPECT_TRUE(result.settled_after_us);
    all.operations += result.operations;
    all.lost_operations += result.lost_operations;
    all.handed_back += result.handed_back;
    all.server_lives += result.server_lives;
    all.network.lost += result.network.lost;
    all.network.resets += result.network.resets;
  }
  EXPECT_GT(all.operations, 500U);
  EXPECT_GT(all.lost_operations, 50U);
  EXPECT_GT(all.handed_back, 50U);
  EXPECT_GT(all.server_lives, 75U);
  EXPECT_GT(all.network.lost, 100U);
  EXPECT_GT(all.network.resets, 20U);
}

TEST(OtWorldTest, TheSameScenarioGivesTheSameResult) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario scenario = MakeStar(Engine::kOt, seed, FaultKinds::All(), 20);
    const auto read = ReadScenario(WriteScenario(scenario));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, scenario);
    const WorldResult first = RunWorld(scenario);
    const WorldResult second = RunWorld(*read);
    EXPECT_EQ(first.fingerprint, second.fingerprint);
    EXPECT_EQ(first.text, second.text);
    EXPECT_EQ(first.virtual_us, second.virtual_us);
  }
}

}  // namespace
}  // namespace cotext
