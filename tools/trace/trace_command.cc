#include "tools/trace/trace_command.h"

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
#include "simulation/replay/replay.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_rebase.h"
#include "simulation/trace/trace_repeat.h"
#include "simulation/trace/trace_statistics.h"
#include "tools/progress_bar.h"
#include "tools/trace/import_git_command.h"
#include "tools/trace/trace_convert_command.h"
#include "tools/trace/trace_output.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

void AddFileOption(CLI::App& command, std::string& file) {
  command.add_option("FILE", file, "A trace, .json or .json.gz")->required();
}

// trace info

struct InfoOptions {
  std::vector<std::string> files;
  bool json = false;
};

Fields ToFields(const Trace& trace) {
  const TraceStatistics statistics = ComputeStatistics(trace);
  Fields fields;
  fields["trace"] = trace.name();
  fields["kind"] = trace.kind() == Trace::Kind::kConcurrent ? "concurrent" : "sequential";
  fields["agents"] = statistics.agents;
  fields["transactions"] = statistics.transactions;
  fields["patches"] = statistics.patches;
  fields["inserted"] = statistics.inserted;
  fields["deleted"] = statistics.deleted;
  fields["events"] = statistics.events();
  fields["final_chars"] = statistics.final_chars;
  fields["concurrency_mean"] = std::round(statistics.concurrency_mean * 100) / 100;
  fields["concurrency_max"] = statistics.concurrency_max;
  fields["graph_runs"] = statistics.graph_runs;
  fields["roots"] = statistics.roots;
  fields["heads"] = statistics.heads;
  fields["heads_max"] = statistics.heads_max;
  return fields;
}

ExitCode RunInfo(const InfoOptions& options) {
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : options.files) {
    const auto trace = ReadTrace(file);
    if (trace) {
      WriteReport(std::cout, ToFields(*trace), options.json);
    } else {
      worst = ReportError(trace.error());
    }
  }
  return worst;
}

void AddInfo(CLI::App& parent, ExitCode& exit_code) {
  CLI::App& command = AddCommand(parent, "info", "Statistics of traces");
  const auto options = std::make_shared<InfoOptions>();
  command.add_option("FILE", options->files, "Traces, .json or .json.gz")->required();
  command.add_flag("--json", options->json, "Report one JSON object per trace and line");
  command.footer(
      "Lengths are in code points. A transaction's concurrency is the number of earlier ones that "
      "it has not seen.\nA graph run is a stretch of transactions each of which has only the one "
      "before it as a parent. heads_max\nis the most transactions without children at any place in "
      "the file, heads those at its end.");
  command.callback([options, &exit_code] { exit_code = RunInfo(*options); });
}

// trace generate

struct GenerateOptions {
  GeneratorOptions generator;
  TraceOutput output;
};

ExitCode RunGenerate(const GenerateOptions& options) {
  const auto trace = Generate(options.generator);
  return trace ? WriteAndReport(*trace, options.output) : ReportError(trace.error());
}

void AddGenerate(CLI::App& parent, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(parent, "generate", "A random concurrent history; the same seed, the same bytes");
  const auto options = std::make_shared<GenerateOptions>();
  GeneratorOptions& generator = options->generator;
  const auto add = [&command](const char* name, auto& value, const char* description) {
    return command.add_option(name, value, description)->capture_default_str();
  };
  const auto add_share = [&add](const char* name, uint32_t& value, const char* description) {
    add(name, value, description)->check(CLI::Range(0U, 100U));
  };
  add("--seed", generator.seed, "The seed");
  add("--agents", generator.agents, "Agents");
  add("--transactions", generator.transactions, "Transactions, without a last one that merges all");
  add("--patches", generator.patches_max, "The most patches per transaction");
  add("--insert", generator.insert_max, "The most characters that a patch inserts, or deletes");
  add_share("--same-place", generator.same_place_percent,
            "Percent of the inserts that go where the latest one of anybody went");
  add_share("--ties", generator.ties_percent,
            "Percent of the patches at the very beginning, where concurrent inserts tie");
  add_share("--deletes", generator.delete_percent, "Percent of the patches that delete");
  add_share("--unicode", generator.unicode_percent, "Percent of the characters that are not ASCII");
  add_share("--merges", generator.merge_percent,
            "Percent of the transactions before which their agent learns what another one knows");
  AddTraceOutputOptions(command, options->output);
  command.callback([options, &exit_code] { exit_code = RunGenerate(*options); });
}

// trace repeat

struct RepeatOptions {
  std::string file;
  uint64_t times = 0;
  TraceOutput output;
};

ExitCode RunRepeat(const RepeatOptions& options) {
  const auto trace = ReadTrace(options.file);
  if (!trace) return ReportError(trace.error());
  const auto repeated = Repeat(*trace, options.times);
  return repeated ? WriteAndReport(*repeated, options.output) : ReportError(repeated.error());
}

void AddRepeat(CLI::App& parent, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      parent, "repeat", "A trace several times over, each copy in front of those before it");
  const auto options = std::make_shared<RepeatOptions>();
  AddFileOption(command, options->file);
  command.add_option("N,-n,--times", options->times, "How many times")
      ->required()
      ->check(CLI::Range(uint64_t{1}, Trace::kColumnMax));
  AddTraceOutputOptions(command, options->output);
  command.callback([options, &exit_code] { exit_code = RunRepeat(*options); });
}

// trace rebase

struct RebaseOptions {
  std::string file;
  std::string ties = "agent-ascending";
  TraceOutput output;
};

Expected<RebasedTrace> RebaseWithBar(const Trace& trace, NaiveRga::Order order) {
  ProgressBar bar(trace.name());
  return Rebase(trace, order, bar.Callback());
}

ExitCode RunRebase(const RebaseOptions& options) {
  const auto trace = ReadTrace(options.file);
  if (!trace) return ReportError(trace.error());
  const auto order =
      options.ties == "rga" ? NaiveRga::Order::kRga : NaiveRga::Order::kAgentAscending;
  const auto rebased = RebaseWithBar(*trace, order);
  if (!rebased) return ReportError(rebased.error());
  Fields more;
  more["rederived"] = rebased->rederived;
  if (const auto difference = FirstDifference(rebased->trace.end_content(), trace->end_content())) {
    std::cerr << "cotext: " << options.file << ": note: in this order of ties the text ends "
              << "otherwise than endContent says, from code point " << *difference
              << " on; the rebased trace has the text as it ends\n";
    more["end_content_differs_at"] = *difference;
  }
  return WriteAndReport(rebased->trace, options.output, more);
}

void AddRebase(CLI::App& parent, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      parent, "rebase",
      "A concurrent trace with positions for RGA order: every transaction ends in the same text");
  const auto options = std::make_shared<RebaseOptions>();
  AddFileOption(command, options->file);
  command
      .add_option("--ties", options->ties,
                  "How the trace's own positions take concurrent inserts at one place: left and "
                  "right origins (YATA, Fugue), then by ascending agent; or as the RGA does")
      ->check(CLI::IsMember({"agent-ascending", "rga"}))
      ->capture_default_str();
  AddTraceOutputOptions(command, options->output);
  command.callback([options, &exit_code] { exit_code = RunRebase(*options); });
}

}  // namespace

void AddTraceCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(root, "trace", "Look at editing traces, and make new ones");
  command.require_subcommand(1);
  AddInfo(command, exit_code);
  AddGenerate(command, exit_code);
  AddRepeat(command, exit_code);
  AddRebase(command, exit_code);
  AddImportGitCommand(command, exit_code);
  AddTraceConvertCommand(command, exit_code);
}

}  // namespace cotext
