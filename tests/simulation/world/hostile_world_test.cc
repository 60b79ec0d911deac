// Worlds with somebody who attacks the server, and with rights that come and go.
#include <gtest/gtest.h>

#include <cstdint>

#include "document/document.h"
#include "document/utf8.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/user_action.h"
#include "simulation/world/world.h"
#include "tests/simulation/world/world_seeds.h"

namespace cotext {
namespace {

constexpr uint64_t kSecond = 1'000'000;

class HostileWorldTest : public testing::TestWithParam<Engine> {};

INSTANTIATE_TEST_SUITE_P(Engines, HostileWorldTest, testing::Values(Engine::kRga, Engine::kOt),
                         [](const auto& info) { return info.param == Engine::kOt ? "Ot" : "Rga"; });

TEST_P(HostileWorldTest, WhoAttacksHarmsNobody) {
  RunStars(GetParam(), 150, KindsOf({FaultKind::kHostile}), 20);
}

TEST_P(HostileWorldTest, NotEvenWithFaultsOfOtherKinds) {
  FaultKinds kinds = FaultKinds::All();
  kinds.Remove(FaultKind::kReadOnly);
  RunStars(GetParam(), 150, kinds, 20);
}

TEST_P(HostileWorldTest, RightsThatChangeLoseNothing) {
  RunStars(GetParam(), 150,
           KindsOf({FaultKind::kReadOnly, FaultKind::kCutOff, FaultKind::kLatency}), 20);
}

TEST_P(HostileWorldTest, ThereAreAttacksOfManyKinds) {
  uint64_t attacks = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    attacks += RunWorld(MakeStar(GetParam(), seed, KindsOf({FaultKind::kHostile}), 20)).attacks;
  }
  EXPECT_GT(attacks, 250U);
}

// Two users type a character each second for twenty seconds.
Scenario Typing(Engine engine, FaultKind kind) {
  Scenario scenario;
  scenario.engine = engine;
  scenario.replicas = 2;
  scenario.plan.path.latency.least_us = 20'000;
  for (uint64_t i = 1; i <= 20; ++i) {
    for (uint32_t replica = 0; replica < 2; ++replica) {
      scenario.actions.push_back(
          {.at_us = i * kSecond, .replica = replica, .kind = UserAction::Kind::kType, .text = "x"});
    }
  }
  scenario.plan.faults = {
      {.kind = kind, .at_us = 5 * kSecond + 500'000, .for_us = 5 * kSecond, .nodes = {1}}};
  scenario.plan.quiet_at_us = 20 * kSecond;
  return scenario;
}

TEST_P(HostileWorldTest, WhatIsTypedWithoutTheRightArrivesOnceItIsBack) {
  for (const FaultKind kind : {FaultKind::kReadOnly, FaultKind::kCutOff}) {
    const Scenario scenario = Typing(GetParam(), kind);
    ExpectClean(scenario);
    const WorldResult result = RunWorld(scenario);
    EXPECT_EQ(CountCodePoints(result.text), 40U) << FaultName(kind);
    EXPECT_EQ(result.lost_operations, 0U);
    EXPECT_EQ(result.handed_back, 0U);
  }
}

TEST_P(HostileWorldTest, TheSameScenarioGivesTheSameResult) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario scenario =
        MakeStar(GetParam(), seed,
                 KindsOf({FaultKind::kHostile, FaultKind::kReadOnly, FaultKind::kCutOff}), 20);
    const auto read = ReadScenario(WriteScenario(scenario));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, scenario);
    EXPECT_EQ(RunWorld(scenario).fingerprint, RunWorld(*read).fingerprint);
  }
}

}  // namespace
}  // namespace cotext
