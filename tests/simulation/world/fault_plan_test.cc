#include "simulation/world/fault_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "simulation/world/store_kind.h"

namespace cotext {
namespace {

TEST(FaultPlanTest, NamesAreReadAsTheyAreWritten) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(kFaultKindLast); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    EXPECT_EQ(FaultNamed(FaultName(kind)), kind);
    const auto parsed = FaultKinds::Parse(FaultName(kind));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->Has(kind));
    EXPECT_TRUE(FaultKinds::All().Has(kind));
  }
  EXPECT_EQ(FaultKinds::Parse("all"), FaultKinds::All());
  EXPECT_EQ(FaultKinds::Parse("none"), FaultKinds());
  const auto two = FaultKinds::Parse("loss,crash");
  ASSERT_TRUE(two);
  EXPECT_TRUE(two->Has(FaultKind::kCrash));
  EXPECT_FALSE(two->Has(FaultKind::kServerCrash));
  EXPECT_EQ(FaultKinds::Parse("loss,").error().message, "there is no fault named ");
}

TEST(FaultPlanTest, WithoutFaultsEverythingIsSteady) {
  const FaultPlan plan = GenerateFaultPlan({.duration_us = 77, .kinds = {}});
  FaultPlan steady;
  steady.path.latency.least_us = 20'000;
  steady.quiet_at_us = 77;
  EXPECT_EQ(plan, steady);
}

TEST(FaultPlanTest, EveryKindComesUpInTimeAndForNodesThatThereAre) {
  std::map<FaultKind, int> kinds;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const FaultOptions options{.seed = seed, .servers = 2, .replicas = 4, .duration_us = 5'000'000};
    const FaultPlan plan = GenerateFaultPlan(options);
    EXPECT_EQ(GenerateFaultPlan(options), plan);
    EXPECT_TRUE(std::ranges::is_sorted(plan.faults, {}, &Fault::at_us));
    for (const Fault& fault : plan.faults) {
      ++kinds[fault.kind];
      EXPECT_LT(fault.at_us, options.duration_us);
      EXPECT_LE(fault.at_us + fault.for_us, plan.quiet_at_us);
      ASSERT_FALSE(fault.nodes.empty());
      EXPECT_TRUE(std::ranges::is_sorted(fault.nodes));
      EXPECT_LT(fault.nodes.back(), 6U);
      const bool is_of_servers =
          fault.kind == FaultKind::kServerCrash || fault.kind == FaultKind::kServerRestart ||
          fault.kind == FaultKind::kDisk || fault.kind == FaultKind::kHostile;
      if (is_of_servers) EXPECT_LT(fault.nodes.back(), 2U);
      const bool is_of_users = fault.kind == FaultKind::kCrash ||
                               fault.kind == FaultKind::kReadOnly ||
                               fault.kind == FaultKind::kCutOff;
      if (is_of_users) EXPECT_GE(fault.nodes.front(), 2U);
    }
  }
  EXPECT_EQ(kinds.size(), 15U);
}

TEST(FaultPlanTest, BridgesSufferWhatReplicasDo) {
  std::map<FaultKind, int> kinds;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const FaultPlan plan = GenerateFaultPlan(
        {.seed = seed, .servers = 2, .replicas = 3, .bridges = 2, .duration_us = 5'000'000});
    for (const Fault& fault : plan.faults) {
      EXPECT_LT(fault.nodes.back(), 7U);
      if (fault.nodes.back() >= 5) ++kinds[fault.kind];
    }
  }
  EXPECT_EQ(kinds.size(), 9U);  // All but what only servers can.
  EXPECT_FALSE(kinds.contains(FaultKind::kServerCrash));
  EXPECT_FALSE(kinds.contains(FaultKind::kDisk));
}

// So that a seed's other faults are the same on both.
TEST(FaultPlanTest, OnlyDisksOfSqliteAreFullAndAllElseIsAsInMemory) {
  int full = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const FaultPlan memory = GenerateFaultPlan({.seed = seed});
    FaultPlan sqlite = GenerateFaultPlan({.seed = seed, .store = StoreKind::kSqlite});
    full += static_cast<int>(std::erase_if(
        sqlite.faults, [](const Fault& fault) { return fault.kind == FaultKind::kFullDisk; }));
    EXPECT_EQ(sqlite.faults, memory.faults);
    EXPECT_EQ(sqlite.path, memory.path);
    EXPECT_GE(sqlite.quiet_at_us, memory.quiet_at_us);
  }
  EXPECT_GT(full, 25);
}

TEST(FaultPlanTest, WithoutServersPeersHaveTheDisks) {
  bool has_disk_fault = false;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const FaultPlan plan =
        GenerateFaultPlan({.seed = seed, .servers = 0, .replicas = 3, .duration_us = 5'000'000});
    for (const Fault& fault : plan.faults) {
      EXPECT_NE(fault.kind, FaultKind::kServerCrash);
      EXPECT_NE(fault.kind, FaultKind::kServerRestart);
      EXPECT_LT(fault.nodes.back(), 3U);
      has_disk_fault |= fault.kind == FaultKind::kDisk;
    }
  }
  EXPECT_TRUE(has_disk_fault);
}

TEST(FaultPlanTest, WhatIsAskedForIsTaken) {
  const FaultPlan plan = GenerateFaultPlan(
      {.kinds = {}, .loss_ppm = 123, .duplicate_ppm = 456, .partitions = 3, .crashes = 2});
  EXPECT_EQ(plan.path.loss_ppm, 123U);
  EXPECT_EQ(plan.path.duplicate_ppm, 456U);
  std::map<FaultKind, int> kinds;
  for (const Fault& fault : plan.faults) ++kinds[fault.kind];
  EXPECT_EQ(kinds,
            (std::map<FaultKind, int>{
                {FaultKind::kPartition, 3}, {FaultKind::kCrash, 2}, {FaultKind::kServerCrash, 2}}));
}

}  // namespace
}  // namespace cotext
