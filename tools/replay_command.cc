#include "tools/replay_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/replay.h"
#include "simulation/trace.h"
#include "simulation/trace_reader.h"
#include "simulation/trace_statistics.h"
#include "tools/allocation_counter.h"
#include "tools/freed_memory.h"
#include "tools/progress_bar.h"
#include "tools/sha256.h"

namespace cotext {
namespace {

constexpr uint32_t kRepeatMax = 1'000'000;

struct Options {
  std::vector<std::string> files;
  std::string engine = "rga";
  std::string mode;  // Empty: what fits the trace.
  uint32_t repeat = 1;
  bool print = false;
  bool json = false;
};

// Three digits are as many as a clock of microseconds has.
double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

ReplayMode ModeFor(const Options& options, const Trace& trace) {
  if (options.mode.empty()) return DefaultMode(trace);
  return options.mode == "local" ? ReplayMode::kLocal : ReplayMode::kMerge;
}

nlohmann::ordered_json ToFields(const Options& options, const Trace& trace, ReplayMode mode,
                                const ReplayResult& result) {
  const TraceSize size = MeasureTrace(trace);
  nlohmann::ordered_json fields;
  fields["trace"] = trace.name();
  fields["engine"] = options.engine;
  fields["mode"] = mode == ReplayMode::kLocal ? "local" : "merge";
  fields["ok"] = result.ok();
  fields["transactions"] = size.transactions;
  fields["patches"] = size.patches;
  fields["events"] = size.events;
  if (mode == ReplayMode::kMerge) {
    fields["changes"] = result.changes;
    fields["operations"] = result.operations;
  }
  fields["final_chars"] = result.final_chars;
  fields["ms_median"] = Rounded(result.MedianMs());
  fields["ms_min"] = Rounded(result.MinMs());
  fields["peak_bytes"] = result.peak_bytes;
  fields["steady_bytes"] = result.steady_bytes;
  fields["text_sha256"] = Sha256Hex(result.text);
  if (result.first_difference) fields["first_difference"] = *result.first_difference;
  if (options.print && options.json) fields["text"] = result.text;
  return fields;
}

Expected<ReplayResult> ReplayWithBar(const Trace& trace, ReplayMode mode, uint32_t repeat) {
  ProgressBar bar(trace.name());
  return Replay(trace, ReplayOptions{.mode = mode,
                                     .repeat = repeat,
                                     .memory = {.live_bytes = LiveBytes,
                                                .peak_bytes = PeakBytes,
                                                .reset_peak = ResetPeakBytes},
                                     .progress = bar.Callback()});
}

ExitCode ReplayFile(const Options& options, const std::string& file) {
  const auto trace = ReadTrace(file);
  if (!trace) return ReportError(trace.error());
  const ReplayMode mode = ModeFor(options, *trace);
  const auto result = ReplayWithBar(*trace, mode, options.repeat);
  if (!result) return ReportError(result.error());
  // A printed text has standard output for itself.
  const bool prints_only_text = options.print && !options.json;
  if (prints_only_text) std::cout << result->text;
  WriteReport(prints_only_text ? std::cerr : std::cout, ToFields(options, *trace, mode, *result),
              options.json);
  const std::optional<uint64_t> difference = result->first_difference;
  if (!difference) return ExitCode::kDone;
  std::cerr << "cotext: " << file << ": the text differs from the trace's at code point "
            << *difference << '\n';
  return ExitCode::kCheckFailed;
}

ExitCode Run(const Options& options) {
  KeepFreedMemory();
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : options.files) {
    worst = std::max(worst, ReplayFile(options, file));
  }
  return worst;
}

}  // namespace

void AddReplayCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      root, "replay", "Replay editing traces and compare the final text with each trace's own");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->files, "Traces, .json or .json.gz")->required();
  command.add_option("--engine", options->engine, "The engine")
      ->check(CLI::IsMember({"rga"}))
      ->capture_default_str();
  command
      .add_option("--mode", options->mode,
                  "local: each patch as a local edit. merge: all changes, made by one replica per "
                  "agent and sent by a peer who has them all, into an empty document. Default: "
                  "local for sequential traces, merge for concurrent ones")
      ->check(CLI::IsMember({"local", "merge"}));
  command.add_option("--repeat", options->repeat, "Timed runs")
      ->check(CLI::Range(1U, kRepeatMax))
      ->capture_default_str();
  command.add_flag("--print", options->print,
                   "Print the final text, and the report on standard error (with --json, the text "
                   "as a field)");
  command.add_flag("--json", options->json, "Report one JSON object per trace and line");
  command.footer(
      "changes and operations are what is merged: runs of one agent's transactions, and the runs "
      "of inserts\nand deletes in them. peak_bytes and steady_bytes are what the document adds to "
      "the live allocated bytes\nat most and in the end.\n"
      "Exit code: 0 if all texts are right, 1 if one differs, 2 if a trace cannot be read or "
      "replayed.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
