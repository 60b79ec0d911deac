// Turns a trace into what peers would exchange: every transaction as a change of its agent's
// replica.
//
// Agent `i` is replica `i+1`. Each transaction is made by a real replica that knows exactly what
// the transaction's parents cover. Replicas are copied, brought up to date and given up as the
// trace needs them (see the source), so hundreds of agents do not take hundreds of documents.
//
// Time: about that of integrating everything once or twice. Memory: besides the changes, as many
// documents as the trace has live branches, at most a few dozen.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_HISTORY_H_
#define COTEXT_SIMULATION_TRACE_TRACE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "simulation/progress.h"
#include "simulation/trace/trace.h"

namespace cotext {

struct TraceHistory {
  Update changes;
  // What it took to make them.
  uint64_t integrated = 0;  // Changes that a replica heard of.
  uint64_t copied = 0;      // Replicas that began as a copy of another one.
  uint64_t replicas = 0;    // The most there were at one time.
};

// Returns the changes in the order of their transactions, one each; a transaction that edits
// nothing makes none. Errors: kInvalidTrace with the transaction's index if a position is out of
// range.
Expected<TraceHistory> BuildHistory(const Trace& trace, const Progress& progress = {});

// Makes the edits of a transaction on its agent's replica, which knows exactly what the parents
// cover. Returns how many it made, which is what integrating them costs.
using MakeEdits = std::function<Expected<uint64_t>(size_t transaction, Rga& replica)>;

// The same for transactions whose edits only the state at their parents tells: `graph` has their
// agents and parents, and `make_edits` is called for one after the other. Errors: those of
// `make_edits`.
Expected<TraceHistory> BuildHistoryWith(const Trace& graph, const MakeEdits& make_edits,
                                        const Progress& progress = {});

// Returns a replica that is no agent's: one that only reads.
ReplicaId ReaderOf(const Trace& trace);

// Returns a replica that is no agent's and has received all of a trace's changes, one by one and in
// their order. Errors: those of BuildHistory; kTooLarge if one replica has no room for everything.
Expected<Rga> BuildPeer(const Trace& trace, const Progress& progress = {});

// Returns a trace's changes as a peer sends them who has received them all, in their order. Nobody
// sends a change per keystroke to whom all of it is news: transactions that arrived one after
// another and have nothing but the one before as parent are one change, and what continues in it is
// one operation. Errors: kTooLarge if one replica has no room for everything.
Expected<Update> AsSentByPeer(const Trace& trace, const Update& changes);

// Returns the number of operations, which are runs, in all changes together.
uint64_t CountOperations(const Update& update);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_HISTORY_H_
