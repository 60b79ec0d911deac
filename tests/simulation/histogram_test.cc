#include "simulation/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(HistogramTest, SmallNumbersAreExact) {
  Histogram histogram;
  for (uint64_t number = 0; number < 32; ++number) histogram.Add(number);
  EXPECT_EQ(histogram.Quantile(0), 0U);
  EXPECT_EQ(histogram.Quantile(500), 15U);
  EXPECT_EQ(histogram.Quantile(1000), 31U);
  EXPECT_EQ(histogram.buckets().size(), 32U);
}

TEST(HistogramTest, OfNothingNothingIsTold) {
  EXPECT_EQ(Histogram().Quantile(500), std::nullopt);
  Histogram histogram;
  histogram.Add(7, 0);
  EXPECT_EQ(histogram, Histogram());
}

TEST(HistogramTest, QuantilesAreThoseOfTheNumbersButForASixteenth) {
  ForEachSeed(50, [](Random& random) {
    std::vector<uint64_t> numbers;
    Histogram histogram;
    for (uint64_t i = random.Between(1, 300); i > 0; --i) {
      numbers.push_back(random.Next() >> random.Below(64));
      histogram.Add(numbers.back());
    }
    std::ranges::sort(numbers);
    for (uint64_t permille = 0; permille <= 1000; permille += 50) {
      const uint64_t rank = std::max<uint64_t>((numbers.size() * permille + 999) / 1000, 1);
      const uint64_t number = numbers[rank - 1];
      const uint64_t told = *histogram.Quantile(permille);
      EXPECT_GE(told, number);
      EXPECT_LE(told - number, number / 16);
    }
  });
}

TEST(HistogramTest, AddingUpIsCountingTogether) {
  ForEachSeed(20, [](Random& random) {
    Histogram one;
    Histogram other;
    Histogram together;
    for (int i = 0; i < 100; ++i) {
      const uint64_t number = random.Next() >> random.Below(64);
      (random.Chance(50) ? one : other).Add(number);
      together.Add(number);
    }
    one.Add(other);
    EXPECT_EQ(one, together);
    EXPECT_EQ(Histogram(one.buckets()), together);
  });
}

}  // namespace
}  // namespace cotext
