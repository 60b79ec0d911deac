// A concurrent trace as somebody sees it who receives everything and writes nothing: one edit after
// the other, each for the text that those before it left, in the RGA's order.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_FLATTEN_H_
#define COTEXT_SIMULATION_TRACE_TRACE_FLATTEN_H_

#include <vector>

#include "crdt/change.h"
#include "document/delta.h"
#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns what each change does to the text of a replica that has the changes before it; mostly one
// per change, none where nothing is left of it. `changes` are the trace's (BuildHistory). Errors:
// those of integrating.
Expected<std::vector<Delta>> AsReceived(const Trace& trace, const Update& changes);

// Returns a sequential trace of one agent that makes these edits, one transaction each; it ends in
// the text that they make of the empty one.
// REQUIRES: each edit fits the text that those before it make.
Trace AsTyped(const Trace& trace, const std::vector<Delta>& edits);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_FLATTEN_H_
