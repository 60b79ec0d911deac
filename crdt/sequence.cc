#include "crdt/sequence.h"

#include <algorithm>
#include <span>

#include "document/check.h"
#include "document/grow.h"

namespace cotext {
namespace {

// The least id of a leaf without runs: no search stops at it.
constexpr OpId kNoId{.counter = ~uint64_t{0}, .replica = ReplicaId{~uint64_t{0}}};

}  // namespace

void Sequence::Leaf::Open(uint32_t i, uint32_t runs) {
  std::copy_backward(firsts.data() + i, firsts.data() + count, firsts.data() + count + runs);
  std::copy_backward(lengths.data() + i, lengths.data() + count, lengths.data() + count + runs);
  count += runs;
}

void Sequence::Leaf::RemoveRun(uint32_t i) {
  std::copy(firsts.data() + i + 1, firsts.data() + count, firsts.data() + i);
  std::copy(lengths.data() + i + 1, lengths.data() + count, lengths.data() + i);
  lengths[--count] = 0;
}

Sequence::Sequence(const SequenceOptions& options) : options_(options), tree_(options.fanout) {
  COTEXT_CHECK(options.leaf_runs >= 4);
  COTEXT_CHECK(options.leaf_runs <= kMaxLeafRuns);
  COTEXT_CHECK(options.max_run >= 1);
  COTEXT_CHECK(options.max_run < kDeletedBit);
  leaves_.emplace_back();
  tree_.InsertFirst(0, kNoId);
}

TextMetrics Sequence::ToMetrics(const Tree::Sums& sums) {
  const uint64_t visible = sums[kVisible];
  return TextMetrics{.bytes = visible + sums[kExtraBytes],
                     .code_points = visible,
                     .utf16 = visible + sums[kAstral],
                     .newlines = sums[kNewlines]};
}

Sequence::Tree::Sums Sequence::ToSums(const TextMetrics& size) {
  const auto narrow = [](uint64_t units) { return static_cast<uint32_t>(units); };
  return {narrow(size.code_points), narrow(size.bytes - size.code_points),
          narrow(size.utf16 - size.code_points), narrow(size.newlines)};
}

void Sequence::AddSurplus(uint32_t leaf, const TextMetrics& size) {
  tree_.AddTo(kExtraBytes, leaf, static_cast<int64_t>(size.bytes - size.code_points));
  tree_.AddTo(kAstral, leaf, static_cast<int64_t>(size.utf16 - size.code_points));
}

// Searching.

// Puts the cursor on the leaf that holds a position.
void Sequence::Seek(uint64_t position, Cursor& cursor) const {
  const Tree::Found found =
      tree_.Find(position, [](const Tree::Sums& sums) { return sums[kVisible]; });
  const uint64_t start = position - found.offset;
  cursor = Cursor{.leaf = found.leaf, .run = 0, .leaf_start = start, .run_start = start};
}

Sequence::Gap Sequence::LocateVisible(uint64_t position, Cursor& cursor) const {
  if (IsInRun(cursor, position)) return GapInRun(cursor, position);
  if (!Holds(cursor, position)) Seek(position, cursor);
  const Leaf& leaf = leaves_[cursor.leaf];
  const PrefixFound found = SearchPrefixSums(position - cursor.leaf_start,
                                             [&leaf](uint32_t run) { return leaf.VisibleAt(run); });
  cursor.run = found.index;
  cursor.run_start = position - found.rest;
  return GapInRun(cursor, position);
}

// Puts the cursor on a run of its leaf, or of the leaf that was split off behind it.
void Sequence::MoveCursor(uint32_t leaf, uint32_t run) {
  if (leaf != cursor_.leaf) cursor_.leaf_start += tree_.SumsOf(cursor_.leaf)[kVisible];
  cursor_.leaf = leaf;
  cursor_.run = run;
}

Sequence::Gap Sequence::LocateElement(Lv element) const {
  Settled();
  const uint32_t at = index_.At(element);
  const Leaf& leaf = leaves_[at];
  // An Lv before the run wraps around to a huge offset.
  const uint32_t run =
      SearchOnly([&](uint32_t i) { return element - leaf.firsts[i] < leaf.LengthAt(i); });
  COTEXT_DCHECK(run < leaf.count);
  COTEXT_DCHECK(element - leaf.firsts[run] < leaf.LengthAt(run));
  return Gap{.leaf = at, .run = run, .offset = element - leaf.firsts[run], .origin = kNoLv};
}

Sequence::Gap Sequence::GapAt(uint64_t position) {
  if (position == 0) {
    cursor_ = Cursor{.leaf = tree_.First()};
    return BeforeRun(cursor_.leaf, 0);
  }
  Gap gap = LocateVisible(position - 1, cursor_);
  gap.origin = leaves_[gap.leaf].firsts[gap.run] + gap.offset;
  ++gap.offset;
  return gap;
}

Sequence::Gap Sequence::IntegrationGap(const History& history, Lv origin, OpId id) {
  Settled();
  cursor_ = Cursor{};
  if (origin == kNoLv) return FirstSmaller(history, tree_.First(), 0, id);
  Gap gap = LocateElement(origin);
  ++gap.offset;
  // Ids ascend in a run: if the next one is greater, so are all to the run's end.
  const bool inside = gap.offset < leaves_[gap.leaf].LengthAt(gap.run);
  if (!inside || id < history.KeyOf(origin + 1)) {
    gap = FirstSmaller(history, gap.leaf, gap.run + 1, id);
  }
  gap.origin = origin;
  return gap;
}

Sequence::Gap Sequence::GapBehind(Lv origin) {
  Settled();
  cursor_ = Cursor{};
  if (origin == kNoLv) return BeforeRun(tree_.First(), 0);
  Gap gap = LocateElement(origin);
  ++gap.offset;
  gap.origin = origin;
  return gap;
}

// Returns the gap before the first run, from number `run` of a leaf on, whose id is less than `id`.
Sequence::Gap Sequence::FirstSmaller(const History& history, uint32_t leaf, uint32_t run, OpId id) {
  uint32_t skipped = 0;
  const auto is_greater = [&] {
    const OpId head = ++skipped <= kCrowdRuns ? history.KeyOf(leaves_[leaf].firsts[run])
                                              : HeadId(history, leaf, run);
    return id < head;
  };
  for (bool was_led_here = false;; was_led_here = true) {
    while (run < leaves_[leaf].count && is_greater()) ++run;
    if (run < leaves_[leaf].count) return BeforeRun(leaf, run);
    // The bound came from a leaf that this one was split off from.
    if (was_led_here) tree_.SetKey(leaf, LeastOf(history, leaves_[leaf]));
    leaf = tree_.FirstBelow(leaf, id);
    if (leaf == Tree::kNone) return BeforeRun(tree_.Last(), leaves_[tree_.Last()].count);
    run = 0;
  }
}

// Returns the id of the first element of a run, and remembers it.
OpId Sequence::HeadId(const History& history, uint32_t leaf, uint32_t run) {
  HeadIds& known = HeadIdsFor(leaf);
  const Lv first = leaves_[leaf].firsts[run];
  if (known.of[run] != first) {
    known.of[run] = first;
    known.ids[run] = history.KeyOf(first);
  }
  return known.ids[run];
}

Sequence::HeadIds& Sequence::HeadIdsFor(uint32_t leaf) {
  if (leaf >= head_slots_.size()) head_slots_.resize(leaves_.size(), Tree::kNone);
  if (head_slots_[leaf] == Tree::kNone) {
    head_slots_[leaf] = static_cast<uint32_t>(head_ids_.size());
    head_ids_.emplace_back();
  }
  return head_ids_[head_slots_[leaf]];
}

// Keeps remembered ids with their runs when `runs` are inserted before one.
void Sequence::ShiftHeadIds(uint32_t leaf, uint32_t run, uint32_t runs) {
  HeadIds* const known = FindHeadIds(leaf);
  if (known == nullptr) return;
  std::copy_backward(known->of.data() + run, known->of.data() + kMaxLeafRuns - runs,
                     known->of.data() + kMaxLeafRuns);
  std::copy_backward(known->ids.data() + run, known->ids.data() + kMaxLeafRuns - runs,
                     known->ids.data() + kMaxLeafRuns);
}

// Returns the gap before a run as the one behind the run before it, which an insert may extend.
Sequence::Gap Sequence::BeforeRun(uint32_t leaf, uint32_t run) const {
  if (run == 0) return Gap{.leaf = leaf, .run = 0, .offset = 0, .origin = kNoLv};
  return Gap{
      .leaf = leaf, .run = run - 1, .offset = leaves_[leaf].LengthAt(run - 1), .origin = kNoLv};
}

// The index.

void Sequence::AssignToLeaf(uint32_t at) const {
  const Leaf& leaf = leaves_[at];
  ElementRange elements{.first = leaf.firsts[0], .length = 0};
  for (uint32_t i = 0; i < leaf.count; ++i) {
    // Deleting cuts runs whose parts still follow each other here.
    if (leaf.firsts[i] != elements.first + elements.length) {
      index_.Move(elements.first, elements.length, at);
      elements = ElementRange{.first = leaf.firsts[i], .length = 0};
    }
    elements.length += leaf.LengthAt(i);
  }
  index_.Move(elements.first, elements.length, at);
}

const Sequence& Sequence::Settled() const {
  if (!backlog_.empty()) backlog_.Settle([this](const IndexBacklog::Work& work) { Tell(work); });
  return *this;
}

void Sequence::Tell(const IndexBacklog::Work& work) const {
  if (work.everything || work.split.size() > leaves_.size() / kRebuiltShare) {
    index_ = BuildIndex(std::max(index_.end(), work.end));
    return;
  }
  for (size_t i = 0; i < work.fresh.size(); ++i) {
    const LeafIndex::Place& place = work.fresh[i];
    const Lv end = i + 1 < work.fresh.size() ? work.fresh[i + 1].first : work.end;
    index_.Assign(place.first, end - place.first, place.leaf);
  }
  for (const uint32_t leaf : work.split) AssignToLeaf(leaf);
}

// Makes the index of all leaves, whose elements are those before `end`.
LeafIndex Sequence::BuildIndex(Lv end) const {
  size_t runs = 0;
  for (const Leaf& leaf : leaves_) runs += leaf.count;
  std::vector<LeafIndex::Place> places;
  places.reserve(runs);
  for (uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
      places.push_back({.first = leaves_[leaf].firsts[i], .leaf = leaf});
    }
  }
  return LeafIndex(places, end);
}

// Inserting.

// Returns whether new elements from `first` on may go on in the run in front of a gap.
bool Sequence::MayExtendRun(const Gap& gap, Lv first) const {
  const Leaf& leaf = leaves_[gap.leaf];
  return gap.origin != kNoLv && gap.origin + 1 == first && gap.run < leaf.count &&
         gap.offset == leaf.lengths[gap.run] && leaf.firsts[gap.run] + gap.offset == first &&
         gap.offset < options_.max_run;
}

// Makes a run of their own of new elements.
Sequence::Gap Sequence::InsertRun(const History& history, const Gap& at, const ElementRange& run) {
  const uint32_t length = leaves_[at.leaf].count == 0 ? 0 : leaves_[at.leaf].LengthAt(at.run);
  const bool inside = at.offset > 0 && at.offset < length;
  const Gap gap = MakeRoom(history, at, inside ? 2 : 1);
  Leaf& leaf = leaves_[gap.leaf];
  const uint32_t slot = gap.offset > 0 ? gap.run + 1 : gap.run;
  leaf.Open(slot, inside ? 2 : 1);
  ShiftHeadIds(gap.leaf, slot, inside ? 2 : 1);
  leaf.firsts[slot] = run.first;
  leaf.lengths[slot] = run.length;
  if (inside) {
    // Both parts keep the bit that says deleted.
    leaf.firsts[slot + 1] = leaf.firsts[gap.run] + gap.offset;
    leaf.lengths[slot + 1] = leaf.lengths[gap.run] - gap.offset;
    leaf.lengths[gap.run] -= length - gap.offset;
  }
  Enter(run, gap.leaf);
  if (is_local()) {
    MoveCursor(gap.leaf, slot);
    cursor_.run_start += at.offset;
  }
  return Gap{.leaf = gap.leaf, .run = slot, .offset = run.length, .origin = gap.origin};
}

void Sequence::Insert(const History& history, Gap gap, ElementRange elements, OpId id,
                      const TextMetrics& size) {
  COTEXT_DCHECK(elements.first + elements.length == history.text.end());
  const Lv end = elements.first + elements.length;
  Lv next = elements.first;
  for (bool extends = MayExtendRun(gap, next); next < end; extends = false) {
    const uint32_t room = extends ? options_.max_run - gap.offset : options_.max_run;
    const ElementRange part{.first = next, .length = std::min(end - next, room)};
    if (extends) {
      leaves_[gap.leaf].lengths[gap.run] += part.length;
      gap.offset += part.length;
      Enter(part, gap.leaf);
    } else {
      gap = InsertRun(history, gap, part);
      if (id < tree_.KeyOf(gap.leaf)) tree_.SetKey(gap.leaf, id);
    }
    AddSize(gap.leaf, part == elements ? size : history.text.Measure(part.first, part.length));
    next = next + part.length;
    id.counter += part.length;
  }
  remote_ = RunPlace{.leaf = gap.leaf, .run = gap.run};
}

Sequence::Gap Sequence::SplitLeaf(const History& history, const Gap& gap) {
  const uint32_t count = leaves_[gap.leaf].count;
  // At the right end nothing moves: text that is appended leaves full leaves behind.
  const bool at_end = gap.run + 1 == count && gap.offset == leaves_[gap.leaf].LengthAt(gap.run);
  const uint32_t fresh = NewLeafAfter(gap.leaf);
  if (at_end) return Gap{.leaf = fresh, .run = 0, .offset = 0, .origin = gap.origin};
  // What is in front of the gap stays, up to three quarters: every run that moves is measured, and
  // some day looked up in the index. The leaf keeps room for two.
  const uint32_t most = std::min(count - count / 4, options_.leaf_runs - 2);
  const uint32_t kept = std::clamp(gap.run + 1, count / 2, most);
  MoveTail(history, gap.leaf, kept, fresh);
  if (gap.run < kept) return gap;
  return Gap{.leaf = fresh, .run = gap.run - kept, .offset = gap.offset, .origin = gap.origin};
}

uint32_t Sequence::NewLeafAfter(uint32_t leaf) {
  const auto fresh = static_cast<uint32_t>(leaves_.size());
  COTEXT_CHECK(fresh < LeafIndex::kLeafLimit);
  MakeRoomFor(leaves_, 1);
  leaves_.emplace_back();
  // No id there will be less, until one is inserted: looking for the least can wait.
  const OpId bound = tree_.KeyOf(leaf);
  tree_.InsertAfter(leaf, fresh, bound);
  return fresh;
}

// Moves the runs of a leaf from number `kept` on to an empty one.
void Sequence::MoveTail(const History& history, uint32_t leaf, uint32_t kept, uint32_t right) {
  Leaf& from = leaves_[leaf];
  Leaf& to = leaves_[right];
  const uint32_t count = from.count - kept;
  const TextMetrics moved = MeasureTail(history, leaf, kept);
  to.count = count;
  std::copy_n(from.firsts.data() + kept, count, to.firsts.data());
  std::copy_n(from.lengths.data() + kept, count, to.lengths.data());
  std::fill_n(from.lengths.data() + kept, count, 0U);
  from.count = kept;
  SubtractSize(leaf, moved);
  AddSize(right, moved);
  if (is_local()) {
    backlog_.AddSplit(right);
  } else {
    AssignToLeaf(right);
  }
  if (FindHeadIds(leaf) == nullptr) return;
  HeadIds& moved_ids = HeadIdsFor(right);
  const HeadIds& ids = *FindHeadIds(leaf);
  std::copy_n(ids.of.data() + kept, count, moved_ids.of.data());
  std::copy_n(ids.ids.data() + kept, count, moved_ids.ids.data());
}

// Returns the visible size of the runs of a leaf from number `kept` on. What is measured is the
// shorter part of the leaf.
TextMetrics Sequence::MeasureTail(const History& history, uint32_t at, uint32_t kept) const {
  const Leaf& leaf = leaves_[at];
  const TextMetrics whole = ToMetrics(tree_.SumsOf(at));
  uint64_t visible = 0;
  for (uint32_t i = kept; i < leaf.count; ++i) visible += leaf.VisibleAt(i);
  if (whole.newlines == 0 && whole.bytes == whole.code_points) {
    return TextMetrics{.bytes = visible, .code_points = visible, .utf16 = visible, .newlines = 0};
  }
  const auto measure = [&](uint32_t begin, uint32_t end) {
    TextMetrics size;
    for (uint32_t i = begin; i < end; ++i) {
      const uint32_t length = leaf.VisibleAt(i);
      if (length > 0) size = size + history.text.Measure(leaf.firsts[i], length);
    }
    return size;
  };
  return visible <= whole.code_points / 2 ? measure(kept, leaf.count) : whole - measure(0, kept);
}

OpId Sequence::LeastOf(const History& history, const Leaf& leaf) {
  if (leaf.count == 0) return kNoId;
  const std::span<const Lv> firsts(leaf.firsts.data(), leaf.count);
  if (history.IdsAscend()) return history.KeyOf(std::ranges::min(firsts));
  OpId least = kNoId;
  for (const Lv first : firsts) least = std::min(least, history.KeyOf(first));
  return least;
}

// Deleting.

ElementRange Sequence::EraseVisible(const History& history, uint64_t position, uint32_t limit) {
  const Gap gap = LocateVisible(position, cursor_);
  const Leaf& leaf = leaves_[gap.leaf];
  const ElementRange erased{.first = leaf.firsts[gap.run] + gap.offset,
                            .length = std::min(limit, leaf.lengths[gap.run] - gap.offset)};
  MarkDeleted(history, gap, erased.length);
  return erased;
}

Sequence::Erased Sequence::EraseElements(const History& history, Lv first, uint32_t limit) {
  const Gap gap = LocateElement(first);
  const Run run = leaves_[gap.leaf].At(gap.run);
  const uint32_t length = std::min(limit, run.length - gap.offset);
  if (run.deleted) return Erased{.length = length, .was_visible = false};
  cursor_ = Cursor{};
  MarkDeleted(history, gap, length);
  return Erased{.length = length, .was_visible = true};
}

bool Sequence::MayJoin(const History& history, const Run& left, const Run& right) const {
  return left.deleted && right.deleted && left.first + left.length == right.first &&
         MayJoin(history, left.length, right.length, right.first);
}

// Gives the front of a visible run to the deleted run before it, if that continues into it.
// REQUIRES: the gap is in front of the run.
bool Sequence::JoinPrevious(const History& history, const Gap& gap, uint32_t length) {
  Leaf& leaf = leaves_[gap.leaf];
  if (!GiveToPrevious(history, leaf, gap.run, length)) return false;
  if (leaf.lengths[gap.run] > 0) return true;
  leaf.RemoveRun(gap.run);
  if (gap.run < leaf.count && MayJoin(history, leaf.At(gap.run - 1), leaf.At(gap.run))) {
    leaf.lengths[gap.run - 1] += leaf.LengthAt(gap.run);
    leaf.RemoveRun(gap.run);
  }
  return true;
}

// Gives the back of a visible run to the deleted run behind it, if that continues it.
// REQUIRES: the elements reach to the end of the run.
bool Sequence::JoinNext(const History& history, const Gap& gap, uint32_t length) {
  Leaf& leaf = leaves_[gap.leaf];
  if (!GiveToNext(history, leaf, gap.run, length)) return false;
  if (leaf.lengths[gap.run] == 0) leaf.RemoveRun(gap.run);
  return true;
}

// Makes a run of their own of elements to be deleted; returns where the run they stood in begins.
// REQUIRES: they are not all of that run.
Sequence::Gap Sequence::CutDeleted(const History& history, const Gap& at, uint32_t length) {
  const Lv first = leaves_[at.leaf].firsts[at.run];
  const uint32_t whole = leaves_[at.leaf].lengths[at.run];
  const uint32_t front = at.offset > 0 ? 1 : 0;
  const uint32_t back = at.offset + length < whole ? 1 : 0;
  const Gap gap = MakeRoom(history, at, front + back);
  Leaf& leaf = leaves_[gap.leaf];
  leaf.Open(gap.run, front + back);
  if (front > 0) leaf.lengths[gap.run] = gap.offset;  // It begins where it did.
  const uint32_t slot = gap.run + front;
  leaf.firsts[slot] = first + gap.offset;
  leaf.lengths[slot] = length | kDeletedBit;
  if (back > 0) {
    leaf.firsts[slot + 1] = first + gap.offset + length;
    leaf.lengths[slot + 1] = whole - gap.offset - length;
  }
  return gap;
}

// Deletes `length` elements of one visible run, from `gap` on.
void Sequence::MarkDeleted(const History& history, const Gap& at, uint32_t length) {
  Leaf& leaf = leaves_[at.leaf];
  const ElementRange erased{.first = leaf.firsts[at.run] + at.offset, .length = length};
  const bool at_front = at.offset == 0;
  const bool at_back = at.offset + length == leaf.lengths[at.run];
  Gap gap = at;
  if (!(at_front && JoinPrevious(history, at, length)) &&
      !(at_back && JoinNext(history, at, length))) {
    if (at_front && at_back) {
      leaf.lengths[at.run] |= kDeletedBit;
    } else {
      gap = CutDeleted(history, at, length);
    }
  }
  SubtractText(history, gap.leaf, erased);
  const uint32_t run = std::min(gap.run, leaves_[gap.leaf].count - 1);
  if (is_local()) {
    MoveCursor(gap.leaf, run);
  } else {
    remote_ = RunPlace{.leaf = gap.leaf, .run = run};
  }
}

// Reading.

Sequence::Rank Sequence::RankOf(Lv element) const {
  const Gap gap = LocateElement(element);
  const Leaf& leaf = leaves_[gap.leaf];
  uint64_t position = tree_.Before(gap.leaf)[kVisible];
  for (uint32_t i = 0; i < gap.run; ++i) position += leaf.VisibleAt(i);
  const bool visible = !leaf.DeletedAt(gap.run);
  return Rank{.position = position + (visible ? gap.offset : 0), .visible = visible};
}

Sequence::Run Sequence::RunOf(Lv element) const {
  const Gap gap = LocateElement(element);
  return leaves_[gap.leaf].At(gap.run);
}

Sequence::Place Sequence::PlaceOf(Lv element) const {
  const Gap gap = LocateElement(element);
  return Place{.run = tree_.OrderOf(gap.leaf) * kMaxLeafRuns + gap.run, .offset = gap.offset};
}

Lv Sequence::ElementAt(uint64_t position) const {
  Cursor cursor = cursor_;
  const Gap gap = LocateVisible(position, cursor);
  return leaves_[gap.leaf].firsts[gap.run] + gap.offset;
}

Sequence::Found Sequence::Find(const History& history, TextUnit unit, uint64_t target) const {
  const auto weight = [unit](const Tree::Sums& sums) -> uint64_t {
    switch (unit) {
      case TextUnit::kCodePoints: return sums[kVisible];
      case TextUnit::kBytes: return uint64_t{sums[kVisible]} + sums[kExtraBytes];
      case TextUnit::kUtf16: return uint64_t{sums[kVisible]} + sums[kAstral];
      case TextUnit::kNewlines: return sums[kNewlines];
    }
    return 0;
  };
  const Tree::Found found = tree_.Find(target, weight);
  Found in_leaf = FindInLeaf(history, unit, found.leaf, found.offset);
  in_leaf.before = in_leaf.before + ToMetrics(tree_.Before(found.leaf));
  return in_leaf;
}

// Returns the run of a leaf that holds unit number `target` of the leaf, with the size of what is
// before the run there. Measures runs from the nearer end on, and none where it need not.
Sequence::Found Sequence::FindInLeaf(const History& history, TextUnit unit, uint32_t at,
                                     uint64_t target) const {
  const Leaf& leaf = leaves_[at];
  const TextMetrics whole = ToMetrics(tree_.SumsOf(at));
  if (SizeIn(unit, whole) == whole.code_points) {  // Every character is one unit.
    const PrefixFound run =
        SearchPrefixSums(target, [&leaf](uint32_t i) { return leaf.VisibleAt(i); });
    return Found{.run = leaf.At(run.index),
                 .before = whole - MeasureTail(history, at, run.index),
                 .rest = run.rest};
  }
  const auto measure = [&](uint32_t run) {
    COTEXT_DCHECK(run < leaf.count);
    return leaf.DeletedAt(run) ? TextMetrics{}
                               : history.text.Measure(leaf.firsts[run], leaf.lengths[run]);
  };
  TextMetrics before;
  uint32_t i = 0;
  if (target < SizeIn(unit, whole) / 2) {
    TextMetrics after = measure(0);
    while (SizeIn(unit, after) <= target) {
      before = after;
      after = after + measure(++i);
    }
  } else {
    before = whole;
    i = leaf.count;
    while (SizeIn(unit, before) > target) before = before - measure(--i);
  }
  return Found{.run = leaf.At(i), .before = before, .rest = target - SizeIn(unit, before)};
}

}  // namespace cotext
