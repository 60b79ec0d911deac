#include "simulation/world/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(EventQueueTest, EventsComeByTimeAndThenInTheOrderTheyWereAdded) {
  ForEachSeed(200, [](Random& random) {
    EventQueue<uint64_t> queue;
    std::vector<std::pair<uint64_t, uint64_t>> expected;
    uint64_t now_us = 0;
    const auto take = [&] {
      EXPECT_EQ(queue.NextTimeUs(), std::ranges::min_element(expected)->first);
      const auto entry = queue.Take();
      const auto earliest = std::ranges::min_element(expected);
      EXPECT_EQ(std::pair(entry.at_us, entry.event), *earliest);
      expected.erase(earliest);
      now_us = entry.at_us;
    };
    for (uint64_t number = 0; number < 100; ++number) {
      const uint64_t at_us = now_us + random.Below(5);
      expected.emplace_back(at_us, number);
      queue.Add(at_us, number);
      if (random.Chance(40)) take();
    }
    while (!queue.empty()) take();
    EXPECT_TRUE(expected.empty());
    EXPECT_FALSE(queue.NextTimeUs());
  });
}

}  // namespace
}  // namespace cotext
