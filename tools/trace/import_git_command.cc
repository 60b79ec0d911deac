#include "tools/trace/import_git_command.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "document/error.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/git_reader.h"
#include "simulation/trace/import_plan.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_import_git.h"
#include "tools/freed_memory.h"
#include "tools/progress_bar.h"
#include "tools/trace/trace_output.h"

namespace cotext {
namespace {

struct Options {
  GitFile file;
  bool lossy = false;
  TraceOutput output;
};

Expected<ImportedTrace> Import(const Options& options, const GitHistory& history,
                               const ImportPlan& plan) {
  auto texts = GitTexts::Open(options.file.repository, history, plan.commits);
  if (!texts) return std::unexpected(std::move(texts).error());
  ProgressBar bar(history.name);
  auto imported = ImportTrace(
      history, plan, [&texts](uint32_t commit) { return texts->Read(commit); },
      options.lossy ? InvalidBytes::kReplace : InvalidBytes::kRefuse, bar.Callback());
  if (!imported && imported.error().code == ErrorCode::kInvalidUtf8) {
    imported.error().message += "; --lossy replaces what is not";
  }
  return imported;
}

Expected<ReplayResult> ReplayWithBar(const Trace& trace) {
  ProgressBar bar(trace.name());
  return Replay(trace, {.progress = bar.Callback()});
}

ExitCode Run(const Options& options) {
  KeepFreedMemory();
  const auto history = ReadGitHistory(options.file);
  if (!history) return ReportError(history.error());
  const auto plan = PlanImport(*history);
  if (!plan) return ReportError(plan.error());
  const auto imported = Import(options, *history, *plan);
  if (!imported) return ReportError(imported.error());
  const Trace& trace = imported->trace;
  const auto replayed = ReplayWithBar(trace);
  if (!replayed) return ReportError(replayed.error());
  if (const auto difference = replayed->first_difference) {
    std::cerr << "cotext: " << history->name << ": the trace, replayed, differs from the last "
              << "commit's text at code point " << *difference << '\n';
    return ExitCode::kCheckFailed;
  }
  nlohmann::ordered_json more;
  more["commit"] = history->last;
  more["authors"] = plan->authors;
  more["agents"] = trace.agent_count();
  more["final_chars"] = replayed->final_chars;
  if (imported->replaced > 0) more["replaced_in"] = imported->replaced;
  return WriteAndReport(trace, options.output, more);
}

}  // namespace

void AddImportGitCommand(CLI::App& trace, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      trace, "import-git", "A concurrent trace from the git history of one file, merges included");
  const auto options = std::make_shared<Options>();
  command
      .add_option("REPO", options->file.repository,
                  "The repository: a folder in a work tree, or a bare one")
      ->required();
  command.add_option("PATH", options->file.path, "The file, from REPO")->required();
  command.add_option("--rev", options->file.revision, "The commit whose past is imported")
      ->capture_default_str();
  command.add_flag("--lossy", options->lossy,
                   "Replace every byte that belongs to no UTF-8 character by U+FFFD. Without this "
                   "option a text that is not UTF-8 is an error, which names the commit");
  AddTraceOutputOptions(command, options->output);
  command.footer(
      "A commit that changes the file, or that merges branches which both did, becomes a "
      "transaction: the\npatches that make its text of what the RGA merges its parents' texts to. "
      "endContent is the text in REV.\nAuthors, by name and e-mail, become agents; who works on "
      "several branches at one time has an agent\nfor each. Where there is no file, the text is "
      "empty. Renames are not followed: what the file was\nunder another name counts as new when "
      "it "
      "gets this one.\n"
      "Exit code: 0 if the trace is written, 1 if it does not lead to the text in REV, 2 if there "
      "is no such\nrepository, commit or file, or git does not run.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
