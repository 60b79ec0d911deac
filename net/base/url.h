// Where a server is, as people write it: ws://host, wss://host:port, http://..., https://...
//
// It is the same server whichever way it is spoken to: ws and http are one, and so are wss and
// https. Ports not said are 80 and 443. Nothing follows host and port but perhaps a slash, and no
// user or password stands in front: secrets do not belong in addresses.
#ifndef COTEXT_NET_BASE_URL_H_
#define COTEXT_NET_BASE_URL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext::net {

struct ServerUrl {
  bool is_tls = false;
  std::string host;  // Without the brackets of an IPv6 address.
  uint16_t port = 0;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

// kBadRequest: that is no such address; the message says why.
Expected<ServerUrl> ParseServerUrl(std::string_view text);

// Returns host and port, as in the header field Host.
std::string HostAndPort(const ServerUrl& url);

// Returns what stands in front of a path of HTTP, such as https://host:443.
std::string HttpOrigin(const ServerUrl& url);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_URL_H_
