// What libwebsockets knows of a request, as a value.
#ifndef COTEXT_NET_HTTP_HTTP_HEADERS_H_
#define COTEXT_NET_HTTP_HTTP_HEADERS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "document/error.h"
#include "net/base/client_address.h"
#include "net/http/http_message.h"

struct lws;

namespace cotext::net {

// How long a body is, by its headers.
struct BodyLength {
  bool is_known = true;  // Not of one that comes in chunks.
  uint64_t bytes = 0;
  // If nothing is said where a body could be there is none, but libwebsockets waits for one:
  // nothing else is to come on that connection.
  bool is_said = true;
};

// Whether the target is all that was sent: libwebsockets takes an escaped end of a line in it for
// the end of the request line, and what follows for header fields.
bool IsRequestLineWhole(lws* wsi);

// Errors: kBadRequest, a method, target or header that cannot be; those of TargetOfDecoded.
Expected<HttpRequest> ReadRequest(lws* wsi, const TrustedProxies& proxies);

// Returns what is known of a request that cannot be read: from where it came.
HttpRequest ReadOrigin(lws* wsi);

// kBadRequest: no number.
Expected<BodyLength> ReadBodyLength(lws* wsi, HttpMethod method);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_HEADERS_H_
