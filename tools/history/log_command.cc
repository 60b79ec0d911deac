#include "tools/history/log_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crdt/codec/document_file.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/known_version.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "storage/file.h"
#include "tools/history/stored_document.h"
#include "tools/history/version_argument.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

// There cannot be more changes; -1, which turns into a huge number, is refused.
constexpr uint64_t kLimitMax = PackedUpdate::kOperationsMax;

struct Options {
  std::string file;
  uint64_t limit = kLimitMax;
  bool json = false;
  std::vector<std::string> name;  // And the version it is to stand for; or nothing.
  std::string removed_name;
};

void PrintJson(const PackedUpdate& history, size_t change) {
  const uint32_t inserted = history.ElementsIn(change);
  Fields fields;
  fields["number"] = change + 1;
  fields["id"] = ToArgument(history.FirstIdOf(change));
  fields["last"] = ToArgument(LastIdOf(history, change));
  fields["operations"] = history.OperationsOf(change).size();
  fields["parents"] = Fields::array();
  for (const Reference parent : history.ParentsOf(change)) {
    fields["parents"].push_back(ToArgument(history.IdOf(parent)));
  }
  fields["inserted"] = inserted;
  fields["deleted"] = history.LengthOf(change) - inserted;
  fields["text"] = PreviewOf(history.TextOf(change));
  WriteReport(std::cout, fields, /*as_json=*/true);
}

void PrintLine(const PackedUpdate& history, size_t change) {
  const uint32_t inserted = history.ElementsIn(change);
  std::cout << '@' << change + 1 << "  " << ToArgument(history.FirstIdOf(change));
  if (history.LengthOf(change) > 1) std::cout << " to " << ToArgument(LastIdOf(history, change));
  std::cout << "  after ";
  std::string separator;
  for (const Reference parent : history.ParentsOf(change)) {
    std::cout << separator << ToArgument(history.IdOf(parent));
    separator = ",";
  }
  if (separator.empty()) std::cout << "nothing";
  std::cout << "  operations " << history.OperationsOf(change).size() << "  +" << inserted << " -"
            << history.LengthOf(change) - inserted;
  if (inserted > 0) std::cout << "  " << Quoted(PreviewOf(history.TextOf(change)));
  std::cout << (inserted > kPreviewChars ? "...\n" : "\n");
}

// Says where the history of a trimmed document begins.
void PrintHorizon(const Rga& rga, bool as_json) {
  const std::string horizon = ToArgument(rga.horizon().frontier);
  const uint32_t characters = rga.history().log.base_end().value;
  if (as_json) {
    WriteReport(std::cout, {{"horizon", horizon}, {"horizon_chars", characters}}, as_json);
  } else {
    std::cout << "@0  trimmed up to " << horizon << "  " << characters << " characters\n";
  }
}

// Puts other names in the place of those that a file has. All else in it stays as it is.
ExitCode WriteNames(const Options& options, const StoredDocument& document,
                    const NamedVersions& names) {
  const auto written =
      WriteFileAtomically(options.file, *document.bytes + EncodeNamesAppendix(names, {}));
  return written ? ExitCode::kDone : ReportError(written.error());
}

ExitCode NameVersion(const Options& options, const StoredDocument& document) {
  const std::string& name = options.name[0];
  const auto version = ParseVersion(options.name[1], document);
  if (!version) return ReportError(version.error());
  if (!IsVersionName(name)) {
    return ReportError(Error{.code = ErrorCode::kOutOfRange,
                             .message = "the name " + name + " means another version"});
  }
  NamedVersions names = document.file.names();
  const auto named = names.Set(name, FrontierOf(document.rga.history().graph, *version));
  return named ? WriteNames(options, document, names) : ReportError(named.error());
}

ExitCode RemoveName(const Options& options, const StoredDocument& document) {
  NamedVersions names = document.file.names();
  if (!names.Remove(options.removed_name)) {
    return ReportError(Error{.code = ErrorCode::kUnknownVersion,
                             .message = options.file + ": no version has that name"});
  }
  return WriteNames(options, document, names);
}

ExitCode Run(const Options& options) {
  const auto document = ReadStoredDocument(options.file);
  if (!document) return ReportStoredError(document.error());
  if (!options.name.empty()) return NameVersion(options, *document);
  if (!options.removed_name.empty()) return RemoveName(options, *document);
  const PackedUpdate history = document->rga.PackedSince({});
  const size_t count = history.changes.size();
  if (options.limit >= count && !document->rga.horizon().empty()) {
    PrintHorizon(document->rga, options.json);
  }
  for (size_t change = count - std::min<uint64_t>(count, options.limit); change < count; ++change) {
    if (options.json) {
      PrintJson(history, change);
    } else {
      PrintLine(history, change);
    }
  }
  return ExitCode::kDone;
}

}  // namespace

void AddLogCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "log", "The history of a stored document, one change a line, newest last");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "A stored document")->required();
  CLI::Option* const limit =
      command.add_option("--limit", options->limit, "Only the newest N changes")
          ->check(CLI::Range(uint64_t{1}, kLimitMax))
          ->type_name("N");
  CLI::Option* const json =
      command.add_flag("--json", options->json, "One JSON object per change and line");
  CLI::Option* const name =
      command
          .add_option("--name", options->name,
                      "Give a version this name, in the file, instead of printing the history")
          ->expected(2)
          ->type_name("NAME VERSION")
          ->excludes(limit)
          ->excludes(json);
  command.add_option("--unname", options->removed_name, "Take a name away")
      ->type_name("NAME")
      ->excludes(limit)
      ->excludes(json)
      ->excludes(name);
  command.footer(
      "A change is what one replica did between two moments at which it heard of others. A line "
      "has its number,\nas @N; its first and last operation, as COUNTER@REPLICA; the operations "
      "after which it was made, its\nparents; the number of its operations, which are runs of "
      "inserts and deletes; the characters it inserts\nand deletes; and the beginning of the text "
      "it inserts, with control characters escaped. Where deleted text\nwas left out, every "
      "character of it is U+001A.\n"
      "The history of a trimmed document begins with a line for what it was trimmed to, @0.\n" +
      std::string(kVersionHelp) +
      "Names are kept in the file, which is replaced as a whole; `cotext info` lists them.\n"
      "Exit code: 0 done, 1 if the document is damaged (the message names the section), 2 if it "
      "cannot be read,\nor has no such version or name.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
