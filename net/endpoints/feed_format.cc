#include "net/endpoints/feed_format.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "document/check.h"
#include "net/base/base64url.h"

namespace cotext::net {
namespace {

using Json = nlohmann::ordered_json;

// Texts are UTF-8, so nothing is ever replaced but in what errors say.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// JSON has no line ends, so it is one line of data.
std::string Event(std::string_view name, std::string_view id, const Json& data) {
  std::string event = "event: " + std::string(name) + "\n";
  if (!id.empty()) event += "id: " + std::string(id) + "\n";
  return event + "data: " + Dump(data) + "\n\n";
}

Json WithVersion(std::string_view version, QuillUnit unit) {
  return {{"version", version}, {"unit", NameOf(unit)}};
}

// REQUIRES: it is a delta of Quill, which has no other field.
Json OpsOf(std::string_view quill) { return Json::parse(quill).at("ops"); }

Json ToJson(const FeedPresence& presence) {
  Json data = {{"session", presence.session}};
  if (!presence.user) {
    data["gone"] = true;
    return data;
  }
  data["user"] = presence.user->user;
  if (!presence.is_typing_news) data["state"] = ToBase64Url(presence.user->state);
  data["typing"] = presence.user->is_typing;
  return data;
}

}  // namespace

std::optional<QuillUnit> UnitOf(std::string_view word) {
  if (word.empty() || word == "code_points") return QuillUnit::kCodePoints;
  if (word == "utf16") return QuillUnit::kUtf16;
  return std::nullopt;
}

std::string_view NameOf(QuillUnit unit) {
  return unit == QuillUnit::kUtf16 ? "utf16" : "code_points";
}

std::string SnapshotEvent(std::string_view version, std::string_view text, QuillUnit unit) {
  Json data = WithVersion(version, unit);
  data["text"] = text;
  return Event("snapshot", version, data);
}

std::string DeltaEventOf(std::string_view version, std::string_view ops, QuillUnit unit) {
  Json data = WithVersion(version, unit);
  data["ops"] = OpsOf(ops);
  return Event("delta", version, data);
}

std::shared_ptr<const std::string> Encode(const FeedDelta& delta, QuillUnit unit) {
  auto& encoded = delta.encoded.at(static_cast<size_t>(unit));
  if (encoded != nullptr) return encoded;
  COTEXT_CHECK(unit == QuillUnit::kCodePoints || delta.in_utf16.has_value());
  const Delta& counted = unit == QuillUnit::kUtf16 ? *delta.in_utf16 : delta.delta;
  const Expected<std::string> ops = DeltaToQuill(counted, QuillUnit::kCodePoints);
  COTEXT_CHECK(ops.has_value());
  Json data = WithVersion(delta.version, unit);
  data["ops"] = OpsOf(*ops);
  data["writers"] = delta.writers;
  encoded = std::make_shared<const std::string>(Event("delta", delta.version, data));
  return encoded;
}

std::shared_ptr<const std::string> Encode(const FeedPresence& presence) {
  auto& encoded = presence.encoded.front();
  if (encoded == nullptr) {
    encoded = std::make_shared<const std::string>(
        Event(presence.is_typing_news ? "typing" : "presence", {}, ToJson(presence)));
  }
  return encoded;
}

std::string EndedEvent(const Error& error) {
  return Event("ended", {}, {{"code", ErrorName(error.code)}, {"message", error.message}});
}

}  // namespace cotext::net
