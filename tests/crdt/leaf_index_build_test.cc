// The index from elements to leaves that is made from places at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/leaf_index_oracle.h"

namespace cotext {

// Looks at how pages are kept.
struct LeafIndexPeer {
  static size_t Tables(const LeafIndex& index) { return index.tables_.size(); }
  static size_t Lists(const LeafIndex& index) {
    return static_cast<size_t>(
        std::ranges::count_if(index.lists_, [](const auto& list) { return !list.empty(); }));
  }
};

namespace {

constexpr uint32_t kPage = LeafIndex::kPageElements;
constexpr auto kMax = static_cast<uint32_t>(LeafIndex::kListMax);

// Places that tile the elements, and the leaf of each element.
class Tiling {
 public:
  Tiling& Add(uint32_t count, uint32_t leaf) {
    places_.push_back({.first = Lv{static_cast<uint32_t>(leaves_.size())}, .leaf = leaf});
    leaves_.insert(leaves_.end(), count, leaf);
    return *this;
  }
  // Adds a place for each element, each with a leaf of its own.
  Tiling& AddSingles(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) Add(1, 1000 + static_cast<uint32_t>(leaves_.size()));
    return *this;
  }

  void Shuffle(Random& random) {
    for (size_t i = places_.size(); i > 1; --i) std::swap(places_[i - 1], places_[random.Below(i)]);
  }

  const std::vector<LeafIndex::Place>& places() const { return places_; }
  const std::vector<uint32_t>& leaves() const { return leaves_; }

 private:
  std::vector<LeafIndex::Place> places_;
  std::vector<uint32_t> leaves_;
};

// The index made from a tiling.
class BuiltIndex : public LeafIndexOracle {
 public:
  explicit BuiltIndex(const Tiling& tiling)
      : LeafIndexOracle(
            LeafIndex(tiling.places(), Lv{static_cast<uint32_t>(tiling.leaves().size())}),
            tiling.leaves()) {}

  size_t Tables() const { return LeafIndexPeer::Tables(index()); }
  size_t Lists() const { return LeafIndexPeer::Lists(index()); }

  // Types a new element in the last leaf or in another, or gives any elements to another leaf.
  void AssignSomething(Random& random, uint32_t leaves) {
    const auto leaf = static_cast<uint32_t>(random.Below(leaves));
    if (size() > 0 && random.Chance(30)) {
      Assign(size(), 1, LastLeaf());
    } else if (random.Chance(30)) {
      Assign(size(), static_cast<uint32_t>(random.Between(1, 5)), leaf);
    } else {
      const auto longest = random.Chance(80) ? 4 : 2 * kPage;
      Assign(static_cast<uint32_t>(random.Below(size() + 1)),
             static_cast<uint32_t>(random.Between(1, longest)), leaf);
    }
  }
};

TEST(LeafIndexBuildTest, OfNoElementsItIsEmpty) {
  BuiltIndex built{Tiling()};
  ASSERT_NO_FATAL_FAILURE(built.Check());
  EXPECT_EQ(built.index().end(), Lv{0});
  built.Assign(0, 3, 4);
  ASSERT_NO_FATAL_FAILURE(built.Check());
}

TEST(LeafIndexBuildTest, OnePlaceMayCoverManyPages) {
  for (const uint32_t length : {1U, kPage - 1, kPage, kPage + 1, 20 * kPage, 20 * kPage + 1}) {
    BuiltIndex built(Tiling().Add(length, 7));
    ASSERT_NO_FATAL_FAILURE(built.Check());
    EXPECT_EQ(built.Lists() + built.Tables(), 0U);
    built.Assign(length, 2, 7);
    built.Assign(length / 2, 1, 8);
    ASSERT_NO_FATAL_FAILURE(built.Check());
  }
}

TEST(LeafIndexBuildTest, PlacesThatEndWithTheirPagesNeedNoLists) {
  BuiltIndex built(Tiling().Add(kPage, 1).Add(3 * kPage, 2).Add(kPage, 3));
  ASSERT_NO_FATAL_FAILURE(built.Check());
  EXPECT_EQ(built.Lists() + built.Tables(), 0U);
}

TEST(LeafIndexBuildTest, NeighboursInOneLeafAreOnePlace) {
  Tiling tiling;
  for (uint32_t i = 0; i < 10 * kPage; ++i) tiling.Add(1, 5);
  Random random(1);
  tiling.Shuffle(random);
  BuiltIndex built(tiling);
  ASSERT_NO_FATAL_FAILURE(built.Check());
  EXPECT_EQ(built.Lists() + built.Tables(), 0U);
}

TEST(LeafIndexBuildTest, APageWithMorePlacesThanAListHoldsIsATable) {
  for (const uint32_t singles : {kMax - 1, kMax, kMax + 1, kPage}) {
    // In a page that is not full, a full one, and one with others before and behind.
    Tiling alone;
    alone.AddSingles(singles);
    Tiling between;
    between.Add(kPage, 1).AddSingles(singles).Add(2 * kPage, between.leaves().back());
    for (const Tiling& tiling : {alone, between}) {
      BuiltIndex built(tiling);
      ASSERT_NO_FATAL_FAILURE(built.Check());
      EXPECT_EQ(built.Tables(), singles > kMax ? 1U : 0U) << singles;
      EXPECT_EQ(built.Lists(), singles > kMax ? 0U : 1U) << singles;
    }
  }
}

// The last page is a table with room, a list or one leaf.
TEST(LeafIndexBuildTest, TypingGoesOnBehindWhatWasBuilt) {
  for (const uint32_t singles : {0U, 1U, kMax, kMax + 1, kPage - 2}) {
    for (const uint32_t first : {1U, kPage - 1, kPage}) {
      Tiling tiling;
      tiling.Add(first, 3).AddSingles(singles);
      const uint32_t last = tiling.leaves().back();
      BuiltIndex built(tiling);
      for (uint32_t i = 0; i < kPage + 10; ++i) {
        built.Assign(built.size(), 1, i < 5 || i > 20 ? last : 77);
        if (i < 30 || i % 32 == 0) ASSERT_NO_FATAL_FAILURE(built.Check());
      }
      ASSERT_NO_FATAL_FAILURE(built.Check());
    }
  }
}

TEST(LeafIndexBuildTest, EqualsAVectorForRandomTilingsAndAssignmentsAfterwards) {
  size_t tables = 0;
  size_t lists = 0;
  ForEachSeed(300, [&](Random& random) {
    Tiling tiling;
    const auto leaves = static_cast<uint32_t>(random.Chance(40) ? random.Between(1, 4) : 2000);
    const uint64_t end = random.Below(uint64_t{8} * kPage);
    while (tiling.leaves().size() < end) {
      // Stretches of short places fill lists and tables.
      const uint64_t longest = random.Chance(50) ? 3 : random.Chance(70) ? 40 : 3 * kPage;
      for (uint64_t places = random.Between(1, longest == 3 ? 250 : 60); places > 0; --places) {
        tiling.Add(static_cast<uint32_t>(random.Between(1, longest)),
                   static_cast<uint32_t>(random.Below(leaves)));
        if (longest > 40) break;
      }
    }
    if (random.Chance(90)) tiling.Shuffle(random);
    BuiltIndex built(tiling);
    ASSERT_NO_FATAL_FAILURE(built.Check());
    tables += built.Tables();
    lists += built.Lists();
    for (int step = 0; step < 25; ++step) {
      built.AssignSomething(random, leaves);
      ASSERT_NO_FATAL_FAILURE(built.Check());
    }
  });
  EXPECT_GT(tables, 100U);
  EXPECT_GT(lists, 100U);
}

}  // namespace
}  // namespace cotext
