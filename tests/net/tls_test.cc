// TLS of a served port: it is there, it is HTTP/1.1 alone, and nothing is said in the open.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "net/server_options.h"
#include "tests/net/raw_http.h"
#include "tests/net/running_server.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

constexpr long kDayS = 86'400;

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* value) const { Free(value); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

void WriteKey(const std::string& path, EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "w"));
  ASSERT_EQ(PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
}

// For localhost, signed by itself.
void WriteCertificate(const std::string& path, EVP_PKEY* key) {
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDayS);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDayS);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  ASSERT_GT(X509_sign(certificate.get(), key, EVP_sha256()), 0);
  const File file(std::fopen(path.c_str(), "w"));
  ASSERT_EQ(PEM_write_X509(file.get(), certificate.get()), 1);
}

struct TlsAnswer {
  std::string text;
  std::string protocol;  // That was agreed on.
};

// Asks over TLS, offering HTTP/2 first.
TlsAnswer AskOverTls(uint16_t port, const std::string& request) {
  const std::unique_ptr<SSL_CTX, Freer<SSL_CTX, SSL_CTX_free>> context(
      SSL_CTX_new(TLS_client_method()));
  const std::string protocols = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
  const std::unique_ptr<BIO, Freer<BIO, BIO_free_all>> connection(
      BIO_new_ssl_connect(context.get()));
  const std::string place = "127.0.0.1:" + std::to_string(port);
  BIO_set_conn_hostname(connection.get(), place.c_str());
  TlsAnswer answer;
  if (BIO_do_handshake(connection.get()) != 1) return answer;
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  answer.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  BIO_write(connection.get(), request.data(), static_cast<int>(request.size()));
  std::array<char, 4096> piece{};
  while (const int read = BIO_read(connection.get(), piece.data(), piece.size())) {
    if (read < 0) break;
    answer.text.append(piece.data(), static_cast<size_t>(read));
  }
  return answer;
}

class TlsTest : public TemporaryFolderTest {
 protected:
  TlsTest() {
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    WriteKey(Path("key.pem"), key.get());
    WriteCertificate(Path("certificate.pem"), key.get());
    options_.data_folder = Path("store");
    options_.listen.tls_certificate = Path("certificate.pem");
    options_.listen.tls_key = Path("key.pem");
  }

  ServerOptions options_;
};

TEST_F(TlsTest, IsSpokenAndOverItHttp1) {
  const RunningServer server(options_);
  const TlsAnswer answer = AskOverTls(
      server.port(), "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.protocol, "http/1.1");
  EXPECT_TRUE(answer.text.starts_with("HTTP/1.1 200 ")) << answer.text;
}

TEST_F(TlsTest, NothingIsSaidInTheOpen) {
  const RunningServer server(options_);
  RawHttp client(server.port());
  ASSERT_TRUE(client.Ask("GET", "/healthz"));
  const auto response = client.Read(2'000);
  EXPECT_FALSE(response.has_value()) << response->status;
}

}  // namespace
}  // namespace cotext::net
