// Turns stretches of a history back into changes that another replica can integrate.
#ifndef COTEXT_CRDT_CHANGE_EXPORT_H_
#define COTEXT_CRDT_CHANGE_EXPORT_H_

#include <span>

#include "crdt/causal_graph.h"
#include "crdt/change.h"
#include "crdt/history.h"

namespace cotext {

// Returns the operations of `stretches`, ascending, as one change each. A stretch that begins
// inside a change has the operation before it as its sole parent. O(operations' runs * log).
Update ExportChanges(const History& history, std::span<const CausalGraph::Stretch> stretches);

}  // namespace cotext

#endif  // COTEXT_CRDT_CHANGE_EXPORT_H_
