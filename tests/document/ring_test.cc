#include "document/ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Value = std::unique_ptr<uint64_t>;

TEST(RingTest, EqualsADeque) {
  ForEachSeed(200, [](Random& random) {
    Ring<Value> ring;
    std::deque<uint64_t> model;
    for (int step = 0; step < 300; ++step) {
      const uint64_t choice = random.Below(100);
      if (model.empty() || choice < 55) {
        const uint64_t value = random.Below(1000);
        Value& added = ring.AddBack();
        ASSERT_EQ(added, nullptr);
        added = std::make_unique<uint64_t>(value);
        model.push_back(value);
      } else if (choice < 80) {
        ring.DropFront();
        model.pop_front();
      } else {
        ASSERT_EQ(*ring.PopBack(), model.back());
        model.pop_back();
      }
      ASSERT_EQ(ring.size(), model.size());
      ASSERT_EQ(ring.empty(), model.empty());
      for (size_t i = 0; i < model.size(); ++i) ASSERT_EQ(*ring[i], model[i]);
      if (model.empty()) continue;
      ASSERT_EQ(*ring.front(), model.front());
      ASSERT_EQ(*ring.back(), model.back());
    }
  });
}

TEST(RingTest, WhatWasTakenOutIsGoneAtOnce) {
  Ring<std::shared_ptr<int>> ring;
  const auto value = std::make_shared<int>(1);
  ring.AddBack() = value;
  ring.AddBack() = value;
  ring.DropFront();
  EXPECT_EQ(value.use_count(), 2);
  ring.PopBack();
  EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
}  // namespace cotext
