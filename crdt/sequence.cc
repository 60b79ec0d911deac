#include "crdt/sequence.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {
namespace {

// The least id of a leaf without runs: no search stops at it.
constexpr OpId kNoId{.counter = ~uint64_t{0}, .replica = ReplicaId{~uint64_t{0}}};

}  // namespace

void Sequence::Leaf::InsertRun(uint32_t i, const Run& run) {
  std::copy_backward(firsts.data() + i, firsts.data() + count, firsts.data() + count + 1);
  std::copy_backward(lengths.data() + i, lengths.data() + count, lengths.data() + count + 1);
  ++count;
  Set(i, run);
}

void Sequence::Leaf::RemoveRun(uint32_t i) {
  std::copy(firsts.data() + i + 1, firsts.data() + count, firsts.data() + i);
  std::copy(lengths.data() + i + 1, lengths.data() + count, lengths.data() + i);
  --count;
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

Sequence::Tree::Delta Sequence::SumsOf(const History& history, Lv first, uint32_t length) {
  const TextMetrics size = history.text.Measure(first, length);
  return {int64_t{length}, static_cast<int64_t>(size.bytes - length),
          static_cast<int64_t>(size.utf16 - length), static_cast<int64_t>(size.newlines)};
}

void Sequence::AddSums(uint32_t leaf, const Tree::Delta& sums, int64_t sign) {
  for (size_t dimension = 0; dimension < kDimensions; ++dimension) {
    if (sums[dimension] != 0) tree_.AddTo(dimension, leaf, sign * sums[dimension]);
  }
}

// Searching.

Sequence::Gap Sequence::LocateVisible(uint64_t position, Cursor& cursor) const {
  const bool hit = cursor.leaf != Tree::kNone && cursor.start <= position &&
                   position - cursor.start < tree_.SumsOf(cursor.leaf)[kVisible];
  if (!hit) {
    const Tree::Found found =
        tree_.Find(position, [](const Tree::Sums& sums) { return uint64_t{sums[kVisible]}; });
    cursor = Cursor{.leaf = found.leaf, .start = position - found.offset};
  }
  const Leaf& leaf = leaves_[cursor.leaf];
  uint64_t rest = position - cursor.start;
  uint32_t run = 0;
  for (; rest >= leaf.VisibleAt(run); ++run) rest -= leaf.VisibleAt(run);
  return Gap{
      .leaf = cursor.leaf, .run = run, .offset = static_cast<uint32_t>(rest), .origin = kNoLv};
}

Sequence::Gap Sequence::LocateElement(Lv element) const {
  const uint32_t at = index_.At(element);
  const Leaf& leaf = leaves_[at];
  uint32_t run = 0;
  // An Lv before the run wraps around to a huge offset.
  while (element - leaf.firsts[run] >= leaf.LengthAt(run)) ++run;
  COTEXT_DCHECK(run < leaf.count);
  return Gap{.leaf = at, .run = run, .offset = element - leaf.firsts[run], .origin = kNoLv};
}

Sequence::Gap Sequence::GapAt(uint64_t position) {
  if (position == 0) {
    cursor_ = Cursor{.leaf = tree_.First(), .start = 0};
    return BeforeRun(cursor_.leaf, 0);
  }
  Gap gap = LocateVisible(position - 1, cursor_);
  gap.origin = leaves_[gap.leaf].firsts[gap.run] + gap.offset;
  ++gap.offset;
  return gap;
}

Sequence::Gap Sequence::IntegrationGap(const History& history, Lv origin, OpId id) {
  cursor_ = Cursor{};
  if (origin == kNoLv) return FirstSmaller(history, tree_.First(), 0, id);
  Gap gap = LocateElement(origin);
  ++gap.offset;
  // Ids ascend in a run: if the next one is greater, so are all to the run's end.
  const bool inside = gap.offset < leaves_[gap.leaf].LengthAt(gap.run);
  if (!inside || id < history.IdOf(origin + 1)) {
    gap = FirstSmaller(history, gap.leaf, gap.run + 1, id);
  }
  gap.origin = origin;
  return gap;
}

// Returns the gap before the first run, from number `run` of a leaf on, whose id is less than `id`.
Sequence::Gap Sequence::FirstSmaller(const History& history, uint32_t leaf, uint32_t run,
                                     OpId id) const {
  while (run < leaves_[leaf].count && id < history.IdOf(leaves_[leaf].firsts[run])) ++run;
  if (run < leaves_[leaf].count) return BeforeRun(leaf, run);
  const uint32_t next = tree_.FirstBelow(leaf, id);
  if (next == Tree::kNone) return BeforeRun(tree_.Last(), leaves_[tree_.Last()].count);
  run = 0;
  while (id < history.IdOf(leaves_[next].firsts[run])) ++run;
  return BeforeRun(next, run);
}

// Returns the gap before a run as the one behind the run before it, which an insert may extend.
Sequence::Gap Sequence::BeforeRun(uint32_t leaf, uint32_t run) const {
  if (run == 0) return Gap{.leaf = leaf, .run = 0, .offset = 0, .origin = kNoLv};
  return Gap{
      .leaf = leaf, .run = run - 1, .offset = leaves_[leaf].LengthAt(run - 1), .origin = kNoLv};
}

// Inserting.

// Lets the run in front of a gap grow by new elements, if they continue it; returns by how many.
uint32_t Sequence::ExtendRun(const History& history, const Gap& gap, Lv first, uint32_t length) {
  Leaf& leaf = leaves_[gap.leaf];
  if (gap.origin == kNoLv || gap.origin + 1 != first || gap.run >= leaf.count) return 0;
  const Run run = leaf.At(gap.run);
  if (run.deleted || gap.offset != run.length || run.first + run.length != first) return 0;
  const uint32_t taken = std::min(length, options_.max_run - run.length);
  if (taken == 0) return 0;
  leaf.lengths[gap.run] += taken;
  index_.Assign(first, taken, gap.leaf);
  AddSums(gap.leaf, SumsOf(history, first, taken), 1);
  return taken;
}

void Sequence::Insert(const History& history, Gap gap, Lv first, uint32_t length, OpId id) {
  COTEXT_DCHECK(first == index_.end());
  uint32_t done = ExtendRun(history, gap, first, length);
  gap.offset += done;
  while (done < length) {
    const uint32_t taken = std::min(length - done, options_.max_run);
    gap = InsertRun(history, gap, Run{.first = first + done, .length = taken, .deleted = false});
    const OpId least{.counter = id.counter + done, .replica = id.replica};
    if (least < tree_.KeyOf(gap.leaf)) tree_.SetKey(gap.leaf, least);
    done += taken;
  }
}

Sequence::Gap Sequence::InsertRun(const History& history, const Gap& at, const Run& run) {
  const uint32_t length = leaves_[at.leaf].count == 0 ? 0 : leaves_[at.leaf].LengthAt(at.run);
  const bool inside = at.offset > 0 && at.offset < length;
  const Gap gap = MakeRoom(history, at, inside ? 2 : 1);
  Leaf& leaf = leaves_[gap.leaf];
  uint32_t slot = gap.run;
  if (gap.offset > 0) {
    ++slot;
    if (inside) {
      const Run whole = leaf.At(gap.run);
      leaf.InsertRun(slot, Run{.first = whole.first + gap.offset,
                               .length = whole.length - gap.offset,
                               .deleted = whole.deleted});
      leaf.Set(gap.run, Run{.first = whole.first, .length = gap.offset, .deleted = whole.deleted});
    }
  }
  leaf.InsertRun(slot, run);
  index_.Assign(run.first, run.length, gap.leaf);
  AddSums(gap.leaf, SumsOf(history, run.first, run.length), 1);
  return Gap{.leaf = gap.leaf, .run = slot, .offset = run.length, .origin = gap.origin};
}

Sequence::Gap Sequence::MakeRoom(const History& history, const Gap& gap, uint32_t runs) {
  if (leaves_[gap.leaf].count + runs <= options_.leaf_runs) return gap;
  const auto fresh = static_cast<uint32_t>(leaves_.size());
  COTEXT_CHECK(fresh < LeafIndex::kLeafLimit);
  leaves_.emplace_back();
  tree_.InsertAfter(gap.leaf, fresh, kNoId);
  Leaf& from = leaves_[gap.leaf];
  Leaf& to = leaves_[fresh];
  // At the right end nothing moves: text that is appended leaves full leaves behind.
  const bool at_end = gap.run + 1 == from.count && gap.offset == from.LengthAt(gap.run);
  const uint32_t kept = at_end ? from.count : from.count / 2;
  if (at_end) return Gap{.leaf = fresh, .run = 0, .offset = 0, .origin = gap.origin};
  Tree::Delta moved{};
  for (uint32_t i = kept; i < from.count; ++i) {
    const Run run = from.At(i);
    to.Set(to.count++, run);
    index_.Assign(run.first, run.length, fresh);
    if (run.deleted) continue;
    const Tree::Delta sums = SumsOf(history, run.first, run.length);
    for (size_t dimension = 0; dimension < kDimensions; ++dimension) {
      moved[dimension] += sums[dimension];
    }
  }
  from.count = kept;
  AddSums(gap.leaf, moved, -1);
  AddSums(fresh, moved, 1);
  RefreshLeast(history, gap.leaf);
  RefreshLeast(history, fresh);
  if (gap.run < kept) return gap;
  return Gap{.leaf = fresh, .run = gap.run - kept, .offset = gap.offset, .origin = gap.origin};
}

void Sequence::RefreshLeast(const History& history, uint32_t leaf) {
  OpId least = kNoId;
  for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
    least = std::min(least, history.IdOf(leaves_[leaf].firsts[i]));
  }
  tree_.SetKey(leaf, least);
}

// Deleting.

ElementRanges Sequence::EraseVisible(const History& history, uint64_t position, uint32_t count) {
  ElementRanges erased;
  while (count > 0) {
    const Gap gap = LocateVisible(position, cursor_);
    const Run run = leaves_[gap.leaf].At(gap.run);
    const uint32_t length = std::min(count, run.length - gap.offset);
    const Lv first = run.first + gap.offset;
    if (!erased.empty() && erased.back().first + erased.back().length == first) {
      erased.back().length += length;
    } else {
      erased.push_back(ElementRange{.first = first, .length = length});
    }
    MarkDeleted(history, gap, length);
    count -= length;
  }
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
         left.length + right.length <= options_.max_run && history.Chained(right.first);
}

// Gives the front of a visible run to the deleted run before it, if that continues into it.
bool Sequence::JoinPrevious(const History& history, const Gap& gap, uint32_t length) {
  if (gap.offset > 0 || gap.run == 0) return false;
  Leaf& leaf = leaves_[gap.leaf];
  const Run run = leaf.At(gap.run);
  const Run previous = leaf.At(gap.run - 1);
  if (!MayJoin(history, previous, Run{.first = run.first, .length = length, .deleted = true})) {
    return false;
  }
  leaf.lengths[gap.run - 1] += length;
  if (length < run.length) {
    leaf.Set(gap.run,
             Run{.first = run.first + length, .length = run.length - length, .deleted = false});
    return true;
  }
  leaf.RemoveRun(gap.run);
  if (gap.run < leaf.count && MayJoin(history, leaf.At(gap.run - 1), leaf.At(gap.run))) {
    leaf.lengths[gap.run - 1] += leaf.LengthAt(gap.run);
    leaf.RemoveRun(gap.run);
  }
  return true;
}

// Gives the back of a visible run to the deleted run behind it, if that continues it.
bool Sequence::JoinNext(const History& history, const Gap& gap, uint32_t length) {
  Leaf& leaf = leaves_[gap.leaf];
  const Run run = leaf.At(gap.run);
  if (gap.offset + length < run.length || gap.run + 1 == leaf.count) return false;
  const Run next = leaf.At(gap.run + 1);
  const Run back{.first = run.first + gap.offset, .length = length, .deleted = true};
  if (!MayJoin(history, back, next)) return false;
  leaf.Set(gap.run + 1, Run{.first = back.first, .length = length + next.length, .deleted = true});
  if (gap.offset == 0) {
    leaf.RemoveRun(gap.run);
  } else {
    leaf.lengths[gap.run] = gap.offset;
  }
  return true;
}

// Deletes `length` elements of one visible run, from `gap` on.
void Sequence::MarkDeleted(const History& history, const Gap& at, uint32_t length) {
  const Run run = leaves_[at.leaf].At(at.run);
  const Tree::Delta sums = SumsOf(history, run.first + at.offset, length);
  if (JoinPrevious(history, at, length) || JoinNext(history, at, length)) {
    AddSums(at.leaf, sums, -1);
    return;
  }
  const bool front = at.offset > 0;
  const bool back = at.offset + length < run.length;
  const Gap gap = MakeRoom(history, at, (front ? 1U : 0U) + (back ? 1U : 0U));
  AddSums(gap.leaf, sums, -1);
  Leaf& leaf = leaves_[gap.leaf];
  leaf.Set(gap.run, Run{.first = run.first + gap.offset, .length = length, .deleted = true});
  if (back) {
    leaf.InsertRun(gap.run + 1, Run{.first = run.first + gap.offset + length,
                                    .length = run.length - gap.offset - length,
                                    .deleted = false});
  }
  if (front) {
    leaf.InsertRun(gap.run, Run{.first = run.first, .length = gap.offset, .deleted = false});
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

bool Sequence::Precedes(Lv left, Lv right) const {
  const Gap a = LocateElement(left);
  const Gap b = LocateElement(right);
  if (a.leaf != b.leaf) return tree_.Precedes(a.leaf, b.leaf);
  return a.run != b.run ? a.run < b.run : a.offset < b.offset;
}

Lv Sequence::ElementAt(uint64_t position) const {
  Cursor cursor;
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
  const Leaf& leaf = leaves_[found.leaf];
  Tree::Sums before = tree_.Before(found.leaf);
  uint64_t rest = found.offset;
  for (uint32_t i = 0;; ++i) {
    COTEXT_DCHECK(i < leaf.count);
    const Run run = leaf.At(i);
    if (run.deleted) continue;
    const Tree::Delta delta = SumsOf(history, run.first, run.length);
    Tree::Sums sums;
    for (size_t d = 0; d < kDimensions; ++d) sums[d] = static_cast<uint32_t>(delta[d]);
    if (rest < weight(sums)) {
      return Found{.run = run, .before = ToMetrics(before), .rest = rest};
    }
    rest -= weight(sums);
    for (size_t d = 0; d < kDimensions; ++d) before[d] += sums[d];
  }
}

// Checking.

void Sequence::CheckInvariants(const History& history) const {
  tree_.CheckInvariants();
  index_.CheckInvariants();
  uint64_t elements = 0;
  for (uint32_t leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    CheckLeaf(history, leaf);
    for (uint32_t i = 0; i < leaves_[leaf].count; ++i) elements += leaves_[leaf].LengthAt(i);
  }
  COTEXT_CHECK(elements == index_.end().value);
  COTEXT_CHECK(elements == history.text.end().value);
}

void Sequence::CheckLeaf(const History& history, uint32_t leaf) const {
  Tree::Delta total{};
  OpId least = kNoId;
  COTEXT_CHECK(leaves_[leaf].count <= options_.leaf_runs);
  for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
    const Run run = leaves_[leaf].At(i);
    COTEXT_CHECK(run.length > 0);
    COTEXT_CHECK(run.length <= options_.max_run);
    for (uint32_t offset = 0; offset < run.length; ++offset) {
      COTEXT_CHECK(index_.At(run.first + offset) == leaf);
      COTEXT_CHECK(offset == 0 ||
                   history.IdOf(run.first + (offset - 1)) < history.IdOf(run.first + offset));
    }
    least = std::min(least, history.IdOf(run.first));
    if (run.deleted) continue;
    const Tree::Delta sums = SumsOf(history, run.first, run.length);
    for (size_t d = 0; d < kDimensions; ++d) total[d] += sums[d];
  }
  COTEXT_CHECK(tree_.KeyOf(leaf) == least);
  for (size_t d = 0; d < kDimensions; ++d) {
    COTEXT_CHECK(tree_.SumsOf(leaf)[d] == total[d]);
  }
}

}  // namespace cotext
