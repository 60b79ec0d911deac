#include "tools/store/trim_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "storage/sqlite_database.h"
#include "storage/trim_store.h"
#include "tools/history/version_argument.h"
#include "tools/store/store_access.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

// Before 1970 nobody wrote.
constexpr uint64_t kDaysMax = 36'500;

struct Options {
  std::string folder;
  std::vector<std::string> documents;
  bool all = false;
  uint64_t keep = 0;
  uint64_t keep_days = 0;
  bool dry_run = false;
  bool json = false;
};

constexpr char kHelp[] =
    "The text stays, with who wrote each character (OT: with the revision), and the latest edits "
    "as\n"
    "asked for; tombstones, deleted text and older versions go, for good: make a backup first. "
    "Where\n"
    "edits were made at the same time, all of them stay if one has to.\n"
    "\n"
    "Whoever has a copy that lacks something of what is dropped, or edits in it that are not "
    "stored\n"
    "here, cannot go on with the document (history_trimmed; OT: too_old, or the text anew): his "
    "copy\n"
    "keeps its text, and he opens the document anew. Those who are up to date notice nothing.\n"
    "\n"
    "Edits are characters inserted or deleted; of OT documents, commits. What a server has "
    "compacted\n"
    "counts as written when the last of it was.\n"
    "\n"
    "--dry-run only tells what would be dropped, and may be used while a server has the store "
    "open;\n"
    "otherwise none may.\n";

Expected<TrimReport> Run(const Options& options, const TrimRequest& request) {
  const auto run = [&](SqliteDatabase& database, const auto& work) {
    const uint64_t total = request.documents.empty()
                               ? database.Number("SELECT count(*) FROM documents").value_or(0)
                               : request.documents.size();
    return WithBar(options.folder, total, work);
  };
  if (options.dry_run) {
    Expected<SqliteDatabase> database = OpenStoreToRead(options.folder);
    if (!database) return std::unexpected(database.error());
    return run(*database, [&](const auto& show) { return PreviewTrim(*database, request, show); });
  }
  const Expected<OwnStore> store = OpenOwnStore(options.folder);
  if (!store) return std::unexpected(store.error());
  StoreEngine& engine = *store->engine;
  return run(engine.database(), [&](const auto& show) { return TrimStore(engine, request, show); });
}

std::string HorizonOf(const TrimmedLog& trimmed) {
  return trimmed.engine == Engine::kOt ? std::to_string(trimmed.horizon)
                                       : ToArgument(trimmed.frontier);
}

Fields FieldsOf(const std::vector<DocumentTrim>& documents) {
  Fields fields = Fields::array();
  for (const DocumentTrim& document : documents) {
    const bool is_ot = document.trimmed.engine == Engine::kOt;
    fields.push_back({{"document", document.document},
                      {"engine", is_ot ? "ot" : "rga"},
                      {"horizon", HorizonOf(document.trimmed)},
                      {"dropped", document.trimmed.dropped},
                      {"kept", document.trimmed.kept},
                      {"bytes_before", document.bytes_before},
                      {"bytes_after", document.bytes_after}});
  }
  return fields;
}

void Print(const std::vector<DocumentTrim>& documents) {
  for (const DocumentTrim& document : documents) {
    std::cout << "document " << Quoted(document.document) << ": up to "
              << HorizonOf(document.trimmed) << ", " << document.trimmed.dropped
              << " edits dropped, " << document.trimmed.kept << " kept, " << document.bytes_before
              << " to " << document.bytes_after << " bytes\n";
  }
}

ExitCode Trim(const Options& options) {
  if (options.documents.empty() != options.all) {
    return ReportError(
        {.code = ErrorCode::kBadRequest, .message = "which documents? Name some, or give --all"});
  }
  TrimRequest request{.documents = options.documents, .keep = options.keep};
  std::ranges::sort(request.documents);
  const auto repeated = std::ranges::unique(request.documents);
  request.documents.erase(repeated.begin(), repeated.end());
  if (options.keep_days > 0) {
    constexpr uint64_t kDayMs = 86'400'000;
    const uint64_t now_ms = NowMs();
    request.written_by_ms = now_ms - std::min(now_ms, options.keep_days * kDayMs);
  }
  const Expected<TrimReport> report = Run(options, request);
  if (!report) {
    Error error = report.error();
    if (error.code == ErrorCode::kNotFound) error.message = options.folder + ": " + error.message;
    return ReportStoreError(error);
  }
  Fields fields = {{"store", options.folder},
                   {"dry_run", options.dry_run},
                   {"documents", report->documents},
                   {"trimmed", report->trimmed.size()},
                   {"bytes_before", report->bytes_before},
                   {"bytes_after", report->bytes_after}};
  if (options.json) {
    fields["trims"] = FieldsOf(report->trimmed);
    fields["problems"] = ProblemFields(report->problems);
  }
  WriteReport(std::cout, fields, options.json);
  if (!options.json) {
    Print(report->trimmed);
    PrintProblems(report->problems);
  }
  return report->problems.empty() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void AddTrimCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "trim", "Drop the older history of documents of a store, for good");
  auto options = std::make_shared<Options>();
  command.add_option("DIR", options->folder, "The store's folder")->required();
  command.add_option("DOCUMENT", options->documents, "The names of the documents");
  command.add_flag("--all", options->all, "All documents of the store");
  command.add_option("--keep", options->keep, "Keep at least the last N edits of each document")
      ->type_name("N");
  command.add_option("--keep-days", options->keep_days, "Keep what was written in the last N days")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, kDaysMax));
  command.add_flag("--dry-run", options->dry_run, "Write nothing, only tell");
  command.add_flag("--json", options->json, "Report as one JSON object");
  command.footer(kHelp + std::string(kStoreExitCodesHelp));
  command.callback([options, &exit_code] { exit_code = Trim(*options); });
}

}  // namespace cotext
