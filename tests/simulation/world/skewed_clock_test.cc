#include "simulation/world/skewed_clock.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(SkewedClockTest, RunsAsFastAsItIsTold) {
  SkewedClock clock(500);
  EXPECT_EQ(clock.LocalMs(0), 500U);
  EXPECT_EQ(clock.LocalMs(7'000), 507U);
  clock.SetRate(1'000'000, 10'000);
  EXPECT_EQ(clock.LocalMs(10'000), 510U);
  EXPECT_EQ(clock.LocalMs(20'000), 530U);
  clock.SetRate(0, 20'000);
  EXPECT_EQ(clock.LocalMs(21'000), 531U);
}

TEST(SkewedClockTest, NeverGoesBackAndIsRightAtTheTimeItNames) {
  ForEachSeed(300, [](Random& random) {
    SkewedClock clock(random.Below(1000));
    uint64_t now_us = 0;
    uint64_t last_ms = 0;
    for (int i = 0; i < 50; ++i) {
      now_us += random.Below(100'000);
      if (random.Chance(30)) clock.SetRate(random.Below(2'000'000), now_us);
      EXPECT_GE(clock.LocalMs(now_us), last_ms);
      last_ms = clock.LocalMs(now_us);
      const uint64_t wanted_ms = last_ms + random.Between(1, 5000);
      const uint64_t at_us = clock.VirtualUs(wanted_ms);
      EXPECT_GE(clock.LocalMs(at_us), wanted_ms);
      EXPECT_LT(clock.LocalMs(at_us - 1), wanted_ms);
    }
  });
}

}  // namespace
}  // namespace cotext
