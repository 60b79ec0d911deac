// Elements that are here already go to another leaf: LeafIndex::Move.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

constexpr uint32_t kPage = LeafIndex::kPageElements;

// Ranges inside a page, over its edge, and up to the last element, behind which typing goes on.
TEST(LeafIndexMoveTest, EqualsAVectorUnderRandomMoves) {
  ForEachSeed(120, [](Random& random) {
    LeafIndex index;
    std::vector<uint32_t> leaves;
    const auto leaf_count = static_cast<uint32_t>(random.Between(2, 200));
    for (int step = 0; step < 300; ++step) {
      const auto leaf = static_cast<uint32_t>(random.Below(leaf_count));
      const auto size = static_cast<uint32_t>(leaves.size());
      if (size == 0 || random.Chance(40)) {
        const auto count = static_cast<uint32_t>(random.Between(1, random.Chance(10) ? kPage : 4));
        index.Assign(Lv{size}, count, leaf);
        leaves.insert(leaves.end(), count, leaf);
      } else {
        const auto begin = static_cast<uint32_t>(random.Below(size));
        const uint64_t longest = random.Chance(10) ? 2 * kPage : 5;
        const uint32_t count =
            std::min(size - begin, static_cast<uint32_t>(random.Between(1, longest)));
        index.Move(Lv{begin}, count, leaf);
        std::fill_n(leaves.begin() + begin, count, leaf);
      }
      index.CheckInvariants();
      for (uint32_t at = 0; at < leaves.size(); ++at) ASSERT_EQ(index.At(Lv{at}), leaves[at]) << at;
    }
  });
}

}  // namespace
}  // namespace cotext
