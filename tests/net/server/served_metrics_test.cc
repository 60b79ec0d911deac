// What a scrape of a whole server says after traffic that is known.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "net/access/jwt_key.h"
#include "net/base/log.h"
#include "net/server/server_options.h"
#include "sync/grants.h"
#include "tests/net/raw_http.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/net/signed_token.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;
using Scrape = std::map<std::string, double>;

// Another address than those of which requests are limited.
constexpr char kScraper[] = "127.0.0.9";

class ServedMetricsTest : public TemporaryFolderTest {
 protected:
  ServerOptions Options() const {
    ServerOptions options;
    options.data_folder = Path("store");
    options.http.anonymous_rights = sync::kAllRights;
    return options;
  }
  static int Ask(uint16_t port, const std::string& method, const std::string& target,
                 const std::string& more = {},
                 const std::optional<std::string>& body = std::nullopt) {
    RawHttp client(port);
    EXPECT_TRUE(client.Ask(method, target, more, body));
    return client.Read().value_or(RawResponse{}).status;
  }
  static Scrape Take(uint16_t port) {
    RawHttp client(port, kScraper);
    EXPECT_TRUE(client.Ask("GET", "/metrics"));
    std::istringstream lines(client.Read().value_or(RawResponse{}).body);
    Scrape scrape;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('#')) continue;
      const size_t space = line.rfind(' ');
      scrape[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
    return scrape;
  }
  static double ErrorsOf(const Scrape& scrape, const std::string& code) {
    const auto found = scrape.find("cotext_errors_total{code=\"" + code + "\"}");
    return found == scrape.end() ? 0 : found->second;
  }
};

TEST_F(ServedMetricsTest, WhatPassesAndWhatIsRefusedIsCountedOnce) {
  const RunningServer server(Options());
  const std::string edits = "/v1/documents/d/edits";
  EXPECT_EQ(Ask(server.port(), "POST", edits, "", R"({"text":"x"})"), 200);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents/none"), 404);
  EXPECT_EQ(Ask(server.port(), "GET", "/nothing"), 404);
  EXPECT_EQ(Ask(server.port(), "PUT", "/v1/documents/d", "", "x"), 405);
  EXPECT_EQ(Ask(server.port(), "POST", edits, "Transfer-Encoding: chunked\r\n"), 411);
  EXPECT_EQ(Ask(server.port(), "POST", edits, "", "nonsense"), 400);
  EXPECT_EQ(Ask(server.port(), "DELETE", "/v1/connections/none"), 410);
  EXPECT_EQ(Ask(server.port(), "GET", "/healthz", "Origin: https://evil.example\r\n"), 403);
  Scrape scrape = Take(server.port());
  EXPECT_EQ(scrape["cotext_http_requests_total"], 9) << "with this one";
  EXPECT_EQ(ErrorsOf(scrape, "not_found"), 2);
  EXPECT_EQ(ErrorsOf(scrape, "method_not_allowed"), 1);
  EXPECT_EQ(ErrorsOf(scrape, "length_required"), 1);
  EXPECT_EQ(ErrorsOf(scrape, "bad_request"), 1);
  EXPECT_EQ(ErrorsOf(scrape, "connection_gone"), 1);
  EXPECT_EQ(ErrorsOf(scrape, "forbidden"), 1);
  EXPECT_EQ(scrape["cotext_origins_refused_total"], 1);
  EXPECT_EQ(scrape["cotext_received_frames_total"], 0) << "the server's own readers send none";
  EXPECT_EQ(scrape["cotext_sent_frames_total"], 0);
  EXPECT_EQ(scrape["cotext_received_bytes_total"], 0);
  EXPECT_EQ(scrape["cotext_connections_accepted_total"], 0);
  EXPECT_GE(scrape["cotext_store_transactions_total"], 1);
  EXPECT_EQ(scrape["cotext_store_failures_total"], 0);
  EXPECT_EQ(scrape["cotext_documents"], 1);

  EXPECT_EQ(Ask(server.port(), "POST", "/v1/connections", "", ""), 201);
  SocketClient ada(server.port(), 7, "d");
  ada.Insert("hello");
  ASSERT_TRUE(RunUntil({&ada}, [&] { return ada.IsDurable(); }));
  RawWebSocket stranger(server.port());
  ASSERT_EQ(stranger.Shake(), 101);
  RawHttp feed(server.port());
  ASSERT_TRUE(feed.Ask("GET", "/v1/documents/d/events"));
  ASSERT_TRUE(feed.ReadTo("event: snapshot").has_value());
  scrape = Take(server.port());
  EXPECT_EQ(scrape["cotext_connections_accepted_total"], 3);
  EXPECT_EQ(scrape["cotext_connections"], 2);
  EXPECT_EQ(scrape["cotext_poll_connections"], 1);
  EXPECT_EQ(scrape["cotext_event_streams"], 1);
  EXPECT_GE(scrape["cotext_received_frames_total"], 2);
  EXPECT_GE(scrape["cotext_sent_frames_total"], 2);
  EXPECT_GT(scrape["cotext_received_bytes_total"], 5);

  ASSERT_TRUE(stranger.SendFrame(kTextFrame, "no packet"));
  EXPECT_GT(stranger.ReceiveClose(), 0);
  scrape = Take(server.port());
  EXPECT_EQ(ErrorsOf(scrape, "bad_message"), 1);
  EXPECT_EQ(scrape["cotext_connections"], 1);
}

TEST_F(ServedMetricsTest, WhoIsNotLetInIsCounted) {
  ServerOptions options = Options();
  options.http.keys = {MakeJwtKey(JwtAlgorithm::kHs256, kSecret).value()};
  options.http.anonymous_rights.reset();
  const RunningServer server(options);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents"), 401);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents", "Authorization: Bearer x\r\n"), 401);
  EXPECT_EQ(RawWebSocket(server.port()).Shake(), 401);
  Scrape scrape = Take(server.port());
  EXPECT_EQ(scrape["cotext_authentication_failures_total"], 3);
  EXPECT_EQ(ErrorsOf(scrape, "unauthenticated"), 3);
  EXPECT_EQ(scrape["cotext_connections_accepted_total"], 0);
}

TEST_F(ServedMetricsTest, WhatIsTooMuchIsCounted) {
  ServerOptions options = Options();
  options.http.requests = {.per_s = 1, .burst = 3};
  options.listen.connects = {.per_s = 1, .burst = 10};
  const RunningServer server(options);
  double limited = 0;
  for (int i = 0; i < 6; ++i) {
    if (Ask(server.port(), "GET", "/healthz") == 429) ++limited;
  }
  if (RawWebSocket(server.port()).Shake() == 429) ++limited;
  EXPECT_GE(limited, 3);
  const double asked = limited;
  for (int i = 0; i < 8; ++i) {
    if (RawHttp(server.port()).IsClosed(200)) ++limited;
  }
  EXPECT_GT(limited, asked) << "some were closed before anything was read";
  Scrape scrape = Take(server.port());
  EXPECT_EQ(scrape["cotext_rate_limited_total"], limited);
  EXPECT_EQ(ErrorsOf(scrape, "rate_limited"), asked);
}

// Both doors tell who was not let in, without what he showed; whoever tries often does not fill
// the disk.
TEST_F(ServedMetricsTest, WhoIsRefusedIsInTheLog) {
  testing::internal::CaptureStderr();
  SetUpLog({.level = LogLevel::kInfo});
  {
    ServerOptions options = Options();
    options.http.requests = {.per_s = 100'000, .burst = 100'000};
    const RunningServer server(options);
    EXPECT_EQ(
        Ask(server.port(), "GET", "/v1/documents/d", "Authorization: Bearer hidden.word.here\r\n"),
        401);
    RawWebSocket stranger(server.port());
    EXPECT_EQ(stranger.Shake({.headers = {"Origin: https://evil.example"}}), 403);
    for (int i = 0; i < 300; ++i) {
      Ask(server.port(), "GET", "/healthz", "Origin: https://evil.example\r\n");
    }
  }
  SetUpLog({.level = LogLevel::kOff});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("info refused address=127.0.0.1 code=unauthenticated"), log.npos) << log;
  EXPECT_NE(log.find("info refused address=127.0.0.1 code=forbidden"), log.npos) << log;
  EXPECT_EQ(log.find("hidden"), log.npos) << log;
  size_t lines = 0;
  for (size_t at = log.find(" refused "); at != log.npos; at = log.find(" refused ", at + 1)) {
    ++lines;
  }
  EXPECT_LT(lines, 200U);
}

}  // namespace
}  // namespace cotext::net
