// From ranges of elements to the ranges that they were copied to: a B+-tree.
//
// A document may have a copy for every character that was ever deleted, at random places. A
// std::map takes a node and a cache miss for each bit of their number; here a level is one node.
//
// Invariants: (1) the sources of one entry end at or before the next one's; (2) a node holds 1 to
// `fanout` entries, ascending; (3) an inner node's entry begins at or before all below it, and
// behind all below the one before it. Unused firsts are kNoLv.
//
// With n entries: Assign and look-ups O(log n); a walk O(n). Memory: 12 to 25 bytes an entry and
// the slack of a vector, nothing without any.
#ifndef COTEXT_CRDT_COPY_MAP_H_
#define COTEXT_CRDT_COPY_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/local_index.h"

namespace cotext {

class CopyMap {
 public:
  // As wide as a search in a node is worth, which looks at all of it without a branch.
  static constexpr uint32_t kMaxFanout = 32;

  // The elements from `source` on came back as `copy`, one for one.
  struct Entry {
    Lv source;
    ElementRange copy;
  };

  // Small fan-outs are for tests. REQUIRES: 3 <= fanout <= kMaxFanout.
  explicit CopyMap(uint32_t fanout = kMaxFanout);

  size_t size() const { return size_; }

  // Adds an entry, in place of one with the same source.
  // REQUIRES: its elements have no copy but that one.
  void Assign(const Entry& entry);

  // Returns the last entry that begins at or before `element`, if there is one.
  std::optional<Entry> LastUpTo(Lv element) const;

  // Returns the first source of an entry behind `element`, kNoLv if there is none.
  Lv FirstBehind(Lv element) const;

  // Walks the entries in ascending order.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    if (size_ == 0) return;
    uint32_t at = root_;
    for (int height = height_; height > 0; --height) at = nodes_[at].below[0];
    for (; at != kNone; at = nodes_[at].next) {
      for (uint32_t i = 0; i < nodes_[at].count; ++i) visit(nodes_[at].At(i));
    }
  }

  void CheckInvariants() const;

 private:
  friend struct CopyMapPeer;  // Corrupts nodes in tests.

  static constexpr uint32_t kNone = ~0U;

  struct Node {
    Node() { firsts.fill(kNoLv); }

    uint32_t count = 0;
    uint32_t next = kNone;  // The one behind it on its level.
    std::array<Lv, kMaxFanout> firsts;
    std::array<uint32_t, kMaxFanout> below{};    // Where copies begin; of an inner node, nodes.
    std::array<uint32_t, kMaxFanout> lengths{};  // Of copies.

    Entry At(uint32_t i) const {
      return Entry{.source = firsts[i], .copy = {.first = Lv{below[i]}, .length = lengths[i]}};
    }
    void Set(uint32_t i, const Entry& entry) {
      firsts[i] = entry.source;
      below[i] = entry.copy.first.value;
      lengths[i] = entry.copy.length;
    }
    // Returns how many entries begin at or before `element`.
    uint32_t CountUpTo(Lv element) const {
      uint32_t up_to = 0;
      for (uint32_t i = 0; i < kMaxFanout; ++i) up_to += firsts[i] <= element ? 1 : 0;
      return up_to;
    }
  };

  uint32_t LeafFor(Lv element) const;
  uint32_t AssignBelow(uint32_t node, int height, const Entry& entry);
  uint32_t Put(uint32_t node, uint32_t slot, const Entry& entry);
  uint32_t SplitOff(uint32_t node, uint32_t kept);
  // Checks what is below a node and is to begin at or behind `from`; returns where it ends.
  Lv CheckNode(uint32_t node, int height, Lv from) const;

  std::vector<Node> nodes_;
  uint32_t root_ = 0;
  int height_ = 0;  // Of the root: 0 if it is a leaf.
  uint32_t fanout_;
  size_t size_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_COPY_MAP_H_
