// Carries a concurrent trace over to RGA order.
//
// Where people insert concurrently at one place, the merged text depends on how the program that
// recorded them breaks ties, and the positions of later patches depend on that text. Rebasing
// replays the trace under the order that it was made in, and under RGA order beside it. A
// transaction whose patches lead from the RGA's merged state to another text than its author saw,
// or out of range, gets new patches: the difference between the two texts. So the result, replayed
// under RGA order, has after every transaction the text that its author saw.
//
// If the merge of several heads ends in another text than it did, one more transaction by the last
// one's agent restores it. `endContent` becomes the text in which the source order ends, whatever
// the trace says; compare them to see whether the order was the right one.
//
// Every transaction costs a few passes over all characters ever inserted.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_REBASE_H_
#define COTEXT_SIMULATION_TRACE_TRACE_REBASE_H_

#include <cstdint>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "simulation/progress.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"

namespace cotext {

struct RebasedTrace {
  Trace trace;
  uint64_t rederived = 0;  // Transactions that got new patches.
};

// Returns `trace`, made under `source` order, in RGA order. Errors: kInvalidTrace with the
// transaction's index if a position is out of range under the source order.
Expected<RebasedTrace> Rebase(const Trace& trace, NaiveRga::Order source,
                              const Progress& progress = {});

// Returns a delta as patches that are applied in sequence. Their texts belong to the delta.
std::vector<TracePatch> ToPatches(const Delta& delta);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_REBASE_H_
