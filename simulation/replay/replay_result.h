// What a replay is asked for and what it found; replay.h says what is measured.
#ifndef COTEXT_SIMULATION_REPLAY_REPLAY_RESULT_H_
#define COTEXT_SIMULATION_REPLAY_REPLAY_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crdt/codec/compression.h"
#include "document/document.h"
#include "simulation/progress.h"
#include "simulation/replay/run_meter.h"
#include "storage/compression.h"

namespace cotext {

enum class ReplayMode : uint8_t { kLocal, kMerge, kLoad };

struct ReplayOptions {
  Engine engine = Engine::kRga;
  ReplayMode mode = ReplayMode::kMerge;
  Profile profile = Profile::kFast;  // How the bytes are encoded.
  // kLocal: all patches in one transaction, which is one step of undo.
  bool one_transaction = false;
  uint32_t repeat = 1;                 // Timed runs, each with a new document.
  ClockKind clock = ClockKind::kWall;  // What the times are of.
  MemoryMeter memory = {};
  Progress progress = {};  // Counts transactions; not called while the clock runs.
};

// The bytes of a document's whole history, encoded for the profile.
struct StoredSizes {
  uint64_t history = 0;  // As an update (EncodeUpdateFile).
  uint64_t compact = 0;  // The same without the text of what is deleted.
  uint64_t file = 0;     // As a document (EncodeDocumentFile).
  uint64_t trimmed = 0;  // As a document that was trimmed at its end; 0 if it was not.
};

struct ReplayResult {
  std::string text;
  std::string control = "rga";  // What put concurrent edits in order.
  uint64_t final_chars = 0;     // Code points in it.
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

// Returns a decompressor that adds what it takes to `milliseconds`.
// REQUIRES: that outlives it.
Decompressor TimedDecompressor(double& milliseconds, ClockKind clock = ClockKind::kWall);

// Returns the value in the middle, or the mean of the two there.
// REQUIRES: there is one.
double MedianOf(std::vector<double> values);

// Returns where two texts first differ, in code points.
std::optional<uint64_t> FirstDifference(const std::string& left, const std::string& right);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_REPLAY_RESULT_H_
