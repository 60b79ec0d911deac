#include "net/access/jwt_claims.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "document/utf8.h"
#include "sync/message.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

// Far in the future, and far from where seconds in milliseconds overflow.
constexpr double kTimeMax = 1e12;
constexpr size_t kNameBytesMax = 512;  // Of issuers and audiences.

std::unexpected<Error> Bad(const std::string& what) {
  return MakeError(ErrorCode::kUnauthenticated, "a token that " + what);
}

const Json* Find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Returns a text of 1 to `bytes_max` bytes of UTF-8; nothing if it is none.
std::optional<std::string> TextOf(const Json& value, size_t bytes_max) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty() || text.size() > bytes_max || !IsValidUtf8(text)) return std::nullopt;
  return text;
}

Expected<uint64_t> ReadTime(const Json& value) {
  if (!value.is_number()) return Bad("has a time that is no number");
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= kTimeMax)) return Bad("has a time out of range");
  return static_cast<uint64_t>(std::floor(seconds));
}

Expected<sync::Grant> ReadGrant(const Json& value) {
  if (!value.is_object()) return Bad("grants something that is no object");
  const Json* const name = Find(value, "name");
  const Json* const rights = Find(value, "rights");
  if (name == nullptr || rights == nullptr) return Bad("grants something without name or rights");
  // A name as long as may be, and the star.
  auto documents = TextOf(*name, sync::kDocumentNameMax + 1);
  if (!documents) return Bad("grants documents by a name that is none");
  if (!rights->is_array()) return Bad("grants rights that are no array");
  sync::Grant grant{.documents = *std::move(documents)};
  for (const Json& item : *rights) {
    const auto right = item.is_string() ? RightOf(item.get<std::string>()) : std::nullopt;
    if (!right) return Bad("grants a right that there is not");
    grant.rights |= *right;
  }
  return grant;
}

Expected<std::vector<sync::Grant>> ReadGrants(const Json& value) {
  if (!value.is_array()) return Bad("has documents that are no array");
  if (value.size() > kGrantsMax) return Bad("grants too much one by one");
  std::vector<sync::Grant> grants;
  for (const Json& item : value) {
    Expected<sync::Grant> grant = ReadGrant(item);
    if (!grant) return std::unexpected(std::move(grant).error());
    grants.push_back(*std::move(grant));
  }
  return grants;
}

Expected<std::vector<std::string>> ReadAudiences(const Json& value) {
  const Json list = value.is_array() ? value : Json::array({value});
  if (list.empty() || list.size() > kAudiencesMax) return Bad("is for nobody, or for too many");
  std::vector<std::string> audiences;
  for (const Json& item : list) {
    auto audience = TextOf(item, kNameBytesMax);
    if (!audience) return Bad("is for somebody without a name");
    audiences.push_back(*std::move(audience));
  }
  return audiences;
}

// Sets `target` from the claim of that name by `read`, if it is there.
template <typename Target, typename Read>
Expected<void> Take(const Json& claims, const char* name, Target& target, Read read) {
  const Json* const value = Find(claims, name);
  if (value == nullptr) return {};
  auto taken = read(*value);
  if (!taken) return std::unexpected(std::move(taken).error());
  target = *std::move(taken);
  return {};
}

}  // namespace

std::optional<sync::Rights> RightOf(std::string_view name) {
  if (name == "read") return sync::kMayRead;
  if (name == "write") return sync::kMayWrite;
  if (name == "show") return sync::kMayShow;
  if (name == "relay") return sync::kMayRelay;
  return std::nullopt;
}

Expected<JwtClaims> ReadClaims(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return Bad("says nothing");
  const auto read_name = [](const Json& value) -> Expected<std::string> {
    auto name = TextOf(value, kNameBytesMax);
    if (!name) return Bad("has a name that is none");
    return *std::move(name);
  };
  JwtClaims claims;
  if (!object.contains("sub")) return Bad("does not say who it is");
  if (!object.contains("exp")) return Bad("never expires");
  static_assert(kNameBytesMax <= sync::kUserNameMax);
  uint64_t issued_at_s = 0;  // Checked alone.
  COTEXT_RETURN_IF_ERROR(Take(object, "sub", claims.identity.user, read_name));
  COTEXT_RETURN_IF_ERROR(Take(object, "exp", claims.expires_at_s, ReadTime));
  COTEXT_RETURN_IF_ERROR(Take(object, "nbf", claims.not_before_s, ReadTime));
  COTEXT_RETURN_IF_ERROR(Take(object, "iat", issued_at_s, ReadTime));
  COTEXT_RETURN_IF_ERROR(Take(object, "iss", claims.issuer, read_name));
  COTEXT_RETURN_IF_ERROR(Take(object, "aud", claims.audiences, ReadAudiences));
  COTEXT_RETURN_IF_ERROR(Take(object, "documents", claims.identity.grants, ReadGrants));
  return claims;
}

}  // namespace cotext::net
