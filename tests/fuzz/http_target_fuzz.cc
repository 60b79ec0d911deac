// Bytes as the target of an HTTP request, and as the document that it names.
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "document/utf8.h"
#include "net/http/http_target.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

// What is read names the same when it is written anew.
void CheckAgain(const net::HttpTarget& target) {
  std::string text;
  for (const std::string& segment : target.segments) text += "/" + net::Escape(segment);
  char separator = '?';
  for (const auto& [name, value] : target.parameters) {
    text += separator + net::Escape(name) + "=" + net::Escape(value);
    separator = '&';
  }
  const Expected<net::HttpTarget> again = net::ParseTarget(text);
  if (!again) {
    // What was not escaped may be three times as long now.
    COTEXT_CHECK(again.error().code == ErrorCode::kTooLarge);
    return;
  }
  COTEXT_CHECK(again->segments == target.segments);
  COTEXT_CHECK(again->parameters == target.parameters);
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const Expected<net::HttpTarget> target = net::ParseTarget(input);
  (void)net::TargetOfDecoded(input, {std::string(input)});
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
