#include "tools/history/blame_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/blame.h"
#include "crdt/checkout.h"
#include "crdt/ids.h"
#include "document/utf8.h"
#include "tools/history/stored_document.h"
#include "tools/history/version_argument.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

struct Options {
  std::string file;
  std::string at = "now";
  bool json = false;
};

// Returns the first characters of a text and takes them off.
std::string_view TakeCharacters(std::string_view& text, uint64_t count) {
  const std::string_view taken = text.substr(0, ByteOfCodePoint(text, count));
  text.remove_prefix(taken.size());
  return taken;
}

void PrintJson(const std::vector<BlameRange>& ranges, std::string_view text) {
  for (const BlameRange& range : ranges) {
    Fields fields;
    fields["begin"] = range.begin.value;
    fields["length"] = range.length;
    fields["replica"] = range.first.replica.value;
    fields["first"] = ToArgument(range.first);
    fields["last"] = ToArgument(range.last());
    fields["text"] = TakeCharacters(text, range.length);
    WriteReport(std::cout, fields, /*as_json=*/true);
  }
}

// A line, with its line end, and who wrote in it.
struct Line {
  OpId newest;
  std::set<ReplicaId> authors;
  std::string text;

  // Adds what one replica wrote, up to the character with this id.
  void Add(std::string_view part, OpId last) {
    newest = std::max(newest, last);
    authors.insert(last.replica);
    text += part;
  }
};

std::vector<Line> LinesOf(const std::vector<BlameRange>& ranges, std::string_view text) {
  std::vector<Line> lines;
  bool ended = true;
  for (const BlameRange& range : ranges) {
    OpId next = range.first;
    std::string_view rest = TakeCharacters(text, range.length);
    while (!rest.empty()) {
      const size_t newline = rest.find('\n');
      const std::string_view part =
          newline == std::string_view::npos ? rest : rest.substr(0, newline + 1);
      rest.remove_prefix(part.size());
      next.counter += CountCodePoints(part);
      if (ended) lines.emplace_back();
      lines.back().Add(part, OpId{.counter = next.counter - 1, .replica = next.replica});
      ended = part.ends_with('\n');
    }
  }
  return lines;
}

// Returns how many replicas wrote in a line beside that of the newest character.
std::string OthersOf(const Line& line) {
  return line.authors.size() > 1 ? "+" + std::to_string(line.authors.size() - 1) : "";
}

void PrintLines(const std::vector<Line>& lines) {
  size_t id_width = 0;
  size_t others_width = 0;
  for (const Line& line : lines) {
    id_width = std::max(id_width, ToArgument(line.newest).size());
    others_width = std::max(others_width, OthersOf(line).size());
  }
  const auto number_width = static_cast<int>(std::to_string(lines.size()).size());
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string_view text = lines[i].text;
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::cout << std::setw(static_cast<int>(id_width)) << ToArgument(lines[i].newest) << ' ';
    if (others_width > 0) {
      std::cout << std::setw(static_cast<int>(others_width)) << OthersOf(lines[i]) << ' ';
    }
    std::cout << std::setw(number_width) << i + 1 << ") " << WithoutControls(text) << '\n';
  }
}

ExitCode Run(const Options& options) {
  const auto document = ReadStoredDocument(options.file);
  if (!document) return ReportStoredError(document.error());
  const auto version = ParseVersion(options.at, *document);
  if (!version) return ReportError(version.error());
  const auto checkout = Checkout::At(document->rga, *version);
  if (!checkout) return ReportError(checkout.error());
  const std::vector<BlameRange> ranges = Blame(document->rga, *checkout);
  if (options.json) {
    PrintJson(ranges, checkout->Text());
  } else {
    PrintLines(LinesOf(ranges, checkout->Text()));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddBlameCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(root, "blame", "Who wrote what in a stored document");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "A stored document")->required();
  command.add_option("--at", options->at, "The text at this version")->type_name("VERSION");
  command.add_flag("--json", options->json, "One JSON object per range of characters and line");
  command.footer(
      "A line has the newest of its characters, as COUNTER@REPLICA, the number of other replicas "
      "that wrote in it, as\n+N, its number and its text, with control characters escaped. In "
      "JSON, a range is what one replica wrote with\nconsecutive counters, from `first` to "
      "`last`; `begin` and `length` count characters. Text that an undo brought\nback was written "
      "by whoever undid.\n" +
      std::string(kVersionHelp) +
      "Exit code: 0 done, 1 if the document is damaged, 2 if it cannot be read or has no such "
      "version.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
