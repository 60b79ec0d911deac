// The elements of a document in document order, deleted ones included: the RGA's list.
//
// Order (Roh et al., "Replicated abstract data types", 2011): the pre-order walk of the tree whose
// parent is an element's origin, siblings in descending id order. Ids grow along origins, hence the
// flat rule that is implemented: start right behind the origin, skip every element with a greater
// id, insert there. The skipped are whole subtrees of greater siblings; the first that is not
// greater is a lesser sibling, or a sibling of an ancestor, and so stands behind everything to be
// skipped. Corollary: an element's origin is the nearest element to its left with a smaller id.
//
// Layout. A *run* is a stretch of neighbours with consecutive Lvs, each the origin of the next, all
// deleted or none: so its ids ascend and its first is its least. Runs stand in leaves, leaves under
// a SumTree that keeps each leaf's visible size in all units and its least id. Skipping is a search
// for the next smaller id: O(log n) however many siblings there are. A LeafIndex leads from an
// element to its leaf.
//
// Invariants: (1) every element is in exactly one run, at most max_run long; (2) a leaf's sums and
// least id are those of its runs; (3) the index names each element's leaf; (4) ids ascend in a run.
//
// With n runs: everything is O(log n + leaf_runs) plus the elements it returns; edits near the last
// local edit skip the search. Memory: 8 bytes a run at half to full leaves. Positions count visible
// elements (code points).
#ifndef COTEXT_CRDT_SEQUENCE_H_
#define COTEXT_CRDT_SEQUENCE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/offset.h"
#include "document/sum_tree.h"
#include "document/text_conversion.h"

namespace cotext {

// Sizes of the structure. The defaults are for speed, tiny ones for tests.
struct SequenceOptions {
  uint32_t leaf_runs = 32;  // 4 to 32.
  uint32_t fanout = 32;     // 2 to 32.
  // Bounds the index pages that a leaf's split touches, to leaf_runs / 2 * max_run / page size.
  uint32_t max_run = 4096;
};

class Sequence {
 public:
  static constexpr uint32_t kMaxLeafRuns = 32;

  struct Run {
    Lv first;
    uint32_t length;
    bool deleted;
    friend bool operator==(const Run&, const Run&) = default;
  };

  // A place between two elements: behind `offset` elements of a run.
  struct Gap {
    uint32_t leaf;
    uint32_t run;
    uint32_t offset;
    Lv origin;  // The element in front of it that an insert there names, kNoLv for the root.
  };

  // Where an element stands: the number of visible elements before it.
  struct Rank {
    uint64_t position;
    bool visible;
  };

  // A visible run that holds a wanted unit, with the size of everything visible before the run.
  struct Found {
    Run run;
    TextMetrics before;
    uint64_t rest;  // Of the wanted unit, inside the run, in units of the search.
  };

  explicit Sequence(const SequenceOptions& options = {});

  // Returns the size of the visible text.
  TextMetrics metrics() const { return ToMetrics(tree_.Total()); }

  // Returns the gap right behind visible element number `position` - 1, before any deleted ones.
  // Remembers where that was.
  // REQUIRES: position <= metrics().code_points.
  Gap GapAt(uint64_t position);

  // Returns the gap where an element `id` with this origin belongs.
  // REQUIRES: the origin is here (or kNoLv) and has a smaller id.
  Gap IntegrationGap(const History& history, Lv origin, OpId id);

  // Puts `length` new elements, consecutive and each the origin of the next, into a gap.
  // REQUIRES: gap comes from the last call to GapAt or IntegrationGap; the elements are in
  // `history`, numbered next; `id` is that of the first.
  void Insert(const History& history, Gap gap, Lv first, uint32_t length, OpId id);

  // Deletes the visible elements at [position, position + count); returns them in document order.
  // REQUIRES: position + count <= metrics().code_points.
  ElementRanges EraseVisible(const History& history, uint64_t position, uint32_t count);

  struct Erased {
    uint32_t length;
    bool was_visible;
  };
  // Deletes elements from `first` on, at most `limit` and at most to the end of their run.
  Erased EraseElements(const History& history, Lv first, uint32_t limit);

  // Returns where an element stands.
  Rank RankOf(Lv element) const;

  // Returns the run that holds `element`.
  Run RunOf(Lv element) const;

  // Returns whether `left` stands before `right` in document order.
  bool Precedes(Lv left, Lv right) const;

  // Returns visible element number `position`.
  // REQUIRES: position < metrics().code_points.
  Lv ElementAt(uint64_t position) const;

  // Returns the run that holds unit number `target`.
  // REQUIRES: target < the size of the visible text in that unit.
  Found Find(const History& history, TextUnit unit, uint64_t target) const;

  // Walks the runs in document order.
  template <typename Visitor>
  void ForEachRun(Visitor visit) const {
    for (uint32_t leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
      for (uint32_t i = 0; i < leaves_[leaf].count; ++i) visit(leaves_[leaf].At(i));
    }
  }

  // Walks the visible runs from the one that holds `position` on, while `visit(run, offset)`
  // returns true; `offset` is where in the first run the position is, 0 later.
  template <typename Visitor>
  void ForEachVisibleFrom(uint64_t position, Visitor visit) const;

  uint64_t AllocatedBytes() const {
    return leaves_.capacity() * sizeof(Leaf) + tree_.AllocatedBytes() + index_.AllocatedBytes();
  }

  void CheckInvariants(const History& history) const;

 private:
  friend struct SequencePeer;  // Corrupts runs in tests.

  // Dimensions of the sums. The three surpluses stay 0 in a text of ASCII.
  enum Dimension : uint8_t { kVisible, kExtraBytes, kAstral, kNewlines, kDimensions };
  using Tree = SumTree<kDimensions, OpId>;

  // Columns, so that a search reads only what it compares. The highest bit of a length says
  // deleted.
  struct Leaf {
    uint32_t count = 0;
    std::array<Lv, kMaxLeafRuns> firsts{};
    std::array<uint32_t, kMaxLeafRuns> lengths{};

    Run At(uint32_t i) const {
      return Run{.first = firsts[i], .length = LengthAt(i), .deleted = DeletedAt(i)};
    }
    uint32_t LengthAt(uint32_t i) const { return lengths[i] & ~kDeletedBit; }
    bool DeletedAt(uint32_t i) const { return (lengths[i] & kDeletedBit) != 0; }
    uint32_t VisibleAt(uint32_t i) const { return DeletedAt(i) ? 0 : lengths[i]; }
    void Set(uint32_t i, const Run& run) {
      firsts[i] = run.first;
      lengths[i] = run.length | (run.deleted ? kDeletedBit : 0U);
    }
    void InsertRun(uint32_t i, const Run& run);
    void RemoveRun(uint32_t i);
  };
  static constexpr uint32_t kDeletedBit = 1U << 31U;

  // Where the last local edit was: visible elements before a leaf.
  struct Cursor {
    uint32_t leaf = Tree::kNone;
    uint64_t start = 0;
  };

  static TextMetrics ToMetrics(const Tree::Sums& sums);
  static Tree::Delta SumsOf(const History& history, Lv first, uint32_t length);
  void AddSums(uint32_t leaf, const Tree::Delta& sums, int64_t sign);

  Gap LocateVisible(uint64_t position, Cursor& cursor) const;
  Gap LocateElement(Lv element) const;
  Gap FirstSmaller(const History& history, uint32_t leaf, uint32_t run, OpId id) const;
  Gap BeforeRun(uint32_t leaf, uint32_t run) const;
  uint32_t ExtendRun(const History& history, const Gap& gap, Lv first, uint32_t length);
  Gap InsertRun(const History& history, const Gap& gap, const Run& run);

  // Splits the leaf of `gap` unless it has room for `runs` more; returns where the gap is then.
  Gap MakeRoom(const History& history, const Gap& gap, uint32_t runs);
  void RefreshLeast(const History& history, uint32_t leaf);

  void MarkDeleted(const History& history, const Gap& gap, uint32_t length);
  bool JoinPrevious(const History& history, const Gap& gap, uint32_t length);
  bool JoinNext(const History& history, const Gap& gap, uint32_t length);
  bool MayJoin(const History& history, const Run& left, const Run& right) const;

  void CheckLeaf(const History& history, uint32_t leaf) const;

  SequenceOptions options_;
  std::vector<Leaf> leaves_;
  Tree tree_;
  LeafIndex index_;
  Cursor cursor_;
};

template <typename Visitor>
void Sequence::ForEachVisibleFrom(uint64_t position, Visitor visit) const {
  if (position >= tree_.Total()[kVisible]) return;
  Cursor cursor;
  const Gap gap = LocateVisible(position, cursor);
  uint32_t offset = gap.offset;
  uint32_t i = gap.run;
  for (uint32_t leaf = gap.leaf; leaf != Tree::kNone; leaf = tree_.Next(leaf), i = 0) {
    for (; i < leaves_[leaf].count; ++i) {
      if (leaves_[leaf].DeletedAt(i)) continue;
      if (!visit(leaves_[leaf].At(i), offset)) return;
      offset = 0;
    }
  }
}

}  // namespace cotext

#endif  // COTEXT_CRDT_SEQUENCE_H_
