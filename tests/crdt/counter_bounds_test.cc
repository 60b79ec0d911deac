#include "crdt/counter_bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(CounterBoundsTest, AreNeverTooLowAndExactByPages) {
  ForEachSeed(200, [](Random& random) {
    CounterBounds bounds;
    std::vector<uint64_t> counters;
    for (uint64_t steps = random.Between(1, 40); steps > 0; --steps) {
      const auto length = static_cast<uint32_t>(random.Between(1, random.Chance(20) ? 200 : 10));
      const uint64_t counter = random.Between(1, 1000);
      bounds.Add(static_cast<uint32_t>(counters.size()), length, counter);
      counters.insert(counters.end(), length, counter);
    }
    for (int i = 0; i < 50; ++i) {
      const auto first = static_cast<uint32_t>(random.Below(counters.size()));
      const auto length = static_cast<uint32_t>(random.Between(1, counters.size() - first));
      const auto begin = counters.begin() + first / 64 * 64;
      const uint32_t end = std::min<uint32_t>((first + length + 63) / 64 * 64,
                                              static_cast<uint32_t>(counters.size()));
      ASSERT_EQ(bounds.Of(first, length), *std::max_element(begin, counters.begin() + end));
    }
  });
}

}  // namespace
}  // namespace cotext
