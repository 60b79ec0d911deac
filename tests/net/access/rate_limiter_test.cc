#include "net/access/rate_limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

TEST(RateLimiterTest, ABurstPassesAndThenTheRate) {
  RateLimiter limiter({.per_s = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take("a", 1, 1000), 0U);
  EXPECT_EQ(limiter.Take("a", 1, 1000), 100U);
  EXPECT_EQ(limiter.Take("a", 1, 1099), 1U);
  EXPECT_EQ(limiter.Take("a", 1, 1100), 0U);
  EXPECT_EQ(limiter.Take("a", 2, 1100), 200U);
}

TEST(RateLimiterTest, KeysDoNotTakeFromEachOther) {
  RateLimiter limiter({.per_s = 1, .burst = 1});
  EXPECT_EQ(limiter.Take("a", 1, 0), 0U);
  EXPECT_EQ(limiter.Take("b", 1, 0), 0U);
  EXPECT_GT(limiter.Take("a", 1, 0), 0U);
  limiter.Forget("a");
  limiter.Forget("never seen");
  EXPECT_EQ(limiter.Take("a", 1, 0), 0U);
}

TEST(RateLimiterTest, WhatCostsMoreThanABurstCostsABurst) {
  RateLimiter limiter({.per_s = 10, .burst = 5});
  EXPECT_EQ(limiter.Take("a", 1'000'000, 0), 0U);
  EXPECT_EQ(limiter.Take("a", 1'000'000, 0), 500U);
  EXPECT_EQ(limiter.Take("a", 1'000'000, 500), 0U);
}

TEST(RateLimiterTest, OfTooManyKeysTheOneThatAskedTheLongestAgoIsForgotten) {
  RateLimiter limiter({.per_s = 1, .burst = 1}, 2);
  EXPECT_EQ(limiter.Take("a", 1, 0), 0U);
  EXPECT_EQ(limiter.Take("b", 1, 0), 0U);
  EXPECT_GT(limiter.Take("a", 1, 0), 0U);  // Now b is the oldest.
  EXPECT_EQ(limiter.Take("c", 1, 0), 0U);
  EXPECT_EQ(limiter.key_count(), 2U);
  EXPECT_GT(limiter.Take("a", 1, 0), 0U);
  EXPECT_EQ(limiter.Take("b", 1, 0), 0U);
}

TEST(RateLimiterTest, AnyKeysTakeBoundedMemory) {
  RateLimiter limiter({.per_s = 5, .burst = 5}, 100);
  for (uint64_t i = 0; i < 10'000; ++i) limiter.Take("key" + std::to_string(i), 1, i);
  EXPECT_EQ(limiter.key_count(), 100U);
}

TEST(RateLimiterTest, AClockThatStandsOrLeapsDoesNoHarm) {
  RateLimiter limiter({.per_s = kRateTokensMax, .burst = kRateTokensMax});
  EXPECT_EQ(limiter.Take("a", kRateTokensMax, 5), 0U);
  EXPECT_EQ(limiter.Take("a", kRateTokensMax, ~uint64_t{0}), 0U);
  EXPECT_GT(limiter.Take("a", kRateTokensMax, 0), 0U);  // Back again: nothing is given for that.
}

// In any time t no more than burst + rate * t passes, and whoever waits as he is told gets through.
TEST(RateLimiterTest, NoMoreThanTheRatePassesAndWaitingHelps) {
  ForEachSeed(200, [](Random& random) {
    const RateLimit limit{.per_s = random.Between(1, 5000), .burst = random.Between(1, 100)};
    RateLimiter limiter(limit);
    uint64_t now_ms = random.Below(1'000'000);
    const uint64_t begin_ms = now_ms;
    uint64_t passed = 0;
    for (int i = 0; i < 200; ++i) {
      const uint64_t cost = random.Between(1, limit.burst);
      const uint64_t wait_ms = limiter.Take("a", cost, now_ms);
      if (wait_ms == 0) {
        passed += cost;
      } else if (random.Chance(50)) {
        if (wait_ms > 1) {
          ASSERT_GT(limiter.Take("a", cost, now_ms + wait_ms - 1), 0U);
        }
        now_ms += wait_ms;
        ASSERT_EQ(limiter.Take("a", cost, now_ms), 0U);
        passed += cost;
      }
      ASSERT_LE((passed - std::min(passed, limit.burst)) * 1000, (now_ms - begin_ms) * limit.per_s);
      now_ms += random.Below(50);
    }
  });
}

}  // namespace
}  // namespace cotext::net
