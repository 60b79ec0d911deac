// The critical versions of a history: those that every operation is in or comes after as a whole,
// as trimming asks for (trim.h).
//
// In order of arrival the operations of a critical version are the first ones, so each is known by
// how many it has. With s spans and p parents: O((s + p) log s).
#ifndef COTEXT_CRDT_CRITICAL_VERSION_H_
#define COTEXT_CRDT_CRITICAL_VERSION_H_

#include "crdt/causal_graph.h"
#include "crdt/local_index.h"
#include "crdt/version_vector.h"

namespace cotext {

// Returns how many operations the greatest critical version has that has no more than `most`. The
// horizon, which has none of those here, is one.
// REQUIRES: most <= graph.end().
OpIndex LatestCriticalEnd(const CausalGraph& graph, OpIndex most);

// Returns the version of the first operations, and of what was trimmed.
VersionVector VersionOfFirst(const CausalGraph& graph, OpIndex end);

}  // namespace cotext

#endif  // COTEXT_CRDT_CRITICAL_VERSION_H_
