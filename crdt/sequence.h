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
// a SumTree that keeps each leaf's visible size in all units and a bound of its ids. Skipping is a
// search for the next smaller id: O(log n) however many siblings there are. A leaf that is split
// off inherits the bound; the search that is led astray by it, once, replaces it by the least id. A
// LeafIndex leads from an element to its leaf.
//
// In a trimmed history "id" is the key of history.h: nothing skips an element of the base, so runs
// of the base are what they are numbered as.
//
// Invariants: (1) every element is in exactly one run, at most max_run long; (2) a leaf's sums are
// those of its runs, and none of its ids is less than its bound; (3) the index names each element's
// leaf; (4) ids ascend in a run, behind the base.
//
// With n runs: everything is O(log n + leaf_runs) plus the elements it returns; edits near the last
// local edit skip the search. Memory: 8 bytes a run at quarter to full leaves, and 20 more for ids
// once many replicas have inserted at one place. Positions count visible elements (code points).
// What local edits put off (index_backlog.h) is made up for by the next question about an element.
// Thread-compatible; copied while others read, only behind Settled().
#ifndef COTEXT_CRDT_SEQUENCE_H_
#define COTEXT_CRDT_SEQUENCE_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/index_backlog.h"
#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/offset.h"
#include "document/prefix_search.h"
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
  static constexpr uint32_t kMaxLeafRuns = kPrefixSearchMax;

  using Run = ElementRun;

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

  // Where an element stands, to be compared with where others do; good until the next edit.
  struct Place {
    uint64_t run;  // Runs in document order have ascending numbers.
    uint32_t offset;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  // A visible run that holds a wanted unit, with the size of everything visible before the run.
  struct Found {
    Run run;
    TextMetrics before;
    uint64_t rest;  // Of the wanted unit, inside the run, in units of the search.
  };

  explicit Sequence(const SequenceOptions& options = {});

  const SequenceOptions& options() const { return options_; }

  // Returns the size of the visible text.
  TextMetrics metrics() const { return ToMetrics(tree_.Total()); }
  // Returns its length in code points.
  uint64_t length() const { return tree_.Total()[kVisible]; }

  // Returns the gap right behind visible element number `position` - 1, before any deleted ones.
  // Remembers where that was.
  // REQUIRES: position <= metrics().code_points.
  Gap GapAt(uint64_t position);

  // Returns the gap where an element `id` with this origin belongs; or, if `id` is greater than all
  // others, the one right behind its origin.
  // REQUIRES: the origin is here (or kNoLv) and has a smaller id.
  Gap IntegrationGap(const History& history, Lv origin, OpId id);
  Gap GapBehind(Lv origin);

  // Puts new elements, consecutive and each the origin of the next, into a gap.
  // REQUIRES: gap comes from the last call to GapAt or IntegrationGap; the elements are in
  // `history`, numbered next; `id` is that of the first, `size` that of their text.
  void Insert(const History& history, Gap gap, ElementRange elements, OpId id,
              const TextMetrics& size);

  // Appends a new ASCII character to the run that ends at `position`, if the last local edit was in
  // it and the element continues it: typing is hardly anything else. Returns whether it did.
  // REQUIRES: the element is numbered next and gets the greatest id.
  [[gnu::always_inline]] inline bool TryType(uint64_t position, Lv element, char character) {
    if (cursor_.leaf == Tree::kNone) return false;
    Leaf& leaf = leaves_[cursor_.leaf];
    uint32_t& length = leaf.lengths[cursor_.run];  // A deleted run is too long to be typed at.
    if (cursor_.run_start + length != position || leaf.firsts[cursor_.run] + length != element ||
        length >= options_.max_run) {
      return false;
    }
    ++length;
    backlog_.Add(element, 1, cursor_.leaf);
    CountTyped(cursor_.leaf, character);
    return true;
  }
  // The same where the last remote edit was, for an element that has the one numbered before it as
  // its origin.
  [[gnu::always_inline]] inline bool TryTypeRemotely(Lv element, char character) {
    Leaf& leaf = leaves_[remote_.leaf];
    uint32_t& length = leaf.lengths[remote_.run];
    // No run is empty, but there may be none there any more.
    if (leaf.firsts[remote_.run] + length != element || length - 1 >= options_.max_run - 1 ||
        !backlog_.empty()) {
      return false;
    }
    ++length;
    cursor_ = Cursor{};
    index_.Assign(element, 1, remote_.leaf);
    CountTyped(remote_.leaf, character);
    return true;
  }

  // Lets a tombstone take over the end of the run beside it, or its beginning, if the last local
  // edit was in that run: what backspacing does, or deleting forwards, after its first step.
  // Returns what was erased, nothing if it is not that simple.
  [[gnu::always_inline]] inline ElementRange TryErase(const History& history, uint64_t position,
                                                      uint32_t limit);
  // The same for an element, where the last remote edit was; returns whether it is erased.
  [[gnu::always_inline]] inline bool TryEraseRemotely(const History& history, Lv element);

  // Deletes visible elements from `position` on, at most `limit` and at most to the end of their
  // run; returns them.
  // REQUIRES: position < metrics().code_points; limit > 0.
  ElementRange EraseVisible(const History& history, uint64_t position, uint32_t limit);

  struct Erased {
    uint32_t length;
    bool was_visible;
  };
  // Deletes elements from `first` on, at most `limit` and at most to the end of their run.
  Erased EraseElements(const History& history, Lv first, uint32_t limit);

  // Replaces everything by the elements of a history: what integrating them one by one comes to.
  // Takes a fraction of the time, but that of all elements. See document_order.h.
  void Rebuild(const History& history);
  // The same with the elements' order at hand, as DocumentOrder returns it for the sequence's
  // options, and perhaps the visible text.
  void Rebuild(const History& history, std::span<const Run> runs,
               std::optional<std::string_view> text);

  // Returns where an element stands.
  Rank RankOf(Lv element) const;

  // Returns the run that holds `element`.
  Run RunOf(Lv element) const;

  // Returns where an element stands in document order.
  Place PlaceOf(Lv element) const;

  // Returns visible element number `position`.
  // REQUIRES: position < metrics().code_points.
  Lv ElementAt(uint64_t position) const;

  // Returns a position up to `end` such that `is_before` is true for the visible element in front
  // of it, if there is one, and false for the one behind, if that is in front of `end`. Asks
  // O(log n) times, and first whether that is near `end`.
  // REQUIRES: end <= metrics().code_points.
  template <typename IsBefore>
  uint64_t BorderBefore(uint64_t end, const IsBefore& is_before) const;

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

  // Makes up for what local edits put off, and returns the sequence.
  const Sequence& Settled() const;

  uint64_t AllocatedBytes() const {
    Settled();
    return leaves_.capacity() * sizeof(Leaf) + head_ids_.size() * sizeof(HeadIds) +
           tree_.AllocatedBytes() + index_.AllocatedBytes() + backlog_.AllocatedBytes();
  }

  void CheckInvariants(const History& history) const;

 private:
  friend struct SequencePeer;  // Corrupts runs in tests.

  // Dimensions of the sums. The three surpluses stay 0 in a text of ASCII.
  enum Dimension : uint8_t { kVisible, kExtraBytes, kAstral, kNewlines, kDimensions };
  using Tree = SumTree<kDimensions, OpId>;

  // Columns, so that a search reads only what it compares. The highest bit of a length says
  // deleted. Unused lengths are zero.
  struct Leaf {
    uint32_t count = 0;
    std::array<Lv, kMaxLeafRuns> firsts{};
    std::array<uint32_t, kMaxLeafRuns> lengths{};

    Run At(uint32_t i) const {
      return Run{.first = firsts[i], .length = LengthAt(i), .deleted = DeletedAt(i)};
    }
    uint32_t LengthAt(uint32_t i) const { return lengths[i] & ~kDeletedBit; }
    bool DeletedAt(uint32_t i) const { return (lengths[i] & kDeletedBit) != 0; }
    uint32_t VisibleAt(uint32_t i) const {
      return lengths[i] & ~static_cast<uint32_t>(static_cast<int32_t>(lengths[i]) >> 31);
    }
    void Set(uint32_t i, const Run& run) {
      firsts[i] = run.first;
      lengths[i] = run.length | (run.deleted ? kDeletedBit : 0U);
    }
    // Makes room for `runs` before run `i`.
    void Open(uint32_t i, uint32_t runs);
    void RemoveRun(uint32_t i);
  };
  static constexpr uint32_t kDeletedBit = 1U << 31U;
  // A search that skips more runs than this is among the siblings of a crowd, and remembers ids.
  static constexpr uint32_t kCrowdRuns = 4;
  // If more than this share of the leaves was split off, the index is made anew: that takes sorted
  // bits a run, where telling it takes a search a run.
  static constexpr uint32_t kRebuiltShare = 4;

  // Ids of the first elements of a leaf's runs, as far as they were looked up: that of `of[i]` is
  // `ids[i]`, even if run i has become another one since.
  struct HeadIds {
    HeadIds() { of.fill(kNoLv); }
    std::array<Lv, kMaxLeafRuns> of;
    std::array<OpId, kMaxLeafRuns> ids{};
  };

  // A run, and the numbers of visible elements before its leaf and before itself.
  struct Cursor {
    uint32_t leaf = Tree::kNone;
    uint32_t run = 0;
    uint64_t leaf_start = 0;
    uint64_t run_start = 0;
  };

  // A run, perhaps of earlier.
  struct RunPlace {
    uint32_t leaf = 0;
    uint32_t run = 0;
  };

  static TextMetrics ToMetrics(const Tree::Sums& sums);
  static Tree::Sums ToSums(const TextMetrics& size);
  // Adds the size of a visible text to the sums of a leaf, or takes it away.
  void AddSize(uint32_t leaf, const TextMetrics& size) {
    tree_.AddTo(kVisible, leaf, static_cast<int64_t>(size.code_points));
    if (size.newlines != 0) tree_.AddTo(kNewlines, leaf, static_cast<int64_t>(size.newlines));
    if (size.bytes != size.code_points) AddSurplus(leaf, size);
  }
  void SubtractSize(uint32_t leaf, const TextMetrics& size) {
    tree_.AddTo(kVisible, leaf, -static_cast<int64_t>(size.code_points));
    if (size.newlines != 0) tree_.AddTo(kNewlines, leaf, -static_cast<int64_t>(size.newlines));
    if (size.bytes != size.code_points) AddSurplus(leaf, TextMetrics{} - size);
  }

  // Counts a new ASCII character that a run of a leaf was extended by.
  [[gnu::always_inline]] inline void CountTyped(uint32_t leaf, char character) {
    tree_.AddTo(kVisible, leaf, 1);
    if (character == '\n') tree_.AddTo(kNewlines, leaf, 1);
  }

  // Take away or add the size of the text of some elements; one character is hardly measured.
  [[gnu::always_inline]] inline void SubtractText(const History& history, uint32_t leaf,
                                                  const ElementRange& elements) {
    const std::optional<char> character =
        elements.length == 1 ? history.text.AsciiAt(elements.first) : std::nullopt;
    if (!character)
      return SubtractSize(leaf, history.text.Measure(elements.first, elements.length));
    tree_.AddTo(kVisible, leaf, -1);
    if (*character == '\n') tree_.AddTo(kNewlines, leaf, -1);
  }

  void AddSurplus(uint32_t leaf, const TextMetrics& size);

  bool Holds(const Cursor& cursor, uint64_t position) const {
    return cursor.leaf != Tree::kNone && cursor.leaf_start <= position &&
           position - cursor.leaf_start < tree_.SumsOf(cursor.leaf)[kVisible];
  }
  bool IsInRun(const Cursor& cursor, uint64_t position) const {
    return cursor.leaf != Tree::kNone &&
           position - cursor.run_start < leaves_[cursor.leaf].VisibleAt(cursor.run);
  }
  static Gap GapInRun(const Cursor& cursor, uint64_t position) {
    return Gap{.leaf = cursor.leaf,
               .run = cursor.run,
               .offset = static_cast<uint32_t>(position - cursor.run_start),
               .origin = kNoLv};
  }
  void Seek(uint64_t position, Cursor& cursor) const;
  Gap LocateVisible(uint64_t position, Cursor& cursor) const;
  void MoveCursor(uint32_t leaf, uint32_t run);
  Gap LocateElement(Lv element) const;
  // Returns visible element number `at` of a leaf.
  Lv ElementIn(uint32_t at, uint64_t number) const {
    const Leaf& leaf = leaves_[at];
    const PrefixFound found =
        SearchPrefixSums(number, [&leaf](uint32_t run) { return leaf.VisibleAt(run); });
    return leaf.firsts[found.index] + static_cast<uint32_t>(found.rest);
  }
  // Returns the first visible element of a leaf that has any.
  Lv FirstVisibleIn(uint32_t at) const {
    uint32_t run = 0;
    while (leaves_[at].DeletedAt(run)) ++run;
    return leaves_[at].firsts[run];
  }
  Gap FirstSmaller(const History& history, uint32_t leaf, uint32_t run, OpId id);
  OpId HeadId(const History& history, uint32_t leaf, uint32_t run);
  HeadIds& HeadIdsFor(uint32_t leaf);
  HeadIds* FindHeadIds(uint32_t leaf) {
    const bool known = leaf < head_slots_.size() && head_slots_[leaf] != Tree::kNone;
    return known ? &head_ids_[head_slots_[leaf]] : nullptr;
  }
  void ShiftHeadIds(uint32_t leaf, uint32_t run, uint32_t runs);
  Gap BeforeRun(uint32_t leaf, uint32_t run) const;
  bool MayExtendRun(const Gap& gap, Lv first) const;
  // Has one caller, as three below: it is dearer to call them than what they do.
  [[gnu::always_inline]] Gap InsertRun(const History& history, const Gap& gap,
                                       const ElementRange& run);

  // Splits the leaf of `gap` unless it has room for `runs` more; returns where the gap is then.
  [[gnu::always_inline]] Gap MakeRoom(const History& history, const Gap& gap, uint32_t runs) {
    if (leaves_[gap.leaf].count + runs <= options_.leaf_runs) return gap;
    return SplitLeaf(history, gap);
  }
  Gap SplitLeaf(const History& history, const Gap& gap);
  uint32_t NewLeafAfter(uint32_t leaf);
  void MoveTail(const History& history, uint32_t leaf, uint32_t kept, uint32_t right);
  TextMetrics MeasureTail(const History& history, uint32_t leaf, uint32_t kept) const;
  // Local edits leave the cursor somewhere, remote ones do not.
  bool is_local() const { return cursor_.leaf != Tree::kNone; }
  // Say where new elements are, and the elements of a leaf.
  void Enter(const ElementRange& fresh, uint32_t leaf) {
    if (is_local()) {
      backlog_.Add(fresh.first, fresh.length, leaf);
    } else {
      index_.Assign(fresh.first, fresh.length, leaf);
    }
  }
  void AssignToLeaf(uint32_t leaf) const;
  void Tell(const IndexBacklog::Work& work) const;
  LeafIndex BuildIndex(Lv end) const;
  static OpId LeastOf(const History& history, const Leaf& leaf);

  void MarkDeleted(const History& history, const Gap& at, uint32_t length);
  [[gnu::always_inline]] Gap CutDeleted(const History& history, const Gap& at, uint32_t length);
  // Let the tombstone beside visible run `i` of a leaf take over its last `count` elements, or its
  // first, if they continue it. They may leave the run empty. Return whether they did.
  bool GiveToNext(const History& history, Leaf& leaf, uint32_t i, uint32_t count);
  bool GiveToPrevious(const History& history, Leaf& leaf, uint32_t i, uint32_t count);
  // Does either for `count` elements from `offset` of the run on, if they reach to that end of it.
  [[gnu::always_inline]] inline bool GiveToNeighbour(const History& history, Leaf& leaf, uint32_t i,
                                                     uint32_t offset, uint32_t count);
  [[gnu::always_inline]] bool JoinPrevious(const History& history, const Gap& gap, uint32_t length);
  [[gnu::always_inline]] bool JoinNext(const History& history, const Gap& gap, uint32_t length);
  bool MayJoin(const History& history, const Run& left, const Run& right) const;
  // Whether two neighbouring tombstones, the second from `right` on, whose Lvs follow each other
  // may be one run.
  bool MayJoin(const History& history, uint32_t left, uint32_t right_length, Lv right) const {
    return left + right_length <= options_.max_run && history.Chained(right);
  }

  Found FindInLeaf(const History& history, TextUnit unit, uint32_t leaf, uint64_t target) const;

  void CheckLeaf(const History& history, uint32_t leaf) const;

  SequenceOptions options_;
  std::vector<Leaf> leaves_;
  std::vector<uint32_t> head_slots_;  // By leaf: its place in head_ids_, kNone if it has none.
  std::deque<HeadIds> head_ids_;      // Of leaves in which a crowd was met.
  Tree tree_;
  mutable LeafIndex index_;  // But for what is in backlog_.
  mutable IndexBacklog backlog_;
  Cursor cursor_;    // Where the last local edit was, unless a remote one came since.
  RunPlace remote_;  // Where the last remote edit was.
};

inline bool Sequence::GiveToNext(const History& history, Leaf& leaf, uint32_t i, uint32_t count) {
  if (i + 1 == leaf.count || !leaf.DeletedAt(i + 1) ||
      leaf.firsts[i + 1] != leaf.firsts[i] + leaf.lengths[i] ||
      !MayJoin(history, count, leaf.LengthAt(i + 1), leaf.firsts[i + 1])) {
    return false;
  }
  leaf.firsts[i + 1] = leaf.firsts[i + 1] - count;
  leaf.lengths[i + 1] += count;
  leaf.lengths[i] -= count;
  return true;
}

inline bool Sequence::GiveToPrevious(const History& history, Leaf& leaf, uint32_t i,
                                     uint32_t count) {
  if (i == 0 || !leaf.DeletedAt(i - 1) ||
      leaf.firsts[i - 1] + leaf.LengthAt(i - 1) != leaf.firsts[i] ||
      !MayJoin(history, leaf.LengthAt(i - 1), count, leaf.firsts[i])) {
    return false;
  }
  leaf.lengths[i - 1] += count;
  leaf.firsts[i] = leaf.firsts[i] + count;
  leaf.lengths[i] -= count;
  return true;
}

inline bool Sequence::GiveToNeighbour(const History& history, Leaf& leaf, uint32_t i,
                                      uint32_t offset, uint32_t count) {
  return offset + count == leaf.lengths[i] ? GiveToNext(history, leaf, i, count)
                                           : offset == 0 && GiveToPrevious(history, leaf, i, count);
}

inline ElementRange Sequence::TryErase(const History& history, uint64_t position, uint32_t limit) {
  constexpr ElementRange kNothing{.first = kNoLv, .length = 0};
  if (cursor_.leaf == Tree::kNone) return kNothing;
  Leaf& leaf = leaves_[cursor_.leaf];
  const uint32_t i = cursor_.run;
  const uint32_t length = leaf.VisibleAt(i);
  const uint64_t offset = position - cursor_.run_start;
  if (offset >= length) return kNothing;
  const uint32_t count = std::min<uint32_t>(limit, length - static_cast<uint32_t>(offset));
  if (count == length) return kNothing;
  const ElementRange erased{.first = leaf.firsts[i] + static_cast<uint32_t>(offset),
                            .length = count};
  if (!GiveToNeighbour(history, leaf, i, static_cast<uint32_t>(offset), count)) return kNothing;
  SubtractText(history, cursor_.leaf, erased);
  return erased;
}

inline bool Sequence::TryEraseRemotely(const History& history, Lv element) {
  Leaf& leaf = leaves_[remote_.leaf];
  const uint32_t i = remote_.run;
  const uint32_t length = leaf.VisibleAt(i);
  const uint32_t offset = element - leaf.firsts[i];
  if (offset >= length || length == 1 || !GiveToNeighbour(history, leaf, i, offset, 1)) {
    return false;
  }
  cursor_ = Cursor{};
  SubtractText(history, remote_.leaf, ElementRange{.first = element, .length = 1});
  return true;
}

template <typename IsBefore>
uint64_t Sequence::BorderBefore(uint64_t end, const IsBefore& is_before) const {
  if (end == 0) return 0;
  const auto visible = [](const Tree::Sums& sums) { return sums[kVisible]; };
  const uint32_t last = tree_.Find(end - 1, visible).leaf;
  uint32_t leaf = last;
  if (!is_before(FirstVisibleIn(last))) {
    leaf = tree_.LastBefore(visible, [&](uint32_t at) {
      return tree_.Precedes(at, last) && is_before(FirstVisibleIn(at));
    });
    if (leaf == Tree::kNone) return 0;
  }
  const uint64_t start = tree_.Before(leaf)[kVisible];
  uint64_t low = 1;
  for (uint64_t high = std::min<uint64_t>(end - start, tree_.SumsOf(leaf)[kVisible]); low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    if (is_before(ElementIn(leaf, middle))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return start + low;
}

template <typename Visitor>
void Sequence::ForEachVisibleFrom(uint64_t position, Visitor visit) const {
  if (position >= tree_.Total()[kVisible]) return;
  Cursor cursor = cursor_;
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
