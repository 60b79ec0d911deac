// A text that keeps what was deleted, and can show any version of itself: the model of TTF.
//
// Every character ever inserted is a *cell*, numbered in order of insertion. Cells stand in one
// order that never changes; whether a cell is visible depends on which inserts and deletes are
// *shown*: its insert is, and none of its deletes. To edit at a version, show exactly what belongs
// to it. With the tombstones kept, gaps neither merge nor vanish, so that a position means the same
// whatever came before (TP2 holds), and a version is a mere set of edits.
//
// Order. A cell goes right behind the visible cell in front of it, past every cell with a greater
// id: an id is a counter, then an author, and a cell's is greater than that of any cell its author
// saw. So concurrent inserts at one place stand as in an RGA, greater ids first.
//
// Invariants: (1) a run's cells follow each other in number, counter and order, with one author,
// and are shown alike; (2) a leaf has 1 to kMaxLeafRuns runs; (3) the tree holds for each leaf its
// visible cells and its least id; (4) leaf_of_ names the leaf of every cell.
//
// With n runs: O(log n) for each run that an edit touches or that is shown or hidden, beside its
// text. Memory: 4 bytes a cell, 24 a run or 30 with the tree, and the text. All counts are in code
// points.
//
// Oster, Molli, Urso, Imine: "Tombstone transformation functions for ensuring consistency in
// collaborative editing systems", CollaborateCom 2006; the order is that of Roh et al., JPDC 2011.
#ifndef COTEXT_OT_TOMBSTONE_TEXT_H_
#define COTEXT_OT_TOMBSTONE_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/sum_tree.h"
#include "ot/cell_id.h"

namespace cotext {

// Cells [begin, end).
struct CellRange {
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const CellRange&, const CellRange&) = default;
};

class TombstoneText {
  using Tree = SumTree<1, CellId>;

 public:
  static constexpr uint32_t kMaxFanout = Tree::kMaxFanout;
  static constexpr uint32_t kMaxLeafRuns = 32;
  // So that moving a leaf's runs costs little, however long the texts are that were pasted.
  static constexpr uint32_t kMaxRun = 256;
  // Numbers of cells are below it.
  static constexpr uint32_t kMaxCells = UINT32_MAX;

  // Small leaves and fan-outs are for tests.
  struct Options {
    uint32_t leaf_runs = kMaxLeafRuns;
    uint32_t fanout = kMaxFanout;
    uint32_t max_run = kMaxRun;
  };

  TombstoneText() : TombstoneText(Options()) {}
  explicit TombstoneText(const Options& options);

  // The number of cells visible now, and of all.
  uint64_t length() const { return tree_.Total()[0]; }
  uint32_t cell_count() const { return static_cast<uint32_t>(leaf_of_.size()); }

  // Inserts text in front of visible cell number `position` and shows it. Its cells are numbered
  // next; `id` is that of the first, the others have the counters that follow.
  // REQUIRES: position <= length(); text is valid UTF-8 of `count` > 0 code points for which there
  // are numbers; the ids are greater than those of all cells of the version shown.
  CellRange Insert(uint64_t position, std::string_view text, uint32_t count, CellId id);

  // Deletes visible cells, for this version, and appends them to `deleted` in document order.
  // REQUIRES: position + count <= length().
  void Delete(uint64_t position, uint64_t count, std::vector<CellRange>& deleted);

  // Shows or hides the insert of some cells, or one delete of theirs.
  // REQUIRES: what is shown was hidden and the other way round.
  void ShowInsert(CellRange cells) { Change(cells, Step{.inserts = 1}); }
  void HideInsert(CellRange cells) { Change(cells, Step{.inserts = -1}); }
  void ShowDelete(CellRange cells) { Change(cells, Step{.deletes = 1}); }
  void HideDelete(CellRange cells) { Change(cells, Step{.deletes = -1}); }

  // Returns what is visible now.
  std::string Text() const;

  // Bytes allocated.
  uint64_t AllocatedBytes() const;

  // Stops the program if an invariant is broken. O(n), and linear in all cells.
  void CheckInvariants() const;

 private:
  friend struct TombstoneTextPeer;  // Corrupts runs in tests.

  struct Run {
    CellId id;  // Of its first cell.
    uint32_t first = 0;
    uint32_t length = 0;
    uint32_t deletes = 0;  // Shown.
    bool inserted = false;

    uint32_t visible() const { return inserted && deletes == 0 ? length : 0; }
  };

  struct Leaf {
    uint32_t count = 0;
    std::array<Run, kMaxLeafRuns> runs{};
  };

  // A gap: behind `offset` cells of a run. At the very beginning, of the first run and with 0.
  struct Gap {
    uint32_t leaf;
    uint32_t run;
    uint32_t offset;
  };

  struct Step {
    int inserts = 0;
    int deletes = 0;
  };

  Gap BehindVisible(uint64_t position) const;
  Gap AtVisible(uint64_t position) const;
  Gap PastGreater(Gap gap, CellId id) const;
  Gap PutRun(Gap gap, const Run& run);
  bool Extend(const Gap& gap, const Run& run);
  void InsertFirstLeaf();
  Gap MakeRoom(Gap gap, uint32_t runs);
  // Makes cells [begin, end) of the run at `gap`, counted within it, a run of their own, and
  // returns where that is.
  Gap Isolate(Gap gap, uint32_t begin, uint32_t end);
  Gap CutRun(Gap gap);
  void Change(CellRange cells, Step step);
  void SetShown(const Gap& gap, Step step);
  void AssignToLeaf(uint32_t leaf, uint32_t from_run);
  static CellId LeastOf(const Leaf& leaf);
  size_t ByteOf(uint32_t cell) const;

  Options options_;
  std::vector<Leaf> leaves_;
  Tree tree_;
  std::vector<uint32_t> leaf_of_;  // By cell.
  std::string text_;               // Of all cells, in the order of their numbers.
  std::vector<size_t> byte_of_;    // Where every kCellsPerMark-th cell begins in text_.
};

}  // namespace cotext

#endif  // COTEXT_OT_TOMBSTONE_TEXT_H_
