// The versions of a history: its sets of operations that are closed under causality.
//
// A version is given as a version vector, or by operations that stand for themselves and all that
// came before them, such as a frontier. Either may come from outside and name what is not here:
// kUnknownVersion. Versions that do not have all that was trimmed are gone: kHistoryTrimmed.
//
// With s spans, p parents and r replicas: everything is O((s + p) log s) at most; VersionOf takes
// no more than the spans behind the last checkpoints (causal_graph.h).
#ifndef COTEXT_CRDT_KNOWN_VERSION_H_
#define COTEXT_CRDT_KNOWN_VERSION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crdt/causal_graph.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext {

// Returns the version of some operations and all before them; of none, the empty one. Operations
// that were trimmed are known by their counters only; beside others they add nothing.
Expected<VersionVector> VersionOf(const CausalGraph& graph, std::span<const OpId> heads);

// Returns an error unless a version is one of the graph's: each of its counters is that of an
// operation, and what came before its operations is in it.
Expected<void> CheckVersion(const CausalGraph& graph, const VersionVector& version);

// Returns the operations of a version that have no successor in it, in id order.
// REQUIRES: it is one of the graph's, here and below.
std::vector<OpId> FrontierOf(const CausalGraph& graph, const VersionVector& version);

// Calls visit(first, length) for stretches of operations that together are a version, ascending:
// one for each span that has any.
template <typename Visitor>
void ForEachCovered(const CausalGraph& graph, const VersionVector& version, Visitor visit) {
  for (size_t i = 0; i < graph.span_count(); ++i) {
    const CausalGraph::Stretch span = graph.StretchOfSpan(i);
    const uint64_t counter = version.CounterOf(span.id.replica);
    if (counter < span.id.counter) continue;
    visit(span.first,
          static_cast<uint32_t>(std::min<uint64_t>(span.length, counter - span.id.counter + 1)));
  }
}

}  // namespace cotext

#endif  // COTEXT_CRDT_KNOWN_VERSION_H_
