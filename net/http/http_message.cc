#include "net/http/http_message.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cotext::net {
namespace {

// In the order of HttpMethod.
constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};
constexpr int kUnauthorized = 401;

bool HasTagOf(std::string_view header, std::string_view tag, bool may_be_weak) {
  if (header == "*") return true;
  while (true) {
    const size_t begin = header.find('"');
    if (begin == std::string_view::npos) return false;
    const bool is_weak = header.substr(0, begin).ends_with("W/");
    header.remove_prefix(begin + 1);
    const size_t end = header.find('"');
    if (end == std::string_view::npos) return false;
    if (header.substr(0, end) == tag && (may_be_weak || !is_weak)) return true;
    header.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<HttpMethod> MethodOf(std::string_view name) {
  const auto* const found = std::ranges::find(kMethods, name);
  if (found == kMethods.end()) return std::nullopt;
  return static_cast<HttpMethod>(found - kMethods.begin());
}

std::string_view NameOf(HttpMethod method) { return kMethods.at(static_cast<size_t>(method)); }

HttpResponse TextResponse(std::string text) {
  return {.content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

HttpResponse JsonResponse(std::string json, int status) {
  return {.status = status, .content_type = "application/json", .body = std::move(json)};
}

HttpResponse EmptyResponse() { return {.status = 204}; }

HttpResponse ErrorResponse(const HttpError& error) {
  HttpResponse response = JsonResponse(ErrorBody(error), error.status);
  response.error_code = error.code;
  if (error.status == kUnauthorized) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (error.retry_after_ms > 0) {
    response.headers.emplace_back("Retry-After", RetryAfterHeader(error));
  }
  return response;
}

HttpResponse ErrorResponse(const Error& error, uint64_t retry_after_ms) {
  return ErrorResponse(ToHttpError(error, retry_after_ms));
}

bool HasTag(std::string_view header, std::string_view tag) { return HasTagOf(header, tag, true); }

bool HasStrongTag(std::string_view header, std::string_view tag) {
  return HasTagOf(header, tag, false);
}

}  // namespace cotext::net
