#include "sync/due_times.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext::sync {
namespace {

struct Thing {
  std::optional<uint64_t> due_ms;
  DueMark mark;
};

class DueTimesTest : public testing::Test {
 protected:
  void Put(uint64_t id, std::optional<uint64_t> due_ms) {
    Thing& thing = things_[id];
    thing.due_ms = due_ms;
    times_.Note(id, thing.mark, due_ms);
  }
  void Remove(uint64_t id) {
    const auto found = things_.find(id);
    times_.Forget(id, found->second.mark);
    things_.erase(found);
  }
  std::vector<uint64_t> TakeDue(uint64_t now_ms) {
    return times_.TakeDue(now_ms, [this](uint64_t id) { return Look(id); });
  }
  std::optional<uint64_t> NextMs() {
    return times_.NextMs([this](uint64_t id) { return Look(id); });
  }
  DueTimes<uint64_t>::Thing Look(uint64_t id) {
    ++looks_;
    const auto found = things_.find(id);
    if (found == things_.end()) return {};
    return {.mark = &found->second.mark, .due_ms = found->second.due_ms};
  }

  std::map<uint64_t, Thing> things_;
  DueTimes<uint64_t> times_;
  uint64_t looks_ = 0;
};

TEST_F(DueTimesTest, WhatIsPutOffCountsWhenItIsDue) {
  Put(1, 100);
  things_[1].due_ms = 200;  // Not noted.
  EXPECT_TRUE(TakeDue(150).empty());
  EXPECT_EQ(NextMs(), 200U);
  EXPECT_EQ(TakeDue(200), std::vector<uint64_t>{1});
  EXPECT_EQ(NextMs(), std::nullopt);
}

TEST_F(DueTimesTest, ThoseThatAreDueComeInTheOrderOfTheirIds) {
  Put(3, 10);
  Put(1, 30);
  Put(2, 20);
  EXPECT_EQ(TakeDue(30), (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(DueTimesTest, AFormerThingIsNotTakenForTheOneThatHasItsId) {
  Put(1, 100);
  things_.erase(1);
  Put(1, 300);
  EXPECT_TRUE(TakeDue(100).empty());
  EXPECT_EQ(NextMs(), 300U);
  EXPECT_EQ(times_.size(), 1U);
}

TEST_F(DueTimesTest, WhatIsOftenPutOffIsLookedAtOnce) {
  Put(1, 100);
  for (uint64_t due_ms = 101; due_ms < 1'100; ++due_ms) Put(1, due_ms);
  EXPECT_EQ(times_.size(), 1U);
  EXPECT_TRUE(TakeDue(500).empty());
  EXPECT_EQ(looks_, 1U);
}

TEST_F(DueTimesTest, AgreesWithAWalkThroughAllThings) {
  ForEachSeed(200, [this](Random& random) {
    things_.clear();
    times_ = {};
    uint64_t now_ms = 0;
    for (int step = 0; step < 300; ++step) {
      const uint64_t id = random.Below(8);
      const uint64_t choice = random.Below(8);
      if (choice < 4) {
        const bool is_never = random.Below(8) == 0;
        Put(id, is_never ? std::nullopt : std::optional(now_ms + random.Below(50)));
      } else if (choice < 5 && things_.contains(id)) {
        Remove(id);
      } else if (choice < 7) {
        now_ms += random.Below(20);
        std::vector<uint64_t> due;
        for (auto& [each, thing] : things_) {
          if (thing.due_ms && *thing.due_ms <= now_ms) due.push_back(each);
        }
        ASSERT_EQ(TakeDue(now_ms), due);
        for (const uint64_t each : due) Put(each, now_ms + 1 + random.Below(50));
      }
      std::optional<uint64_t> next;
      for (const auto& [each, thing] : things_) {
        if (thing.due_ms && (!next || *thing.due_ms < *next)) next = thing.due_ms;
      }
      ASSERT_EQ(NextMs(), next);
      ASSERT_LE(times_.size(), things_.size());
    }
  });
}

}  // namespace
}  // namespace cotext::sync
