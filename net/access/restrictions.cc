#include "net/access/restrictions.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "net/access/jwt_claims.h"
#include "storage/file.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kFileBytesMax = uint64_t{1} << 24U;

std::unexpected<Error> Bad(std::string what) {
  return MakeError(ErrorCode::kBadRequest, std::move(what));
}

Expected<sync::Rights> RightsIn(const std::string& user, const Json& names) {
  if (!names.is_array()) return Bad("the rights of " + user + " are no array");
  sync::Rights rights = 0;
  for (const Json& name : names) {
    const auto right = name.is_string() ? RightOf(name.get<std::string>()) : std::nullopt;
    if (!right) return Bad(user + " has a right that there is not: " + name.dump());
    rights |= *right;
  }
  return rights;
}

}  // namespace

Expected<Restrictions> ParseRestrictions(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return Bad(R"(restrictions are an object, {"user": ["read"]})");
  Restrictions restrictions;
  for (const auto& [user, names] : object.items()) {
    const Expected<sync::Rights> rights = RightsIn(user, names);
    if (!rights) return std::unexpected(rights.error());
    restrictions.emplace(user, *rights);
  }
  return restrictions;
}

Expected<Restrictions> ReadRestrictions(const std::string& file) {
  const Expected<std::string> json = ReadFile(file, kFileBytesMax);
  if (!json) return std::unexpected(json.error());
  Expected<Restrictions> restrictions = ParseRestrictions(*json);
  if (!restrictions) restrictions.error().message = file + ": " + restrictions.error().message;
  return restrictions;
}

Expected<void> ApplyRestrictions(Access& access, Restrictions& present, Restrictions wanted) {
  if (wanted.size() > access.restrictions_max()) {
    return MakeError(ErrorCode::kTooLarge, "too many users are restricted");
  }
  for (const auto& [user, rights] : present) {
    if (!wanted.contains(user)) access.Lift(user);
  }
  for (const auto& [user, rights] : wanted) {
    const auto before = present.find(user);
    if (before != present.end() && before->second == rights) continue;
    COTEXT_RETURN_IF_ERROR(access.Restrict(user, rights));
  }
  present = std::move(wanted);
  return {};
}

}  // namespace cotext::net
