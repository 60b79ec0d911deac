// What others did since one of one's own edits, through which the way back from it must pass.
//
// It is kept as a few composed operations, one after the other. Composing is allowed here, unlike
// between peers: how one's own undo reads the past is nobody else's affair.
//
// Invariant: of two neighbours the later one has more than twice the size of the earlier, which is
// the number of components of the deltas that were added. So there are O(log n) of them for n
// components, and putting earlier edits in front of later ones, again and again, as a row of undos
// does, composes each O(log n) times.
//
// Complexity: Add O(log n) a component, TransformPast O((log n)^2) for a small delta, AddBefore
// O((log n)^2) amortised for each of the later components.
#ifndef COTEXT_OT_FOREIGN_EDITS_H_
#define COTEXT_OT_FOREIGN_EDITS_H_

#include <cstdint>
#include <vector>

#include "document/delta.h"
#include "ot/pending_operation.h"
#include "ot/position_map.h"

namespace cotext {

class ForeignEdits {
 public:
  bool empty() const { return parts_.empty(); }
  // How many components the deltas had that were added.
  uint64_t size() const;

  // Adds an edit behind all others.
  void Add(const Delta& delta);
  // Puts all of `earlier` in front.
  void AddBefore(ForeignEdits earlier);

  // Returns `own`, an edit of the text before all this, for the text after it; what is here becomes
  // what it is after `own`. Text of others comes first where both insert.
  Delta TransformPast(Delta own);

  // Returns where positions of the text before go. Linear.
  PositionMap ToPositionMap() const;

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  friend struct ForeignEditsPeer;  // Corrupts parts in tests.

  struct Part {
    PendingOperation operation;
    uint64_t size;
  };

  void AddPart(Part part);

  std::vector<Part> parts_;  // In the order they were made.
};

}  // namespace cotext

#endif  // COTEXT_OT_FOREIGN_EDITS_H_
