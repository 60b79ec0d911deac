#include "document/sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

struct Pair {
  uint32_t key;
  uint64_t value;
  friend bool operator==(const Pair&, const Pair&) = default;
};

std::vector<Pair> RandomPairs(Random& random) {
  std::vector<Pair> pairs(random.Below(random.Below(4) == 0 ? 2'000 : 40));
  const uint64_t keys = 1 + random.Below(50);
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {.key = static_cast<uint32_t>(random.Below(keys)), .value = i};
  }
  return pairs;
}

TEST(SortTest, AsBytesEqualsAStableSort) {
  constexpr uint64_t kRuns = 300;
  ForEachSeed(kRuns, [](Random& random) {
    std::vector<Pair> pairs = RandomPairs(random);
    std::vector<Pair> expected = pairs;
    // Equal keys in the order in which they were.
    std::ranges::sort(expected, {}, [](const Pair& it) { return std::pair(it.key, it.value); });
    SortAsBytes(pairs, {}, &Pair::key);
    EXPECT_EQ(pairs, expected);
    std::ranges::sort(expected, std::ranges::greater(), &Pair::value);
    SortAsBytes(pairs, std::ranges::greater(), &Pair::value);
    EXPECT_EQ(pairs, expected);
  });
}

TEST(SortTest, EveryOrderOfAFewIsSorted) {
  for (size_t count = 0; count <= 8; ++count) {
    std::vector<uint8_t> order(count);
    for (size_t i = 0; i < count; ++i) order[i] = static_cast<uint8_t>(i);
    const std::vector<uint8_t> expected = order;
    do {
      std::vector<uint8_t> sorted = order;
      SortAsBytes(sorted);
      ASSERT_EQ(sorted, expected);
    } while (std::ranges::next_permutation(order).found);
  }
}

TEST(SortTest, WhatIsSortedIsComparedOnce) {
  std::vector<int> numbers(1'000);
  for (int i = 0; i < 1'000; ++i) numbers[static_cast<size_t>(i)] = i;
  int comparisons = 0;
  SortAsBytes(numbers, [&comparisons](int left, int right) {
    ++comparisons;
    return left < right;
  });
  EXPECT_EQ(comparisons, 999);
}

TEST(SortTest, TheWorstCaseTakesNLogN) {
  std::vector<int> numbers(1 << 14);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = -static_cast<int>(i);
  int comparisons = 0;
  SortAsBytes(numbers, [&comparisons](int left, int right) {
    ++comparisons;
    return left < right;
  });
  EXPECT_LT(comparisons, 16 * (1 << 14));
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
}

TEST(SortTest, SortIsTheSameInAnyBuild) {
  std::vector<std::pair<int, int>> pairs = {{3, 1}, {1, 2}, {2, 3}, {1, 1}};
  Sort(pairs, std::ranges::less(), [](const auto& pair) { return pair.first * 10 + pair.second; });
  EXPECT_EQ(pairs, (std::vector<std::pair<int, int>>{{1, 1}, {1, 2}, {2, 3}, {3, 1}}));
}

}  // namespace
}  // namespace cotext
