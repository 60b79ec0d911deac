#include "document/shrink.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cotext {
namespace {

TEST(ShrinkTest, LeavesTheContentAndNoRoom) {
  std::vector<uint32_t> numbers = {1, 2, 3};
  numbers.reserve(100);
  Shrink(numbers);
  EXPECT_EQ(numbers, (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(numbers.capacity(), 3U);
  std::string text(1'000, 'x');
  text.reserve(5'000);
  Shrink(text);
  EXPECT_EQ(text, std::string(1'000, 'x'));
  EXPECT_EQ(text.capacity(), 1'000U);
}

TEST(ShrinkTest, WhatHasNoRoomStaysWhereItIs) {
  std::vector<uint32_t> numbers(5);
  const uint32_t* const data = numbers.data();
  Shrink(numbers);
  EXPECT_EQ(numbers.data(), data);
}

}  // namespace
}  // namespace cotext
