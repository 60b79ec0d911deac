// Pages with so many leaves that a table says which, of the index from elements to leaves.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/leaf_index_oracle.h"

namespace cotext {

// Looks at the pages, and breaks them to prove that CheckInvariants looks.
struct LeafIndexPeer {
  static size_t Tables(const LeafIndex& index) { return index.tables_.size(); }
  static void DropTables(LeafIndex& index) { index.tables_.clear(); }
  static void LengthenFirstList(LeafIndex& index) {
    auto& list = index.lists_.front();
    list.push_back({.first = list.back().first + 1, .leaf = list.back().leaf + 1});
  }
  static void ChangeLastLeaf(LeafIndex& index) { index.last_leaf_ = 0; }
};

namespace {

constexpr uint32_t kPage = LeafIndex::kPageElements;
constexpr auto kMax = static_cast<uint32_t>(LeafIndex::kListMax);

class LeafIndexModel : public LeafIndexOracle {
 public:
  size_t Tables() const { return LeafIndexPeer::Tables(index()); }

  // Assigns to each of new elements a leaf of its own.
  void AppendLeaves(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) Assign(size(), 1, size());
  }

  // Assigns to a part of page `page` as far as it has elements, and maybe behind it.
  void AssignInPage(Random& random, uint32_t page, uint32_t longest, uint32_t leaves) {
    const uint32_t front = page * kPage;
    const auto begin =
        static_cast<uint32_t>(random.Between(front, std::min(size(), front + kPage)));
    const auto count = static_cast<uint32_t>(random.Between(1, longest));
    Assign(begin, count, static_cast<uint32_t>(random.Below(leaves)));
  }
};

TEST(LeafIndexTableTest, APageGetsATableWhenItsListIsFull) {
  LeafIndexModel model;
  model.AppendLeaves(kMax);
  EXPECT_EQ(model.Tables(), 0U);
  ASSERT_NO_FATAL_FAILURE(model.Check());
  model.AppendLeaves(1);
  EXPECT_EQ(model.Tables(), 1U);
  ASSERT_NO_FATAL_FAILURE(model.Check());
}

TEST(LeafIndexTableTest, EveryElementInALeafOfItsOwnAfterEachStep) {
  LeafIndexModel model;
  for (uint32_t i = 0; i < 2 * kPage + 3; ++i) {
    model.AppendLeaves(1);
    ASSERT_NO_FATAL_FAILURE(model.Check());
  }
  EXPECT_EQ(model.Tables(), 2U);
}

// A list gets two entries more when one of its entries is split in three.
TEST(LeafIndexTableTest, AListMayFillUpByOneOrByTwo) {
  for (uint32_t entries = kMax - 2; entries <= kMax; ++entries) {
    for (const uint32_t used : {kPage / 2, kPage - 1, kPage, 2 * kPage}) {
      for (const uint32_t count : {1U, used - entries - 2, used - entries - 1}) {
        LeafIndexModel model;
        model.AppendLeaves(entries);
        model.Assign(entries, used - entries, entries - 1);
        ASSERT_NO_FATAL_FAILURE(model.Check());
        model.Assign(entries + 1, count, 1000);
        ASSERT_NO_FATAL_FAILURE(model.Check());
        model.Assign(3, kPage - 5, 1001);
        ASSERT_NO_FATAL_FAILURE(model.Check());
      }
    }
  }
}

TEST(LeafIndexTableTest, EqualsAVectorUnderRandomReassignmentsOfAFewPages) {
  int with_tables = 0;
  ForEachSeed(60, [&with_tables](Random& random) {
    LeafIndexModel model;
    const auto pages = static_cast<uint32_t>(random.Between(1, 3));
    // Ends inside a page, so that a table is made before its page is full.
    model.Assign(0, pages * kPage - static_cast<uint32_t>(random.Below(kPage)), 0);
    const auto leaves = static_cast<uint32_t>(random.Chance(30) ? 3 : 1000);
    for (int step = 0; step < 400 && model.size() <= 4 * kPage; ++step) {
      const auto page = static_cast<uint32_t>(random.Below((model.size() - 1) / kPage + 1));
      const uint32_t longest = random.Chance(95) ? 3 : kPage + 20;
      model.AssignInPage(random, page, longest, leaves);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
    if (model.Tables() > 0) ++with_tables;
  });
  EXPECT_GT(with_tables, 20);
}

// Elements in the leaf of the last one, which is in a table, and in others.
TEST(LeafIndexTableTest, ElementsAreAppendedToAPageWithATable) {
  ForEachSeed(40, [](Random& random) {
    LeafIndexModel model;
    // Behind a page of one leaf, or in the first page.
    model.Assign(0, random.Chance(50) ? kPage : 0, 5000);
    model.AppendLeaves(static_cast<uint32_t>(random.Between(kMax + 1, kPage - 1)));
    while (model.size() < 3 * kPage + 10) {
      const uint32_t last = model.index().At(model.index().end() - 1);
      const uint32_t leaf = random.Chance(60) ? last : static_cast<uint32_t>(random.Below(3));
      model.Assign(model.size(), static_cast<uint32_t>(random.Between(1, 3)), leaf);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

TEST(LeafIndexTableTest, TypingGoesOnWhenThePageGotATableInFrontOfIt) {
  LeafIndexModel model;
  model.Assign(0, 3 * kMax, 7);
  // The page gets its table here, and typing goes on in the leaf of the last element.
  for (uint32_t i = 0; i < kMax; ++i) model.Assign(2 * i, 1, 100 + i);
  EXPECT_EQ(model.Tables(), 1U);
  for (uint32_t i = 3 * kMax; i < kPage + 20; ++i) {
    model.Assign(i, 1, 7);
    ASSERT_NO_FATAL_FAILURE(model.Check());
  }
}

TEST(LeafIndexTableTest, ACopyGoesItsOwnWay) {
  ForEachSeed(20, [](Random& random) {
    LeafIndexModel model;
    model.AppendLeaves(2 * kPage + kMax / 2);
    LeafIndexModel copy = model;
    for (int step = 0; step < 50; ++step) {
      copy.AssignInPage(random, static_cast<uint32_t>(random.Below(3)), 5, 5000);
      ASSERT_NO_FATAL_FAILURE(copy.Check());
      ASSERT_NO_FATAL_FAILURE(model.Check());
      if (random.Chance(10)) copy = model;
      if (random.Chance(10)) model = copy;
    }
  });
}

TEST(LeafIndexTableTest, ATableTakesFourBytesAnElementAndItsListNothing) {
  constexpr uint32_t kPages = 64;
  LeafIndexModel model;
  model.AppendLeaves(kPages * kPage);
  EXPECT_GE(model.index().AllocatedBytes(), 4U * kPages * kPage);
  EXPECT_LE(model.index().AllocatedBytes(), 4U * kPages * kPage + 64 * kPages);
}

TEST(LeafIndexTableDeathTest, CheckerSeesAPageWithoutItsTable) {
  LeafIndex index;
  for (uint32_t i = 0; i < kPage; ++i) index.Assign(Lv{i}, 1, i);
  LeafIndexPeer::DropTables(index);
  EXPECT_DEATH(index.CheckInvariants(), "tables_.size");
}

TEST(LeafIndexTableDeathTest, CheckerSeesAListThatShouldBeATable) {
  LeafIndex index;
  for (uint32_t i = 0; i < kMax; ++i) index.Assign(Lv{i}, 1, i);
  LeafIndexPeer::LengthenFirstList(index);
  EXPECT_DEATH(index.CheckInvariants(), "kListMax");
}

TEST(LeafIndexTableDeathTest, CheckerSeesAWrongLastLeaf) {
  LeafIndex index;
  for (uint32_t i = 0; i < kPage; ++i) index.Assign(Lv{i}, 1, i);
  LeafIndexPeer::ChangeLastLeaf(index);
  EXPECT_DEATH(index.CheckInvariants(), "last_leaf_");
}

}  // namespace
}  // namespace cotext
