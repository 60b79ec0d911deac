// What one trace costs on each engine: time, memory, bytes.
//
// Times are medians of `repeat` runs, processor time of one thread; nothing else is done in the
// clock, and inputs are made before it starts.
//   local   everything typed into one document, patch by patch. A concurrent trace is typed as
//           somebody sees it who receives it (trace_flatten.h).
//   remote  everything received in a document that somebody looks at, transaction by transaction:
//           from the bytes of each to the event that tells an editor what changed. OT receives what
//           the server has transformed already.
//   server  OT only: from each submission's bytes to its commit. Where the trace is concurrent, all
//           of it transformed by the control that merging took, without decoding.
//   merge, open, editable: as Replay measures them (replay.h), the last two for kLoad.
// Memory is of live allocated bytes: what merging added at most and in the end (replay.h).
#ifndef COTEXT_SIMULATION_COMPARISON_TRACE_COSTS_H_
#define COTEXT_SIMULATION_COMPARISON_TRACE_COSTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "simulation/replay/replay_result.h"
#include "simulation/replay/run_meter.h"
#include "simulation/trace/trace.h"
#include "storage/compression.h"

namespace cotext {

struct TraceCostOptions {
  Profile profile = Profile::kFast;
  uint32_t repeat = 3;  // At least 1.
  MemoryMeter memory = {};
  Progress progress = {};  // Counts measurements.
};

struct TraceTimes {
  double local_ms = 0;
  double remote_ms = 0;
  std::optional<double> server_ms = {};
  double merge_ms = 0;
  double open_ms = 0;
  double editable_ms = 0;
};

struct TraceMemory {
  uint64_t peak = 0;
  uint64_t steady = 0;  // Of the document, with what it takes to merge more.
  uint64_t text = 0;    // Of a text buffer that holds the text alone.
  // What is kept to merge more. RGA: all of `steady` beyond `text`. OT: with tombstones the model;
  // by way of a sequencer the log of all submissions, which are no part of `steady`.
  uint64_t metadata = 0;
  // Of a document without history: trimmed; as OT opens one from its text.
  uint64_t without_history = 0;
};

struct TraceBytes {
  uint64_t messages = 0;    // Transactions that edit something; on OT, that leave an operation.
  uint64_t wire_sent = 0;   // By authors, together.
  uint64_t wire_heard = 0;  // By one reader.
  StoredSizes stored = {};
};

struct TraceCosts {
  std::string trace;
  Engine engine = Engine::kRga;
  std::string control;
  bool ok = false;  // Every text was the trace's.
  uint64_t transactions = 0;
  uint64_t patches = 0;
  uint64_t typed_patches = 0;  // In what `local` typed.
  uint64_t final_chars = 0;
  TraceTimes times = {};
  TraceMemory memory = {};
  TraceBytes bytes = {};
};

// Returns the costs on the RGA and on OT. Errors: those of Replay.
Expected<std::vector<TraceCosts>> MeasureTraceCosts(const Trace& trace,
                                                    const TraceCostOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_TRACE_COSTS_H_
