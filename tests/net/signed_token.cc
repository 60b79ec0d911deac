#include "tests/net/signed_token.h"

#include <gtest/gtest.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace cotext::net {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string Content(BIO* bio) {
  char* bytes = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &bytes));
  return {bytes, size};
}

KeyPair ToPem(EVP_PKEY* key) {
  const Bio secret(BIO_new(BIO_s_mem()), &BIO_free);
  const Bio open(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(secret.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_PUBKEY(open.get(), key);
  EVP_PKEY_free(key);
  return {.private_key = Content(secret.get()), .public_key = Content(open.get())};
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

KeyPair MakeRsaKey(int bits) {
  return ToPem(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits)));
}

KeyPair MakeCurveKey(const char* curve) {
  return ToPem(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

std::string Sign(std::string_view claims, const char* algorithm, std::string_view key,
                 std::string_view headers) {
  jwt_t* token = nullptr;
  EXPECT_EQ(jwt_new(&token), 0);
  EXPECT_EQ(jwt_add_grants_json(token, std::string(claims).c_str()), 0);
  EXPECT_EQ(jwt_add_headers_json(token, std::string(headers).c_str()), 0);
  const bool is_signed = std::string_view(algorithm) != "none";
  EXPECT_EQ(
      jwt_set_alg(token, is_signed ? jwt_str_alg(algorithm) : JWT_ALG_NONE,
                  is_signed ? Bytes(key) : nullptr, is_signed ? static_cast<int>(key.size()) : 0),
      0);
  char* const text = jwt_encode_str(token);
  std::string result = text == nullptr ? "" : text;
  std::free(text);
  jwt_free(token);
  EXPECT_FALSE(result.empty());
  return result;
}

std::string Base64Url(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) {
      text += kDigits[bits >> static_cast<uint32_t>(count - 6) & 63U];
    }
  }
  if (count > 0) text += kDigits[bits << static_cast<uint32_t>(6 - count) & 63U];
  return text;
}

std::string SignBytes(std::string_view header, std::string_view claims, std::string_view secret) {
  const std::string signed_part = Base64Url(header) + "." + Base64Url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(signed_part),
       signed_part.size(), hash.data(), &size);
  return signed_part + "." + Base64Url({reinterpret_cast<const char*>(hash.data()), size});
}

}  // namespace cotext::net
