// A server with a certificate of its own making, and a client that knows it.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "net/server/server.h"
#include "net/server/server_options.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

template <auto Free>
using Freed = std::integral_constant<decltype(Free), Free>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

// Writes a certificate for localhost and its key, as PEM.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file) {
  constexpr long kDayS = 86'400;
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDayS);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDayS);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const File certificate_out(std::fopen(certificate_file.c_str(), "w"));
  ASSERT_EQ(PEM_write_X509(certificate_out.get(), certificate.get()), 1);
  const File key_out(std::fopen(key_file.c_str(), "w"));
  ASSERT_EQ(PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
            1);
}

// A connection over TLS that trusts nothing but that certificate.
class TlsSocket {
 public:
  TlsSocket(uint16_t port, const std::string& certificate_file, int version_max = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())), raw_(port) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_load_verify_locations(context_.get(), certificate_file.c_str(), nullptr);
    SSL_CTX_set_min_proto_version(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    ssl_.reset(SSL_new(context_.get()));
    constexpr std::array<unsigned char, 12> kProtocols = {2,   'h', '2', 8,   'h', 't',
                                                          't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl_.get(), kProtocols.data(), kProtocols.size());
    SSL_set1_host(ssl_.get(), "localhost");
    SSL_set_fd(ssl_.get(), raw_.socket());
  }

  bool Connect() { return SSL_connect(ssl_.get()) == 1; }
  std::string Protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  void Write(std::string_view text) {
    ASSERT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  // Until that has come, or nothing more does.
  std::string ReadUntil(std::string_view end) {
    std::string text;
    std::array<char, 4096> bytes{};
    while (!text.contains(end)) {
      const int size = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (size <= 0) break;
      text.append(bytes.data(), static_cast<size_t>(size));
    }
    return text;
  }

 private:
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  RawWebSocket raw_;
  std::unique_ptr<SSL, Freed<SSL_free>> ssl_;
};

class TlsTest : public TemporaryFolderTest {
 protected:
  ServerOptions Options() {
    WriteCertificate(Path("certificate.pem"), Path("key.pem"));
    ServerOptions options = {.data_folder = Path("store"), .drain_ms_max = 1'000};
    options.listen.tls_certificate = Path("certificate.pem");
    options.listen.tls_key = Path("key.pem");
    return options;
  }
};

TEST_F(TlsTest, AWebSocketOverTlsSpeaksHttp1Only) {
  RunningServer server(Options());
  TlsSocket socket(server.port(), Path("certificate.pem"));
  ASSERT_TRUE(socket.Connect());
  EXPECT_EQ(socket.Protocol(), "http/1.1") << "not h2, which was offered first";
  socket.Write(
      "GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: cotext.v1\r\n\r\n");
  EXPECT_TRUE(socket.ReadUntil("\r\n\r\n").starts_with("HTTP/1.1 101"));
  socket.Write(MaskedFrame(kPingFrame, "over TLS"));
  EXPECT_TRUE(socket.ReadUntil("over TLS").ends_with("over TLS"));
}

TEST_F(TlsTest, WhoeverSpeaksNoTlsOrAnOldOneIsRefused) {
  RunningServer server(Options());
  RawWebSocket plain(server.port());
  EXPECT_EQ(plain.Shake(), 0);
  EXPECT_FALSE(TlsSocket(server.port(), Path("certificate.pem"), TLS1_1_VERSION).Connect());
  EXPECT_TRUE(TlsSocket(server.port(), Path("certificate.pem"), TLS1_2_VERSION).Connect());
}

TEST_F(TlsTest, FilesThatAreNoGoodAreToldBeforeAnythingIsServed) {
  ServerOptions options = Options();
  options.listen.tls_key = Path("nowhere.pem");
  EXPECT_FALSE(Server::Open(options));
  options.listen.tls_key = "";
  EXPECT_FALSE(Server::Open(options)) << "a certificate alone";
  options.listen.tls_key = Path("certificate.pem");
  EXPECT_FALSE(Server::Open(options)) << "no key in it";
  WriteCertificate(Path("other.pem"), Path("other_key.pem"));
  options.listen.tls_key = Path("other_key.pem");
  EXPECT_FALSE(Server::Open(options)) << "of another certificate";
}

}  // namespace
}  // namespace cotext::net
