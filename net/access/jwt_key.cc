#include "net/access/jwt_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "storage/file.h"

namespace cotext::net {
namespace {

using PublicKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::unexpected<Error> Bad(std::string message) {
  return MakeError(ErrorCode::kBadRequest, std::move(message));
}

PublicKey ParsePublicKey(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (bio == nullptr) return {nullptr, &EVP_PKEY_free};
  return {PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

Expected<void> CheckSecret(std::string& secret) {
  if (secret.contains("-----BEGIN")) return Bad("a PEM file is no secret");
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.size() < kJwtSecretBytesMin) {
    return Bad("a secret of less than " + std::to_string(kJwtSecretBytesMin) + " bytes");
  }
  return {};
}

Expected<void> CheckRsaKey(const std::string& pem) {
  const PublicKey key = ParsePublicKey(pem);
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "RSA") != 1) return Bad("no public key of RSA");
  if (EVP_PKEY_get_bits(key.get()) < kJwtRsaBitsMin) return Bad("a key of RSA that is too short");
  return {};
}

Expected<void> CheckCurveKey(const std::string& pem) {
  const PublicKey key = ParsePublicKey(pem);
  std::array<char, 64> group{};
  size_t size = 0;
  const bool is_right =
      key != nullptr && EVP_PKEY_is_a(key.get(), "EC") == 1 &&
      EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), &size) == 1 &&
      std::string_view(group.data(), size) == SN_X9_62_prime256v1;
  if (!is_right) return Bad("no public key on the curve P-256");
  return {};
}

Expected<void> Check(JwtKey& key) {
  switch (key.algorithm) {
    case JwtAlgorithm::kHs256: return CheckSecret(key.bytes);
    case JwtAlgorithm::kRs256: return CheckRsaKey(key.bytes);
    case JwtAlgorithm::kEs256: return CheckCurveKey(key.bytes);
  }
  return Bad("an algorithm that there is not");
}

std::optional<JwtAlgorithm> AlgorithmOf(std::string_view name) {
  if (name == "hs256") return JwtAlgorithm::kHs256;
  if (name == "rs256") return JwtAlgorithm::kRs256;
  if (name == "es256") return JwtAlgorithm::kEs256;
  return std::nullopt;
}

}  // namespace

Expected<JwtKey> MakeJwtKey(JwtAlgorithm algorithm, std::string bytes) {
  if (bytes.size() > kJwtKeyBytesMax) return MakeError(ErrorCode::kTooLarge, "no key is so large");
  JwtKey key{.algorithm = algorithm, .bytes = std::move(bytes)};
  COTEXT_RETURN_IF_ERROR(Check(key));
  return key;
}

Expected<JwtKey> ReadJwtKey(std::string_view argument) {
  const size_t colon = argument.find(':');
  const auto algorithm = AlgorithmOf(argument.substr(0, colon));
  if (!algorithm || colon == std::string_view::npos) {
    return Bad("a key is given as hs256:FILE, rs256:FILE or es256:FILE");
  }
  const std::string file(argument.substr(colon + 1));
  Expected<std::string> bytes = ReadFile(file, kJwtKeyBytesMax);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  Expected<JwtKey> key = MakeJwtKey(*algorithm, *std::move(bytes));
  if (!key) key.error().message = file + ": " + key.error().message;
  return key;
}

}  // namespace cotext::net
