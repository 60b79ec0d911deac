#include "crdt/bit_ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(BitRangesTest, EqualsAVectorOfBools) {
  ForEachSeed(200, [](Random& random) {
    const auto size = static_cast<uint32_t>(random.Between(1, 300));
    BitRanges bits(size);
    std::vector<bool> model(size);
    for (uint64_t steps = random.Below(12); steps > 0; --steps) {
      const auto first = static_cast<uint32_t>(random.Below(size));
      const auto count = static_cast<uint32_t>(random.Below(size - first + 1));
      const bool set = random.Chance(60);
      if (set) {
        bits.Set(first, count);
      } else {
        bits.Clear(first, count);
      }
      for (uint32_t i = first; i < first + count; ++i) model[i] = set;
    }
    std::vector<bool> visited(size);
    bits.ForEachSet(size, [&](uint32_t first, uint32_t count) {
      ASSERT_GT(count, 0U);
      ASSERT_TRUE(first == 0 || !visited[first - 1]);  // Stretches are maximal.
      for (uint32_t i = first; i < first + count; ++i) visited[i] = true;
    });
    ASSERT_EQ(visited, model);
    ASSERT_EQ(bits.Count(), std::count(model.begin(), model.end(), true));
    for (uint32_t at = 0; at < size; ++at) {
      ASSERT_EQ(bits.At(at), model[at]);
      const auto limit = static_cast<uint32_t>(random.Between(1, size - at));
      uint32_t alike = 1;
      while (alike < limit && model[at + alike] == model[at]) ++alike;
      ASSERT_EQ(bits.AlikeFrom(at, limit), alike);
    }
  });
}

TEST(BitRangesTest, NothingIsSetInTheBeginning) {
  const BitRanges bits(130);
  EXPECT_EQ(bits.AlikeFrom(0, 130), 130U);
  EXPECT_FALSE(bits.At(0));
  bits.ForEachSet(130, [](uint32_t, uint32_t) { FAIL(); });
}

}  // namespace
}  // namespace cotext
