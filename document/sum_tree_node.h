// A node of a SumTree: its children, and their sums and keys in columns, so that a search reads
// only what it compares.
//
// Invariants: the sums in unused slots are zero. Thread-compatible.
#ifndef COTEXT_DOCUMENT_SUM_TREE_NODE_H_
#define COTEXT_DOCUMENT_SUM_TREE_NODE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "document/prefix_search.h"

namespace cotext {

// The key of a tree that keeps none.
struct NoKey {
  friend constexpr bool operator==(NoKey, NoKey) = default;
  friend constexpr bool operator<(NoKey, NoKey) { return false; }
};

// Where a child hangs.
struct SumTreeLink {
  static constexpr uint32_t kNone = ~0U;

  uint32_t parent = kNone;
  uint32_t slot = 0;
};

template <size_t kDimensions, typename Key, typename Number>
struct SumTreeNode {
  static constexpr bool kHasKey = !std::is_same_v<Key, NoKey>;
  using Sums = std::array<Number, kDimensions>;

  SumTreeLink link;
  uint32_t count = 0;
  std::array<uint32_t, kPrefixSearchMax> children{};
  std::array<std::array<Number, kPrefixSearchMax>, kDimensions> sums{};
  std::array<Key, kPrefixSearchMax> keys{};

  Sums SumsAt(uint32_t slot) const {
    Sums at;
    for (size_t d = 0; d < kDimensions; ++d) at[d] = sums[d][slot];
    return at;
  }
  Sums Total() const {
    Sums total{};
    for (size_t d = 0; d < kDimensions; ++d) {
      for (uint32_t i = 0; i < count; ++i) total[d] += sums[d][i];
    }
    return total;
  }
  Key Least() const { return *std::min_element(keys.data(), keys.data() + count); }

  // Returns the first slot in [begin, end) with a weight, `end` if none has any.
  template <typename Weight>
  uint32_t FirstWeighted(uint32_t begin, uint32_t end, Weight weight) const {
    while (begin < end && weight(SumsAt(begin)) == 0) ++begin;
    return begin;
  }

  // Makes slot `slot` that of a child.
  void SetChild(uint32_t slot, uint32_t child, const Sums& its_sums, const Key& key) {
    children[slot] = child;
    for (size_t d = 0; d < kDimensions; ++d) sums[d][slot] = its_sums[d];
    keys[slot] = key;
  }

  // Copies child `from` of `source` to slot `to` of this node.
  void CopyChild(uint32_t to, const SumTreeNode& source, uint32_t from) {
    children[to] = source.children[from];
    for (size_t d = 0; d < kDimensions; ++d) sums[d][to] = source.sums[d][from];
    if constexpr (kHasKey) keys[to] = source.keys[from];
  }

  // Gives up the slots from `first` on.
  void Truncate(uint32_t first) {
    for (size_t d = 0; d < kDimensions; ++d) {
      std::fill(sums[d].data() + first, sums[d].data() + count, Number{0});
    }
    count = first;
  }
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SUM_TREE_NODE_H_
