// Tokens as others sign them: keys that are made anew, and libjwt's own signatures.
#ifndef COTEXT_TESTS_NET_SIGNED_TOKEN_H_
#define COTEXT_TESTS_NET_SIGNED_TOKEN_H_

#include <string>
#include <string_view>

namespace cotext::net {

// A pair of keys as PEM.
struct KeyPair {
  std::string private_key;
  std::string public_key;
};

KeyPair MakeRsaKey(int bits = 2048);
// On a curve by its name, such as "P-256".
KeyPair MakeCurveKey(const char* curve = "P-256");

inline constexpr char kSecret[] = "a secret of more than thirty-two bytes, all of them";

// Returns a token with those claims. `algorithm`: "HS256", "RS256", ..., "none".
std::string Sign(std::string_view claims, const char* algorithm, std::string_view key,
                 std::string_view headers = "{}");

// Returns base64url without padding.
std::string Base64Url(std::string_view bytes);

// Returns a token of any header and claims, signed by HMAC-SHA256.
std::string SignBytes(std::string_view header, std::string_view claims, std::string_view secret);

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_SIGNED_TOKEN_H_
