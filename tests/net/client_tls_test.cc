// Clients know their server by its certificate, or do not speak to it.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "net/client.h"
#include "net/server_options.h"
#include "net/transport_choice.h"
#include "sync/client_event.h"
#include "tests/net/client_rig.h"
#include "tests/net/served_folder.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

class ClientTlsTest : public TemporaryFolderTest {
 protected:
  ClientTlsTest() {
    Make("own", "localhost");
    Make("other", "localhost");
    Make("stranger", "example.org");
  }

  // A certificate for a name, and its key, that vouches for itself.
  void Make(const std::string& file, const std::string& name) const {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -addext subjectAltName=DNS:" + name + " -keyout " + Path(file + ".key") +
        " -out " + Path(file + ".crt") + " 2> /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  ServerOptions ServedWith(const std::string& file) const {
    ServerOptions options{.listen = {}, .data_folder = Path("store")};
    options.listen.tls_certificate = Path(file + ".crt");
    options.listen.tls_key = Path(file + ".key");
    return options;
  }

  ClientOptions Options(uint16_t port, const std::string& ca) const {
    ClientOptions options = HurriedOptions(port);
    options.url = "wss://localhost:" + std::to_string(port);
    if (!ca.empty()) options.tls.ca_file = Path(ca + ".crt");
    return options;
  }

  static bool Connects(const ClientOptions& options, uint64_t timeout_ms) {
    Application ada(options);
    ada.client().Start();
    return PumpUntil({&ada}, [&] { return ada.IsSettled(); }, timeout_ms);
  }
};

TEST_F(ClientTlsTest, TheServerIsKnownByItsCertificate) {
  ServedFolder server(ServedWith("own"));
  EXPECT_TRUE(Connects(Options(server.port(), "own"), kPatienceMs));
}

TEST_F(ClientTlsTest, WhomNobodyVouchesForIsNotSpokenTo) {
  ServedFolder server(ServedWith("own"));
  EXPECT_FALSE(Connects(Options(server.port(), "other"), 1'000));
  EXPECT_FALSE(Connects(Options(server.port(), ""), 1'000)) << "the system knows it neither";
}

TEST_F(ClientTlsTest, ACertificateForAnotherNameIsNone) {
  ServedFolder server(ServedWith("stranger"));
  EXPECT_FALSE(Connects(Options(server.port(), "stranger"), 1'000));
}

TEST_F(ClientTlsTest, AFileThatHasNoCertificatesIsAnError) {
  Make("empty", "localhost");
  std::ofstream(Path("empty.crt"), std::ios::trunc) << "no certificate";
  for (const char* const file : {"none", "empty"}) {
    const auto client = Client::Create(Options(1, file));
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::kIo);
  }
}

}  // namespace
}  // namespace cotext::net
