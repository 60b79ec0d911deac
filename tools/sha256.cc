#include "tools/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "document/check.h"

namespace cotext {

std::string Sha256Hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  COTEXT_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (const unsigned byte : digest) {
    hex += kHex[byte >> 4U];
    hex += kHex[byte & 0xfU];
  }
  return hex;
}

}  // namespace cotext
