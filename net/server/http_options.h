// What a server is told about HTTP, and about who may come in.
#ifndef COTEXT_NET_SERVER_HTTP_OPTIONS_H_
#define COTEXT_NET_SERVER_HTTP_OPTIONS_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/access/jwt_key.h"
#include "net/access/jwt_verifier.h"
#include "net/access/rate_limiter.h"
#include "net/http/embedded_files.h"
#include "sync/messages.h"

namespace cotext::net {

// What somebody may do of whom nothing is known, where that is allowed.
inline constexpr sync::Rights kAnonymousRights = sync::kMayRead | sync::kMayWrite | sync::kMayShow;

struct HttpOptions {
  std::string web_folder = {};                   // Of files for browsers; empty: none.
  std::span<const EmbeddedFile> web_files = {};  // Shown where there is no such folder.
  std::vector<std::string> allowed_origins = {};
  std::vector<std::string> trusted_proxies = {};
  // Of tokens. Without keys there are none.
  std::vector<JwtKey> keys = {};
  JwtRules rules = {};
  // What callers without a token may do with all documents; nothing: they are refused.
  std::optional<sync::Rights> anonymous_rights = kAnonymousRights;
  std::string restrictions_file = {};                   // Of users (restrictions.h); empty: none.
  std::vector<std::string> read_only = {};              // Documents, as in AccessOptions.
  RateLimit requests = {.per_s = 200, .burst = 1'000};  // Of an address.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_HTTP_OPTIONS_H_
