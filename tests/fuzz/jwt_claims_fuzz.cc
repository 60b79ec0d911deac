// Bytes as the claims of a token.
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "document/utf8.h"
#include "net/access/jwt_claims.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const Expected<net::JwtClaims> claims = net::ReadClaims(input);
  if (!claims) {
    COTEXT_CHECK(claims.error().code == ErrorCode::kUnauthenticated);
    return false;
  }
  COTEXT_CHECK(!claims->identity.user.empty());
  COTEXT_CHECK(IsValidUtf8(claims->identity.user));
  COTEXT_CHECK(claims->identity.grants.size() <= net::kGrantsMax);
  for (const sync::Grant& grant : claims->identity.grants) {
    COTEXT_CHECK(!grant.documents.empty());
    COTEXT_CHECK((grant.rights & ~sync::kAllRights) == 0);
  }
  return true;
}

}  // namespace cotext
