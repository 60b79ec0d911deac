// Replays a trace on the engine, timed, and compares the text with the trace's own.
//
// kLocal: every patch is an edit of one document, as while somebody types; nothing but the edits is
// timed. Only for traces in which everybody has seen everything before.
// kMerge: the history is made first, one replica per agent, received by a peer and encoded as that
// peer sends it: changes in an order that respects parents, no document order, no final text. Timed
// is what somebody does who opens an empty document and receives those bytes: decompressing,
// decoding, integrating, reading the text.
// kLoad: that peer's document is saved first. Timed is opening the file and reading its text; and,
// apart from that, opening the same bytes and making a replica of them that can be edited.
//
// Memory is what a run adds to the bytes allocated before, which include those it reads: at most,
// and by the document in the end.
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
#include "storage/compression.h"

namespace cotext {

enum class ReplayMode : uint8_t { kLocal, kMerge, kLoad };

// How the caller counts allocated bytes; all zero where a function is empty.
struct MemoryMeter {
  std::function<uint64_t()> live_bytes = {};
  std::function<uint64_t()> peak_bytes = {};  // Since the last reset_peak.
  std::function<void()> reset_peak = {};
};

struct ReplayOptions {
  ReplayMode mode = ReplayMode::kMerge;
  Profile profile = Profile::kFast;  // How the bytes are encoded.
  uint32_t repeat = 1;               // Timed runs, each with a new document.
  MemoryMeter memory = {};
  Progress progress = {};  // Counts transactions; not called while the clock runs.
};

// The bytes of a document's whole history, encoded for the profile.
struct StoredSizes {
  uint64_t history = 0;  // As an update (EncodeUpdateFile).
  uint64_t compact = 0;  // The same without the text of what is deleted.
  uint64_t file = 0;     // As a document (EncodeDocumentFile).
};

struct ReplayResult {
  std::string text;
  uint64_t final_chars = 0;  // Code points in it.
  // The first position, in code points, where the text differs from the trace's; none if it does
  // not.
  std::optional<uint64_t> first_difference;
  uint64_t changes = 0;     // That were merged or loaded; 0 for kLocal.
  uint64_t operations = 0;  // In them.
  StoredSizes sizes;
  // Milliseconds by run; empty where a mode has nothing to say.
  std::vector<double> ms;
  std::vector<double> editable_ms;  // kLoad: from the file to a replica that can be edited.
  // kMerge: the parts of it, from runs of their own. To integrate includes reading the text.
  std::vector<double> decompress_ms;
  std::vector<double> decode_ms;
  std::vector<double> integrate_ms;
  // Of the last run.
  uint64_t peak_bytes = 0;       // For kLoad: of the way to a replica that can be edited.
  uint64_t steady_bytes = 0;     // Of the document.
  uint64_t text_peak_bytes = 0;  // kLoad: of the way to the text, which counts.

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

// Returns the value in the middle, or the mean of the two there.
// REQUIRES: there is one.
double MedianOf(std::vector<double> values);

// Returns where two texts first differ, in code points.
std::optional<uint64_t> FirstDifference(const std::string& left, const std::string& right);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_H_
