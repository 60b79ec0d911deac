// What a trace is made of, in numbers.
//
// A startContent counts as what the text begins with, not as an edit. Lengths count code points.
// O(transactions + patches), and for the statistics a VersionWalk.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_STATISTICS_H_
#define COTEXT_SIMULATION_TRACE_TRACE_STATISTICS_H_

#include <cstdint>

#include "simulation/trace/trace.h"

namespace cotext {

struct TraceStatistics {
  uint64_t agents = 0;  // Those with at least one transaction.
  uint64_t transactions = 0;
  uint64_t patches = 0;
  uint64_t inserted = 0;
  uint64_t deleted = 0;
  uint64_t final_chars = 0;
  // A transaction's concurrency is the number of earlier ones in the file that it has not seen.
  double concurrency_mean = 0;
  uint64_t concurrency_max = 0;
  // Stretches of transactions each of which has only the one before it as a parent.
  uint64_t graph_runs = 0;
  uint64_t roots = 0;      // Transactions without parents.
  uint64_t heads = 0;      // Transactions without children: at the end, ...
  uint64_t heads_max = 0;  // ... and the most at any place in the file.

  uint64_t events() const { return inserted + deleted; }
};

TraceStatistics ComputeStatistics(const Trace& trace);

// The part of the statistics that needs no walk.
struct TraceSize {
  uint64_t transactions = 0;
  uint64_t patches = 0;
  uint64_t events = 0;
};

TraceSize MeasureTrace(const Trace& trace);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_STATISTICS_H_
