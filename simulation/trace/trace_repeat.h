// Makes a longer trace of one by writing it several times over.
//
// Patches, agents and positions stay as they are. The transactions without parents of each further
// copy get the previous copy's heads as parents, so every copy is written in front of the text of
// those before it, by people who have seen all of that; endContent is repeated. Under RGA order
// this is what a replay gives: all counters of a copy are greater by one and the same amount.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_REPEAT_H_
#define COTEXT_SIMULATION_TRACE_TRACE_REPEAT_H_

#include <cstdint>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns `trace` written `count` times over. kTooLarge if a column of the result would be.
// REQUIRES: count > 0.
Expected<Trace> Repeat(const Trace& trace, uint64_t count);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_REPEAT_H_
