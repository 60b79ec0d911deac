// Checks a change from another replica and translates it from ids to local numbers.
//
// Nothing is modified: a refused change leaves no trace. What is refused, by error code:
//   kInvalidId, kInvalidChange, kInvalidUtf8   impossible shape;
//   kMissingDependency  a parent is not here; the same change may be accepted later;
//   kIncompleteParents  the parents are no frontier, or miss the replica's previous operation;
//   kWrongCounter       the first counter is not 1 + the greatest parent counter;
//   kUnknownOrigin, kUnknownTarget  the element is not here, or the id is that of a delete;
//   kOriginNotSmaller   an insert whose origin's id is not less than its own;
//   kReplicaConflict    an id that is here with other content or other parents;
//   kTooLarge           more operations, elements or bytes than a document can number;
//   kHistoryTrimmed     a parent, an origin or a target is below the horizon, or the change does
//                       not come after it: whoever made it knew less than was trimmed here.
// An element that a change refers to must be here and have a lesser counter than the change. That
// it is among what the parents cover is not checked: a replica that lacks it refuses the change
// until it comes, and the order stays well defined, because ids still grow along origins. A change
// of which a part is here already is checked against what is here, and the rest resolved; what the
// horizon covers counts as here, unchecked.
#ifndef COTEXT_CRDT_RESOLVE_CHANGE_H_
#define COTEXT_CRDT_RESOLVE_CHANGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "crdt/change.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "document/error.h"

namespace cotext {

struct ResolvedChange {
  // An insert of `length` elements after `reference` (kNoLv for the root), or a delete of `length`
  // elements with consecutive Lvs from `reference` on, upwards or downwards.
  struct Step {
    bool is_insert;
    bool backward;
    uint32_t length;
    Lv reference;
    std::string_view text;  // Of an insert; part of the change's text.
  };

  OpId first;           // Of what is new.
  uint32_t length = 0;  // 0 if everything is here already.
  OpIndexes parents;    // Ascending.
  absl::InlinedVector<Step, 4> steps;
};

// Returns whether the parents of a change, ascending, are complete: a frontier that covers the last
// operation of the change's replica that is here, if there is one. The walk of CausalGraph::Covers
// where they are neither the whole frontier nor include that operation.
bool AreCompleteParents(const History& history, std::span<const OpIndex> parents,
                        std::optional<OpIndex> own_last);

// O(change * log history), and the walk of CausalGraph::Covers where the parents are neither the
// whole frontier nor include the replica's previous operation.
Expected<ResolvedChange> ResolveChange(const History& history, const ChangeView& change);

}  // namespace cotext

#endif  // COTEXT_CRDT_RESOLVE_CHANGE_H_
