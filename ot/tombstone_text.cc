#include "ot/tombstone_text.h"

#include <algorithm>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// A number of 8 bytes for so many cells, and as many characters to step over at most.
constexpr uint32_t kCellsPerMark = 64;

constexpr auto kVisibleOnly = [](const auto& sums) { return sums[0]; };

}  // namespace

TombstoneText::TombstoneText(const Options& options) : options_(options), tree_(options.fanout) {
  COTEXT_CHECK(options.leaf_runs >= 4);  // An edit may cut a run in three and add one.
  COTEXT_CHECK(options.leaf_runs <= kMaxLeafRuns);
  COTEXT_CHECK(options.max_run > 0);
}

// Finding places.

// Returns the gap right behind visible cell number position - 1.
TombstoneText::Gap TombstoneText::BehindVisible(uint64_t position) const {
  if (position == 0) return Gap{.leaf = tree_.First(), .run = 0, .offset = 0};
  Gap gap = AtVisible(position - 1);
  ++gap.offset;
  return gap;
}

// Returns the gap in front of visible cell number `position`, in that cell's run.
TombstoneText::Gap TombstoneText::AtVisible(uint64_t position) const {
  const Tree::Found found = tree_.Find(position, kVisibleOnly);
  const Leaf& leaf = leaves_[found.leaf];
  uint64_t rest = found.offset;
  for (uint32_t i = 0; i < leaf.count; ++i) {
    const uint32_t visible = leaf.runs[i].visible();
    if (rest < visible) {
      return Gap{.leaf = found.leaf, .run = i, .offset = static_cast<uint32_t>(rest)};
    }
    rest -= visible;
  }
  COTEXT_CHECK(false);  // The tree knows how many there are.
}

// Returns the gap in front of the first cell behind `gap` with a lesser id.
TombstoneText::Gap TombstoneText::PastGreater(Gap gap, CellId id) const {
  const Leaf& leaf = leaves_[gap.leaf];
  const uint32_t length = leaf.runs[gap.run].length;
  if (gap.offset > 0 && gap.offset < length) {
    CellId next = leaf.runs[gap.run].id;
    next.counter += gap.offset;
    if (next < id) return gap;
  }
  // Within a run ids ascend: where its first is passed, so is all of it.
  for (uint32_t i = gap.offset > 0 ? gap.run + 1 : gap.run; i < leaf.count; ++i) {
    if (leaf.runs[i].id < id) return gap;
    gap = Gap{.leaf = gap.leaf, .run = i, .offset = leaf.runs[i].length};
  }
  const uint32_t next = tree_.FirstBelow(gap.leaf, id);
  if (next == Tree::kNone) {
    const uint32_t last = tree_.Last();
    const uint32_t run = leaves_[last].count - 1;
    return Gap{.leaf = last, .run = run, .offset = leaves_[last].runs[run].length};
  }
  uint32_t i = 0;
  while (id < leaves_[next].runs[i].id) ++i;
  return Gap{.leaf = next, .run = i, .offset = 0};
}

// Editing.

CellRange TombstoneText::Insert(uint64_t position, std::string_view text, uint32_t count,
                                CellId id) {
  const CellRange cells{.begin = cell_count(), .end = cell_count() + count};
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    if (leaf_of_.size() % kCellsPerMark == 0) byte_of_.push_back(text_.size() + byte);
    leaf_of_.push_back(Tree::kNone);
  }
  COTEXT_CHECK(cell_count() == cells.end);
  text_ += text;
  if (tree_.empty()) InsertFirstLeaf();
  Gap gap = leaves_[tree_.First()].count == 0 ? Gap{.leaf = tree_.First(), .run = 0, .offset = 0}
                                              : PastGreater(BehindVisible(position), id);
  for (uint32_t at = cells.begin; at < cells.end;) {
    const Run run{.id = {.counter = id.counter + (at - cells.begin), .author = id.author},
                  .first = at,
                  .length = std::min(options_.max_run, cells.end - at),
                  .inserted = true};
    gap = PutRun(gap, run);
    at += run.length;
  }
  return cells;
}

// Puts a new run into a gap; returns the gap behind it.
TombstoneText::Gap TombstoneText::PutRun(Gap gap, const Run& run) {
  if (Extend(gap, run)) {
    gap.offset += run.length;
    return gap;
  }
  gap = MakeRoom(gap, 2);
  gap = CutRun(gap);
  Leaf& leaf = leaves_[gap.leaf];
  std::copy_backward(leaf.runs.data() + gap.run, leaf.runs.data() + leaf.count,
                     leaf.runs.data() + leaf.count + 1);
  leaf.runs[gap.run] = run;
  ++leaf.count;
  std::fill_n(leaf_of_.data() + run.first, run.length, gap.leaf);
  tree_.AddTo(0, gap.leaf, run.length);
  if (run.id < tree_.KeyOf(gap.leaf)) tree_.SetKey(gap.leaf, run.id);
  return Gap{.leaf = gap.leaf, .run = gap.run, .offset = run.length};
}

// Lets the run that ends at `gap` grow by one that continues it: typing. Returns whether it did.
bool TombstoneText::Extend(const Gap& gap, const Run& run) {
  if (gap.offset == 0) return false;
  Run& left = leaves_[gap.leaf].runs[gap.run];
  const bool continues = gap.offset == left.length && left.visible() > 0 &&
                         left.first + left.length == run.first && left.id.author == run.id.author &&
                         left.id.counter + left.length == run.id.counter;
  if (!continues || left.length + run.length > options_.max_run) return false;
  left.length += run.length;
  std::fill_n(leaf_of_.data() + run.first, run.length, gap.leaf);
  tree_.AddTo(0, gap.leaf, run.length);
  return true;
}

void TombstoneText::InsertFirstLeaf() {
  leaves_.emplace_back();
  // No id is as great: the first run brings the least.
  tree_.InsertFirst(0, CellId{.counter = UINT64_MAX, .author = UINT32_MAX});
}

// Splits the leaf of `gap` unless it has room for `runs` more; returns where the gap is then.
TombstoneText::Gap TombstoneText::MakeRoom(Gap gap, uint32_t runs) {
  if (leaves_[gap.leaf].count + runs <= options_.leaf_runs) return gap;
  const auto right = static_cast<uint32_t>(leaves_.size());
  leaves_.emplace_back();
  Leaf& from = leaves_[gap.leaf];
  Leaf& to = leaves_[right];
  const uint32_t kept = from.count / 2;
  to.count = from.count - kept;
  std::copy(from.runs.data() + kept, from.runs.data() + from.count, to.runs.data());
  from.count = kept;
  int64_t moved = 0;
  for (uint32_t i = 0; i < to.count; ++i) moved += to.runs[i].visible();
  tree_.InsertAfter(gap.leaf, right, LeastOf(to));
  tree_.AddTo(0, right, moved);
  tree_.AddTo(0, gap.leaf, -moved);
  tree_.SetKey(gap.leaf, LeastOf(from));
  AssignToLeaf(right, 0);
  if (gap.run < kept) return gap;
  return Gap{.leaf = right, .run = gap.run - kept, .offset = gap.offset};
}

// Makes a gap inside a run, or at its end, one between two runs. Returns it, as the beginning of
// the second, which need not be there. REQUIRES: the leaf has room for a run.
TombstoneText::Gap TombstoneText::CutRun(Gap gap) {
  Leaf& leaf = leaves_[gap.leaf];
  if (gap.offset == 0) return gap;
  const Gap behind{.leaf = gap.leaf, .run = gap.run + 1, .offset = 0};
  Run& left = leaf.runs[gap.run];
  if (gap.offset == left.length) return behind;
  Run right = left;
  right.id.counter += gap.offset;
  right.first += gap.offset;
  right.length -= gap.offset;
  left.length = gap.offset;
  std::copy_backward(leaf.runs.data() + behind.run, leaf.runs.data() + leaf.count,
                     leaf.runs.data() + leaf.count + 1);
  leaf.runs[behind.run] = right;
  ++leaf.count;
  return behind;
}

TombstoneText::Gap TombstoneText::Isolate(Gap gap, uint32_t begin, uint32_t end) {
  const uint32_t length = leaves_[gap.leaf].runs[gap.run].length;
  if (begin == 0 && end == length) return gap;
  gap = MakeRoom(gap, 2);
  gap.offset = end;
  if (end < length) CutRun(gap);
  gap.offset = begin;
  return CutRun(gap);
}

void TombstoneText::Delete(uint64_t position, uint64_t count, std::vector<CellRange>& deleted) {
  const size_t others = deleted.size();
  while (count > 0) {
    Gap gap = AtVisible(position);
    const uint32_t begin = gap.offset;
    const uint32_t length = leaves_[gap.leaf].runs[gap.run].length;
    const auto taken = static_cast<uint32_t>(std::min<uint64_t>(count, length - begin));
    gap = Isolate(gap, begin, begin + taken);
    const uint32_t first = leaves_[gap.leaf].runs[gap.run].first;
    SetShown(gap, Step{.deletes = 1});
    if (deleted.size() > others && deleted.back().end == first) {
      deleted.back().end += taken;
    } else {
      deleted.push_back(CellRange{.begin = first, .end = first + taken});
    }
    count -= taken;
  }
}

void TombstoneText::Change(CellRange cells, Step step) {
  for (uint32_t cell = cells.begin; cell < cells.end;) {
    const uint32_t leaf = leaf_of_[cell];
    uint32_t i = 0;
    const auto& runs = leaves_[leaf].runs;
    while (cell - runs[i].first >= runs[i].length) ++i;
    const uint32_t begin = cell - runs[i].first;
    const uint32_t end = std::min(runs[i].length, cells.end - runs[i].first);
    SetShown(Isolate(Gap{.leaf = leaf, .run = i, .offset = 0}, begin, end), step);
    cell += end - begin;
  }
}

void TombstoneText::SetShown(const Gap& gap, Step step) {
  Run& run = leaves_[gap.leaf].runs[gap.run];
  const int64_t before = run.visible();
  if (step.inserts != 0) {
    COTEXT_DCHECK(run.inserted == (step.inserts < 0));
    run.inserted = step.inserts > 0;
  }
  COTEXT_DCHECK(step.deletes >= 0 || run.deletes > 0);
  run.deletes += static_cast<uint32_t>(step.deletes);
  const int64_t after = run.visible();
  if (after != before) tree_.AddTo(0, gap.leaf, after - before);
}

void TombstoneText::AssignToLeaf(uint32_t leaf, uint32_t from_run) {
  for (uint32_t i = from_run; i < leaves_[leaf].count; ++i) {
    const Run& run = leaves_[leaf].runs[i];
    std::fill_n(leaf_of_.data() + run.first, run.length, leaf);
  }
}

CellId TombstoneText::LeastOf(const Leaf& leaf) {
  CellId least = leaf.runs[0].id;
  for (uint32_t i = 1; i < leaf.count; ++i) least = std::min(least, leaf.runs[i].id);
  return least;
}

// Reading.

size_t TombstoneText::ByteOf(uint32_t cell) const {
  if (cell == cell_count()) return text_.size();
  const size_t mark = byte_of_[cell / kCellsPerMark];
  return mark + ByteOfCodePoint(std::string_view(text_).substr(mark), cell % kCellsPerMark);
}

std::string TombstoneText::Text() const {
  std::string text;
  for (uint32_t leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
      const Run& run = leaves_[leaf].runs[i];
      if (run.visible() == 0) continue;
      const size_t begin = ByteOf(run.first);
      text.append(text_, begin, ByteOf(run.first + run.length) - begin);
    }
  }
  return text;
}

uint64_t TombstoneText::AllocatedBytes() const {
  return leaves_.capacity() * sizeof(Leaf) + tree_.AllocatedBytes() +
         leaf_of_.capacity() * sizeof(uint32_t) + text_.capacity() +
         byte_of_.capacity() * sizeof(size_t);
}

void TombstoneText::CheckInvariants() const {
  tree_.CheckInvariants();
  uint64_t cells = 0;
  for (uint32_t leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    const Leaf& here = leaves_[leaf];
    COTEXT_CHECK(here.count > 0);
    COTEXT_CHECK(here.count <= options_.leaf_runs);
    uint64_t visible = 0;
    for (uint32_t i = 0; i < here.count; ++i) {
      const Run& run = here.runs[i];
      COTEXT_CHECK(run.length > 0);
      COTEXT_CHECK(run.length <= options_.max_run);
      for (uint32_t cell = run.first; cell < run.first + run.length; ++cell) {
        COTEXT_CHECK(leaf_of_.at(cell) == leaf);
      }
      visible += run.visible();
      cells += run.length;
    }
    COTEXT_CHECK(tree_.SumsOf(leaf)[0] == visible);
    COTEXT_CHECK(tree_.KeyOf(leaf) == LeastOf(here));
  }
  COTEXT_CHECK(cells == cell_count());
  COTEXT_CHECK(byte_of_.size() == (cell_count() + kCellsPerMark - 1) / kCellsPerMark);
}

}  // namespace cotext
