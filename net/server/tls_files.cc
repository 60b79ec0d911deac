#include "net/server/tls_files.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include "storage/file.h"

namespace cotext::net {
namespace {

using Context =
    std::unique_ptr<SSL_CTX, std::integral_constant<decltype(SSL_CTX_free)*, SSL_CTX_free>>;

// Would otherwise be asked for on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*user*/) { return -1; }

// What OpenSSL says first, which is why, in words.
std::string Reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  // libwebsockets takes errors that are left here for its own.
  ERR_clear_error();
  return reason == nullptr ? "" : std::string(" (") + reason + ")";
}

// OpenSSL does not tell a file that cannot be read from one that is something else.
Expected<void> CheckPem(const std::string& path, std::string_view kind, std::string_view what) {
  constexpr uint64_t kFileBytesMax = uint64_t{1} << 24U;
  const auto content = ReadFile(path, kFileBytesMax);
  if (!content) return std::unexpected(content.error());
  if (content->contains("-----BEGIN ") && content->contains(kind)) return {};
  return MakeError(ErrorCode::kIo, path + ": has no " + std::string(what));
}

}  // namespace

Expected<void> CheckTlsFiles(const std::string& certificate, const std::string& key) {
  COTEXT_RETURN_IF_ERROR(CheckPem(certificate, "CERTIFICATE-----", "certificate"));
  COTEXT_RETURN_IF_ERROR(CheckPem(key, "PRIVATE KEY-----", "private key"));
  const Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return MakeError(ErrorCode::kIo, "cannot set up TLS" + Reason());
  SSL_CTX_set_default_passwd_cb(context.get(), &NoPassphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return MakeError(ErrorCode::kIo, certificate + ": its certificate cannot be used" + Reason());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return MakeError(ErrorCode::kIo,
                     key + ": its key cannot be used with " + certificate + Reason());
  }
  ERR_clear_error();
  return {};
}

}  // namespace cotext::net
