// A real editing trace dealt out to several people: they take turns of a few transactions each, and
// do at their own keyboards what the author did.
//
// Places are taken over as shares of the text that the trace had then: what others do meanwhile
// moves them a little.
#ifndef COTEXT_SIMULATION_WORLD_TRACE_ACTIONS_H_
#define COTEXT_SIMULATION_WORLD_TRACE_ACTIONS_H_

#include <cstdint>
#include <vector>

#include "simulation/trace/trace.h"
#include "simulation/world/user_action.h"

namespace cotext {

struct TraceActionOptions {
  uint64_t seed = 1;
  uint32_t replicas = 3;
  uint32_t transactions = 100;  // From the trace's first one on; or as many as it has.
  uint32_t turn_max = 20;       // Transactions of one person in a row.
  uint64_t key_us = 150'000;    // Between transactions, on the average.
};

// REQUIRES: IsLinear(trace).
std::vector<UserAction> DealTrace(const Trace& trace, const TraceActionOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_TRACE_ACTIONS_H_
