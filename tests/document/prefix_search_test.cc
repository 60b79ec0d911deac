#include "document/prefix_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Numbers = std::array<uint32_t, kPrefixSearchMax>;

constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();

uint64_t SumOf(const Numbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), uint64_t{0});
}

// The oracle: a loop.
PrefixFound SearchOneByOne(const Numbers& numbers, uint64_t target) {
  uint32_t index = 0;
  while (numbers[index] <= target) target -= numbers[index++];
  return {.index = index, .rest = target};
}

void CheckTarget(const Numbers& numbers, uint64_t target) {
  const PrefixFound found = SearchPrefixSums(target, [&](uint32_t i) { return numbers[i]; });
  const PrefixFound expected = SearchOneByOne(numbers, target);
  ASSERT_EQ(found.index, expected.index) << target;
  ASSERT_EQ(found.rest, expected.rest) << target;
}

// Looks for the first and the last target of each number, and for its middle.
void CheckBoundaries(const Numbers& numbers) {
  uint64_t before = 0;
  for (const uint32_t number : numbers) {
    if (number == 0) continue;
    for (const uint64_t target : {before, before + number / 2, before + number - 1}) {
      ASSERT_NO_FATAL_FAILURE(CheckTarget(numbers, target));
    }
    before += number;
  }
}

Numbers RandomNumbers(Random& random, uint32_t largest, uint64_t zero_percent) {
  Numbers numbers{};
  for (uint32_t& number : numbers) {
    if (!random.Chance(zero_percent)) number = static_cast<uint32_t>(random.Between(0, largest));
  }
  return numbers;
}

TEST(PrefixSearchTest, EqualsALoopForEveryTarget) {
  ForEachSeed(200, [](Random& random) {
    const Numbers numbers = RandomNumbers(random, 40, random.Below(100));
    const uint64_t sum = SumOf(numbers);
    for (uint64_t target = 0; target < sum; ++target) {
      ASSERT_NO_FATAL_FAILURE(CheckTarget(numbers, target));
    }
  });
}

TEST(PrefixSearchTest, EqualsALoopAtTheBoundariesOfLargeNumbers) {
  ForEachSeed(500, [](Random& random) {
    // Few large ones or many smaller ones: the sum stays below 2^32 in either case.
    const auto largest = static_cast<uint32_t>(kMost >> random.Between(5, 20));
    ASSERT_NO_FATAL_FAILURE(CheckBoundaries(RandomNumbers(random, largest, random.Below(100))));
  });
}

TEST(PrefixSearchTest, FindsTheOnlyNumberThatIsNotZero) {
  for (size_t i = 0; i < kPrefixSearchMax; ++i) {
    for (const uint32_t number : {1U, 2U, 1U << 31U, kMost}) {
      Numbers numbers{};
      numbers[i] = number;
      ASSERT_NO_FATAL_FAILURE(CheckBoundaries(numbers));
    }
  }
}

// In one block and in different ones, with sums on either side of 2^31 and up to the limit.
TEST(PrefixSearchTest, FindsEachOfTwoNumbersNearTwoToThe31) {
  constexpr uint32_t kHalf = 1U << 31U;
  for (size_t i = 0; i < kPrefixSearchMax; ++i) {
    for (size_t j = i + 1; j < kPrefixSearchMax; ++j) {
      for (const uint32_t number : {kHalf - 1, kHalf, kHalf + 1}) {
        Numbers numbers{};
        numbers[i] = number;
        numbers[j] = std::min(number, kMost - number);
        ASSERT_NO_FATAL_FAILURE(CheckBoundaries(numbers));
      }
    }
  }
}

TEST(PrefixSearchTest, FindsEachOfOnes) {
  Numbers numbers{};
  numbers.fill(1);
  for (uint32_t target = 0; target < kPrefixSearchMax; ++target) {
    const PrefixFound found = SearchPrefixSums(target, [&](uint32_t i) { return numbers[i]; });
    EXPECT_EQ(found.index, target);
    EXPECT_EQ(found.rest, 0U);
  }
}

// As in a node that is not full.
TEST(PrefixSearchTest, FindsTheLastNumberBeforeZeros) {
  for (size_t used = 1; used <= kPrefixSearchMax; ++used) {
    Numbers numbers{};
    std::fill_n(numbers.begin(), used, 7U);
    ASSERT_NO_FATAL_FAILURE(CheckBoundaries(numbers));
    const PrefixFound found =
        SearchPrefixSums(7 * used - 1, [&](uint32_t i) { return numbers[i]; });
    EXPECT_EQ(found.index, used - 1);
    EXPECT_EQ(found.rest, 6U);
  }
}

// Numbers of fewer bits must be added up in more.
TEST(PrefixSearchTest, SumsOfShortNumbersMayBeLong) {
  std::array<uint8_t, kPrefixSearchMax> bytes{};
  bytes.fill(255);
  for (uint32_t target = 0; target < 255 * kPrefixSearchMax; ++target) {
    const PrefixFound found = SearchPrefixSums(target, [&](uint32_t i) { return bytes[i]; });
    ASSERT_EQ(found.index, target / 255);
    ASSERT_EQ(found.rest, target % 255);
  }
}

TEST(PrefixSearchTest, ReadsOnlyTheNumbersThereAre) {
  for (uint32_t target = 0; target < kPrefixSearchMax; ++target) {
    SearchPrefixSums(target, [&](uint32_t i) {
      EXPECT_LT(i, kPrefixSearchMax);
      return 1U;
    });
  }
}

TEST(PrefixSearchTest, SearchOnlyFindsEveryIndex) {
  for (uint32_t only = 0; only < kPrefixSearchMax; ++only) {
    EXPECT_EQ(SearchOnly([only](uint32_t i) { return i == only; }), only);
  }
}

// What it is for: the run of a leaf that holds an element, the runs in any order.
TEST(PrefixSearchTest, SearchOnlyFindsTheRunOfANumber) {
  ForEachSeed(100, [](Random& random) {
    Numbers lengths = RandomNumbers(random, 20, 20);
    Numbers firsts{};
    std::exclusive_scan(lengths.begin(), lengths.end(), firsts.begin(), uint32_t{0});
    for (uint32_t i = kPrefixSearchMax - 1; i > 0; --i) {
      const uint64_t other = random.Below(i + 1);
      std::swap(firsts[i], firsts[other]);
      std::swap(lengths[i], lengths[other]);
    }
    for (size_t run = 0; run < kPrefixSearchMax; ++run) {
      for (uint32_t at = firsts[run]; at < firsts[run] + lengths[run]; ++at) {
        ASSERT_EQ(SearchOnly([&](uint32_t i) { return at - firsts[i] < lengths[i]; }), run);
      }
    }
  });
}

}  // namespace
}  // namespace cotext
