#include "tools/history/diff_command.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crdt/causal_graph.h"
#include "crdt/checkout.h"
#include "crdt/known_version.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/delta_json.h"
#include "document/offset.h"
#include "document/utf8.h"
#include "tools/history/stored_document.h"
#include "tools/history/version_argument.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

struct Options {
  std::string file;
  std::string from;
  std::string to = "now";
  bool json = false;
};

void PrintJson(const Options& options, const StoredDocument& document, const VersionVector& from,
               const VersionVector& to, const Delta& delta) {
  const CausalGraph& graph = document.rga.history().graph;
  uint64_t inserted = 0;
  uint64_t deleted = 0;
  for (const Delta::Component& component : delta) {
    if (component.kind == Delta::Kind::kInsert) inserted += component.count;
    if (component.kind == Delta::Kind::kDelete) deleted += component.count;
  }
  Fields fields;
  fields["file"] = options.file;
  fields["from"] = ToArgument(FrontierOf(graph, from));
  fields["to"] = ToArgument(FrontierOf(graph, to));
  fields["inserted"] = inserted;
  fields["deleted"] = deleted;
  fields["delta"] = Fields::parse(DeltaToJson(delta));
  WriteReport(std::cout, fields, /*as_json=*/true);
}

// Where one gets to who reads a text from its beginning.
class ReadingPlace {
 public:
  explicit ReadingPlace(std::string_view text) : rest_(text) {}

  void Skip(uint64_t count) {
    const std::string_view skipped = rest_.substr(0, ByteOfCodePoint(rest_, count));
    rest_.remove_prefix(skipped.size());
    const size_t newline = skipped.rfind('\n');
    if (newline != std::string_view::npos) {
      at_.line += Measure(skipped).newlines;
      at_.column = CountCodePoints(skipped.substr(newline + 1));
    } else {
      at_.column += count;
    }
  }

  Point at() const { return at_; }

 private:
  std::string_view rest_;
  Point at_;
};

// Prints a line for each place at which something was replaced, inserted or deleted.
void PrintLines(const Delta& delta, std::string_view text) {
  ReadingPlace place(text);
  std::string_view inserted;
  const auto print = [&](std::string_view deleted) {
    std::cout << place.at().line + 1 << ':' << place.at().column + 1;
    if (!deleted.empty()) std::cout << "  -" << Quoted(deleted);
    if (!inserted.empty()) std::cout << "  +" << Quoted(inserted);
    std::cout << '\n';
    inserted = {};
  };
  for (const Delta::Component& component : delta) {
    if (component.kind == Delta::Kind::kInsert) {
      inserted = component.text;
      continue;
    }
    if (component.kind == Delta::Kind::kDelete) {
      print(component.text);
    } else if (!inserted.empty()) {
      print({});
    }
    place.Skip(component.count);
  }
  if (!inserted.empty()) print({});
}

ExitCode Run(const Options& options) {
  const auto document = ReadStoredDocument(options.file);
  if (!document) return ReportStoredError(document.error());
  const auto from = ParseVersion(options.from, *document);
  if (!from) return ReportError(from.error());
  const auto to = ParseVersion(options.to, *document);
  if (!to) return ReportError(to.error());
  const auto before = Checkout::At(document->rga, *from);
  if (!before) return ReportError(before.error());
  const auto after = Checkout::At(document->rga, *to);
  if (!after) return ReportError(after.error());
  const Delta delta = DeltaBetween(*before, *after);
  if (options.json) {
    PrintJson(options, *document, *from, *to, delta);
  } else {
    PrintLines(delta, before->Text());
  }
  return ExitCode::kDone;
}

}  // namespace

void AddDiffCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "diff", "What changed between two versions of a stored document");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "A stored document")->required();
  command.add_option("FROM", options->from, "A version")->required()->type_name("VERSION");
  command.add_option("TO", options->to, "Another one, earlier or later")
      ->type_name("VERSION")
      ->capture_default_str();
  command.add_flag("--json", options->json, "Report as one JSON object, with the delta in it");
  command.footer(
      std::string(kVersionHelp) +
      "A line is LINE:COLUMN in the text at FROM, both from 1; what was deleted there, after "
      "`-`; what was inserted,\nafter `+`. In JSON, delta is that of ot-text-unicode: numbers "
      "retain, strings insert, {\"d\":...} deletes.\n"
      "Exit code: 0 done, whether anything changed or not; 1 if the document is damaged; 2 if it "
      "cannot be read or\nhas no such version.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
