#include "document/grow.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace cotext {
namespace {

TEST(GrowTest, OneMoreMakesRoomForHalf) {
  std::vector<int> numbers;
  size_t moved = 0;
  for (size_t i = 0; i < 100'000; ++i) {
    const size_t before = numbers.capacity();
    MakeRoomFor(numbers, 1);
    ASSERT_GT(numbers.capacity(), i);
    ASSERT_LE(numbers.capacity(), i + i / 2 + 1);
    if (numbers.capacity() != before) moved += i;
    numbers.push_back(0);
  }
  EXPECT_LE(moved, 300'000U);
}

TEST(GrowTest, WhatIsThereIsEnough) {
  std::vector<int> numbers(10);
  numbers.reserve(20);
  MakeRoomFor(numbers, 10);
  MakeRoomFor(numbers, 0);
  EXPECT_EQ(numbers.capacity(), 20U);
  EXPECT_EQ(numbers.size(), 10U);
}

TEST(GrowTest, MuchIsMadeRoomForExactly) {
  std::vector<int> numbers(10);
  MakeRoomFor(numbers, 1000);
  EXPECT_EQ(numbers.capacity(), 1010U);
}

}  // namespace
}  // namespace cotext
