// What a token says, once its signature is known to be right: who it is, what he may do with which
// documents, and when and for whom that holds. As JSON:
//
//     {"sub": "ann", "exp": 1767225600, "nbf": 1767222000, "iat": 1767222000,
//      "iss": "https://login.example.org", "aud": "cotext",
//      "documents": [{"name": "notes/*", "rights": ["read", "write", "show", "relay"]}]}
//
// sub and exp have to be there. Without documents, nothing is allowed. A claim that is there and
// means nothing is an error, never as if it were not there: an unknown right, a number out of
// range. Claims of other names are ignored. Times are seconds since 1970, whole or not.
//
// Errors: kUnauthenticated. Linear in the bytes.
#ifndef COTEXT_NET_ACCESS_JWT_CLAIMS_H_
#define COTEXT_NET_ACCESS_JWT_CLAIMS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {

inline constexpr size_t kGrantsMax = 256;    // Of a token.
inline constexpr size_t kAudiencesMax = 16;  // Of a token.

struct JwtClaims {
  sync::Identity identity;
  uint64_t expires_at_s = 0;
  uint64_t not_before_s = 0;           // 0: always.
  std::string issuer = {};             // Empty: not said.
  std::vector<std::string> audiences;  // Empty: not said.
};

// Returns the right of that name; nothing if there is none.
std::optional<sync::Rights> RightOf(std::string_view name);

Expected<JwtClaims> ReadClaims(std::string_view json);

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_JWT_CLAIMS_H_
