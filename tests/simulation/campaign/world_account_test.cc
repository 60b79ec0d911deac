#include "simulation/campaign/world_account.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/user_action.h"

namespace cotext {
namespace {

bool Tells(const std::vector<std::string>& account, const std::string& what) {
  return std::ranges::any_of(
      account, [&](const std::string& line) { return line.find(what) != std::string::npos; });
}

Scenario OneEdit() {
  Scenario scenario{.replicas = 2, .plan = {}, .actions = {}};
  scenario.plan.path.latency.least_us = 20'000;
  scenario.plan.quiet_at_us = 3'000'000;
  scenario.actions = {
      {.at_us = 1'000'000, .replica = 1, .kind = UserAction::Kind::kType, .text = "a\"b"}};
  return scenario;
}

TEST(WorldAccountTest, AnEditIsFollowedFromTheKeyboardToTheDisk) {
  const auto account = MakeAccount(OneEdit());
  ASSERT_TRUE(account);
  for (const char* const line : {"node 0 gets from node 2: open \"doc\" as node 2, here is nothing",
                                 "1.000 s  user: node 2 types \"a\\\"b\"",
                                 "node 0 gets from node 2: edits of node 2 up to 3",
                                 "node 1 gets from node 0: edits of node 2 up to 3",
                                 "node 2 gets from node 0: durable: node 2 up to 3",
                                 "the disk of node 0 has node 2 up to 3"}) {
    EXPECT_TRUE(Tells(*account, line)) << line;
  }
  EXPECT_FALSE(Tells(*account, "ping"));
  EXPECT_FALSE(Tells(*account, "broken"));
}

TEST(WorldAccountTest, FaultsBeginAndEnd) {
  Scenario scenario = OneEdit();
  scenario.plan.faults = {
      {.kind = FaultKind::kCrash, .at_us = 1'500'000, .for_us = 250'000, .nodes = {1, 2}}};
  const auto account = MakeAccount(scenario);
  ASSERT_TRUE(account);
  EXPECT_TRUE(Tells(*account, "1.500 s  fault: crash of node 1, node 2 for 0.250 s"));
  EXPECT_TRUE(Tells(*account, "1.750 s  over: crash of node 1, node 2"));
  EXPECT_TRUE(Tells(*account, "open \"doc\" as node 1 (life 2)"));
}

TEST(WorldAccountTest, WhatTheNetworkDoesToPacketsIsTold) {
  Scenario scenario = OneEdit();
  scenario.plan.connections = ConnectionKind::kLossy;
  scenario.plan.path.loss_ppm = 300'000;
  scenario.plan.path.duplicate_ppm = 300'000;
  const auto account = MakeAccount(scenario);
  ASSERT_TRUE(account);
  EXPECT_TRUE(Tells(*account, " is lost: "));
  EXPECT_TRUE(Tells(*account, " will come twice: "));
}

TEST(WorldAccountTest, WhatIsBrokenIsSaidAtTheEnd) {
  const auto account = MakeAccount(OneEdit(), {.patience_us = 0});
  ASSERT_TRUE(account);
  EXPECT_TRUE(account->back().starts_with("broken: ")) << account->back();
}

TEST(WorldAccountTest, WhoIsThereIsToldOnlyIfThatIsWhatIsBroken) {
  Scenario scenario = OneEdit();
  scenario.plan.quiet_at_us = 40'000'000;
  scenario.plan.faults = {
      {.kind = FaultKind::kOffline, .at_us = 30'000'000, .for_us = 10'000'000, .nodes = {1}}};
  // The server's word, once he has not typed for long.
  const std::string stopped = "node 1 gets from node 0: whether somebody types";
  const auto well = MakeAccount(scenario);
  ASSERT_TRUE(well);
  EXPECT_FALSE(Tells(*well, stopped));
  const auto ill = MakeAccount(scenario, {.patience_us = 0});
  ASSERT_TRUE(ill);
  ASSERT_TRUE(Tells(*ill, "broken: presence: "));
  EXPECT_TRUE(Tells(*ill, stopped));
  EXPECT_FALSE(Tells(*ill, "ping"));
}

TEST(WorldAccountTest, WhatIsDoneAtOnceIsNotOverLater) {
  Scenario scenario{.replicas = 1, .plan = {}, .actions = {}};
  scenario.plan.faults = {{.kind = FaultKind::kReset, .at_us = 5'000, .nodes = {1}}};
  EXPECT_EQ(DescribeScenario(scenario),
            std::vector<std::string>{"     0.005 s  fault: reset of node 1 for 0.000 s"});
}

TEST(WorldAccountTest, EveryKindOfActionIsDescribed) {
  using Kind = UserAction::Kind;
  Scenario scenario{.replicas = 1, .plan = {}, .actions = {}};
  scenario.actions = {
      {.kind = Kind::kMove, .places = {kWholeText / 2}},
      {.kind = Kind::kBackspace, .count = 3},
      {.kind = Kind::kReplace, .count = 4, .text = "x"},
      {.kind = Kind::kInsertAt, .places = {kWholeText / 4, kWholeText}, .text = "y"},
      {.kind = Kind::kUndo},
      {.kind = Kind::kRedo}};
  const std::string who = "     0.000 s  user: node 1 ";
  EXPECT_EQ(DescribeScenario(scenario),
            (std::vector<std::string>{
                who + "moves the caret to 50 %", who + "deletes 3 in front of the caret",
                who + "replaces 4 behind the caret by \"x\"", who + "inserts \"y\" at 25 %, 100 %",
                who + "undoes", who + "redoes"}));
}

TEST(WorldAccountTest, LongAccountsAreCutInTheMiddle) {
  const Scenario scenario = GenerateScenario({.replicas = 5, .edits = 60}, 1);
  const auto account = MakeAccount(scenario);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->size(), kAccountLinesMax);
  EXPECT_TRUE(Tells(*account, " lines more ..."));
}

TEST(WorldAccountTest, AScenarioIsDescribedWithoutBeingRun) {
  const std::vector<std::string> lines = DescribeScenario(OneEdit());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "     1.000 s  user: node 2 types \"a\\\"b\"");
}

}  // namespace
}  // namespace cotext
