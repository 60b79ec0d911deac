// Checks an update as small as a keystroke and translates it to local numbers: the quick way beside
// PackedResolver, without a list of anything. Sound, not complete, as that one is.
#ifndef COTEXT_CRDT_RESOLVE_SMALL_H_
#define COTEXT_CRDT_RESOLVE_SMALL_H_

#include <optional>

#include "crdt/codec/small_update.h"
#include "crdt/history.h"
#include "crdt/resolve_change.h"

namespace cotext {

// Returns what ResolveChange would return, or nothing if that one must say.
// REQUIRES: there is room for the update. O(log history), and what AreCompleteParents takes.
std::optional<ResolvedChange> ResolveSmall(const History& history, const SmallUpdate& update);

}  // namespace cotext

#endif  // COTEXT_CRDT_RESOLVE_SMALL_H_
