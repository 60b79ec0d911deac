// Where positions go in a sequence of edits: a function in pieces, composed once and asked often.
//
// A *lean position* is a position and a Bias in one number: twice the position, and 1 more for
// kAfter, which clings to the character on its right. Text inserted at a position p moves what is
// greater than 2p. Where characters are deleted, what clung to one of them falls to where it stood,
// and lies behind all text that is inserted there later, as if the character were still there and
// the text in front of it: so a replacement puts it, and so the RGA puts text in front of
// tombstones. So every edit is a monotone function of lean positions, and no two of them ever
// change places; for edits one after the other it is what TransformPosition makes of their
// composition.
//
// Invariants: (1) pieces begin at ascending numbers, the first at 0 or behind an identity; (2)
// values do not descend; (3) no two neighbours are one.
//
// With n pieces, a look-up is O(log n), composing linear. k edits at one place each make at most
// 2k. Positions stay below 2^61.
#ifndef COTEXT_OT_POSITION_MAP_H_
#define COTEXT_OT_POSITION_MAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "document/delta.h"
#include "document/offset.h"

namespace cotext {

constexpr uint64_t ToLean(uint64_t position, Bias bias) {
  return 2 * position + (bias == Bias::kAfter ? 1 : 0);
}
constexpr uint64_t LeanPosition(uint64_t lean) { return lean / 2; }
constexpr Bias LeanBias(uint64_t lean) { return lean % 2 == 1 ? Bias::kAfter : Bias::kBefore; }

// Where a lean position goes when `count` characters are inserted at `position`, or deleted behind
// it.
constexpr uint64_t LeanAfterInsert(uint64_t lean, uint64_t position, uint64_t count) {
  return lean <= 2 * position ? lean : lean + 2 * count;
}
constexpr uint64_t LeanAfterDelete(uint64_t lean, uint64_t position, uint64_t count) {
  if (lean <= 2 * position) return lean;
  return lean <= 2 * (position + count) ? 2 * position + 1 : lean - 2 * count;
}

// Calls `insert(position, count)` and `erase(position, count)` with what `delta` does, one after
// the other. All is inserted before anything is deleted, so that each text stays in its gap.
template <typename Insert, typename Erase>
void ForEachStep(const Delta& delta, Insert insert, Erase erase) {
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kInsert) insert(position, component.count);
    position += component.count;
  }
  position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kDelete) {
      erase(position, component.count);
    } else {
      position += component.count;
    }
  }
}

class PositionMap {
 public:
  // The map of the edit that changes nothing, and of single steps.
  PositionMap() = default;
  static PositionMap OfInsert(uint64_t position, uint64_t count);
  static PositionMap OfDelete(uint64_t position, uint64_t count);
  static PositionMap Of(const Delta& delta);

  uint64_t operator()(uint64_t lean) const;

  // Returns the map of what this is the map of, and then what `next` is.
  PositionMap Then(const PositionMap& next) const;

  size_t size() const { return pieces_.size(); }

  // Stops the program if an invariant is broken.
  void CheckInvariants() const;

 private:
  friend struct PositionMapPeer;  // Corrupts pieces in tests.

  // From `from` on up to the next piece: all goes to `to`, or it ascends from there.
  struct Piece {
    uint64_t from;
    uint64_t to : 63;
    uint64_t flat : 1;

    uint64_t At(uint64_t lean) const { return flat != 0 ? to : to + (lean - from); }
  };

  // Adds a piece behind all others, unless it only continues the last one.
  void Append(uint64_t from, uint64_t to, bool flat);
  // Returns the piece that holds `lean`, or as many as there are if that is the identity in front.
  size_t Find(uint64_t lean) const;

  std::vector<Piece> pieces_;  // In front of the first: the identity.
};

}  // namespace cotext

#endif  // COTEXT_OT_POSITION_MAP_H_
