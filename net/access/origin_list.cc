#include "net/access/origin_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "net/base/client_address.h"

namespace cotext::net {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kStar = "*.";

struct Origin {
  std::string scheme;
  std::string authority;  // Host and port, without the scheme's own port.

  std::string ToText() const { return scheme + std::string(kSchemeEnd) + authority; }
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return lower;
}

bool IsHostCharacter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
         std::string_view("-._~:[]").contains(character);
}

std::string WithoutOwnPort(std::string_view scheme, std::string_view authority) {
  std::string_view own;
  if (scheme == "http") own = ":80";
  if (scheme == "https") own = ":443";
  if (!own.empty() && authority.ends_with(own)) authority.remove_suffix(own.size());
  return std::string(authority);
}

std::optional<Origin> ParseOrigin(std::string_view text) {
  if (text.size() > kOriginBytesMax) return std::nullopt;
  const std::string lower = Lower(text);
  const size_t end = lower.find(kSchemeEnd);
  if (end == std::string::npos || end == 0) return std::nullopt;
  const std::string scheme = lower.substr(0, end);
  const std::string_view authority = std::string_view(lower).substr(end + kSchemeEnd.size());
  const bool is_host = !authority.empty() && std::ranges::all_of(authority, IsHostCharacter);
  if (!is_host) return std::nullopt;
  return Origin{.scheme = scheme, .authority = WithoutOwnPort(scheme, authority)};
}

std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) {
    return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  }
  return authority.substr(0, authority.find(':'));
}

// Whether no domain that somebody bought can have that name.
bool CanBeNobodyElse(std::string_view authority) {
  const std::string_view host = HostOf(authority);
  return !host.contains('.') || host.ends_with(".localhost") || host.ends_with(".local") ||
         IpAddress::Parse(host);
}

}  // namespace

Expected<OriginList> OriginList::Parse(const std::vector<std::string>& origins, Callers callers) {
  if (origins.size() > kOriginsMax) return MakeError(ErrorCode::kTooLarge, "too many origins");
  OriginList list;
  list.callers_ = callers;
  for (const std::string& text : origins) {
    if (text == "*") {
      list.has_all_ = true;
      continue;
    }
    const size_t star = text.find(kStar);
    const bool is_domain = star != std::string::npos && star >= kSchemeEnd.size() &&
                           text.substr(0, star).ends_with(kSchemeEnd);
    const auto origin =
        ParseOrigin(is_domain ? text.substr(0, star) + text.substr(star + kStar.size()) : text);
    if (!origin) return MakeError(ErrorCode::kBadRequest, text + ": no origin of web pages");
    if (is_domain) {
      list.domains_.emplace_back(origin->scheme + std::string(kSchemeEnd), "." + origin->authority);
    } else {
      list.origins_.push_back(origin->ToText());
    }
  }
  return list;
}

bool OriginList::Allows(std::string_view origin, std::string_view host) const {
  if (has_all_) return true;
  const std::string authority = Lower(host);
  // Browsers always name the host.
  if (origin.empty()) return authority.empty() || IsOwnName(authority);
  const auto parsed = ParseOrigin(origin);
  if (!parsed) return false;
  if (IsListed(parsed->ToText())) return true;
  if (parsed->authority != WithoutOwnPort(parsed->scheme, authority)) return false;
  return callers_ == Callers::kKnown || CanBeNobodyElse(parsed->authority);
}

bool OriginList::IsOwnName(const std::string& authority) const {
  if (callers_ == Callers::kKnown || CanBeNobodyElse(authority)) return true;
  return std::ranges::any_of(std::array{"http", "https"}, [&](const char* scheme) {
    return IsListed(scheme + std::string(kSchemeEnd) + WithoutOwnPort(scheme, authority));
  });
}

bool OriginList::IsListed(const std::string& origin) const {
  if (std::ranges::find(origins_, origin) != origins_.end()) return true;
  return std::ranges::any_of(domains_, [&](const auto& domain) {
    const auto& [before, behind] = domain;
    return origin.size() > before.size() + behind.size() && origin.starts_with(before) &&
           origin.ends_with(behind);
  });
}

}  // namespace cotext::net
