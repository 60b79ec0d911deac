// Bytes as the target of an HTTP request, and as the document that it names.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "document/check.h"
#include "document/error.h"
#include "document/utf8.h"
#include "net/http/http_target.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

using Parts = std::vector<std::string>;

Parts Split(std::string_view text, char separator) {
  Parts parts;
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

// What is read names the same when it is written anew.
void CheckAgain(const net::HttpTarget& target) {
  std::string path;
  for (const std::string& segment : target.segments) path += "/" + segment;
  Parts parameters;
  for (const auto& [name, value] : target.parameters) parameters.push_back(name + "=" + value);
  const Expected<net::HttpTarget> again = net::TargetOfDecoded(path, parameters);
  if (!again) {
    // A parameter without a value has one more byte now.
    COTEXT_CHECK(again.error().code == ErrorCode::kTooLarge);
    return;
  }
  COTEXT_CHECK(again->segments == target.segments);
  COTEXT_CHECK(again->parameters == target.parameters);
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const size_t end = std::min(input.find('?'), input.size());
  const Parts parameters = end == input.size() ? Parts() : Split(input.substr(end + 1), '&');
  const Expected<net::HttpTarget> target = net::TargetOfDecoded(input.substr(0, end), parameters);
  if (!target) return false;
  COTEXT_CHECK(!target->segments.empty());
  for (const std::string& segment : target->segments) {
    COTEXT_CHECK(IsValidUtf8(segment));
    COTEXT_CHECK(segment != "..");
  }
  CheckAgain(*target);
  const auto document = net::ReadDocumentTarget(*target);
  if (document && *document) COTEXT_CHECK(net::CheckDocumentName((*document)->name).has_value());
  return true;
}

}  // namespace cotext
