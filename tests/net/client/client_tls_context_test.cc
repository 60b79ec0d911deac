// Whom a client of TLS takes for its server: handshakes without a network.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <type_traits>

#include "document/error.h"
#include "net/client/client_tls.h"
#include "net/client/client_transport.h"
#include "tests/net/certificate.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using Ssl = std::unique_ptr<SSL, std::integral_constant<decltype(&SSL_free), &SSL_free>>;

constexpr char kTrusted[] = "the handshake is done";

struct Server {
  std::string certificate;
  int version_max = TLS1_3_VERSION;
};

class ClientTlsContextTest : public TemporaryFolderTest {
 protected:
  // A server of any version of TLS, however weak.
  TlsContext ContextOf(const Server& server) const {
    TlsContext context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), server.version_max);
    const std::string path = Path(server.certificate);
    EXPECT_EQ(
        SSL_CTX_use_certificate_file(context.get(), (path + ".crt").c_str(), SSL_FILETYPE_PEM), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), (path + ".key").c_str(), SSL_FILETYPE_PEM),
              1);
    return context;
  }

  // Returns kTrusted, or why the client does not go on.
  std::string Meet(const std::string& host, const std::string& ca, const Server& server) const {
    TlsOptions options;
    if (!ca.empty()) options.ca_file = Path(ca + ".crt");
    const auto context = MakeTlsContext(options, host);
    if (!context) return context.error().message;
    return Meet(context->get(), server);
  }

  std::string Meet(SSL_CTX* client_context, const Server& server) const {
    const TlsContext server_context = ContextOf(server);
    const Ssl client(SSL_new(client_context));
    const Ssl other(SSL_new(server_context.get()));
    BIO* client_end = nullptr;
    BIO* server_end = nullptr;
    EXPECT_EQ(BIO_new_bio_pair(&client_end, 0, &server_end, 0), 1);
    SSL_set_bio(client.get(), client_end, client_end);
    SSL_set_bio(other.get(), server_end, server_end);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(other.get());
    for (int turn = 0; turn < 20; ++turn) {
      const int client_result = SSL_do_handshake(client.get());
      const int server_result = SSL_do_handshake(other.get());
      if (client_result == 1 && server_result == 1) return kTrusted;
    }
    const long why = SSL_get_verify_result(client.get());
    return why == X509_V_OK ? "no handshake" : X509_verify_cert_error_string(why);
  }
};

TEST_F(ClientTlsContextTest, TheServerIsKnownByItsName) {
  WriteCertificate(Path("own"), {.name = "DNS:notes.example.org,IP:192.0.2.1,IP:2001:db8::1"});
  for (const char* const host :
       {"notes.example.org", "NOTES.example.ORG", "192.0.2.1", "2001:db8::1", "2001:db8:0::1"}) {
    EXPECT_EQ(Meet(host, "own", {.certificate = "own"}), kTrusted) << host;
  }
}

TEST_F(ClientTlsContextTest, AnotherNameIsNobody) {
  WriteCertificate(Path("own"), {.name = "DNS:notes.example.org,IP:192.0.2.1,IP:2001:db8::1",
                                 .common_name = "other.example.org"});
  for (const char* const host :
       {"example.org", "other.example.org", "a.notes.example.org", "notes.example.org.evil.test",
        "notes.example", "localhost", "192.0.2.2", "2001:db8::2", "0.0.0.0"}) {
    EXPECT_NE(Meet(host, "own", {.certificate = "own"}), kTrusted) << host;
  }
  // A name that looks like an address is none.
  WriteCertificate(Path("dns"), {.name = "DNS:192.0.2.1"});
  EXPECT_NE(Meet("192.0.2.1", "dns", {.certificate = "dns"}), kTrusted);
}

TEST_F(ClientTlsContextTest, AWildcardStandsForOneWholeLabel) {
  WriteCertificate(Path("own"), {.name = "DNS:*.example.org,DNS:f*.example.net"});
  EXPECT_EQ(Meet("notes.example.org", "own", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet("a.notes.example.org", "own", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet("example.org", "own", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet("foo.example.net", "own", {.certificate = "own"}), kTrusted);
}

TEST_F(ClientTlsContextTest, LongNamesAreComparedWhole) {
  const std::string label(60, 'a');
  const std::string name = label + "." + label + "." + label;
  WriteCertificate(Path("own"), {.name = "DNS:" + name});
  EXPECT_EQ(Meet(name, "own", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet(name + "b", "own", {.certificate = "own"}), kTrusted);
}

TEST_F(ClientTlsContextTest, WhomNobodyVouchesForIsNotSpokenTo) {
  WriteCertificate(Path("own"));
  WriteCertificate(Path("other"));
  EXPECT_EQ(Meet("localhost", "own", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet("localhost", "other", {.certificate = "own"}), kTrusted);
  EXPECT_NE(Meet("localhost", "", {.certificate = "own"}), kTrusted)
      << "the system knows it neither";
}

TEST_F(ClientTlsContextTest, TheSystemsAuthoritiesAreForWhoNamesNone) {
  WriteCertificate(Path("system"));
  WriteCertificate(Path("other"));
  setenv("SSL_CERT_FILE", Path("system.crt").c_str(), 1);
  EXPECT_EQ(Meet("localhost", "", {.certificate = "system"}), kTrusted);
  EXPECT_NE(Meet("localhost", "other", {.certificate = "system"}), kTrusted);
  unsetenv("SSL_CERT_FILE");
}

TEST_F(ClientTlsContextTest, ACertificateHoldsInItsTimeOnly) {
  WriteCertificate(Path("ended"), {.begins_in_s = -7'200, .ends_in_s = -3'600});
  EXPECT_EQ(Meet("localhost", "ended", {.certificate = "ended"}),
            X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED));
  WriteCertificate(Path("early"), {.begins_in_s = 3'600, .ends_in_s = 7'200});
  EXPECT_EQ(Meet("localhost", "early", {.certificate = "early"}),
            X509_verify_cert_error_string(X509_V_ERR_CERT_NOT_YET_VALID));
}

TEST_F(ClientTlsContextTest, OldVersionsAreNotSpoken) {
  WriteCertificate(Path("own"));
  EXPECT_EQ(Meet("localhost", "own", {.certificate = "own", .version_max = TLS1_2_VERSION}),
            kTrusted);
  // Whatever else the system would have against it.
  const auto context = MakeTlsContext({.ca_file = Path("own.crt")}, "localhost");
  ASSERT_TRUE(context);
  SSL_CTX_set_security_level(context->get(), 0);
  EXPECT_EQ(Meet(context->get(), {.certificate = "own", .version_max = TLS1_1_VERSION}),
            "no handshake");
  ASSERT_EQ(SSL_CTX_set_min_proto_version(context->get(), TLS1_VERSION), 1);
  EXPECT_EQ(Meet(context->get(), {.certificate = "own", .version_max = TLS1_1_VERSION}), kTrusted)
      << "it is the version that it was refused for";
}

TEST_F(ClientTlsContextTest, AFileThatHasNoCertificatesIsAnError) {
  const auto refusal = [&](const std::string& content) {
    std::ofstream(Path("file"), std::ios::trunc) << content;
    const auto context = MakeTlsContext({.ca_file = Path("file")}, "localhost");
    EXPECT_FALSE(context);
    return context ? Error{} : context.error();
  };
  EXPECT_EQ(refusal("no certificate").message, Path("file") + ": has no certificates");
  EXPECT_EQ(refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").message,
            Path("file") + ": its certificates are damaged");
  EXPECT_EQ(refusal("").code, ErrorCode::kIo);
  const auto none = MakeTlsContext({.ca_file = Path("none")}, "localhost");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace cotext::net
