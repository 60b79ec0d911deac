#include "net/client/client_tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <utility>

#include "storage/file.h"

namespace cotext::net {
namespace {

// OpenSSL says less about a file that is not there, or is another one than was meant.
Expected<void> CheckCertificates(const std::string& path) {
  constexpr uint64_t kFileBytesMax = uint64_t{1} << 24U;
  const auto content = ReadFile(path, kFileBytesMax);
  if (!content) return std::unexpected(content.error());
  if (content->contains("-----BEGIN CERTIFICATE-----")) return {};
  return MakeError(ErrorCode::kIo, path + ": has no certificates");
}

bool Trust(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) return SSL_CTX_set_default_verify_paths(context) == 1;
  return SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
}

bool Expect(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1 ||
         X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1;
}

}  // namespace

Expected<TlsContext> MakeTlsContext(const TlsOptions& options, const std::string& host) {
  if (!options.ca_file.empty()) COTEXT_RETURN_IF_ERROR(CheckCertificates(options.ca_file));
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  const bool is_fine = context != nullptr && !host.empty() &&
                       SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                       Expect(context.get(), host);
  const bool trusts = is_fine && Trust(context.get(), options.ca_file);
  // libwebsockets takes errors that are left here for its own.
  ERR_clear_error();
  if (!is_fine) return MakeError(ErrorCode::kIo, "cannot set up TLS for " + host);
  if (!trusts) {
    const bool has_file = !options.ca_file.empty();
    return MakeError(ErrorCode::kIo, has_file ? options.ca_file + ": its certificates are damaged"
                                              : "the system's certificates cannot be used");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION);
  // What is sent again may be at another place by then; and who is idle needs no buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace cotext::net
