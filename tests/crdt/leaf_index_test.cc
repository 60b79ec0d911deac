#include "crdt/leaf_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Breaks an index behind its back, to prove that CheckInvariants looks.
struct LeafIndexPeer {
  static auto& FirstList(LeafIndex& index) { return index.lists_.front(); }
};

namespace {

constexpr uint32_t kPage = LeafIndex::kPageElements;

// The oracle: the leaf of each element.
class LeafIndexModel {
 public:
  const LeafIndex& index() const { return index_; }
  uint32_t size() const { return static_cast<uint32_t>(leaves_.size()); }

  void Assign(uint32_t begin, uint32_t count, uint32_t leaf) {
    index_.Assign(Lv{begin}, count, leaf);
    if (size() < begin + count) leaves_.resize(begin + count);
    std::fill_n(leaves_.begin() + begin, count, leaf);
  }

  void Check() const {
    index_.CheckInvariants();
    ASSERT_EQ(index_.end().value, size());
    for (uint32_t at = 0; at < size(); ++at) ASSERT_EQ(index_.At(Lv{at}), leaves_[at]) << at;
  }

  // Assigns anything, new elements too.
  void AssignAnywhere(Random& random, uint32_t leaves, uint32_t longest) {
    const auto begin = static_cast<uint32_t>(random.Below(size() + 1));
    const auto count = static_cast<uint32_t>(random.Between(1, longest));
    Assign(begin, count, static_cast<uint32_t>(random.Below(leaves)));
  }

  // Assigns right at, before or behind the edge of a page.
  void AssignAtAnEdge(Random& random, uint32_t leaves) {
    const auto near = [&random](uint32_t limit) {
      const auto edge = static_cast<uint32_t>(random.Below(limit / kPage + 1) * kPage);
      const auto shift = static_cast<uint32_t>(random.Below(5));
      return std::min(edge + shift > 2 ? edge + shift - 2 : 0, limit);
    };
    const uint32_t begin = near(size());
    const uint32_t end = near(size() + kPage);
    if (begin >= end) return;
    Assign(begin, end - begin, static_cast<uint32_t>(random.Below(leaves)));
  }

 private:
  LeafIndex index_;
  std::vector<uint32_t> leaves_;
};

TEST(LeafIndexTest, EqualsAVectorUnderRandomAssignments) {
  ForEachSeed(120, [](Random& random) {
    LeafIndexModel model;
    // Few leaves, so that neighbours often are in the same one.
    const auto leaves = static_cast<uint32_t>(random.Between(1, 6));
    const auto longest = static_cast<uint32_t>(random.Chance(50) ? 10 : 2 * kPage);
    for (int step = 0; step < 150; ++step) {
      if (random.Chance(80)) {
        model.AssignAnywhere(random, leaves, longest);
      } else {
        model.AssignAtAnEdge(random, leaves);
      }
      ASSERT_NO_FATAL_FAILURE(model.Check());
      if (model.size() > 6 * kPage) break;
    }
  });
}

// All assignments to a page of which few elements are used, three in a row.
TEST(LeafIndexTest, EveryThreeAssignmentsToTheSameFewElementsAreRight) {
  struct Range {
    uint32_t begin;
    uint32_t count;
  };
  std::vector<Range> ranges;
  for (uint32_t begin = 0; begin < 4; ++begin) {
    for (uint32_t count = 1; begin + count <= 6; ++count) ranges.push_back({begin, count});
  }
  for (const Range& one : ranges) {
    for (const Range& two : ranges) {
      for (const Range& three : ranges) {
        for (const uint32_t leaf : {1U, 3U}) {
          LeafIndexModel model;
          model.Assign(0, 4, 1);
          model.Assign(one.begin, one.count, 2);
          model.Assign(two.begin, two.count, 3);
          model.Assign(three.begin, three.count, leaf);
          ASSERT_NO_FATAL_FAILURE(model.Check());
        }
      }
    }
  }
}

// What the sequence does while one types: new elements in the last leaf, a new leaf now and then.
TEST(LeafIndexTest, TypingTakesAFewBytesPerPage) {
  LeafIndexModel model;
  uint32_t leaf = 0;
  for (uint32_t i = 0; i < 100 * kPage; ++i) {
    if (i % (5 * kPage) == 0) ++leaf;
    model.Assign(i, 1, leaf);
  }
  ASSERT_NO_FATAL_FAILURE(model.Check());
  // 100 pages, and no list among them.
  EXPECT_LE(model.index().AllocatedBytes(), 200 * sizeof(uint32_t));
}

TEST(LeafIndexTest, PagesThatChangeTheirLeafAsAWholeNeedNoList) {
  constexpr uint32_t kElements = 10 * kPage + 100;
  LeafIndexModel model;
  for (uint32_t leaf = 0; leaf < 100; ++leaf) model.Assign(0, kElements, leaf);
  ASSERT_NO_FATAL_FAILURE(model.Check());
  EXPECT_LE(model.index().AllocatedBytes(), 32 * sizeof(uint32_t));
}

// However often it is written to, a page takes an entry for each place where the leaf changes.
TEST(LeafIndexTest, NeighboursInOneLeafShareAnEntry) {
  LeafIndexModel model;
  model.Assign(0, kPage, 0);
  for (uint32_t i = 0; i < 2 * kPage; ++i) {
    const uint32_t at = i < kPage ? i : 2 * kPage - 1 - i;
    for (uint32_t leaf = 10; leaf > 0; --leaf) model.Assign(at, 1, leaf);
    model.Assign(at, 1, 0);
  }
  ASSERT_NO_FATAL_FAILURE(model.Check());
  EXPECT_LE(model.index().AllocatedBytes(), 100U);
}

TEST(LeafIndexTest, EveryElementMayBeInALeafOfItsOwn) {
  LeafIndexModel model;
  model.Assign(0, 3 * kPage, 0);
  // From both ends at once, so that leaves change in front of and behind what has changed.
  for (uint32_t i = 0; i < 3 * kPage / 2; ++i) {
    model.Assign(i, 1, i + 1);
    model.Assign(3 * kPage - 1 - i, 1, 10000 + i);
    if (i % 16 == 0) ASSERT_NO_FATAL_FAILURE(model.Check());
  }
  ASSERT_NO_FATAL_FAILURE(model.Check());
  model.Assign(0, 3 * kPage, LeafIndex::kLeafLimit - 1);
  ASSERT_NO_FATAL_FAILURE(model.Check());
}

TEST(LeafIndexTest, ALeafThatIsSplitAgainAndAgainIsFollowed) {
  ForEachSeed(20, [](Random& random) {
    LeafIndexModel model;
    model.Assign(0, 2 * kPage, 0);
    uint32_t leaves = 1;
    // The later half of some stretch goes to a new leaf, as when a leaf splits.
    for (int step = 0; step < 200; ++step) {
      const auto begin = static_cast<uint32_t>(random.Below(model.size()));
      uint32_t end = begin + 1;
      while (end < model.size() && model.index().At(Lv{end}) == model.index().At(Lv{begin})) ++end;
      model.Assign(begin, end - begin, leaves++);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

TEST(LeafIndexTest, AssigningNothingChangesNothing) {
  LeafIndexModel model;
  model.Assign(0, 0, 7);
  EXPECT_EQ(model.index().end(), Lv{0});
  model.Assign(0, kPage, 1);
  model.Assign(10, 0, 2);
  model.Assign(kPage, 0, 3);
  ASSERT_NO_FATAL_FAILURE(model.Check());
}

// An assignment must not say anything of elements that come later.
TEST(LeafIndexTest, ElementsBehindAnAssignmentAreStillNew) {
  for (uint32_t used = 1; used < 6; ++used) {
    for (uint32_t begin = 0; begin < used; ++begin) {
      LeafIndexModel model;
      model.Assign(0, used, 1);
      model.Assign(begin, used - begin, 2);
      model.Assign(used, 2, 1);
      ASSERT_NO_FATAL_FAILURE(model.Check());
      model.Assign(used + 2, 1, 2);
      model.Assign(begin, used + 4 - begin, 1);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  }
}

class LeafIndexDeathTest : public testing::Test {
 protected:
  LeafIndexDeathTest() {
    index_.Assign(Lv{0}, 10, 1);
    index_.Assign(Lv{3}, 4, 2);
    index_.CheckInvariants();
  }

  LeafIndex index_;
};

TEST_F(LeafIndexDeathTest, CheckerSeesAListThatDoesNotBeginAtTheBeginning) {
  LeafIndexPeer::FirstList(index_)[0].first = 1;
  EXPECT_DEATH(index_.CheckInvariants(), "front");
}

TEST_F(LeafIndexDeathTest, CheckerSeesEntriesOutOfOrder) {
  LeafIndexPeer::FirstList(index_)[1].first = 8;
  EXPECT_DEATH(index_.CheckInvariants(), "first < list");
}

TEST_F(LeafIndexDeathTest, CheckerSeesNeighboursAlike) {
  LeafIndexPeer::FirstList(index_)[1].leaf = 1;
  EXPECT_DEATH(index_.CheckInvariants(), "leaf != list");
}

}  // namespace
}  // namespace cotext
