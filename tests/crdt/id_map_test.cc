#include "crdt/id_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <unordered_map>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(IdMapTest, ANewMapHasNothing) {
  const IdMap map;
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.Find(1), nullptr);
  EXPECT_EQ(map.AllocatedBytes(), 0U);
}

TEST(IdMapTest, AnIdHasTheNumberItGot) {
  IdMap map;
  map[7] = 3;
  ++map[7];
  EXPECT_EQ(map.size(), 1U);
  ASSERT_NE(map.Find(7), nullptr);
  EXPECT_EQ(*map.Find(7), 4U);
  EXPECT_EQ(map.Find(8), nullptr);
}

TEST(IdMapTest, EqualsAMapOfTheStandardLibrary) {
  ForEachSeed(60, [](Random& random) {
    IdMap map;
    std::unordered_map<uint64_t, uint32_t> expected;
    // Ids in a row, multiples of a power of two, which share their low bits, and any.
    const auto stride = uint64_t{1} << random.Below(40);
    const uint64_t range = random.Between(1, 3000);
    for (uint32_t step = 0; step < 2000; ++step) {
      const uint64_t id = 1 + (random.Chance(50) ? random.Below(range) * stride : random.Next());
      if (id == 0) continue;
      map[id] = step;
      expected[id] = step;
      const uint64_t other = 1 + random.Below(range) * stride;
      ASSERT_EQ(map.Find(other) != nullptr, expected.contains(other));
    }
    ASSERT_EQ(map.size(), expected.size());
    for (const auto& [id, number] : expected) {
      ASSERT_NE(map.Find(id), nullptr);
      ASSERT_EQ(*map.Find(id), number);
    }
  });
}

TEST(IdMapTest, ACopyGoesItsOwnWay) {
  IdMap map;
  map[1] = 1;
  IdMap copy = map;
  copy[2] = 2;
  EXPECT_EQ(map.Find(2), nullptr);
  EXPECT_EQ(*copy.Find(1), 1U);
}

}  // namespace
}  // namespace cotext
