// Tokens (RFC 7519), as clients show them: whether one holds, and what it says.
//
// A token holds if a key has signed it by the algorithm of that key, it says exp and has not
// expired, nbf has come, and iss and aud are as asked for. If no audience is asked for, a token
// that names one is for somebody else. Clocks may differ by kJwtLeewayS. What a token requires to
// be understood (crit) is not, so it is refused.
//
// What held is remembered by its hash, the kJwtCacheMax latest, as checking a signature takes up to
// a millisecond. The times of a token that is remembered are looked at again.
//
// Every error is kUnauthenticated, with a reason for people that says nothing of the keys.
// Thread-compatible.
#ifndef COTEXT_NET_ACCESS_JWT_VERIFIER_H_
#define COTEXT_NET_ACCESS_JWT_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "net/access/jwt_claims.h"
#include "net/access/jwt_key.h"

namespace cotext::net {

// As large as the header fields of a request may be together.
inline constexpr size_t kJwtBytesMax = 4096;
inline constexpr size_t kJwtCacheMax = 1024;
inline constexpr size_t kJwtKeysMax = 8;  // Old ones and new ones while they are changed.
inline constexpr uint64_t kJwtLeewayS = 30;

struct JwtRules {
  std::string issuer = {};    // Empty: any.
  std::string audience = {};  // Empty: tokens that name none.
};

class JwtVerifier {
 public:
  // REQUIRES: from 1 to kJwtKeysMax keys, each by MakeJwtKey.
  JwtVerifier(std::vector<JwtKey> keys, JwtRules rules);

  Expected<JwtClaims> Verify(std::string_view token, uint64_t now_s);

  size_t remembered() const { return cache_.size(); }
  // How often a signature was checked.
  uint64_t checked() const { return checked_; }

 private:
  Expected<JwtClaims> VerifyNew(const std::string& token);
  Expected<void> CheckRules(const JwtClaims& claims) const;
  void Remember(const std::string& hash, const JwtClaims& claims);

  std::vector<JwtKey> keys_;
  JwtRules rules_;
  std::map<std::string, JwtClaims> cache_;  // By hash.
  std::deque<std::string> order_;           // The same, the earliest first.
  uint64_t checked_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_JWT_VERIFIER_H_
