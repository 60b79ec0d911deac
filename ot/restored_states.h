// Which states of a text undo and redo brought back, to find what characters live on as.
//
// A step that is taken back leaves the text as it was before the step, but for what others did. So
// a position in front of the step goes straight to where it is behind the undo, and the text around
// it that came and went in between is what it was. Such leaps are chained: undone, redone and
// undone again, text is still found.
//
// The latest kMaxLeaps are kept; add and find are O(log n).
#ifndef COTEXT_OT_RESTORED_STATES_H_
#define COTEXT_OT_RESTORED_STATES_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "document/ring.h"
#include "ot/position_log.h"
#include "ot/position_map.h"

namespace cotext {

class RestoredStates {
 public:
  static constexpr size_t kMaxLeaps = 4096;
  // Of one position.
  static constexpr size_t kMaxChain = 256;

  // Adds a leap from a state, which it is the first from, to the one that was just reached.
  void Add(uint64_t from, uint64_t to, PositionMap others);

  // Returns where a lean position in state `from` is now, by leaps and by `log`.
  // REQUIRES: log.Knows(from).
  uint64_t Map(const PositionLog& log, uint64_t lean, uint64_t from) const;

 private:
  struct Leap {
    uint64_t to;
    PositionMap others;
  };

  std::map<uint64_t, Leap> leaps_;  // By the state they lead from.
  Ring<uint64_t> added_;            // Their keys, in the order they were added.
};

}  // namespace cotext

#endif  // COTEXT_OT_RESTORED_STATES_H_
