// A key that tokens are signed with, and the one algorithm that it is for.
//
// That the algorithm belongs to the key, not to the token, is what keeps a public key from being
// taken for the secret of another algorithm. A key that cannot be of its algorithm, or is weak, is
// refused when it is read, not when the first token comes:
//
//     hs256  32 bytes at least; line ends behind them do not count; not a PEM file
//     rs256  PEM, a public key of RSA with 2048 bits at least
//     es256  PEM, a public key on the curve P-256
//
// Errors: kBadRequest; kTooLarge, a file that is no key; those of reading files.
#ifndef COTEXT_NET_ACCESS_JWT_KEY_H_
#define COTEXT_NET_ACCESS_JWT_KEY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext::net {

inline constexpr size_t kJwtKeyBytesMax = 16'384;
inline constexpr size_t kJwtSecretBytesMin = 32;  // As many as the hash has.
inline constexpr int kJwtRsaBitsMin = 2048;

enum class JwtAlgorithm : uint8_t { kHs256, kRs256, kEs256 };

struct JwtKey {
  JwtAlgorithm algorithm = JwtAlgorithm::kHs256;
  std::string bytes;  // The secret, or the public key as PEM.
};

Expected<JwtKey> MakeJwtKey(JwtAlgorithm algorithm, std::string bytes);

// Reads what a command line says: "hs256:FILE", "rs256:FILE", "es256:FILE".
Expected<JwtKey> ReadJwtKey(std::string_view argument);

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_JWT_KEY_H_
