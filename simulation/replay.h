// Replays a trace on the engine, timed, and compares the text with the trace's own.
//
// kLocal: every patch is an edit of one document, as while somebody types; nothing but the edits is
// timed. Only for traces in which everybody has seen everything before.
// kMerge: the history is made first, one replica per agent, and put into the form in which a peer
// sends it (trace_history.h). Timed is what somebody does who opens an empty document and receives
// it all: merging the changes in an order that respects parents, and reading the text.
//
// Memory is what the document adds to the bytes allocated before: at most, and in the end.
#ifndef COTEXT_SIMULATION_REPLAY_H_
#define COTEXT_SIMULATION_REPLAY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/progress.h"
#include "simulation/trace.h"

namespace cotext {

enum class ReplayMode : uint8_t { kLocal, kMerge };

// How the caller counts allocated bytes; all zero where a function is empty.
struct MemoryMeter {
  std::function<uint64_t()> live_bytes = {};
  std::function<uint64_t()> peak_bytes = {};  // Since the last reset_peak.
  std::function<void()> reset_peak = {};
};

struct ReplayOptions {
  ReplayMode mode = ReplayMode::kMerge;
  uint32_t repeat = 1;  // Timed runs, each with a new document.
  MemoryMeter memory = {};
  Progress progress = {};  // Counts transactions; not called while the clock runs.
};

struct ReplayResult {
  std::string text;
  uint64_t final_chars = 0;  // Code points in it.
  // The first position, in code points, where the text differs from the trace's; none if it does
  // not.
  std::optional<uint64_t> first_difference;
  uint64_t changes = 0;       // That were merged; 0 for kLocal.
  uint64_t operations = 0;    // In them.
  std::vector<double> ms;     // By run.
  uint64_t peak_bytes = 0;    // Of the last run.
  uint64_t steady_bytes = 0;  // Of the last run.

  bool ok() const { return !first_difference; }
  double MedianMs() const;
  double MinMs() const;
};

// Returns the mode that fits the trace's kind.
ReplayMode DefaultMode(const Trace& trace);

// Errors: kInvalidTrace with the transaction's index if a position is out of range; kUnsupported
// for kLocal where the trace is concurrent; kTooLarge if the engine has no room for it. REQUIRES:
// options.repeat > 0.
Expected<ReplayResult> Replay(const Trace& trace, const ReplayOptions& options);

// Returns where two texts first differ, in code points.
std::optional<uint64_t> FirstDifference(const std::string& left, const std::string& right);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_H_
