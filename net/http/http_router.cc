#include "net/http/http_router.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cotext::net {
namespace {

constexpr std::string_view kMany = "...}";

// The parts of a pattern around its variable.
struct Pattern {
  std::vector<std::string_view> before;
  std::vector<std::string_view> behind;
  bool has_variable = false;
  bool is_many = false;
};

Pattern Split(std::string_view text) {
  Pattern pattern;
  while (!text.empty()) {
    text.remove_prefix(1);  // The slash.
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(part.size());
    if (part.starts_with('{')) {
      pattern.has_variable = true;
      pattern.is_many = part.ends_with(kMany);
    } else {
      (pattern.has_variable ? pattern.behind : pattern.before).push_back(part);
    }
  }
  return pattern;
}

std::string AllowOf(const std::vector<HttpMethod>& methods) {
  std::string allow;
  for (const HttpMethod method : methods) {
    if (allow.contains(NameOf(method))) continue;
    allow += std::string(NameOf(method)) + ", ";
    if (method == HttpMethod::kGet) allow += "HEAD, ";
  }
  return allow + "OPTIONS";
}

}  // namespace

namespace http_router_internal {

std::optional<std::string> Match(std::string_view text, const std::vector<std::string>& segments) {
  const Pattern pattern = Split(text);
  const size_t words = pattern.before.size() + pattern.behind.size();
  if (segments.size() < words + (pattern.has_variable ? 1U : 0U)) return std::nullopt;
  const size_t between = segments.size() - words;
  if (!pattern.is_many && between != (pattern.has_variable ? 1U : 0U)) return std::nullopt;
  const auto begin = segments.begin() + static_cast<ptrdiff_t>(pattern.before.size());
  const auto end = begin + static_cast<ptrdiff_t>(between);
  if (!std::equal(pattern.before.begin(), pattern.before.end(), segments.begin()) ||
      !std::equal(pattern.behind.begin(), pattern.behind.end(), end)) {
    return std::nullopt;
  }
  std::string variable;
  for (auto segment = begin; segment != end; ++segment) {
    if (segment != begin) variable += '/';
    variable += *segment;
  }
  if (pattern.has_variable && variable.empty()) return std::nullopt;
  return variable;
}

HttpResponse Options(const std::vector<HttpMethod>& allowed) {
  HttpResponse response = EmptyResponse();
  response.headers = {{"Allow", AllowOf(allowed)},
                      {"Access-Control-Allow-Methods", AllowOf(allowed)},
                      {"Access-Control-Allow-Headers",
                       "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID"},
                      {"Access-Control-Max-Age", "600"}};
  return response;
}

HttpResponse NotFound() {
  return ErrorResponse(Error{ErrorCode::kNotFound, "there is nothing at this path"});
}

HttpResponse NotAllowed(const std::vector<HttpMethod>& allowed) {
  HttpResponse response = ErrorResponse(MethodNotAllowed());
  response.headers.emplace_back("Allow", AllowOf(allowed));
  return response;
}

HttpResponse OriginRefused() {
  return ErrorResponse(Error{ErrorCode::kForbidden,
                             "pages of this origin, or requests by this host's name, are not "
                             "let in: see --allow-origin"});
}

}  // namespace http_router_internal

void AddCorsHeaders(const HttpRequest& request, HttpResponse& response) {
  if (request.origin.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After");
  response.headers.emplace_back("Vary", "Origin");
}

}  // namespace cotext::net
