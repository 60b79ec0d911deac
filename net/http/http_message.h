// A request over HTTP and the answer to it, as values: what the endpoints take and give, whatever
// reads and writes the connection.
#ifndef COTEXT_NET_HTTP_HTTP_MESSAGE_H_
#define COTEXT_NET_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/base/client_address.h"
#include "net/http/http_error.h"
#include "net/http/http_target.h"

namespace cotext::net {

enum class HttpMethod : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

// Returns the method of a name, in upper case as HTTP has it.
std::optional<HttpMethod> MethodOf(std::string_view name);
std::string_view NameOf(HttpMethod method);

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  HttpTarget target;
  IpAddress client;
  // Header fields; empty: not there.
  std::string authorization = {};
  std::string origin = {};
  std::string host = {};
  std::string content_type = {};
  std::string if_match = {};
  std::string if_none_match = {};
  std::string last_event_id = {};
  std::string accept = {};
  std::string accept_encoding = {};
  std::string body = {};
};

struct HttpResponse {
  int status = 200;
  std::string content_type = {};  // Empty: no body.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string error_code = {};  // Of an error, for whoever counts them.
};

HttpResponse TextResponse(std::string text);
HttpResponse JsonResponse(std::string json, int status = 200);
// 204.
HttpResponse EmptyResponse();
// With WWW-Authenticate and Retry-After where they belong.
HttpResponse ErrorResponse(const HttpError& error);
HttpResponse ErrorResponse(const Error& error, uint64_t retry_after_ms = 0);

// Returns whether one of the entity tags of If-None-Match is `tag`, which is given without its
// quotes; "*" is all of them. Weak tags count as others.
bool HasTag(std::string_view header, std::string_view tag);
// The same of If-Match, where weak tags are none (RFC 9110, 8.8.3.2).
bool HasStrongTag(std::string_view header, std::string_view tag);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_MESSAGE_H_
