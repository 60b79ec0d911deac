// Which leaf of the sequence holds an element: the paged index from Lv to leaf.
//
// A page covers kPageElements consecutive elements. Where one leaf holds them all, the page is that
// leaf's number; otherwise it is a sorted list of the places where the leaf changes. Only a run
// that gets into another leaf changes the index: splitting a run inside its leaf does not.
//
// At is O(log kPageElements); Assign is O(pages touched + entries moved), at most kPageElements
// entries a page. Runs are capped in length (Sequence), which bounds the pages of a leaf's split.
#ifndef COTEXT_CRDT_LEAF_INDEX_H_
#define COTEXT_CRDT_LEAF_INDEX_H_

#include <cstdint>
#include <vector>

#include "crdt/local_index.h"

namespace cotext {

class LeafIndex {
 public:
  static constexpr uint32_t kPageElements = 256;
  // The highest bit of a page tells a leaf from a list, so leaves are numbered below it.
  static constexpr uint32_t kLeafLimit = 1U << 31U;

  // Says that the elements [begin, begin + count) are in `leaf`.
  // REQUIRES: begin <= end(); leaf < kLeafLimit.
  void Assign(Lv begin, uint32_t count, uint32_t leaf);

  // Returns the leaf that holds `at`.
  // REQUIRES: at < end().
  uint32_t At(Lv at) const;

  // Returns the number of elements that were assigned.
  Lv end() const { return end_; }

  uint64_t AllocatedBytes() const;

  void CheckInvariants() const;

 private:
  friend struct LeafIndexPeer;  // Corrupts lists in tests.

  static constexpr uint32_t kListBit = kLeafLimit;

  // From element `first` of the page on, up to the next entry or the end, the leaf is `leaf`.
  struct Entry {
    uint32_t first;
    uint32_t leaf;
  };

  // Handles the part of Assign that falls into one page: elements [begin, end) of it, of which
  // `used` have been assigned before.
  void AssignInPage(uint32_t page, uint32_t begin, uint32_t end, uint32_t used, uint32_t leaf);
  std::vector<Entry>& ListOf(uint32_t page);

  std::vector<uint32_t> pages_;
  std::vector<std::vector<Entry>> lists_;
  Lv end_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_LEAF_INDEX_H_
