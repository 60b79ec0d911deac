#include "tools/ot_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "document/delta.h"
#include "document/delta_json.h"
#include "document/error.h"
#include "ot/transform.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// A request, its operations, their components.
constexpr int kDepthMax = 3;

std::unexpected<Error> BadRequest(std::string message) {
  return MakeError(ErrorCode::kInvalidDelta, std::move(message));
}

// Returns whether a component has no structure but that of {"d": ...}, so that writing it down does
// not recurse.
bool IsFlat(const Json& component) {
  if (component.is_array()) return false;
  return !component.is_object() ||
         std::ranges::none_of(component, [](const Json& value) { return value.is_structured(); });
}

Expected<Delta> ReadOperation(const Json& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end()) return BadRequest(std::string("there is no \"") + name + '"');
  if (!field->is_array() || !std::ranges::all_of(*field, IsFlat)) {
    return BadRequest(std::string("\"") + name + "\" is no operation");
  }
  return DeltaFromJson(field->dump());
}

Expected<std::string> ReadText(const Json& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end() || !field->is_string()) {
    return BadRequest(std::string("there is no text \"") + name + '"');
  }
  return field->get<std::string>();
}

Expected<Side> ReadSide(const Json& request) {
  const Expected<std::string> side = ReadText(request, "side");
  if (!side) return std::unexpected(side.error());
  if (*side != "left" && *side != "right") return BadRequest(R"("side" is neither left nor right)");
  return *side == "left" ? Side::kLeft : Side::kRight;
}

Expected<Json> ToJson(const Expected<Delta>& delta) {
  if (!delta) return std::unexpected(delta.error());
  return Json::parse(DeltaToJson(*delta));
}

Expected<Json> TransformAnswer(const Json& request, const Delta& operation) {
  const Expected<Delta> by = ReadOperation(request, "by");
  if (!by) return std::unexpected(by.error());
  const Expected<Side> side = ReadSide(request);
  if (!side) return std::unexpected(side.error());
  return ToJson(Transform(operation, *by, *side));
}

Expected<Json> ComposeAnswer(const Json& request, const Delta& operation) {
  const Expected<Delta> then = ReadOperation(request, "then");
  if (!then) return std::unexpected(then.error());
  return ToJson(Compose(operation, *then));
}

Expected<Json> ApplyAnswer(const Json& request, const Delta& operation) {
  const Expected<std::string> text = ReadText(request, "doc");
  if (!text) return std::unexpected(text.error());
  Expected<std::string> result = Apply(operation, *text);
  if (!result) return std::unexpected(std::move(result).error());
  return Json(*std::move(result));
}

Expected<Json> InvertAnswer(const Json& request, const Delta& operation) {
  const Expected<std::string> text = ReadText(request, "doc");
  if (!text) return std::unexpected(text.error());
  return ToJson(Invert(operation, *text));
}

Expected<Json> Evaluate(std::string_view line) {
  bool is_too_deep = false;
  const auto keep_flat = [&is_too_deep](int depth, Json::parse_event_t, const Json&) {
    is_too_deep = is_too_deep || depth > kDepthMax;
    return !is_too_deep;
  };
  const Json request = Json::parse(line, keep_flat, /*allow_exceptions=*/false);
  if (!request.is_object() || is_too_deep) return BadRequest("the line is no JSON object");
  const Expected<std::string> action = ReadText(request, "do");
  if (!action) return std::unexpected(action.error());
  const Expected<Delta> operation = ReadOperation(request, "op");
  if (!operation) return std::unexpected(operation.error());
  if (*action == "transform") return TransformAnswer(request, *operation);
  if (*action == "compose") return ComposeAnswer(request, *operation);
  if (*action == "apply") return ApplyAnswer(request, *operation);
  if (*action == "invert") return InvertAnswer(request, *operation);
  return BadRequest("\"do\" is none of transform, compose, apply and invert");
}

std::string ToAnswer(const Expected<Json>& result) {
  Json answer;
  if (result) {
    answer["result"] = *result;
  } else {
    answer["error"] = std::string(ErrorName(result.error().code)) + ": " + result.error().message;
  }
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string AnswerOtRequest(std::string_view line) { return ToAnswer(Evaluate(line)); }

std::string AnswerLongOtRequest() {
  return ToAnswer(MakeError(ErrorCode::kTooLarge, "the line is too long"));
}

}  // namespace cotext
