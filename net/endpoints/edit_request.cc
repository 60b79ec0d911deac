#include "net/endpoints/edit_request.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "document/text_diff.h"
#include "net/endpoints/feed_format.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

// An object, its ops, an op, and attributes, which are passed over. What is deeper is none of
// these, and would take a stack as deep.
constexpr int kDepthMax = 6;

std::unexpected<Error> Bad(std::string message) {
  return MakeError(ErrorCode::kBadRequest, std::move(message));
}

Expected<Json> ParseObject(std::string_view text) {
  bool is_too_deep = false;
  const auto check = [&](int depth, Json::parse_event_t /*event*/, Json& /*value*/) {
    is_too_deep |= depth > kDepthMax;
    return depth <= kDepthMax;
  };
  Json json = Json::parse(text, check, false);
  if (is_too_deep || json.is_discarded()) return Bad("the body is no JSON, or too deep");
  if (!json.is_object()) return Bad("the body is no JSON object");
  return json;
}

// Returns a field that is a text; nothing if it is not there.
Expected<std::optional<std::string>> TextField(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  if (!found->is_string()) return Bad(std::string(name) + " is no text");
  return found->get<std::string>();
}

Expected<Engine> EngineOf(const std::optional<std::string>& word) {
  if (!word || *word == "rga") return Engine::kRga;
  if (*word == "ot") return Engine::kOt;
  return Bad("engine is rga or ot");
}

}  // namespace

Expected<EditRequest> ReadEditRequest(std::string_view text) {
  const Expected<Json> json = ParseObject(text);
  if (!json) return std::unexpected(json.error());
  auto base = TextField(*json, "base");
  auto whole = TextField(*json, "text");
  auto unit_word = TextField(*json, "unit");
  auto engine_word = TextField(*json, "engine");
  for (const auto* field : {&base, &whole, &unit_word, &engine_word}) {
    if (!*field) return std::unexpected(field->error());
  }
  const auto unit = UnitOf(unit_word->value_or(""));
  if (!unit) return Bad("unit is code_points or utf16");
  const Expected<Engine> engine = EngineOf(*engine_word);
  if (!engine) return std::unexpected(engine.error());
  const auto ops = json->find("ops");
  const bool has_ops = ops != json->end() && ops->is_array();
  if (has_ops == whole->has_value()) return Bad("either ops, an array, or text is to be given");
  return EditRequest{.base = *std::move(base),
                     .text = *std::move(whole),
                     .ops = has_ops ? ops->dump() : std::string(),
                     .unit = *unit,
                     .engine = *engine};
}

Expected<Delta> EditOf(const EditRequest& request, std::string_view base_text) {
  if (!request.text) return DeltaFromQuill(request.ops, request.unit, base_text);
  return WithoutDeletedText(DiffTexts(base_text, *request.text, kEditDiffSteps));
}

}  // namespace cotext::net
