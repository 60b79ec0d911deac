// Reading a Sequence: where elements stand, what stands where, and whether all is as it should be.
#include "crdt/sequence.h"
#include "document/check.h"
#include "document/prefix_search.h"

namespace cotext {

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
  TextMetrics total;
  COTEXT_CHECK(leaves_[leaf].count <= options_.leaf_runs);
  for (uint32_t i = leaves_[leaf].count; i < kMaxLeafRuns; ++i) {
    COTEXT_CHECK(leaves_[leaf].lengths[i] == 0);
  }
  for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
    const Run run = leaves_[leaf].At(i);
    COTEXT_CHECK(run.length > 0);
    COTEXT_CHECK(run.length <= options_.max_run);
    for (uint32_t offset = 0; offset < run.length; ++offset) {
      COTEXT_CHECK(index_.At(run.first + offset) == leaf);
      COTEXT_CHECK(offset == 0 ||
                   history.IdOf(run.first + (offset - 1)) < history.IdOf(run.first + offset));
    }
    COTEXT_CHECK(tree_.KeyOf(leaf) <= history.IdOf(run.first));
    if (!run.deleted) total = total + history.text.Measure(run.first, run.length);
  }
  COTEXT_CHECK(tree_.SumsOf(leaf) == ToSums(total));
}

}  // namespace cotext
