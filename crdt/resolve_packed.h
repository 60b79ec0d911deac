// Checks the changes of a packed update and translates their references to local numbers, all new:
// the quick way beside ResolveChange, which needs no look-up for what is within the update.
//
// It is sound, not complete: a change that Check accepts is one that ResolveChange accepts, with
// the same result. Of any other one, and of an update of which something is here already,
// ResolveChange is to be asked.
#ifndef COTEXT_CRDT_RESOLVE_PACKED_H_
#define COTEXT_CRDT_RESOLVE_PACKED_H_

#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "crdt/codec/packed_update.h"
#include "crdt/counter_bounds.h"
#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/resolve_change.h"

namespace cotext {

class PackedResolver {
 public:
  // Both stay where they are; between calls of Check the history gets, whole and in order, the
  // changes of the update and nothing else. O(replicas + ids * log history).
  PackedResolver(const History& history, const PackedUpdate& update);

  // Whether there is room for all of it and none of it is here.
  bool is_all_new() const { return is_all_new_; }

  // Checks change number `change`, after those before it were added; returns its parents,
  // ascending, or nothing if ResolveChange must say.
  // REQUIRES: is_all_new().
  std::optional<OpIndexes> Check(size_t change);

  // Returns what a reference of a checked change means here, kNoLv for the root.
  Lv ElementOf(Reference reference) const {
    if (reference.is_within()) return element_base_ + reference.number();
    return reference.is_root() ? kNoLv : elements_[reference.place()].first;
  }

 private:
  void FindOwnLast();
  bool ParentsOf(size_t change, OpIndexes& parents) const;
  bool IsBehindHorizon(size_t change) const;
  bool OperationsAreSimple(size_t change) const;
  bool IsSimple(const PackedOperation& operation, const PackedUpdate::Change& change) const;

  const History& history_;
  const PackedUpdate& update_;
  OpIndex operation_base_;
  Lv element_base_;
  bool is_all_new_;
  absl::InlinedVector<ElementRange, 2>
      elements_;  // By place: what an id from elsewhere is; length 0 if none.
  absl::InlinedVector<std::optional<OpIndex>, 2> own_last_;  // By replica that changes are of.
  CounterBounds bounds_;                                     // Of the update's own elements.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RESOLVE_PACKED_H_
