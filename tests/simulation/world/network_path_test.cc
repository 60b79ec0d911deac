#include "simulation/world/network_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "document/random.h"

namespace cotext {
namespace {

constexpr uint64_t kDraws = 100'000;

std::vector<uint64_t> Draw(const Latency& latency) {
  Random random(1);
  std::vector<uint64_t> times;
  for (uint64_t i = 0; i < kDraws; ++i) times.push_back(DrawLatency(latency, random));
  std::ranges::sort(times);
  return times;
}

uint64_t MeanOf(const std::vector<uint64_t>& times) {
  uint64_t sum = 0;
  for (const uint64_t time : times) sum += time;
  return sum / times.size();
}

TEST(NetworkPathTest, UniformLatencyIsSpreadAroundItsMean) {
  const auto times = Draw({.least_us = 1000, .mean_us = 500});
  EXPECT_EQ(times.front(), 1000U);
  EXPECT_EQ(times.back(), 2000U);
  EXPECT_NEAR(static_cast<double>(MeanOf(times)), 1500, 5);
  EXPECT_NEAR(static_cast<double>(times[kDraws / 4]), 1250, 10);
}

TEST(NetworkPathTest, ExponentialLatencyHalvesInEqualTimes) {
  const auto times =
      Draw({.shape = Latency::Shape::kExponential, .least_us = 100, .mean_us = 3000});
  EXPECT_NEAR(static_cast<double>(MeanOf(times)), 3100, 40);
  EXPECT_NEAR(static_cast<double>(times[kDraws / 2]), 2100, 40);
  EXPECT_NEAR(static_cast<double>(times[kDraws * 3 / 4]), 4100, 80);
  EXPECT_NEAR(static_cast<double>(times[kDraws * 7 / 8]), 6100, 120);
}

TEST(NetworkPathTest, SpikesAreAsRareAsTheyShouldBe) {
  const auto times = Draw({.least_us = 10, .spikes_ppm = 20'000, .spike_us = 1'000'000});
  const auto spikes = std::ranges::count_if(times, [](uint64_t time) { return time > 10; });
  EXPECT_NEAR(static_cast<double>(spikes), 2000, 150);
}

TEST(NetworkPathTest, CorruptionFlipsAFewBits) {
  Random random(1);
  uint64_t changed = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string packet(50, 'x');
    Corrupt(packet, random);
    int flips = 0;
    for (const char byte : packet) flips += std::popcount(static_cast<unsigned char>(byte ^ 'x'));
    EXPECT_LE(flips, 8);
    changed += flips > 0 ? 1 : 0;
  }
  EXPECT_GT(changed, 950U);
  std::string empty;
  Corrupt(empty, random);
  EXPECT_EQ(empty, "");
}

}  // namespace
}  // namespace cotext
