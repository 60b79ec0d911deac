#include "tools/trace/compare_command.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "simulation/comparison/anomalies.h"
#include "simulation/comparison/branch_costs.h"
#include "simulation/comparison/comparison_report.h"
#include "simulation/comparison/trace_costs.h"
#include "simulation/comparison/typist.h"
#include "simulation/report/report_html.h"
#include "simulation/report/report_json.h"
#include "simulation/report/report_text.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "storage/file.h"
#include "tools/allocation_counter.h"
#include "tools/freed_memory.h"
#include "tools/progress_bar.h"
#include "tools/trace/profile_option.h"

namespace cotext {
namespace {

constexpr uint32_t kRepeatMax = 10'000;
constexpr uint64_t kRoundsMax = 1'000'000;

struct Options {
  std::vector<std::string> files;
  std::string report;  // Empty: none.
  std::string profile = "fast";
  uint32_t repeat = 3;
  uint64_t rounds = 2000;
  BranchOptions branches;
  bool json = false;
};

Expected<std::vector<TraceCosts>> CompareTraces(const Options& options) {
  std::vector<TraceCosts> all;
  for (const std::string& file : options.files) {
    const auto trace = ReadTrace(file);
    if (!trace) return std::unexpected(trace.error());
    ProgressBar bar(trace->name());
    const auto costs = MeasureTraceCosts(
        *trace,
        {.profile = ProfileNamed(options.profile),
         .repeat = options.repeat,
         .memory = {.live_bytes = LiveBytes, .peak_bytes = PeakBytes, .reset_peak = ResetPeakBytes},
         .progress = bar.Callback()});
    if (!costs) return std::unexpected(costs.error());
    all.insert(all.end(), costs->begin(), costs->end());
  }
  return all;
}

void CompareBranches(const Options& options, Comparison& comparison) {
  for (const BranchStyle style : {BranchStyle::kScattered, BranchStyle::kTyped}) {
    BranchOptions branches = options.branches;
    ProgressBar merging("branches");
    branches.progress = merging.Callback();
    const std::vector<MergeCost> merges = MeasureMerges(style, branches);
    ProgressBar returning("returns");
    branches.progress = returning.Callback();
    const std::vector<ReturnCost> returns = MeasureReturns(style, branches);
    comparison.merges.insert(comparison.merges.end(), merges.begin(), merges.end());
    comparison.returns.insert(comparison.returns.end(), returns.begin(), returns.end());
  }
}

std::vector<TypistRun> CompareTypists(uint64_t seed) {
  std::vector<TypistRun> runs;
  for (const uint32_t typists : {1U, 2U}) {
    for (const uint64_t round_trip_ms : {10U, 30U, 100U, 300U}) {
      for (const Engine engine : {Engine::kRga, Engine::kOt}) {
        const TypistOptions options{
            .round_trip_ms = round_trip_ms, .typists = typists, .seed = seed};
        runs.push_back(TypistRun{
            .engine = engine, .options = options, .result = SimulateTypist(engine, options)});
      }
    }
  }
  return runs;
}

std::vector<AnomalyCount> CompareOrders(const Options& options) {
  ProgressBar bar("anomalies");
  return CountAnomalies(
      UsualShapes(),
      {.rounds = options.rounds, .seed = options.branches.seed, .progress = bar.Callback()});
}

// Says on standard error which texts were wrong.
ExitCode Conclude(const Comparison& comparison) {
  for (const TraceCosts& costs : comparison.traces) {
    if (costs.ok) continue;
    std::cerr << "cotext: " << costs.trace << ": on "
              << (costs.engine == Engine::kOt ? "ot" : "rga")
              << " a text differs from the trace's\n";
  }
  if (IsOk(comparison)) return ExitCode::kDone;
  std::cerr << "cotext: a text is wrong; the tables say which\n";
  return ExitCode::kCheckFailed;
}

ExitCode Run(const Options& options) {
  KeepFreedMemory();
  Comparison comparison{.profile = options.profile,
                        .repeat = options.repeat,
                        .budget_seconds = options.branches.budget_seconds};
  auto traces = CompareTraces(options);
  if (!traces) return ReportError(traces.error());
  comparison.traces = *std::move(traces);
  CompareBranches(options, comparison);
  comparison.typists = CompareTypists(options.branches.seed);
  comparison.anomalies = CompareOrders(options);
  const Report report = MakeComparisonReport(comparison);
  if (!options.report.empty()) {
    const auto written = WriteFileAtomically(options.report, ReportToHtml(report));
    if (!written) return ReportError(written.error());
  }
  if (options.json) {
    WriteJsonLines(report, std::cout);
  } else {
    std::cout << ReportToText(report);
  }
  return Conclude(comparison);
}

void AddLimitOptions(CLI::App& command, Options& options) {
  const auto add = [&command](const char* name, auto& value, const char* description) {
    return command.add_option(name, value, description)->capture_default_str();
  };
  add("--repeat", options.repeat, "Timed runs of each measurement of a trace")
      ->check(CLI::Range(1U, kRepeatMax));
  add("--length-max", options.branches.length_max, "The longest branch, in edits")
      ->check(CLI::Range(uint64_t{10}, uint64_t{1'000'000}));
  add("--branches-max", options.branches.branches_max, "The most branches")
      ->check(CLI::Range(uint64_t{2}, uint64_t{64}));
  add("--budget", options.branches.budget_seconds,
      "Seconds that one measurement of branches may be expected to take; longer ones are left out")
      ->check(CLI::Range(0.001, 3600.0));
  add("--rounds", options.rounds, "Random rounds of each shape in which anomalies are counted")
      ->check(CLI::Range(uint64_t{1}, kRoundsMax));
  add("--seed", options.branches.seed, "The seed of branches, typists and rounds");
}

}  // namespace

void AddCompareCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "compare",
                 "Compare the RGA with OT: time, memory, bytes, branches, latency, anomalies");
  const auto options = std::make_shared<Options>();
  command.add_option("TRACE", options->files, "Traces, .json or .json.gz")->required();
  command.add_option("--report", options->report,
                     "Write a page of HTML with charts, which needs nothing else");
  AddProfileOption(command, options->profile);
  AddLimitOptions(command, *options);
  command.add_flag("--json", options->json, "Report one JSON object per row and line");
  command.footer(
      "Tables, named in the field \"table\" of each JSON object: times, memory and bytes, a row "
      "for "
      "each trace and\nengine; branches, all merged, 2 to 64 of 10 to 1,000,000 edits; returns, "
      "one "
      "who comes back after as many; \ncrossovers, where the engines cross in these; typist, one "
      "fast typist with a round trip of 10 to 300 ms;\nanomalies, of order and interleaving; "
      "capabilities; optimised. The tables say what is measured; docs/OT.md\ndefines the "
      "anomalies. "
      "All but times, and memory by a few bytes, is the same in every run.\n"
      "Without limits, branches take a few minutes and some gigabytes of memory.\n"
      "Exit code: 0 if all texts are right, 1 if one differs, 2 if a trace cannot be read or "
      "compared, or the page\ncannot be written.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
