#include "tools/log_command.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crdt/ids.h"
#include "crdt/packed_update.h"
#include "document/utf8.h"
#include "tools/stored_document.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

// What fits on a line of a terminal beside the rest.
constexpr uint64_t kPreviewChars = 40;

// There cannot be more changes; -1, which turns into a huge number, is refused.
constexpr uint64_t kLimitMax = PackedUpdate::kOperationsMax;

struct Options {
  std::string file;
  uint64_t limit = kLimitMax;
  bool json = false;
};

std::string ToString(OpId id) {
  return std::to_string(id.counter) + "@" + std::to_string(id.replica.value);
}

// Returns the beginning of a text.
std::string_view PreviewOf(std::string_view text) {
  // A character has at most four bytes, so that the rest is not looked at.
  const std::string_view enough = text.substr(0, 4 * kPreviewChars);
  const uint64_t chars = CountCodePoints(enough);
  return chars <= kPreviewChars ? enough : enough.substr(0, ByteOfCodePoint(enough, kPreviewChars));
}

// Whether a terminal would obey the character instead of showing it: controls, line ends, and what
// turns the direction of writing.
bool IsControl(char32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x061c ||
         character == 0x200e || character == 0x200f ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string EscapeOf(char32_t character) {
  switch (character) {
    case U'\n': return "\\n";
    case U'\r': return "\\r";
    case U'\t': return "\\t";
    default: break;
  }
  std::array<char, sizeof("\\uffff")> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(character));
  return escape.data();
}

// Returns a text in quotes and on one line.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (size_t at = 0; at < text.size(); at += CharacterBytes(text[at])) {
    const char32_t character = DecodeCodePoint(text, at);
    if (character == U'"' || character == U'\\') quoted += '\\';
    if (IsControl(character)) {
      quoted += EscapeOf(character);
    } else {
      quoted += text.substr(at, CharacterBytes(text[at]));
    }
  }
  return quoted + "\"";
}

void PrintJson(const PackedUpdate& history, size_t change) {
  const uint32_t inserted = history.ElementsIn(change);
  Fields fields;
  fields["id"] = ToString(history.FirstIdOf(change));
  fields["operations"] = history.OperationsOf(change).size();
  fields["parents"] = Fields::array();
  for (const Reference parent : history.ParentsOf(change)) {
    fields["parents"].push_back(ToString(history.IdOf(parent)));
  }
  fields["inserted"] = inserted;
  fields["deleted"] = history.LengthOf(change) - inserted;
  fields["text"] = PreviewOf(history.TextOf(change));
  WriteReport(std::cout, fields, /*as_json=*/true);
}

void PrintLine(const PackedUpdate& history, size_t change) {
  const uint32_t inserted = history.ElementsIn(change);
  std::cout << ToString(history.FirstIdOf(change)) << "  after ";
  std::string separator;
  for (const Reference parent : history.ParentsOf(change)) {
    std::cout << separator << ToString(history.IdOf(parent));
    separator = ",";
  }
  if (separator.empty()) std::cout << "nothing";
  std::cout << "  operations " << history.OperationsOf(change).size() << "  +" << inserted << " -"
            << history.LengthOf(change) - inserted;
  if (inserted > 0) std::cout << "  " << Quoted(PreviewOf(history.TextOf(change)));
  std::cout << (inserted > kPreviewChars ? "...\n" : "\n");
}

ExitCode Run(const Options& options) {
  const auto document = ReadStoredDocument(options.file);
  if (!document) return ReportStoredError(document.error());
  const PackedUpdate history = document->rga.PackedSince({});
  const size_t count = history.changes.size();
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
  command.add_option("--limit", options->limit, "Only the newest N changes")
      ->check(CLI::Range(uint64_t{1}, kLimitMax))
      ->type_name("N");
  command.add_flag("--json", options->json, "One JSON object per change and line");
  command.footer(
      "A change is what one replica did between two moments at which it heard of others. A line "
      "has its first\noperation, as counter@replica; the operations after which it was made, its "
      "parents; the number of its\noperations, which are runs of inserts and deletes; the "
      "characters it inserts and deletes; and the\nbeginning of the text it inserts, with control "
      "characters escaped. Where deleted text was left out,\nevery character of it is U+001A.\n"
      "Exit code: 0 done, 1 if the document is damaged (the message names the section), 2 if it "
      "cannot be read.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
