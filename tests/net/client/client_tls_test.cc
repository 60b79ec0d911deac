// Clients know their server by its certificate, or do not speak to it: by WebSocket and by polling.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <type_traits>

#include "document/error.h"
#include "net/base/event_loop.h"
#include "net/base/resolver.h"
#include "net/client/client.h"
#include "net/client/client_connection.h"
#include "net/client/client_tls.h"
#include "net/client/transport_choice.h"
#include "net/server/server_options.h"
#include "sync/client_event.h"
#include "tests/net/certificate.h"
#include "tests/net/client/client_rig.h"
#include "tests/net/served_folder.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

class ClientTlsNameTest : public TemporaryFolderTest {
 protected:
  ServerOptions ServedWith(const std::string& certificate) const {
    ServerOptions options{.listen = {}, .data_folder = Path("store")};
    options.listen.tls_certificate = Path(certificate + ".crt");
    options.listen.tls_key = Path(certificate + ".key");
    return options;
  }

  // Returns whether a client gets to its server, rather than being turned back a few times.
  static bool Connects(const ClientOptions& options) {
    constexpr uint64_t kFailures = 3;
    Application ada(options);
    ada.client().Start();
    EXPECT_TRUE(PumpUntil(
        {&ada}, [&] { return ada.IsSettled() || ada.client().counters().failures >= kFailures; }));
    return ada.IsSettled();
  }
};

class ClientTlsTest : public ClientTlsNameTest, public testing::WithParamInterface<TransportMode> {
 protected:
  ClientOptions Options(uint16_t port, const std::string& ca,
                        const std::string& host = "localhost") const {
    ClientOptions options = HurriedOptions(port, GetParam());
    options.url = "wss://" + host + ":" + std::to_string(port);
    if (!ca.empty()) options.tls.ca_file = Path(ca + ".crt");
    return options;
  }
};

bool HasIpv6() {
  const int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  const bool has = bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return has;
}

TEST_P(ClientTlsTest, TheServerIsKnownByItsCertificate) {
  WriteCertificate(Path("own"));
  ServedFolder server(ServedWith("own"));
  EXPECT_TRUE(Connects(Options(server.port(), "own")));
}

TEST_P(ClientTlsTest, WhomNobodyVouchesForIsNotSpokenTo) {
  WriteCertificate(Path("own"));
  WriteCertificate(Path("other"));
  ServedFolder server(ServedWith("own"));
  EXPECT_FALSE(Connects(Options(server.port(), "other")));
  EXPECT_FALSE(Connects(Options(server.port(), ""))) << "the system knows it neither";
  EXPECT_TRUE(Connects(Options(server.port(), "own"))) << "it was not the server's doing";
}

TEST_P(ClientTlsTest, ACertificateForAnotherNameIsNone) {
  WriteCertificate(Path("stranger"), {.name = "DNS:example.org", .common_name = "localhost"});
  ServedFolder server(ServedWith("stranger"));
  EXPECT_FALSE(Connects(Options(server.port(), "stranger")));
  EXPECT_FALSE(Connects(Options(server.port(), "stranger", "127.0.0.1")));
}

TEST_P(ClientTlsTest, ACertificateThatHasExpiredIsNone) {
  WriteCertificate(Path("ended"), {.begins_in_s = -7'200, .ends_in_s = -3'600});
  ServedFolder server(ServedWith("ended"));
  EXPECT_FALSE(Connects(Options(server.port(), "ended")));
}

TEST_P(ClientTlsTest, AnAddressIsAsGoodAsAName) {
  WriteCertificate(Path("own"), {.name = "IP:127.0.0.1,IP:::1"});
  ServedFolder server(ServedWith("own"));
  EXPECT_TRUE(Connects(Options(server.port(), "own", "127.0.0.1")));
  EXPECT_FALSE(Connects(Options(server.port(), "own", "localhost")));
}

TEST_P(ClientTlsTest, SoIsAnAddressOfIpv6) {
  WriteCertificate(Path("own"), {.name = "IP:::1"});
  ServerOptions served = ServedWith("own");
  served.listen.address = "::1";
  if (!HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  ServedFolder server(served);
  EXPECT_TRUE(Connects(Options(server.port(), "own", "[::1]")));
}

TEST_P(ClientTlsTest, AFileThatHasNoCertificatesIsAnError) {
  std::ofstream(Path("empty.crt")) << "no certificate";
  for (const char* const file : {"none", "empty"}) {
    const auto client = Client::Create(Options(1, file));
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::kIo);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientTlsTest,
                         testing::Values(TransportMode::kWebSocket, TransportMode::kPoll),
                         [](const auto& info) {
                           return info.param == TransportMode::kPoll ? "Poll" : "WebSocket";
                         });

// The addresses come from elsewhere; who is meant is still the name.
TEST_F(ClientTlsNameTest, TheNameCountsAndNotTheAddress) {
  WriteCertificate(Path("own"), {.name = "DNS:notes.example.org"});
  ServedFolder server(ServedWith("own"));
  ClientOptions options = HurriedOptions(server.port());
  options.tls.ca_file = Path("own.crt");
  options.look_up = [](const std::string& /*host*/) -> Expected<Addresses> {
    return Addresses{"127.0.0.1"};
  };
  options.url = "wss://notes.example.org:" + std::to_string(server.port());
  EXPECT_TRUE(Connects(options));
  options.url = "wss://example.org:" + std::to_string(server.port());
  EXPECT_FALSE(Connects(options));
}

// What libwebsockets has once for the whole process once changed with every loop.
TEST_F(ClientTlsNameTest, AHandshakeGoesOnWhileAnotherLoopBegins) {
  WriteCertificate(Path("own"), {.name = "IP:127.0.0.1"});
  const TlsContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate_file(context.get(), Path("own.crt").c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), Path("own.key").c_str(), SSL_FILETYPE_PEM);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto connection = ClientConnection::Create(
      {.url = {.is_tls = true, .host = "127.0.0.1", .port = ntohs(address.sin_port)},
       .tls = {.ca_file = Path("own.crt")},
       .choice = {.mode = TransportMode::kWebSocket}});
  ASSERT_TRUE(connection) << connection.error().message;
  (*connection)->Connect("");
  const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  char first = 0;
  ASSERT_EQ(recv(accepted, &first, 1, MSG_PEEK), 1) << "the client begins";
  const auto other = EventLoop::Create();
  ASSERT_TRUE(other);
  const std::unique_ptr<SSL, std::integral_constant<decltype(&SSL_free), &SSL_free>> ssl(
      SSL_new(context.get()));
  SSL_set_fd(ssl.get(), accepted);
  EXPECT_EQ(SSL_accept(ssl.get()), 1) << "the client does not go on";
  close(accepted);
  close(listener);
}

}  // namespace
}  // namespace cotext::net
