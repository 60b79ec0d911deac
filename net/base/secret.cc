#include "net/base/secret.h"

#include <openssl/sha.h>

#include <array>

namespace cotext::net {

std::string MakeSecret(const RandomBits& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string secret;
  for (int half = 0; half < 2; ++half) {
    uint64_t bits = random();
    for (int digit = 0; digit < 16; ++digit) {
      secret += kDigits[bits & 15U];
      bits >>= 4U;
    }
  }
  return secret;
}

std::string HashSecret(std::string_view secret) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), hash.data());
  return {hash.begin(), hash.end()};
}

}  // namespace cotext::net
