// The body of an edit over HTTP: read, written anew, made of several texts.
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/quill_delta.h"
#include "document/utf8.h"
#include "net/endpoints/edit_request.h"
#include "net/endpoints/feed_format.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

// A retain of a few bytes may reach far: such edits fit none of these.
constexpr std::array<std::string_view, 4> kBases = {"", "hello", "h\u00E4ll\u00F6 \U0001F600\r\n",
                                                    "one\ntwo\nthree, and a longer line\n"};

void CheckAgain(const net::EditRequest& request) {
  nlohmann::json json = {{"unit", net::NameOf(request.unit)},
                         {"engine", request.engine == Engine::kRga ? "rga" : "ot"}};
  if (request.base) json["base"] = *request.base;
  if (request.text) json["text"] = *request.text;
  if (!request.text) json["ops"] = nlohmann::json::parse(request.ops);
  const Expected<net::EditRequest> again = net::ReadEditRequest(json.dump());
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(again->base == request.base);
  COTEXT_CHECK(again->text == request.text);
  COTEXT_CHECK(again->ops == request.ops);
  COTEXT_CHECK(again->unit == request.unit);
  COTEXT_CHECK(again->engine == request.engine);
}

void CheckEdit(const net::EditRequest& request, std::string_view base) {
  const Expected<Delta> edit = net::EditOf(request, base);
  COTEXT_CHECK(edit.has_value() || !request.text);
  if (!edit) return;
  edit->CheckInvariants();
  COTEXT_CHECK(WithoutDeletedText(*edit) == *edit);
  const Expected<std::string> edited = Apply(*edit, base);
  if (!edited) {
    // Code points are counted without looking at the text.
    COTEXT_CHECK(!request.text && request.unit == QuillUnit::kCodePoints);
    COTEXT_CHECK(edited.error().code == ErrorCode::kDeltaMismatch);
    return;
  }
  COTEXT_CHECK(IsValidUtf8(*edited));
  if (request.text) COTEXT_CHECK(*edited == *request.text);
  // As whoever made the edit is told of it.
  const Expected<std::string> quill = DeltaToQuill(*edit, request.unit, base);
  COTEXT_CHECK(quill.has_value());
  const Expected<Delta> read = DeltaFromQuill(*quill, request.unit, base);
  COTEXT_CHECK(read.has_value());
  COTEXT_CHECK(*read == *edit);
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const Expected<net::EditRequest> request = net::ReadEditRequest(input);
  if (!request) {
    COTEXT_CHECK(request.error().code == ErrorCode::kBadRequest);
    return false;
  }
  COTEXT_CHECK(request->text.has_value() == request->ops.empty());
  CheckAgain(*request);
  for (const std::string_view base : kBases) CheckEdit(*request, base);
  return true;
}

}  // namespace cotext
