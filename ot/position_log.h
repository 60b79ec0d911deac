// Where positions went, for each of the latest edits of a text: what resolves anchors.
//
// Time is counted in characters that were inserted or deleted: the *number* of a state is how many
// there were before it. Edits that go on where the one before ended, as typing and deleting do, are
// kept as one run. kFanout runs that are done share a PositionMap, as many of those another, up to
// kBlock runs: a position comes from one state to another by a few steps through single runs at
// both ends and through maps of whole blocks in between.
//
// Once there are kBlock more than `max_runs`, the oldest kBlock are forgotten.
//
// Complexity, n runs: Map O((log n)^2); what goes on with a run O(1), another one O(log n)
// amortised. Memory: 24 bytes a run and, where no two edits can be told as one, up to 200 for the
// maps. Positions: position_map.h. Thread-compatible.
#ifndef COTEXT_OT_POSITION_LOG_H_
#define COTEXT_OT_POSITION_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "document/delta.h"
#include "document/ring.h"
#include "ot/position_map.h"

namespace cotext {

class PositionLog {
 public:
  static constexpr size_t kFanout = 16;
  static constexpr size_t kLevels = 3;
  static constexpr size_t kBlock = kFanout * kFanout * kFanout;

  explicit PositionLog(size_t max_runs) : max_runs_(max_runs) {}

  // The numbers of the text as it is, and of the oldest state that is not forgotten.
  uint64_t number() const { return number_; }
  uint64_t oldest() const { return runs_.empty() ? number_ : runs_.front().first; }
  bool Knows(uint64_t number) const { return oldest() <= number && number <= number_; }

  // Records what was inserted, or deleted, and what a delta does.
  // REQUIRES: count > 0.
  void Insert(uint64_t position, uint64_t count) {
    if (runs_.empty() || !GoesOnInserting(position)) AddRun(Kind::kInsert, position);
    runs_.back().count += count;
    number_ += count;
  }
  void Erase(uint64_t position, uint64_t count);
  void Add(const Delta& delta);

  // Returns where a lean position in state `from` is in state `to`. For numbers inside an edit the
  // answer is some position.
  // REQUIRES: Knows(from), Knows(to), from <= to.
  uint64_t Map(uint64_t lean, uint64_t from, uint64_t to) const;

  // Stops the program if an invariant is broken.
  void CheckInvariants() const;

 private:
  friend struct PositionLogPeer;  // Corrupts runs in tests.

  enum class Kind : uint64_t { kInsert, kErase, kEraseForward, kEraseBackward };

  // Text inserted from `position` on, each part behind the one before; or text deleted, in one
  // part, or each part right behind the one before, or right in front of it, from `position` on in
  // the end.
  struct Run {
    uint64_t first = 0;  // The number of the state before it.
    uint64_t position = 0;
    uint64_t count : 61 = 0;
    Kind kind : 3 = Kind::kInsert;

    uint64_t end() const { return first + count; }
  };

  bool GoesOnInserting(uint64_t position) const {
    const Run& last = runs_.back();
    return last.kind == Kind::kInsert && position == last.position + last.count;
  }
  void AddRun(Kind kind, uint64_t position);
  void AddMaps();
  void ForgetBlock();

  // Returns where a lean position goes by the part of a run between two states.
  static uint64_t MapByPart(const Run& run, uint64_t lean, uint64_t from, uint64_t to);
  static PositionMap MapOf(const Run& run);
  // Returns the index of the last run that begins at or before a number.
  size_t RunAt(uint64_t number) const;

  Ring<Run> runs_;
  // On level l: of kFanout^(l + 1) runs each, all done.
  std::array<Ring<PositionMap>, kLevels> maps_;
  uint64_t number_ = 0;
  size_t max_runs_;
};

}  // namespace cotext

#endif  // COTEXT_OT_POSITION_LOG_H_
