#include "crdt/copy_map.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

#include "crdt/element_range.h"
#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Breaks a map behind its back, to prove that CheckInvariants looks.
struct CopyMapPeer {
  static auto& Root(CopyMap& map) { return map.nodes_[map.root_]; }
  static auto& FirstLeaf(CopyMap& map) { return map.nodes_[0]; }
  static size_t NodeCount(const CopyMap& map) { return map.nodes_.size(); }
};

namespace {

constexpr uint32_t kStride = 4;  // Sources are multiples of it, so that entries stay disjoint.

// The oracle: a map of the standard library.
class CopyMapModel {
 public:
  explicit CopyMapModel(uint32_t fanout) : map_(fanout) {}

  void Assign(uint32_t source, ElementRange copy) {
    map_.Assign({.source = Lv{source}, .copy = copy});
    expected_.insert_or_assign(source, copy);
  }

  void CheckAround(uint32_t element) const {
    const auto behind = expected_.upper_bound(element);
    ASSERT_EQ(map_.FirstBehind(Lv{element}), behind == expected_.end() ? kNoLv : Lv{behind->first});
    const std::optional<CopyMap::Entry> entry = map_.LastUpTo(Lv{element});
    ASSERT_EQ(entry.has_value(), behind != expected_.begin());
    if (!entry) return;
    ASSERT_EQ(entry->source, Lv{std::prev(behind)->first});
    ASSERT_EQ(entry->copy, std::prev(behind)->second);
  }

  void CheckAll() const {
    map_.CheckInvariants();
    ASSERT_EQ(map_.size(), expected_.size());
    auto next = expected_.begin();
    map_.ForEach([&](const CopyMap::Entry& entry) {
      ASSERT_EQ(entry.source, Lv{next->first});
      ASSERT_EQ(entry.copy, next->second);
      ++next;
    });
    ASSERT_EQ(next, expected_.end());
  }

 private:
  CopyMap map_;
  std::map<uint32_t, ElementRange> expected_;
};

TEST(CopyMapTest, EqualsAMapUnderRandomAssignments) {
  ForEachSeed(40, [](Random& random) {
    constexpr uint32_t kFanouts[] = {3, 4, 5, 7, 32};
    CopyMapModel model(kFanouts[random.Below(std::size(kFanouts))]);
    ASSERT_NO_FATAL_FAILURE(model.CheckAround(7));
    const auto sources = static_cast<uint32_t>(random.Between(1, 2'000));
    for (int step = 0; step < 1'000; ++step) {
      const ElementRange copy{.first = Lv{static_cast<uint32_t>(random.Below(1'000'000))},
                              .length = static_cast<uint32_t>(random.Between(1, kStride))};
      model.Assign(static_cast<uint32_t>(random.Below(sources)) * kStride, copy);
      const auto element = static_cast<uint32_t>(random.Below(uint64_t{sources} * kStride + 9));
      ASSERT_NO_FATAL_FAILURE(model.CheckAround(element));
      if (step % 100 == 0) ASSERT_NO_FATAL_FAILURE(model.CheckAll());
    }
    ASSERT_NO_FATAL_FAILURE(model.CheckAll());
  });
}

// What undoing a long deletion does, in either direction.
TEST(CopyMapTest, EqualsAMapWhenSourcesAscendOrDescend) {
  for (const uint32_t fanout : {3U, 4U, 32U}) {
    for (const bool ascends : {true, false}) {
      CopyMapModel model(fanout);
      constexpr uint32_t kEntries = 3'000;
      for (uint32_t i = 0; i < kEntries; ++i) {
        const uint32_t number = ascends ? i : kEntries - 1 - i;
        model.Assign(number * kStride + 1, {.first = Lv{i}, .length = kStride});
        ASSERT_NO_FATAL_FAILURE(model.CheckAround(number * kStride));
        ASSERT_NO_FATAL_FAILURE(model.CheckAround(number * kStride + 3));
      }
      ASSERT_NO_FATAL_FAILURE(model.CheckAll());
    }
  }
}

// Only what comes behind everything leaves a full leaf full: else each of these would begin a leaf.
TEST(CopyMapTest, WhatDescendsBehindAFullLeafFillsLeavesByHalf) {
  constexpr uint32_t kGap = 1'000;
  constexpr uint32_t kFanout = CopyMap::kMaxFanout;
  CopyMap map;
  const auto assign = [&map](uint32_t source) {
    map.Assign({.source = Lv{source}, .copy = {.first = Lv{source}, .length = 1}});
  };
  for (uint32_t i = 0; i < 2 * kFanout; ++i) assign(i * kGap);
  for (uint32_t i = kGap - 1; i > 0; --i) assign((kFanout - 1) * kGap + i);
  map.CheckInvariants();
  EXPECT_LE(CopyMapPeer::NodeCount(map), map.size() / (kFanout / 2) + 6);
}

class CopyMapDeathTest : public testing::Test {
 protected:
  CopyMapDeathTest() {
    for (uint32_t i = 1; i < 10; ++i) {
      map_.Assign({.source = Lv{i * kStride}, .copy = {.first = Lv{100 * i}, .length = 2}});
    }
    map_.CheckInvariants();
  }

  CopyMap map_{/*fanout=*/4};
};

TEST_F(CopyMapDeathTest, CheckerSeesEntriesThatOverlap) {
  CopyMapPeer::FirstLeaf(map_).lengths[0] = kStride + 1;
  EXPECT_DEATH(map_.CheckInvariants(), ">= from");
}

TEST_F(CopyMapDeathTest, CheckerSeesALeafThatBeginsBeforeItsEntryAbove) {
  CopyMapPeer::Root(map_).firsts[0] = Lv{kStride + 1};
  EXPECT_DEATH(map_.CheckInvariants(), ">= from");
}

TEST_F(CopyMapDeathTest, CheckerSeesWhatIsLeftInAnUnusedSlot) {
  --CopyMapPeer::FirstLeaf(map_).count;
  EXPECT_DEATH(map_.CheckInvariants(), "kNoLv");
}

}  // namespace
}  // namespace cotext
