#include "sync/message_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "document/random.h"
#include "sync/messages.h"
#include "tests/support/for_each_seed.h"

namespace cotext::sync {
namespace {

Message Numbered(uint64_t number) { return ToMessage(Ping{.value = number}); }

TEST(MessagePoolTest, GivesBackTheRoomOfABurst) {
  MessagePool pool;
  const MessageRef first = pool.Put(Numbered(1));
  std::vector<MessageRef> burst;
  for (uint64_t i = 0; i < 100'000; ++i) burst.push_back(pool.Put(Numbered(i)));
  EXPECT_GE(pool.capacity(), 100'001U);
  for (const MessageRef ref : burst) pool.Release(ref);
  EXPECT_EQ(pool.size(), 1U);
  const MessageRef next = pool.Put(Numbered(2));
  EXPECT_LE(pool.capacity(), 1024U);
  EXPECT_EQ(pool.Get(first).numbers[0], 1U);
  EXPECT_EQ(pool.Get(next).numbers[0], 2U);
}

TEST(MessagePoolTest, WhatIsGoneWithItsRoomIsNotHeldAgain) {
  MessagePool pool;
  pool.Put(Numbered(1));
  const MessageRef ref = pool.Put(Numbered(2));
  const uint64_t serial = pool.SerialOf(ref);
  EXPECT_TRUE(pool.HoldIfStillThere(ref, serial));
  pool.Release(ref);
  pool.Release(ref);
  EXPECT_FALSE(pool.HoldIfStillThere(ref, serial));
  EXPECT_EQ(pool.Put(Numbered(3)), ref);
  EXPECT_FALSE(pool.HoldIfStillThere(ref, serial)) << "another message";
}

TEST(MessagePoolTest, ReferencesStandForTheirMessagesInAnyOrder) {
  ForEachSeed(50, [](Random& random) {
    MessagePool pool;
    std::map<MessageRef, uint64_t> held;
    uint64_t number = 0;
    for (int burst = 0; burst < 6; ++burst) {
      const uint64_t up = random.Below(3'000);
      for (uint64_t i = 0; i < up; ++i) {
        const MessageRef ref = pool.Put(Numbered(++number));
        ASSERT_TRUE(held.emplace(ref, number).second) << "one that is held was given again";
      }
      for (uint64_t i = random.Below(up + held.size() + 1); i > 0 && !held.empty(); --i) {
        auto at = held.lower_bound(static_cast<MessageRef>(random.Below(held.rbegin()->first + 1)));
        pool.Release(at->first);
        held.erase(at);
        if (random.Below(8) > 0) continue;
        const MessageRef ref = pool.Put(Numbered(++number));
        ASSERT_TRUE(held.emplace(ref, number).second);
      }
      ASSERT_EQ(pool.size(), held.size());
      for (const auto& [ref, value] : held) ASSERT_EQ(pool.Get(ref).numbers[0], value);
    }
    for (const auto& [ref, value] : held) pool.Release(ref);
    EXPECT_EQ(pool.size(), 0U);
    EXPECT_EQ(pool.bytes(), 0U);
  });
}

}  // namespace
}  // namespace cotext::sync
