#include "sync/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "document/random.h"

namespace cotext::sync {
namespace {

TEST(BackoffTest, WaitsGrowToTheirLimitAndAreSpreadFromZero) {
  Random random(1);
  for (uint32_t attempt = 0; attempt < 12; ++attempt) {
    const uint64_t limit = std::min<uint64_t>(30'000, uint64_t{500} << attempt);
    uint64_t least = limit;
    uint64_t most = 0;
    for (int trial = 0; trial < 1000; ++trial) {
      Backoff backoff;
      for (uint32_t i = 0; i < attempt; ++i) backoff.NextMs(0);
      const uint64_t wait = backoff.NextMs(random.Next());
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_LT(most, limit);
    EXPECT_GT(most, limit * 9 / 10);
    EXPECT_LT(least, limit / 10);
  }
}

TEST(BackoffTest, ItNeverGivesUp) {
  Backoff backoff;
  for (int attempt = 0; attempt < 100'000; ++attempt) {
    ASSERT_LT(backoff.NextMs(~uint64_t{0}), 30'000U);
  }
}

TEST(BackoffTest, WhatTheServerAskedForIsWaitedAtLeast) {
  Backoff backoff;
  EXPECT_GE(backoff.NextMs(3, 2000), 2000U);
  EXPECT_LT(backoff.NextMs(~uint64_t{0}, 2000), 2000U + 1000U);
  backoff.Reset();
  EXPECT_EQ(backoff.attempts(), 0U);
}

}  // namespace
}  // namespace cotext::sync
