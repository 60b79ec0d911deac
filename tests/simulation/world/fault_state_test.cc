#include "simulation/world/fault_state.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation/world/fault_plan.h"
#include "simulation/world/virtual_network.h"
#include "sync/messages.h"

namespace cotext {
namespace {

// Node 0 is a server, 1 to 3 are clients.
FaultPlan Plan(std::vector<Fault> faults, uint64_t quiet_at_us) {
  FaultPlan plan;
  plan.faults = std::move(faults);
  plan.quiet_at_us = quiet_at_us;
  return plan;
}

TEST(FaultStateTest, FaultsThatOverlapEndWithTheLast) {
  const FaultPlan plan =
      Plan({{.kind = FaultKind::kCrash, .at_us = 10, .for_us = 20, .nodes = {1}},
            {.kind = FaultKind::kCrash, .at_us = 20, .for_us = 30, .nodes = {1, 2}, .amount = 1}},
           100);
  FaultState state(plan, 4);
  std::string seen;
  while (state.NextTimeUs()) {
    const FaultState::Step step = state.Take();
    seen += std::to_string(step.at_us) + ":";
    for (const auto& [node, ending] : step.effects.down) {
      seen += std::to_string(node) + (ending == Ending::kSilent ? "!" : "");
    }
    seen += step.is_quiet ? " quiet" : " ";
  }
  EXPECT_EQ(seen, "0: 10:1 20:1!2! 30:1!2! 50: 100: quiet");
}

TEST(FaultStateTest, ThoseCutOffTogetherHaveEachOther) {
  const FaultPlan plan =
      Plan({{.kind = FaultKind::kPartition, .at_us = 0, .for_us = 9, .nodes = {1, 2}},
            {.kind = FaultKind::kOneWay, .at_us = 0, .for_us = 9, .nodes = {3}}},
           10);
  FaultState state(plan, 4);
  const auto blocked = state.Take().effects.blocked;
  EXPECT_EQ(blocked, (std::set<std::pair<NodeNumber, NodeNumber>>{
                         {0, 1}, {0, 2}, {1, 0}, {1, 3}, {2, 0}, {2, 3}, {3, 0}, {3, 1}, {3, 2}}));
  EXPECT_TRUE(state.Take().effects.blocked.empty());
}

TEST(FaultStateTest, AFullDiskHasRoomAgainWhenItIsOver) {
  const FaultPlan plan = Plan(
      {{.kind = FaultKind::kFullDisk, .at_us = 0, .for_us = 20, .nodes = {0}, .amount = 99}}, 30);
  FaultState state(plan, 4);
  EXPECT_EQ(state.Take().effects.disk_room, (std::map<NodeNumber, uint64_t>{{0, 99}}));
  EXPECT_TRUE(state.Take().effects.disk_room.empty());
}

TEST(FaultStateTest, RightsAreTakenForAsLongAsSomeFaultTakesThem) {
  const FaultPlan plan =
      Plan({{.kind = FaultKind::kReadOnly, .at_us = 0, .for_us = 20, .nodes = {1, 2}},
            {.kind = FaultKind::kCutOff, .at_us = 10, .for_us = 5, .nodes = {2}}},
           30);
  FaultState state(plan, 4);
  const std::map<NodeNumber, sync::Rights> read_only = {{1, sync::kMayWrite}, {2, sync::kMayWrite}};
  EXPECT_EQ(state.Take().effects.taken_rights, read_only);
  EXPECT_EQ(state.Take().effects.taken_rights.at(2), sync::kAllRights);
  EXPECT_EQ(state.Take().effects.taken_rights, read_only);
  EXPECT_TRUE(state.Take().effects.taken_rights.empty());
}

TEST(FaultStateTest, ResetsHappenOnceAndNothingOutlastsTheQuiet) {
  const FaultPlan plan =
      Plan({{.kind = FaultKind::kReset, .at_us = 5, .nodes = {1}},
            {.kind = FaultKind::kOffline, .at_us = 5, .for_us = 50, .nodes = {2}},
            {.kind = FaultKind::kDisk, .at_us = 6, .for_us = 50, .nodes = {0}, .amount = 7}},
           10);
  FaultState state(plan, 4);
  EXPECT_TRUE(state.Take().resets.empty());
  EXPECT_EQ(state.Take().resets, (std::vector<NodeNumber>{1, 2}));
  const FaultState::Step disk = state.Take();
  EXPECT_TRUE(disk.resets.empty());
  EXPECT_EQ(disk.effects.disk_failures_ppm.at(0), 7U);
  const FaultState::Step quiet = state.Take();
  EXPECT_TRUE(quiet.is_quiet);
  EXPECT_EQ(quiet.effects, FaultEffects{});
  EXPECT_FALSE(state.NextTimeUs());
}

}  // namespace
}  // namespace cotext
