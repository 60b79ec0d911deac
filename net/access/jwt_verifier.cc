// libjwt checks signatures, by the algorithm that a token names: with a key of RSA it takes one
// that was signed with the public key as a secret, and without a key one that is not signed. So it
// always gets a key, and what it took counts only if it is of the key's algorithm.
#include "net/access/jwt_verifier.h"

#include <jwt.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "document/check.h"
#include "net/base/secret.h"

namespace cotext::net {
namespace {

using Token = std::unique_ptr<jwt_t, decltype(&jwt_free)>;
using JsonText = std::unique_ptr<char, decltype(&std::free)>;

std::unexpected<Error> Bad(const std::string& what) {
  return MakeError(ErrorCode::kUnauthenticated, "a token that " + what);
}

jwt_alg_t Wanted(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::kHs256: return JWT_ALG_HS256;
    case JwtAlgorithm::kRs256: return JWT_ALG_RS256;
    case JwtAlgorithm::kEs256: return JWT_ALG_ES256;
  }
  return JWT_ALG_INVAL;
}

// Three parts of base64url: what libjwt takes beyond that, nobody signs.
bool HasShape(std::string_view token) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return token.find_first_not_of(kAllowed) == std::string_view::npos &&
         std::ranges::count(token, '.') == 2 && !token.ends_with('.');
}

// Returns the token if that key has signed it, by its own algorithm.
Token Decode(const std::string& token, const JwtKey& key) {
  COTEXT_CHECK(!key.bytes.empty());
  jwt_t* decoded = nullptr;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.bytes.data());
  const int status = jwt_decode(&decoded, token.c_str(), bytes, static_cast<int>(key.bytes.size()));
  Token owned(status == 0 ? decoded : nullptr, &jwt_free);
  if (owned != nullptr && jwt_get_alg(owned.get()) != Wanted(key.algorithm)) owned.reset();
  return owned;
}

std::optional<std::string> JsonOf(char* text) {
  const JsonText owned(text, &std::free);
  if (owned == nullptr) return std::nullopt;
  return std::string(owned.get());
}

Expected<void> CheckTimes(const JwtClaims& claims, uint64_t now_s) {
  if (now_s >= claims.expires_at_s + kJwtLeewayS) return Bad("has expired");
  if (now_s + kJwtLeewayS < claims.not_before_s) return Bad("does not hold yet");
  return {};
}

}  // namespace

JwtVerifier::JwtVerifier(std::vector<JwtKey> keys, JwtRules rules)
    : keys_(std::move(keys)), rules_(std::move(rules)) {
  COTEXT_CHECK(!keys_.empty());
  COTEXT_CHECK(keys_.size() <= kJwtKeysMax);
}

Expected<JwtClaims> JwtVerifier::Verify(std::string_view token, uint64_t now_s) {
  if (token.size() > kJwtBytesMax) return Bad("is too long");
  if (!HasShape(token)) return Bad("is none");
  const std::string hash = HashSecret(token);
  if (const auto found = cache_.find(hash); found != cache_.end()) {
    COTEXT_RETURN_IF_ERROR(CheckTimes(found->second, now_s));
    return found->second;
  }
  Expected<JwtClaims> claims = VerifyNew(std::string(token));
  if (!claims) return claims;
  COTEXT_RETURN_IF_ERROR(CheckRules(*claims));
  COTEXT_RETURN_IF_ERROR(CheckTimes(*claims, now_s));
  Remember(hash, *claims);
  return claims;
}

Expected<JwtClaims> JwtVerifier::VerifyNew(const std::string& token) {
  ++checked_;
  for (const JwtKey& key : keys_) {
    const Token decoded = Decode(token, key);
    if (decoded == nullptr) continue;
    if (JsonOf(jwt_get_headers_json(decoded.get(), "crit"))) {
      return Bad("requires what is not understood");
    }
    const auto claims = JsonOf(jwt_get_grants_json(decoded.get(), nullptr));
    if (!claims) return Bad("says nothing");
    return ReadClaims(*claims);
  }
  return Bad("nobody who is trusted has signed");
}

Expected<void> JwtVerifier::CheckRules(const JwtClaims& claims) const {
  if (!rules_.issuer.empty() && claims.issuer != rules_.issuer) return Bad("somebody else made");
  const auto& audiences = claims.audiences;
  const bool is_for_us = rules_.audience.empty()
                             ? audiences.empty()
                             : std::ranges::find(audiences, rules_.audience) != audiences.end();
  if (!is_for_us) return Bad("is for somebody else");
  return {};
}

void JwtVerifier::Remember(const std::string& hash, const JwtClaims& claims) {
  if (order_.size() == kJwtCacheMax) {
    cache_.erase(order_.front());
    order_.pop_front();
  }
  cache_.emplace(hash, claims);
  order_.push_back(hash);
}

}  // namespace cotext::net
