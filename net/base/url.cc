#include "net/base/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

namespace cotext::net {
namespace {

// What DNS allows, and more than any numeric address takes.
constexpr size_t kHostBytesMax = 253;

struct Scheme {
  std::string_view prefix;
  bool is_tls;
  uint16_t port;
};
constexpr std::array kSchemes = {Scheme{"ws://", false, 80}, Scheme{"http://", false, 80},
                                 Scheme{"wss://", true, 443}, Scheme{"https://", true, 443}};

std::unexpected<Error> Refuse(std::string_view text, const char* why) {
  return MakeError(ErrorCode::kBadRequest,
                   "'" + std::string(text.substr(0, kHostBytesMax)) + "' is no server: " + why);
}

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Of names, numeric addresses, and what stands in brackets. Nothing else can be in a header field.
bool IsHost(std::string_view host) {
  if (host.empty() || host.size() > kHostBytesMax) return false;
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
}

}  // namespace

Expected<ServerUrl> ParseServerUrl(std::string_view text) {
  const auto scheme = std::ranges::find_if(
      kSchemes, [&](const Scheme& each) { return text.starts_with(each.prefix); });
  if (scheme == kSchemes.end()) {
    return Refuse(text, "it begins with ws://, wss://, http:// or https://");
  }
  std::string_view rest = text.substr(scheme->prefix.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.contains('@')) return Refuse("...", "a user or password does not belong there");
  if (rest.find_first_of("/?#") != rest.npos) return Refuse(text, "nothing follows the port");

  ServerUrl url{.is_tls = scheme->is_tls, .host = {}, .port = scheme->port};
  const bool is_bracketed = rest.starts_with('[');
  const size_t host_end = is_bracketed ? rest.find(']') : rest.find(':');
  if (is_bracketed && host_end == rest.npos) return Refuse(text, "a bracket is not closed");
  const size_t host_begin = is_bracketed ? 1 : 0;
  url.host = rest.substr(host_begin, host_end - host_begin);
  if (!IsHost(url.host)) return Refuse(text, "the host is none");
  rest.remove_prefix(std::min(rest.size(), is_bracketed ? host_end + 1 : host_end));
  if (rest.empty()) return url;
  const auto port = rest.starts_with(':') ? ParsePort(rest.substr(1)) : std::nullopt;
  if (!port) return Refuse(text, "the port is none");
  url.port = *port;
  return url;
}

std::string HostAndPort(const ServerUrl& url) {
  const std::string host = url.host.contains(':') ? "[" + url.host + "]" : url.host;
  return host + ":" + std::to_string(url.port);
}

std::string HttpOrigin(const ServerUrl& url) {
  return (url.is_tls ? "https://" : "http://") + HostAndPort(url);
}

}  // namespace cotext::net
