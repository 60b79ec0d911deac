#include "crdt/codec/neighbour_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

constexpr uint32_t kRoot = NeighbourList::kRootPlace;
constexpr uint32_t kNowhere = NeighbourList::kNowhere;

// While everything is inserted behind what is in the list, and only what is in it is deleted, the
// list is the text.
TEST(NeighbourListTest, IsTheTextOfOneWriter) {
  ForEachSeed(200, [](Random& random) {
    constexpr uint32_t kElements = 120;
    NeighbourList list(/*kept=*/true, kElements);
    std::vector<uint32_t> model;  // Elements in order.
    uint32_t next = 0;
    while (next < kElements) {
      if (random.Chance(60) || model.empty()) {
        const auto length =
            static_cast<uint32_t>(random.Between(1, std::min(8U, kElements - next)));
        const size_t at = random.Below(model.size() + 1);
        list.Insert(at == 0 ? kRoot : NeighbourList::PlaceOf(model[at - 1]), length);
        for (uint32_t i = 0; i < length; ++i) {
          model.insert(model.begin() + static_cast<ptrdiff_t>(at + i), next++);
        }
      } else {
        const size_t at = random.Below(model.size());
        const uint32_t run = list.RunFrom(model[at], kElements - model[at]);
        ASSERT_GT(run, 0U);
        const auto length = static_cast<uint32_t>(random.Between(1, run));
        const uint32_t before = list.Erase(model[at], length);
        ASSERT_EQ(before, at == 0 ? kRoot : NeighbourList::PlaceOf(model[at - 1]));
        for (uint32_t i = 0; i < length; ++i) ASSERT_TRUE(list.IsDeleted(model[at + i]));
        model.erase(model.begin() + static_cast<ptrdiff_t>(at),
                    model.begin() + static_cast<ptrdiff_t>(at + length));
      }
      uint32_t place = kRoot;
      ASSERT_EQ(list.Previous(kRoot), kNowhere);
      for (const uint32_t element : model) {
        ASSERT_FALSE(list.IsDeleted(element));
        ASSERT_EQ(list.Next(place), NeighbourList::PlaceOf(element));
        ASSERT_EQ(list.Previous(NeighbourList::PlaceOf(element)), place);
        place = NeighbourList::PlaceOf(element);
      }
      ASSERT_EQ(list.Next(place), kNowhere);
    }
  });
}

TEST(NeighbourListTest, WhatIsInsertedBehindAnElementFromElsewhereStandsAlone) {
  NeighbourList list(/*kept=*/true, 4);
  list.Insert(kRoot, 2);
  list.Insert(kNowhere, 2);
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(1)), kNowhere);
  EXPECT_EQ(list.Previous(NeighbourList::PlaceOf(2)), kNowhere);
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(2)), NeighbourList::PlaceOf(3));
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(3)), kNowhere);
}

TEST(NeighbourListTest, RunsEndAtWhatWasDeletedAndAtWhatWasPutInBetween) {
  NeighbourList list(/*kept=*/true, 7);
  list.Insert(kRoot, 6);
  EXPECT_EQ(list.RunFrom(0, 6), 6U);
  EXPECT_EQ(list.RunFrom(0, 4), 4U);
  EXPECT_EQ(list.RunFrom(0, 0), 0U);
  list.Insert(NeighbourList::PlaceOf(1), 1);
  EXPECT_EQ(list.RunFrom(0, 6), 2U);
  EXPECT_EQ(list.RunFrom(2, 4), 4U);
  list.Erase(4, 1);
  EXPECT_EQ(list.RunFrom(2, 4), 2U);
  EXPECT_EQ(list.RunFrom(4, 2), 0U);
}

TEST(NeighbourListTest, WithoutAListNeighboursAreNumberedNextToEachOther) {
  NeighbourList list(/*kept=*/false, 3);
  EXPECT_EQ(list.Next(kRoot), kNowhere);
  list.Insert(kRoot, 3);
  EXPECT_EQ(list.Next(kRoot), NeighbourList::PlaceOf(0));
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(1)), NeighbourList::PlaceOf(2));
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(2)), kNowhere);
  EXPECT_EQ(list.Previous(NeighbourList::PlaceOf(0)), kRoot);
  EXPECT_EQ(list.Previous(kRoot), kNowhere);
  EXPECT_EQ(list.Erase(1, 1), NeighbourList::PlaceOf(0));
  EXPECT_EQ(list.Next(NeighbourList::PlaceOf(0)), NeighbourList::PlaceOf(1));
}

}  // namespace
}  // namespace cotext
