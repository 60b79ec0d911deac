// A trace as the history of edits that OT keeps: what its agents would have submitted.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_EDITS_H_
#define COTEXT_SIMULATION_TRACE_TRACE_EDITS_H_

#include "ot/edit_history.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns the trace's transactions as changes of their agents, agent `i` being author `i+1`. As in
// the RGA's history (AsSentByPeer), transactions of one agent that follow each other in the file
// are one change, if nobody else has seen only some of them. Linear.
EditHistory EditsOf(const Trace& trace);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_EDITS_H_
