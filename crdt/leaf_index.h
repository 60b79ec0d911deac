// Which leaf of the sequence holds an element: the paged index from Lv to leaf.
//
// A page covers kPageElements consecutive elements. Where one leaf holds them all, the page is that
// leaf's number; where few do, a sorted list of the places where the leaf changes; where many do, a
// table of them all. Only a run that gets into another leaf changes the index: splitting a run
// inside its leaf does not.
//
// At is O(log kListMax); Assign is O(pages touched + entries moved), at most kListMax entries a
// page. Runs are capped in length (Sequence), which bounds the pages of a leaf's split. Memory: 4
// bytes a page of one leaf, 8 an entry, 4 an element in a table.
#ifndef COTEXT_CRDT_LEAF_INDEX_H_
#define COTEXT_CRDT_LEAF_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/local_index.h"

namespace cotext {

class LeafIndex {
 public:
  static constexpr uint32_t kPageElements = 256;
  // The two highest bits of a page tell a leaf from a list or a table; leaves are numbered below.
  static constexpr uint32_t kLeafLimit = 1U << 30U;
  // A table is as large as a list of half as many entries as a page has elements; half of that is
  // where moving entries begins to cost more than room.
  static constexpr size_t kListMax = kPageElements / 4;

  // A range of elements that are in one leaf; it ends where the next one begins.
  struct Place {
    Lv first;
    uint32_t leaf;
  };

  LeafIndex() = default;

  // Makes the index of the elements [0, end), which the places tile, in any order.
  // O(places + pages).
  LeafIndex(std::span<const Place> places, Lv end);

  // Says that the elements [begin, begin + count) are in `leaf`.
  // REQUIRES: begin <= end(); leaf < kLeafLimit.
  [[gnu::always_inline]] inline void Assign(Lv begin, uint32_t count, uint32_t leaf) {
    // Typing: new elements in the page and the leaf of the one before them.
    const uint32_t used = begin.value % kPageElements;
    if (begin == end_ && used != 0 && count <= kPageElements - used && leaf == last_leaf_) {
      end_ = end_ + count;
    } else {
      AssignByPages(begin, count, leaf);
    }
  }

  // Says the same of elements that are here already: what splitting a leaf does for each of its
  // runs, nearly all of which are in one page.
  // REQUIRES: begin + count <= end().
  void Move(Lv begin, uint32_t count, uint32_t leaf) {
    const uint32_t page = begin.value / kPageElements;
    const uint32_t first = begin.value % kPageElements;
    // The last page is the one that is added to.
    if (count <= kPageElements - first && page + 1 < pages_.size()) {
      AssignInPage(page, first, first + count, kPageElements, leaf);
    } else {
      AssignByPages(begin, count, leaf);
    }
  }

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
  static constexpr uint32_t kTableBit = kLeafLimit << 1U;
  static constexpr uint32_t kNoLeaf = ~0U;
  static constexpr uint32_t kNumberMask = kLeafLimit - 1;

  // From element `first` of the page on, up to the next entry or the end, the leaf is `leaf`.
  struct Entry {
    uint32_t first;
    uint32_t leaf;
  };

  using List = std::vector<Entry>;
  using Table = std::array<uint32_t, kPageElements>;
  // Recorded editing has nine entries in a page with a list.
  static constexpr size_t kFirstEntries = 4;

  // Handles new elements, all in the page of the one before them, which has no table.
  void AssignBehind(uint32_t used, uint32_t count, uint32_t leaf);
  void AssignByPages(Lv begin, uint32_t count, uint32_t leaf);
  // Handles the part of Assign that falls into one page: elements [begin, end) of it, of which
  // `used` have been assigned before.
  void AssignInPage(uint32_t page, uint32_t begin, uint32_t end, uint32_t used, uint32_t leaf);
  static void AssignInEntry(List& list, size_t index, uint32_t begin, uint32_t end,
                            uint32_t entry_end, uint32_t leaf);
  static void AssignEntries(List& list, uint32_t begin, uint32_t end, uint32_t used, uint32_t leaf);
  List& ListOf(uint32_t page);
  void AddPages(std::span<const uint64_t> begins, std::span<const uint32_t> leaves);
  void AddPage(std::span<const Entry> changes, uint32_t used);
  static void CheckList(const List& list);
  void MakeTable(uint32_t page, uint32_t used);

  std::vector<uint32_t> pages_;
  std::vector<List> lists_;   // Empty where a page got a table.
  std::deque<Table> tables_;  // Filled as far as elements were assigned.
  Lv end_;
  uint32_t last_leaf_ = kNoLeaf;  // Of the last element; kNoLeaf if it is in a table.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_LEAF_INDEX_H_
