// Deleting and inserting elements is a walk through a grid, from (0, 0) to (N, M): one step right
// deletes an element of `before`, one step down inserts one of `after`, and where the two
// elements are equal a diagonal step is free. On the diagonal k = x - y, the walk that got
// furthest with d paid steps extends one that got furthest with d - 1 on a diagonal next to it. Two
// searches, from both ends of a box, meet in the middle of a shortest walk; the boxes before and
// behind the meeting point are searched again, so only the frontiers of the searches are kept, and
// no table.
//
// A greedy search stops after kGreedyPaid paid steps, and the box is cut where the walk is that got
// furthest from its corner. A walk finds many a free step between strangers, too: one that pays for
// more than a quarter of its way is taken for that, and all of it is replaced.
#include "document/sequence_diff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "document/check.h"

namespace cotext {
namespace {

using Sequence = std::span<const uint32_t>;

// The two searches of a box then visit kGreedyPaid^2 / 2 diagonals each at most, and the box gets
// shorter by kGreedyPaid elements at least: with what the part that is cut off takes, 2 *
// kGreedyPaid steps an element at most, beside free ones.
constexpr ptrdiff_t kGreedyPaid = 64;

// Random letters pay for two thirds of the way, random ones of only four letters for 0.37 of it;
// texts of which every tenth character was replaced pay for a tenth. Walks that pay less than
// kStrangersPay say little: they are a changed word.
constexpr ptrdiff_t kStrangersPayOneOf = 4;
constexpr ptrdiff_t kStrangersPay = 8;

// A part of the grid: the elements [left, right) of `before` and [top, bottom) of `after`.
struct Box {
  ptrdiff_t left;
  ptrdiff_t right;
  ptrdiff_t top;
  ptrdiff_t bottom;
  ptrdiff_t width() const { return right - left; }
  ptrdiff_t height() const { return bottom - top; }
};

struct GridPoint {
  ptrdiff_t x;
  ptrdiff_t y;
};

// Where a box is cut, and what a walk through it pays, or through one of its parts.
enum class Parts : uint8_t { kBoth, kBefore, kBehind };
struct Cut {
  GridPoint at;
  ptrdiff_t paid;
  Parts parts;
};

// How far the walks of one search have got, by diagonal: x, or kNowhere where none can be.
class Frontier {
 public:
  static constexpr ptrdiff_t kNowhere = -1;

  explicit Frontier(ptrdiff_t max_diagonal)
      : middle_(max_diagonal), reach_(static_cast<size_t>(2 * max_diagonal + 1), kNowhere) {}

  ptrdiff_t& operator[](ptrdiff_t diagonal) {
    return reach_[static_cast<size_t>(middle_ + diagonal)];
  }

 private:
  ptrdiff_t middle_;
  std::vector<ptrdiff_t> reach_;
};

// Finds the elements of either sequence that have no partner in the other.
class Differ {
 public:
  Differ(Sequence before, Sequence after, DiffEffort effort)
      : before_(before),
        after_(after),
        deleted_(before.size()),
        inserted_(after.size()),
        // A search from both ends reaches half of the N + M diagonals, and looks one further.
        forward_(MaxDiagonal()),
        backward_(MaxDiagonal()),
        steps_left_(Steps(effort.exact_steps)),
        greedy_steps_(Steps(effort.greedy_steps)) {}

  void Run() {
    std::vector<Box> boxes = {{0, Size(before_), 0, Size(after_)}};
    while (!boxes.empty()) {
      const Box box = WithoutCommonEnds(boxes.back());
      boxes.pop_back();
      const std::optional<Cut> cut = FindCut(box);
      if (!cut || (cut->parts == Parts::kBoth && AreStrangers(box, cut->paid))) {
        Replace(box);
        continue;
      }
      const Box before{box.left, cut->at.x, box.top, cut->at.y};
      const Box behind{cut->at.x, box.right, cut->at.y, box.bottom};
      if (cut->parts == Parts::kBehind && AreStrangers(behind, cut->paid)) {
        Replace(behind);
      } else {
        boxes.push_back(behind);
      }
      if (cut->parts == Parts::kBefore && AreStrangers(before, cut->paid)) {
        Replace(before);
      } else {
        boxes.push_back(before);
      }
    }
  }

  // Returns the elements without a partner, as ranges that are as long as possible.
  std::vector<ReplacedRange> Ranges() const;

 private:
  static int64_t Steps(uint64_t count) {
    return static_cast<int64_t>(std::min<uint64_t>(count, INT64_MAX / 2));
  }
  static ptrdiff_t Size(Sequence sequence) { return static_cast<ptrdiff_t>(sequence.size()); }
  ptrdiff_t MaxDiagonal() const { return (Size(before_) + Size(after_) + 1) / 2 + 1; }

  bool Equal(ptrdiff_t x, ptrdiff_t y) const {
    return before_[static_cast<size_t>(x)] == after_[static_cast<size_t>(y)];
  }

  Box WithoutCommonEnds(Box box) const {
    while (box.width() > 0 && box.height() > 0 && Equal(box.left, box.top)) {
      ++box.left;
      ++box.top;
    }
    while (box.width() > 0 && box.height() > 0 && Equal(box.right - 1, box.bottom - 1)) {
      --box.right;
      --box.bottom;
    }
    return box;
  }

  void Replace(const Box& box) {
    std::fill(deleted_.begin() + box.left, deleted_.begin() + box.right, true);
    std::fill(inserted_.begin() + box.top, inserted_.begin() + box.bottom, true);
  }

  // Returns where to cut a box, such that the boxes before and behind are both cheaper: inside a
  // shortest walk through it, or inside a good one when the search is greedy. Nothing if one side
  // of the box is empty or the steps are used up. REQUIRES: the box has no common ends.
  std::optional<Cut> FindCut(const Box& box);
  std::optional<Cut> Search(const Box& box, ptrdiff_t max_paid);
  Cut CutAtFurthest(const Box& box, ptrdiff_t paid);
  bool AreStrangers(const Box& box, ptrdiff_t paid) const {
    return greedy_ && paid >= kStrangersPay &&
           paid * kStrangersPayOneOf > box.width() + box.height();
  }

  // Moves every walk of a search one paid step on, as its step number `paid`, and then along equal
  // elements. `equal` compares the elements right of and below a point; x and y count from the
  // corner of the box where the search began. Returns the first point for which `met` holds, or
  // nothing if there is none or the steps are used up.
  template <typename EqualAt, typename Met>
  std::optional<GridPoint> Advance(const Box& box, Frontier& frontier, ptrdiff_t paid,
                                   EqualAt equal, Met met);

  Sequence before_;
  Sequence after_;
  std::vector<bool> deleted_;
  std::vector<bool> inserted_;
  Frontier forward_;
  Frontier backward_;
  int64_t steps_left_;
  int64_t greedy_steps_;  // Those that are left once the search becomes greedy.
  bool greedy_ = false;
};

// Returns how far on `diagonal` one can be after a step right or down from the diagonals beside it.
ptrdiff_t StepOnto(const Box& box, Frontier& frontier, ptrdiff_t diagonal) {
  ptrdiff_t x = Frontier::kNowhere;
  if (const ptrdiff_t left = frontier[diagonal - 1];
      left != Frontier::kNowhere && left < box.width()) {
    x = left + 1;
  }
  if (const ptrdiff_t above = frontier[diagonal + 1]; above - diagonal <= box.height()) {
    x = std::max(x, above);
  }
  return x;
}

template <typename EqualAt, typename Met>
std::optional<GridPoint> Differ::Advance(const Box& box, Frontier& frontier, ptrdiff_t paid,
                                         EqualAt equal, Met met) {
  frontier[-paid - 1] = Frontier::kNowhere;
  frontier[paid + 1] = Frontier::kNowhere;
  for (ptrdiff_t diagonal = -paid; diagonal <= paid; diagonal += 2) {
    if (--steps_left_ < 0) break;
    ptrdiff_t x = paid == 0 ? 0 : StepOnto(box, frontier, diagonal);
    if (x != Frontier::kNowhere) {
      COTEXT_DCHECK(x <= box.width());
      COTEXT_DCHECK(x - diagonal <= box.height());
      const ptrdiff_t begin = x;
      while (x < box.width() && x - diagonal < box.height() && equal(x, x - diagonal)) ++x;
      steps_left_ -= x - begin;
    }
    frontier[diagonal] = x;
    if (x != Frontier::kNowhere && met(diagonal, x)) return GridPoint{x, x - diagonal};
  }
  return std::nullopt;
}

std::optional<Cut> Differ::FindCut(const Box& box) {
  if (box.width() == 0 || box.height() == 0) return std::nullopt;
  if (!greedy_) {
    const std::optional<Cut> cut = Search(box, PTRDIFF_MAX);
    if (cut) return cut;
    greedy_ = true;
    steps_left_ = greedy_steps_;
  }
  return Search(box, kGreedyPaid);
}

// Cuts where the walk is that got furthest from its corner, after all have paid that much.
Cut Differ::CutAtFurthest(const Box& box, ptrdiff_t paid) {
  Cut cut{};
  ptrdiff_t most = 0;
  const auto gets_on = [&most](ptrdiff_t x, ptrdiff_t diagonal) {
    if (x == Frontier::kNowhere || 2 * x - diagonal <= most) return false;
    most = 2 * x - diagonal;
    return true;
  };
  for (ptrdiff_t diagonal = -paid; diagonal <= paid; diagonal += 2) {
    if (const ptrdiff_t x = forward_[diagonal]; gets_on(x, diagonal)) {
      cut = Cut{{box.left + x, box.top + x - diagonal}, paid, Parts::kBefore};
    }
    if (const ptrdiff_t x = backward_[diagonal]; gets_on(x, diagonal)) {
      cut = Cut{{box.right - x, box.bottom - (x - diagonal)}, paid, Parts::kBehind};
    }
  }
  COTEXT_CHECK(most > 0);
  return cut;
}

std::optional<Cut> Differ::Search(const Box& box, ptrdiff_t max_paid) {
  // The corner opposite to a search lies on this diagonal; diagonal k of one search is shift - k of
  // the other.
  const ptrdiff_t shift = box.width() - box.height();
  const auto overlaps = [&box, shift](Frontier& other, ptrdiff_t other_paid, ptrdiff_t diagonal,
                                      ptrdiff_t x) {
    const ptrdiff_t opposite = shift - diagonal;
    if (opposite < -other_paid || opposite > other_paid) return false;
    const ptrdiff_t reach = other[opposite];
    return reach != Frontier::kNowhere && x + reach >= box.width();
  };
  for (ptrdiff_t paid = 0; steps_left_ >= 0; ++paid) {
    COTEXT_CHECK(paid <= (box.width() + box.height() + 1) / 2);  // They have met by then.
    const std::optional<GridPoint> forward = Advance(
        box, forward_, paid,
        [this, &box](ptrdiff_t x, ptrdiff_t y) { return Equal(box.left + x, box.top + y); },
        [&](ptrdiff_t diagonal, ptrdiff_t x) {
          return overlaps(backward_, paid - 1, diagonal, x);
        });
    if (forward) {
      return Cut{{box.left + forward->x, box.top + forward->y}, 2 * paid - 1, Parts::kBoth};
    }
    const std::optional<GridPoint> backward = Advance(
        box, backward_, paid,
        [this, &box](ptrdiff_t x, ptrdiff_t y) {
          return Equal(box.right - 1 - x, box.bottom - 1 - y);
        },
        [&](ptrdiff_t diagonal, ptrdiff_t x) { return overlaps(forward_, paid, diagonal, x); });
    if (backward) {
      return Cut{{box.right - backward->x, box.bottom - backward->y}, 2 * paid, Parts::kBoth};
    }
    if (paid == max_paid && steps_left_ >= 0) return CutAtFurthest(box, paid);
  }
  return std::nullopt;
}

std::vector<ReplacedRange> Differ::Ranges() const {
  std::vector<ReplacedRange> ranges;
  size_t i = 0;
  size_t j = 0;
  while (i < before_.size() || j < after_.size()) {
    ReplacedRange range{.before_begin = i, .after_begin = j};
    while (i < before_.size() && deleted_[i]) ++i;
    while (j < after_.size() && inserted_[j]) ++j;
    range.before_end = i;
    range.after_end = j;
    if (range.before_begin < i || range.after_begin < j) ranges.push_back(range);
    COTEXT_CHECK(i < before_.size() || j == after_.size());
    for (; i < before_.size() && !deleted_[i]; ++i, ++j) {
      COTEXT_CHECK(j < after_.size());
      if (inserted_[j]) break;
      COTEXT_CHECK(before_[i] == after_[j]);
    }
  }
  return ranges;
}

}  // namespace

std::vector<ReplacedRange> DiffSequences(std::span<const uint32_t> before,
                                         std::span<const uint32_t> after, DiffEffort effort) {
  Differ differ(before, after, effort);
  differ.Run();
  return differ.Ranges();
}

}  // namespace cotext
