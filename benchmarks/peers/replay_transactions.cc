// What `cotext replay` does not measure and benchmarks/peers compares: merging a trace's history an
// update per transaction, each decoded and integrated on its own, as it arrives while people type;
// and saving the document. Prints JSON as `cotext replay` does.
//
// The updates are made before the clock runs, by a replica per agent, in the form that travels; the
// document that is saved has received them all. --inputs STEM measures nothing, and writes what the
// WebAssembly module replays: STEM.updates, each behind its length in four bytes, the least first;
// STEM.batch, all of them in one; STEM.saved, the document. The module has no compression.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/update_codec.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/utf8.h"
#include "simulation/replay/replay_result.h"
#include "simulation/replay/run_meter.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_statistics.h"
#include "storage/compression.h"
#include "storage/file_encoding.h"
#include "tools/allocation_counter.h"
#include "tools/freed_memory.h"
#include "tools/sha256.h"

namespace cotext {
namespace {

struct Options {
  std::string file;
  uint32_t repeat = 1;
  double budget_seconds = 3600;  // No run is begun after that long, but for the first.
  std::string clock = "wall";
  std::string inputs;  // Empty: measure.

  ClockKind clock_kind() const {
    return clock == "processor" ? ClockKind::kProcessor : ClockKind::kWall;
  }
};

struct Result {
  std::vector<double> merge_ms;
  std::vector<double> small_save_ms;
  std::vector<double> fast_save_ms;
  std::vector<double> plain_save_ms;
  uint64_t peak_bytes = 0;
  uint64_t steady_bytes = 0;
  uint64_t update_bytes = 0;
  uint64_t updates = 0;
};

// Three digits are as many as a clock of microseconds has.
double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

Expected<std::vector<std::string>> EncodeTransactions(const Trace& trace) {
  const auto history = BuildHistory(trace);
  if (!history) return std::unexpected(history.error());
  std::vector<std::string> updates;
  updates.reserve(history->changes.size());
  for (size_t i = 0; i < history->changes.size(); ++i) {
    Update update;
    update.Append(history->changes[i]);
    updates.push_back(EncodeUpdate(update));
  }
  return updates;
}

// Returns the text, to be compared; what was measured is in `result`.
Expected<std::string> MergeOnce(const Trace& trace, const std::vector<std::string>& updates,
                                const MemoryMeter& memory, ClockKind clock, Result& result) {
  const RunMeter meter(memory, clock);
  RgaDocument document(ReaderOf(trace));
  for (const std::string& update : updates) COTEXT_RETURN_IF_ERROR(document.Merge(update));
  std::string text = document.Text();
  result.merge_ms.push_back(meter.Milliseconds());
  result.peak_bytes = meter.PeakBytes();
  // The text that was read is no part of the document. Only swapping is sure to free it.
  std::string().swap(text);
  result.steady_bytes = meter.LiveBytes();
  const auto save = [&document, clock](const FileEncoding& encoding, std::vector<double>& ms) {
    const Stopwatch watch(clock);
    const std::string file = EncodeDocumentFile(document.rga(), DocumentId{}, encoding);
    ms.push_back(watch.Milliseconds());
    COTEXT_CHECK(!file.empty());
  };
  save(EncodingFor(Profile::kSmall), result.small_save_ms);
  save(EncodingFor(Profile::kFast), result.fast_save_ms);
  save(FileEncoding{}, result.plain_save_ms);
  return document.Text();
}

void Print(const Trace& trace, const Result& result) {
  const TraceSize size = MeasureTrace(trace);
  nlohmann::ordered_json fields;
  fields["trace"] = trace.name();
  fields["engine"] = "rga";
  fields["mode"] = "transactions";
  fields["ok"] = true;
  fields["transactions"] = size.transactions;
  fields["patches"] = size.patches;
  fields["events"] = size.events;
  fields["final_chars"] = CountCodePoints(trace.end_content());
  fields["runs"] = result.merge_ms.size();
  fields["ms_median"] = Rounded(MedianOf(result.merge_ms));
  fields["ms_save_small"] = Rounded(MedianOf(result.small_save_ms));
  fields["ms_save_fast"] = Rounded(MedianOf(result.fast_save_ms));
  fields["ms_save_plain"] = Rounded(MedianOf(result.plain_save_ms));
  fields["updates"] = result.updates;
  fields["update_bytes"] = result.update_bytes;
  fields["peak_bytes"] = result.peak_bytes;
  fields["steady_bytes"] = result.steady_bytes;
  fields["text_sha256"] = Sha256Hex(trace.end_content());
  std::cout << fields.dump() << '\n';
}

Expected<void> WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return MakeError(ErrorCode::kIo, path + ": cannot be written");
  return {};
}

std::string Pack(const std::vector<std::string>& updates) {
  std::string packed;
  for (const std::string& update : updates) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      packed += static_cast<char>(update.size() >> shift & 0xff);
    }
    packed += update;
  }
  return packed;
}

// The updates come last: where they are, the others are complete.
Expected<void> WriteInputs(const Trace& trace, const std::vector<std::string>& updates,
                           const std::string& stem) {
  RgaDocument document(ReaderOf(trace));
  const Version nothing = document.version();
  for (const std::string& update : updates) COTEXT_RETURN_IF_ERROR(document.Merge(update));
  const auto batch = document.EncodeSince(nothing);
  if (!batch) return std::unexpected(batch.error());
  COTEXT_RETURN_IF_ERROR(WriteFile(stem + ".batch", *batch));
  COTEXT_RETURN_IF_ERROR(
      WriteFile(stem + ".saved", EncodeDocumentFile(document.rga(), DocumentId{}, FileEncoding{})));
  return WriteFile(stem + ".updates", Pack(updates));
}

Expected<void> Run(const Options& options) {
  const auto trace = ReadTrace(options.file);
  if (!trace) return std::unexpected(trace.error());
  const auto updates = EncodeTransactions(*trace);
  if (!updates) return std::unexpected(updates.error());
  if (!options.inputs.empty()) return WriteInputs(*trace, *updates, options.inputs);

  const MemoryMeter memory{
      .live_bytes = LiveBytes, .peak_bytes = PeakBytes, .reset_peak = ResetPeakBytes};
  Result result;
  // Not to be counted as the document's.
  for (auto* ms :
       {&result.merge_ms, &result.small_save_ms, &result.fast_save_ms, &result.plain_save_ms}) {
    ms->reserve(options.repeat);
  }
  const Stopwatch watch;
  while (result.merge_ms.empty() || (result.merge_ms.size() < options.repeat &&
                                     watch.Milliseconds() < options.budget_seconds * 1000)) {
    const auto text = MergeOnce(*trace, *updates, memory, options.clock_kind(), result);
    if (!text) return std::unexpected(text.error());
    if (const auto difference = FirstDifference(*text, trace->end_content())) {
      return MakeError(ErrorCode::kInvalidTrace,
                       trace->name() + ": the text differs from the trace's at code point " +
                           std::to_string(*difference));
    }
  }
  result.updates = updates->size();
  for (const std::string& update : *updates) result.update_bytes += update.size();
  Print(*trace, result);
  return {};
}

int Main(int argc, char** argv) {
  KeepFreedMemory();
  CLI::App app("Merges a trace's history an update per transaction, and saves the document");
  Options options;
  app.add_option("FILE", options.file, "A trace, .json or .json.gz")->required();
  app.add_option("--repeat", options.repeat, "Timed runs")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  app.add_option("--budget", options.budget_seconds, "Seconds after which no further run is begun")
      ->capture_default_str();
  app.add_option("--clock", options.clock, "What times are of: what passes, or this thread's")
      ->check(CLI::IsMember({"wall", "processor"}))
      ->capture_default_str();
  app.add_option("--inputs", options.inputs,
                 "Measure nothing; write what others replay to STEM.updates and so on");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto done = Run(options);
  if (done) return 0;
  std::cerr << "replay_transactions: " << done.error().message << '\n';
  return 2;
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::Main(argc, argv); }
