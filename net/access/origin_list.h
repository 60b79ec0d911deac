// Which web pages may reach the server: browsers tell by Origin where a page came from, and hold it
// to the answer. They tell nothing with what a page asks of the server that it came from, unless
// that may change something or is a WebSocket.
//
// An origin is a scheme, a host and, unless it is the scheme's own, a port. Listed are origins, all
// of a domain (https://*.example.org, which is not example.org itself), or "*", all.
//
// Unless listed, only pages that the server itself gave may reach it: those whose origin is what
// the request calls the server (Host). That alone does not stop a page whose domain was pointed at
// this machine after it was loaded. So where nobody has to say who he is, a request is let in, with
// an origin or none, only if the server is called by a listed origin's name or by one that nobody
// else can have: localhost, an address, a name without a dot, one of .local.
//
// O(listed) a question. Thread-compatible.
#ifndef COTEXT_NET_ACCESS_ORIGIN_LIST_H_
#define COTEXT_NET_ACCESS_ORIGIN_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"

namespace cotext::net {

inline constexpr size_t kOriginsMax = 1000;
inline constexpr size_t kOriginBytesMax = 512;

class OriginList {
 public:
  // Whether clients have to say who they are.
  enum class Callers { kKnown, kAnonymous };

  // Errors: kBadRequest, which one is no origin; kTooLarge.
  static Expected<OriginList> Parse(const std::vector<std::string>& origins, Callers callers);

  // Whether a request is let in, by its headers; what is empty is not there. Not for WebSockets
  // without an origin: no page opens those.
  bool Allows(std::string_view origin, std::string_view host) const;

 private:
  bool IsOwnName(const std::string& authority) const;
  bool IsListed(const std::string& origin) const;

  bool has_all_ = false;
  Callers callers_ = Callers::kAnonymous;
  std::vector<std::string> origins_;  // In lower case, without the scheme's own port.
  // What is before and behind the star.
  std::vector<std::pair<std::string, std::string>> domains_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_ORIGIN_LIST_H_
