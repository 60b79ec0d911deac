#include "tools/trace/replay_command.h"

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

#include "document/document.h"
#include "document/error.h"
#include "simulation/replay/replay.h"
#include "simulation/replay/run_meter.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_statistics.h"
#include "tools/allocation_counter.h"
#include "tools/freed_memory.h"
#include "tools/progress_bar.h"
#include "tools/sha256.h"
#include "tools/trace/profile_option.h"

namespace cotext {
namespace {

constexpr uint32_t kRepeatMax = 1'000'000;

struct Options {
  std::vector<std::string> files;
  std::string engine = "rga";
  std::string mode;  // Empty: what fits the trace.
  std::string profile = "fast";
  std::string clock = "wall";
  bool one_transaction = false;
  uint32_t repeat = 1;
  bool print = false;
  bool json = false;
};

// Three digits are as many as a clock of microseconds has.
double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

ReplayMode ModeFor(const Options& options, const Trace& trace) {
  if (options.mode.empty()) return DefaultMode(trace);
  if (options.mode == "load") return ReplayMode::kLoad;
  return options.mode == "local" ? ReplayMode::kLocal : ReplayMode::kMerge;
}

const char* NameOf(Engine engine) { return engine == Engine::kOt ? "ot" : "rga"; }

std::vector<Engine> EnginesOf(const Options& options) {
  if (options.engine == "both") return {Engine::kRga, Engine::kOt};
  return {options.engine == "ot" ? Engine::kOt : Engine::kRga};
}

const char* NameOf(ReplayMode mode) {
  switch (mode) {
    case ReplayMode::kLocal: return "local";
    case ReplayMode::kMerge: return "merge";
    case ReplayMode::kLoad: return "load";
  }
  return "";
}

void AddTimes(const ReplayResult& result, nlohmann::ordered_json& fields) {
  fields["ms_median"] = Rounded(result.MedianMs());
  fields["ms_min"] = Rounded(result.MinMs());
  const auto add = [&fields](const char* name, const std::vector<double>& ms) {
    if (!ms.empty()) fields[name] = Rounded(MedianOf(ms));
  };
  add("ms_decompress", result.decompress_ms);
  add("ms_decode", result.decode_ms);
  add("ms_integrate", result.integrate_ms);
  add("ms_editable", result.editable_ms);
}

nlohmann::ordered_json ToFields(const Options& options, const Trace& trace, Engine engine,
                                ReplayMode mode, const ReplayResult& result) {
  const TraceSize size = MeasureTrace(trace);
  nlohmann::ordered_json fields;
  fields["trace"] = trace.name();
  fields["engine"] = NameOf(engine);
  fields["mode"] = NameOf(mode);
  fields["ok"] = result.ok();
  fields["control"] = result.control;
  fields["transactions"] = size.transactions;
  fields["patches"] = size.patches;
  fields["events"] = size.events;
  if (mode != ReplayMode::kLocal) {
    fields["changes"] = result.changes;
    fields["operations"] = result.operations;
  }
  fields["final_chars"] = result.final_chars;
  AddTimes(result, fields);
  fields["history_bytes"] = result.sizes.history;
  fields["compact_bytes"] = result.sizes.compact;
  fields["file_bytes"] = result.sizes.file;
  if (engine == Engine::kRga) fields["trimmed_bytes"] = result.sizes.trimmed;
  fields["peak_bytes"] = result.peak_bytes;
  fields["steady_bytes"] = result.steady_bytes;
  if (mode == ReplayMode::kLoad) fields["text_peak_bytes"] = result.text_peak_bytes;
  fields["text_sha256"] = Sha256Hex(result.text);
  fields["profile"] = options.profile;
  if (options.one_transaction) fields["one_transaction"] = true;
  if (result.first_difference) fields["first_difference"] = *result.first_difference;
  if (options.print && options.json) fields["text"] = result.text;
  return fields;
}

Expected<ReplayResult> ReplayWithBar(const Options& options, const Trace& trace, Engine engine,
                                     ReplayMode mode) {
  ProgressBar bar(trace.name());
  return Replay(trace, ReplayOptions{.engine = engine,
                                     .mode = mode,
                                     .profile = ProfileNamed(options.profile),
                                     .one_transaction = options.one_transaction,
                                     .repeat = options.repeat,
                                     .clock = options.clock == "processor" ? ClockKind::kProcessor
                                                                           : ClockKind::kWall,
                                     .memory = {.live_bytes = LiveBytes,
                                                .peak_bytes = PeakBytes,
                                                .reset_peak = ResetPeakBytes},
                                     .progress = bar.Callback()});
}

ExitCode ReplayOn(const Options& options, const Trace& trace, Engine engine,
                  const std::string& file) {
  const ReplayMode mode = ModeFor(options, trace);
  if (options.one_transaction && mode != ReplayMode::kLocal) {
    return ReportError(Error{ErrorCode::kUnsupported,
                             file + ": --one-transaction is for --mode local, which this is not"});
  }
  const auto result = ReplayWithBar(options, trace, engine, mode);
  if (!result) return ReportError(result.error());
  // A printed text has standard output for itself.
  const bool prints_only_text = options.print && !options.json;
  if (prints_only_text) std::cout << result->text;
  WriteReport(prints_only_text ? std::cerr : std::cout,
              ToFields(options, trace, engine, mode, *result), options.json);
  const std::optional<uint64_t> difference = result->first_difference;
  if (!difference) return ExitCode::kDone;
  std::cerr << "cotext: " << file << ": the text differs from the trace's at code point "
            << *difference << '\n';
  return ExitCode::kCheckFailed;
}

ExitCode ReplayFile(const Options& options, const std::string& file) {
  const auto trace = ReadTrace(file);
  if (!trace) return ReportError(trace.error());
  ExitCode worst = ExitCode::kDone;
  for (const Engine engine : EnginesOf(options)) {
    worst = std::max(worst, ReplayOn(options, *trace, engine, file));
  }
  return worst;
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
  command.add_option("--engine", options->engine, "rga, ot, or both, one after the other")
      ->check(CLI::IsMember({"rga", "ot", "both"}))
      ->capture_default_str();
  command
      .add_option("--mode", options->mode,
                  "local: each patch as a local edit. merge: from the bytes in which a peer sends "
                  "the whole history to its text in an empty document. load: open a saved document "
                  "and read its text. Default: local for sequential traces, merge for concurrent "
                  "ones")
      ->check(CLI::IsMember({"local", "merge", "load"}));
  command.add_flag("--one-transaction", options->one_transaction,
                   "local: all patches in one transaction, and so one step of undo, instead of the "
                   "trace's transactions");
  AddProfileOption(command, options->profile);
  command.add_option("--repeat", options->repeat, "Timed runs")
      ->check(CLI::Range(1U, kRepeatMax))
      ->capture_default_str();
  command
      .add_option("--clock", options->clock,
                  "What times are of: wall, the time that passes; processor, this thread's, which "
                  "other programs that keep the machine busy disturb less")
      ->check(CLI::IsMember({"wall", "processor"}))
      ->capture_default_str();
  command.add_flag("--print", options->print,
                   "Print the final text, and the report on standard error (with --json, the text "
                   "as a field)");
  command.add_flag("--json", options->json, "Report one JSON object per trace and line");
  command.footer(
      "control is what puts concurrent edits in order: rga; for OT jupiter, which transforms past "
      "a "
      "server's order,\nor ttf, which keeps tombstones, where there is no such order or it would "
      "not tell enough.\n"
      "What is merged or loaded is made before the clock runs: changes by one replica per agent, "
      "which a peer has\nreceived and sends, or saves. history_bytes are all of them as they are "
      "sent, compact_bytes without the\ntext of what is deleted, file_bytes the saved document, "
      "trimmed_bytes (RGA) the\nsame without any history: the text, and who wrote it; "
      "changes and operations, which local leaves out,\nare the runs of one agent's transactions, "
      "and the runs of inserts and deletes in them.\n"
      "For OT, history_bytes are the edits as they were submitted, with parents; file_bytes these "
      "and the text; and\ncompact_bytes the text alone, as a server keeps it that dropped its "
      "history.\n"
      "Merges have medians of their parts, from runs of their own: ms_decompress, ms_decode, and "
      "ms_integrate, which\nincludes reading the text. Loads have ms_editable, the median of "
      "opening the same file anew, up to a replica\nthat can be edited.\n"
      "peak_bytes and steady_bytes are what the document adds to the live allocated bytes at most "
      "and in the end,\nfor loads the one that can be edited; text_peak_bytes what opening the "
      "file and reading its text adds at\nmost.\n"
      "Exit code: 0 if all texts are right, 1 if one differs, 2 if a trace cannot be read or "
      "replayed.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
