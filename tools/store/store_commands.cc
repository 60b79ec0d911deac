#include "tools/store/store_commands.h"

#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "net/http/http_target.h"
#include "storage/backup_store.h"
#include "storage/check_store.h"
#include "storage/compact_store.h"
#include "storage/document_list.h"
#include "storage/file.h"
#include "storage/log_reader.h"
#include "storage/sqlite_database.h"
#include "storage/store_call.h"
#include "storage/store_engine.h"
#include "storage/stored_content.h"
#include "sync/store.h"
#include "tools/store/store_access.h"
#include "tools/terminal_text.h"
#include "tools/trace/profile_option.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

// Far more than a document can have, and less than a machine has.
constexpr uint64_t kFileBytesMax = uint64_t{1} << 32U;

struct Options {
  std::string folder;
  std::string to;
  std::string document;
  std::string file;
  std::string profile = "small";
  bool json = false;
};

ExitCode Check(const Options& options) {
  Expected<SqliteDatabase> database = OpenStoreToRead(options.folder);
  if (!database) return ReportStoreError(database.error());
  const uint64_t total = database->Number("SELECT count(*) FROM documents").value_or(0);
  const auto check =
      WithBar(options.folder, total, [&](const auto& show) { return CheckStore(*database, show); });
  if (!check) return ReportStoreError(check.error());
  Fields fields = {{"store", options.folder},
                   {"ok", check->is_clean()},
                   {"documents", check->documents},
                   {"damaged_documents", check->problems.size()},
                   {"damage_of_pages", check->damage.size()}};
  if (const auto statistics = MeasureStore(*database)) {
    fields["bytes"] = statistics->database_bytes;
    fields["free_bytes"] = statistics->free_bytes;
    fields["snapshot_bytes"] = statistics->snapshot_bytes;
    fields["tail_bytes"] = statistics->tail_bytes;
    fields["tail_records"] = statistics->tail_records;
  }
  if (options.json) {
    fields["damage"] = check->damage;
    fields["problems"] = ProblemFields(check->problems);
  }
  WriteReport(std::cout, fields, options.json);
  if (!options.json) {
    for (const std::string& line : check->damage) std::cout << "page: " << line << '\n';
    PrintProblems(check->problems);
  }
  return check->is_clean() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

ExitCode Compact(const Options& options) {
  Expected<OwnStore> store = OpenOwnStore(options.folder);
  if (!store) return ReportStoreError(store.error());
  const uint64_t total =
      store->engine->database().Number("SELECT count(*) FROM documents").value_or(0);
  const auto report = WithBar(options.folder, total,
                              [&](const auto& show) { return CompactStore(*store->engine, show); });
  if (!report) return ReportStoreError(report.error());
  Fields fields = {{"store", options.folder},
                   {"documents", report->documents},
                   {"compacted", report->compacted},
                   {"bytes_before", report->bytes_before},
                   {"bytes_after", report->bytes_after}};
  if (options.json) fields["problems"] = ProblemFields(report->problems);
  WriteReport(std::cout, fields, options.json);
  if (!options.json) PrintProblems(report->problems);
  return report->problems.empty() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

ExitCode BackUp(const Options& options) {
  const Expected<void> done = BackUpStore(options.folder, options.to);
  return done ? ExitCode::kDone : ReportStoreError(done.error());
}

ExitCode Export(const Options& options) {
  Expected<SqliteDatabase> database = OpenStoreToRead(options.folder);
  if (!database) return ReportStoreError(database.error());
  Expected<LogReader> reader = LogReader::On(*database);
  if (!reader) return ReportStoreError(reader.error());
  if (auto begun = database->Execute("BEGIN"); !begun) return ReportStoreError(begun.error());
  const Expected<sync::StoredLog> log = reader->Read(options.document);
  if (!log) return ReportStoreError(log.error());
  if (log->position() == 0) {
    return ReportError(
        {.code = ErrorCode::kIo,
         .message = options.folder + ": has no document " + Quoted(options.document)});
  }
  const auto file = ExportDocument(*log, ProfileNamed(options.profile));
  if (!file) return ReportStoreError(file.error());
  const auto written = WriteFileAtomically(options.file, *file);
  return written ? ExitCode::kDone : ReportStoreError(written.error());
}

ExitCode Import(const Options& options) {
  // A store takes any name, but no client could ask for one that is none.
  if (const auto name = net::CheckDocumentName(options.document); !name) {
    return ReportError(name.error());
  }
  Expected<std::string> file = ReadFile(options.file, kFileBytesMax);
  if (!file) return ReportStoreError(file.error());
  Expected<std::vector<sync::Record>> records = ImportDocument(*std::move(file));
  if (!records) return ReportStoreError(records.error());
  Expected<OwnStore> store = OpenOwnStore(options.folder);
  if (!store) return ReportStoreError(store.error());
  const auto there =
      store->engine->Load({.kind = StoreCall::Kind::kLoad, .document = options.document});
  if (!there.position) return ReportStoreError(there.position.error());
  if (*there.position > 0) {
    return ReportError(
        {.code = ErrorCode::kIo,
         .message = options.folder + ": has a document " + Quoted(options.document) + " already"});
  }
  const StoreCall call{.kind = StoreCall::Kind::kAppend,
                       .document = options.document,
                       .records = *std::move(records)};
  const auto written = store->engine->Write({&call, 1}).at(0).position;
  return written ? ExitCode::kDone : ReportStoreError(written.error());
}

struct Command {
  std::string name;
  std::string description;
  std::function<ExitCode(const Options&)> run;
};

std::pair<CLI::App*, std::shared_ptr<Options>> Add(CLI::App& root, ExitCode& exit_code,
                                                   const Command& added) {
  CLI::App& command = AddCommand(root, added.name, added.description);
  auto options = std::make_shared<Options>();
  command.add_option("DIR", options->folder, "The store's folder")->required();
  command.callback([options, &exit_code, run = added.run] { exit_code = run(*options); });
  return {&command, options};
}

void AddDocument(CLI::App& command, Options& options) {
  command.add_option("DOCUMENT", options.document, "The document's name")->required();
}

}  // namespace

void AddStoreCommands(CLI::App& root, ExitCode& exit_code) {
  const auto add = [&](const Command& command, std::string_view footer) {
    auto added = Add(root, exit_code, command);
    added.first->footer(std::string(footer) + std::string(kStoreExitCodesHelp));
    return added;
  };
  const auto [check, check_options] =
      add({"check", "Whether all of a store is there and can be read", Check}, kBesideHelp);
  check->add_flag("--json", check_options->json, "Report as one JSON object");

  const auto [compact, compact_options] =
      add({"compact", "Make every document of a store one snapshot; nothing is lost", Compact},
          kAloneHelp);
  compact->add_flag("--json", compact_options->json, "Report as one JSON object");

  const auto [backup, backup_options] =
      add({"backup", "Copy a store into another folder", BackUp}, kBesideHelp);
  backup->add_option("TO", backup_options->to, "The other folder, which has no store")->required();

  const auto [export_document, export_options] =
      add({"export", "A document of a store as a document file, or as JSON if it is OT", Export},
          kBesideHelp);
  AddDocument(*export_document, *export_options);
  export_document->add_option("-o,--out", export_options->file, "The file to write")
      ->required()
      ->type_name("FILE");
  AddProfileOption(*export_document, export_options->profile);

  const auto [import_document, import_options] =
      add({"import", "A document file as a new document of a store", Import}, kAloneHelp);
  AddDocument(*import_document, *import_options);
  import_document->add_option("FILE", import_options->file, "A document file")->required();
}

}  // namespace cotext
