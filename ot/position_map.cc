#include "ot/position_map.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

PositionMap PositionMap::OfInsert(uint64_t position, uint64_t count) {
  PositionMap map;
  const uint64_t moved = 2 * position + 1;
  map.Append(moved, LeanAfterInsert(moved, position, count), false);
  return map;
}

PositionMap PositionMap::OfDelete(uint64_t position, uint64_t count) {
  PositionMap map;
  const uint64_t fallen = 2 * position + 1;
  map.Append(fallen, fallen, true);
  map.Append(fallen + 2 * count, fallen, false);
  return map;
}

PositionMap PositionMap::Of(const Delta& delta) {
  PositionMap inserting;
  PositionMap deleting;
  uint64_t inserted = 0;
  uint64_t deleted = 0;
  ForEachStep(
      delta,
      [&](uint64_t position, uint64_t count) {
        // The position counts what was inserted before it.
        const uint64_t moved = 2 * (position - inserted) + 1;
        inserted += count;
        inserting.Append(moved, moved + 2 * inserted, false);
      },
      [&](uint64_t position, uint64_t count) {
        const uint64_t begin = 2 * (position + deleted) + 1;
        const uint64_t fallen = 2 * position + 1;
        deleted += count;
        deleting.Append(begin, fallen, true);
        deleting.Append(begin + 2 * count, fallen, false);
      });
  return inserting.Then(deleting);
}

void PositionMap::Append(uint64_t from, uint64_t to, bool flat) {
  bool continues = from == to && !flat;
  if (!pieces_.empty()) {
    const Piece& last = pieces_.back();
    continues = (last.flat != 0) == flat && last.At(from) == to;
  }
  if (continues) return;
  pieces_.push_back(Piece{.from = from, .to = to, .flat = flat ? uint64_t{1} : uint64_t{0}});
}

size_t PositionMap::Find(uint64_t lean) const {
  const auto after = std::ranges::upper_bound(pieces_, lean, {}, &Piece::from);
  return after == pieces_.begin() ? pieces_.size()
                                  : static_cast<size_t>(after - pieces_.begin()) - 1;
}

uint64_t PositionMap::operator()(uint64_t lean) const {
  const size_t at = Find(lean);
  return at == pieces_.size() ? lean : pieces_[at].At(lean);
}

PositionMap PositionMap::Then(const PositionMap& next) const {
  PositionMap result;
  result.pieces_.reserve(pieces_.size() + next.pieces_.size());
  size_t behind = 0;  // The first piece of `next` that begins behind the value before `from`.
  // Adds [from, end) of this map, of which `first` is a piece or the identity.
  const auto add = [&](const Piece& first, uint64_t end) {
    const uint64_t begin = first.to;
    while (behind < next.pieces_.size() && next.pieces_[behind].from <= begin) ++behind;
    if (behind == 0) {
      result.Append(first.from, begin, first.flat != 0);
    } else {
      const Piece& over = next.pieces_[behind - 1];
      result.Append(first.from, over.At(begin), first.flat != 0 || over.flat != 0);
    }
    if (first.flat != 0) return;
    for (; behind < next.pieces_.size(); ++behind) {
      const Piece& over = next.pieces_[behind];
      if (over.from - begin >= end - first.from) break;
      result.Append(first.from + (over.from - begin), over.to, over.flat != 0);
    }
  };
  const Piece identity{.from = 0, .to = 0, .flat = 0};
  add(identity, pieces_.empty() ? UINT64_MAX : pieces_.front().from);
  for (size_t i = 0; i < pieces_.size(); ++i) {
    add(pieces_[i], i + 1 < pieces_.size() ? pieces_[i + 1].from : UINT64_MAX);
  }
  return result;
}

void PositionMap::CheckInvariants() const {
  PositionMap appended;
  uint64_t value = 0;
  for (const Piece& piece : pieces_) {
    COTEXT_CHECK(appended.pieces_.empty() || appended.pieces_.back().from < piece.from);
    COTEXT_CHECK(piece.from == 0 || value <= piece.to);
    if (piece.from > 0) COTEXT_CHECK(appended(piece.from - 1) <= piece.to);
    value = piece.to;
    appended.Append(piece.from, piece.to, piece.flat != 0);
  }
  COTEXT_CHECK(appended.pieces_.size() == pieces_.size());
}

}  // namespace cotext
