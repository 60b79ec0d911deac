// Searches that ask about leaves, and the order of leaves as numbers.
#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "document/random.h"
#include "document/sum_tree.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Tree = SumTree<2>;

uint64_t FirstSum(const Tree::Sums& sums) { return sums[0]; }

// A tree that grew at random places, its leaves in order.
struct Grown {
  Grown(Random& random, uint32_t fanout, uint32_t count, uint64_t weighted_percent) : tree(fanout) {
    tree.InsertFirst(0);
    leaves.push_back(0);
    for (uint32_t leaf = 1; leaf < count; ++leaf) {
      const size_t left = random.Below(leaves.size());
      tree.InsertAfter(leaves[left], leaf);
      leaves.insert(leaves.begin() + static_cast<ptrdiff_t>(left) + 1, leaf);
    }
    for (const Tree::Leaf leaf : leaves) {
      tree.AddTo(1, leaf, 1);
      if (random.Chance(weighted_percent)) tree.AddTo(0, leaf, 1);
    }
  }

  Tree tree;
  std::vector<Tree::Leaf> leaves;
};

constexpr uint32_t kFanouts[] = {2, 3, 4, 7, 32};

TEST(SumTreeSearchTest, NumbersAscendAlongTheLeaves) {
  ForEachSeed(100, [](Random& random) {
    const Grown grown(random, kFanouts[random.Below(std::size(kFanouts))],
                      static_cast<uint32_t>(random.Between(1, 400)), 50);
    for (size_t i = 1; i < grown.leaves.size(); ++i) {
      ASSERT_LT(grown.tree.OrderOf(grown.leaves[i - 1]), grown.tree.OrderOf(grown.leaves[i]));
    }
  });
}

TEST(SumTreeSearchTest, FindsTheLastLeafWithAWeightThatIsBefore) {
  ForEachSeed(300, [](Random& random) {
    const uint32_t fanout = kFanouts[random.Below(std::size(kFanouts))];
    constexpr uint64_t kPercents[] = {0, 3, 50, 100};
    const Grown grown(random, fanout, static_cast<uint32_t>(random.Between(1, 400)),
                      kPercents[random.Below(std::size(kPercents))]);
    const size_t border = random.Below(grown.leaves.size() + 1);
    std::vector<bool> before(grown.leaves.size());
    Tree::Leaf expected = Tree::kNone;
    for (size_t i = 0; i < border; ++i) {
      before[grown.leaves[i]] = true;
      if (grown.tree.SumsOf(grown.leaves[i])[0] > 0) expected = grown.leaves[i];
    }
    int asked = 0;
    const Tree::Leaf found = grown.tree.LastBefore(FirstSum, [&](Tree::Leaf leaf) {
      EXPECT_GT(grown.tree.SumsOf(leaf)[0], 0U);
      ++asked;
      return static_cast<bool>(before[leaf]);
    });
    ASSERT_EQ(found, expected);
    // A search by halves in each node; narrow nodes may be three times as many levels as full ones.
    ASSERT_LE(asked, 3 * std::bit_width(grown.leaves.size()) + 6);
  });
}

// Where whoever is asked contradicts himself, what is found is still one that is before, and the
// next one with a weight is not.
TEST(SumTreeSearchTest, FindsABorderWhateverIsAnswered) {
  ForEachSeed(300, [](Random& random) {
    const Grown grown(random, kFanouts[random.Below(std::size(kFanouts))],
                      static_cast<uint32_t>(random.Between(1, 300)), random.Between(5, 100));
    std::vector<bool> before(grown.leaves.size());
    for (size_t i = 0; i < before.size(); ++i) before[i] = random.Chance(60);
    const Tree::Leaf found = grown.tree.LastBefore(
        FirstSum, [&](Tree::Leaf leaf) { return static_cast<bool>(before[leaf]); });
    Tree::Leaf next = found == Tree::kNone ? grown.tree.First() : grown.tree.Next(found);
    while (next != Tree::kNone && grown.tree.SumsOf(next)[0] == 0) next = grown.tree.Next(next);
    if (found != Tree::kNone) {
      ASSERT_TRUE(before[found]);
      ASSERT_GT(grown.tree.SumsOf(found)[0], 0U);
    }
    if (next != Tree::kNone) ASSERT_FALSE(before[next]);
  });
}

}  // namespace
}  // namespace cotext
