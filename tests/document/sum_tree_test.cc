#include "document/sum_tree.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "document/random.h"

namespace cotext {

// Breaks a tree behind its back, to prove that CheckInvariants looks.
struct SumTreePeer {
  template <typename Tree>
  static void CorruptSum(Tree& tree) {
    tree.nodes_[tree.root_].sums[0][0] += 1;
  }
  template <typename Tree>
  static void CorruptLink(Tree& tree) {
    tree.links_[tree.First()].slot += 1;
  }
  template <typename Tree>
  static void CorruptKey(Tree& tree) {
    tree.nodes_[tree.root_].keys[0] += 1;
  }
  template <typename Tree>
  static int Height(const Tree& tree) {
    return tree.height_;
  }
};

namespace {

using Tree = SumTree<2, uint64_t>;

// The oracle: a vector of leaves with their sums and keys.
class SumTreeModel {
 public:
  explicit SumTreeModel(uint32_t fanout) : tree_(fanout) {}

  // Begins with so many leaves at once.
  SumTreeModel(uint32_t fanout, uint32_t leaves, Random& random) : tree_(fanout) {
    std::vector<Tree::Sums> sums;
    std::vector<uint64_t> keys;
    for (; next_leaf_ < leaves; ++next_leaf_) {
      Entry& entry = leaves_.emplace_back();
      entry.leaf = next_leaf_;
      entry.sums = {static_cast<uint32_t>(random.Below(9)), static_cast<uint32_t>(random.Below(9))};
      entry.key = random.Below(1000);
      sums.push_back(entry.sums);
      keys.push_back(entry.key);
    }
    tree_.Build(sums, keys);
  }

  void Step(Random& random, uint64_t insert_percent) {
    if (leaves_.empty()) {
      Insert(0, random.Below(1000));
    } else if (random.Chance(insert_percent)) {
      Insert(1 + random.Below(leaves_.size()), random.Below(1000));
    } else if (random.Chance(50)) {
      Remove(random.Below(leaves_.size()));
    } else {
      Change(random.Below(leaves_.size()), random);
    }
  }

  void Check(Random& random) const {
    tree_.CheckInvariants();
    uint64_t first = 0;
    uint64_t both = 0;
    Tree::Leaf walked = tree_.First();
    for (const Entry& entry : leaves_) {
      ASSERT_EQ(walked, entry.leaf);
      ASSERT_EQ(tree_.Before(entry.leaf)[0], first);
      ASSERT_EQ(tree_.SumsOf(entry.leaf), entry.sums);
      ASSERT_EQ(tree_.KeyOf(entry.leaf), entry.key);
      first += entry.sums[0];
      both += entry.sums[0] + entry.sums[1];
      walked = tree_.Next(entry.leaf);
      if (walked != Tree::kNone) ASSERT_EQ(tree_.Previous(walked), entry.leaf);
    }
    ASSERT_EQ(walked, Tree::kNone);
    ASSERT_EQ(tree_.Total()[0], first);
    CheckSearches(random, both);
  }

  Tree& tree() { return tree_; }
  size_t size() const { return leaves_.size(); }

 private:
  struct Entry {
    Tree::Leaf leaf;
    Tree::Sums sums;
    uint64_t key;
  };

  void Insert(size_t at, uint64_t key) {
    const Tree::Leaf fresh = next_leaf_++;
    if (at == 0) {
      tree_.InsertFirst(fresh, key);
    } else {
      tree_.InsertAfter(leaves_[at - 1].leaf, fresh, key);
    }
    leaves_.insert(leaves_.begin() + static_cast<ptrdiff_t>(at),
                   Entry{.leaf = fresh, .sums = {}, .key = key});
  }

  void Remove(size_t at) {
    tree_.Remove(leaves_[at].leaf);
    leaves_.erase(leaves_.begin() + static_cast<ptrdiff_t>(at));
  }

  void Change(size_t at, Random& random) {
    Entry& entry = leaves_[at];
    const auto grow = static_cast<int64_t>(random.Below(20));
    const int64_t shrink = -static_cast<int64_t>(random.Below(entry.sums[1] + 1));
    tree_.Add(entry.leaf, {grow, shrink});
    tree_.AddTo(0, entry.leaf, 1);
    entry.sums[0] += static_cast<uint32_t>(grow + 1);
    entry.sums[1] += static_cast<uint32_t>(shrink);
    tree_.AddTo(1, entry.leaf, 3);
    entry.sums[1] += 3;
    entry.key = random.Below(1000);
    tree_.SetKey(entry.leaf, entry.key);
  }

  void CheckSearches(Random& random, uint64_t both) const {
    if (both > 0) {
      uint64_t target = random.Below(both);
      const Tree::Found found =
          tree_.Find(target, [](const Tree::Sums& sums) { return uint64_t{sums[0]} + sums[1]; });
      size_t at = 0;
      for (; target >= leaves_[at].sums[0] + leaves_[at].sums[1]; ++at) {
        target -= leaves_[at].sums[0] + leaves_[at].sums[1];
      }
      ASSERT_EQ(found.leaf, leaves_[at].leaf);
      ASSERT_EQ(found.offset, target);
    }
    if (leaves_.empty()) return;
    const size_t one = random.Below(leaves_.size());
    const size_t other = random.Below(leaves_.size());
    ASSERT_EQ(tree_.Precedes(leaves_[one].leaf, leaves_[other].leaf), one < other);
    const size_t from = random.Below(leaves_.size());
    const uint64_t bound = random.Below(200);
    size_t at = from + 1;
    while (at < leaves_.size() && leaves_[at].key >= bound) ++at;
    ASSERT_EQ(tree_.FirstBelow(leaves_[from].leaf, bound),
              at < leaves_.size() ? leaves_[at].leaf : Tree::kNone);
  }

  Tree tree_;
  std::vector<Entry> leaves_;
  Tree::Leaf next_leaf_ = 0;
};

TEST(SumTreeTest, EqualsAVectorUnderRandomEditsAtEveryFanout) {
  for (const uint32_t fanout : {2U, 3U, 4U, 7U, 32U}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "fanout " << fanout << " seed " << seed);
      Random random(seed);
      SumTreeModel model(fanout);
      // Grows, then shrinks to nothing, then grows again.
      for (int step = 0; step < 600; ++step) {
        model.Step(random, step / 200 == 1 ? 5 : 70);
        ASSERT_NO_FATAL_FAILURE(model.Check(random));
      }
    }
  }
}

TEST(SumTreeTest, ABuiltTreeEqualsAVectorToo) {
  for (const uint32_t fanout : {2U, 3U, 7U, 32U}) {
    for (const uint32_t leaves : {0U, 1U, fanout - 1, fanout, fanout + 1, fanout * fanout,
                                  fanout * fanout + 1, 3 * fanout * fanout + 5}) {
      SCOPED_TRACE(testing::Message() << "fanout " << fanout << ", " << leaves << " leaves");
      Random random(leaves + 1);
      SumTreeModel model(fanout, leaves, random);
      ASSERT_NO_FATAL_FAILURE(model.Check(random));
      for (int step = 0; step < 20; ++step) {
        model.Step(random, 50);
        ASSERT_NO_FATAL_FAILURE(model.Check(random));
      }
    }
  }
}

TEST(SumTreeTest, AppendingFillsNodes) {
  SumTree<1> tree;
  tree.InsertFirst(0);
  constexpr uint32_t kLeaves = 32 * 32 * 32;
  for (uint32_t leaf = 1; leaf < kLeaves; ++leaf) tree.InsertAfter(leaf - 1, leaf);
  EXPECT_EQ(SumTreePeer::Height(tree), 3);
  tree.CheckInvariants();
}

TEST(SumTreeTest, SumsAreAsWideAsTheirType) {
  constexpr int64_t kWide = int64_t{1} << 40U;
  SumTree<1, NoKey, uint64_t> tree(2);
  tree.InsertFirst(0);
  for (uint32_t leaf = 1; leaf < 10; ++leaf) tree.InsertAfter(leaf - 1, leaf);
  for (uint32_t leaf = 0; leaf < 10; ++leaf) tree.Add(leaf, {kWide});
  tree.AddTo(0, 3, -kWide / 2);
  tree.CheckInvariants();
  EXPECT_EQ(tree.Total()[0], uint64_t{19} * kWide / 2);
  EXPECT_EQ(tree.Before(4)[0], uint64_t{7} * kWide / 2);
  const auto found = tree.Find(tree.Before(7)[0] + 5, [](const auto& sums) { return sums[0]; });
  EXPECT_EQ(found.leaf, 7U);
  EXPECT_EQ(found.offset, 5U);
}

TEST(SumTreeTest, RemovingAllButOneLeafMakesTheTreeFlat) {
  SumTree<1> tree(4);
  tree.InsertFirst(0);
  for (uint32_t leaf = 1; leaf < 1000; ++leaf) tree.InsertAfter(0, leaf);
  for (uint32_t leaf = 1; leaf < 1000; ++leaf) tree.Remove(leaf);
  EXPECT_EQ(SumTreePeer::Height(tree), 1);
  EXPECT_EQ(tree.First(), 0U);
  tree.Remove(0);
  EXPECT_TRUE(tree.empty());
}

class SumTreeDeathTest : public testing::Test {
 protected:
  SumTreeDeathTest() : tree_(2) {
    tree_.InsertFirst(0, 5);
    for (uint32_t leaf = 1; leaf < 10; ++leaf) tree_.InsertAfter(leaf - 1, leaf, 5 + leaf);
    tree_.CheckInvariants();
  }
  Tree tree_;
};

TEST_F(SumTreeDeathTest, CheckerSeesAWrongSum) {
  SumTreePeer::CorruptSum(tree_);
  EXPECT_DEATH(tree_.CheckInvariants(), "Total");
}

TEST_F(SumTreeDeathTest, CheckerSeesAWrongLink) {
  SumTreePeer::CorruptLink(tree_);
  EXPECT_DEATH(tree_.CheckInvariants(), "link");
}

TEST_F(SumTreeDeathTest, CheckerSeesAWrongKey) {
  SumTreePeer::CorruptKey(tree_);
  EXPECT_DEATH(tree_.CheckInvariants(), "Least");
}

}  // namespace
}  // namespace cotext
