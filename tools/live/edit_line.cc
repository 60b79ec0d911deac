#include "tools/live/edit_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Verb = EditLine::Verb;

constexpr std::array<std::pair<std::string_view, Verb>, 6> kVerbs = {{{"insert", Verb::kInsert},
                                                                      {"delete", Verb::kDelete},
                                                                      {"print", Verb::kPrint},
                                                                      {"wait", Verb::kWait},
                                                                      {"status", Verb::kStatus},
                                                                      {"quit", Verb::kQuit}}};

std::unexpected<Error> Refuse(const std::string& why) {
  return MakeError(ErrorCode::kBadRequest, why);
}

// Takes what stands in front of the next space, and that.
std::string_view TakeWord(std::string_view& rest) {
  const size_t space = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(std::min(rest.size(), space + 1));
  return word;
}

std::optional<uint64_t> TakeNumber(std::string_view& rest) {
  const std::string_view word = TakeWord(rest);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

Expected<std::string> ReadText(std::string_view rest) {
  if (!rest.starts_with('"')) return std::string(rest);
  const auto json = nlohmann::json::parse(rest, nullptr, false);
  if (!json.is_string()) return Refuse("a text that begins with a quotation mark is a JSON string");
  return json.get<std::string>();
}

}  // namespace

Expected<EditLine> ParseEditLine(std::string_view line) {
  std::string_view rest = line;
  const std::string_view word = TakeWord(rest);
  const auto found = std::ranges::find(kVerbs, word, &std::pair<std::string_view, Verb>::first);
  if (found == kVerbs.end()) {
    return Refuse("what is " + Quoted(PreviewOf(word)) +
                  "? There are insert POS TEXT, delete POS N, print, wait, status and quit");
  }
  EditLine edit{.verb = found->second};
  const bool takes_position = edit.verb == Verb::kInsert || edit.verb == Verb::kDelete;
  if (takes_position) {
    const auto position = TakeNumber(rest);
    if (!position) return Refuse(std::string(word) + " takes a position, in code points");
    edit.position = *position;
  }
  if (edit.verb == Verb::kInsert) {
    auto text = ReadText(rest);
    if (!text) return std::unexpected(std::move(text).error());
    edit.text = *std::move(text);
    return edit;
  }
  if (edit.verb == Verb::kDelete) {
    const auto count = TakeNumber(rest);
    if (!count) return Refuse("delete takes how many code points");
    edit.count = *count;
  }
  if (!rest.empty()) return Refuse("nothing follows in such a line");
  return edit;
}

}  // namespace cotext
