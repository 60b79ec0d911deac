// A whole server over real sockets: feeds beside WebSockets, long polling, tokens, and its end.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "crdt/rga_document.h"
#include "net/access/jwt_key.h"
#include "net/base/poll_frames.h"
#include "net/server/server_options.h"
#include "proto/wire.h"
#include "sync/client.h"
#include "tests/net/raw_http.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/net/signed_token.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

uint64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string Token(const std::string& user, const std::string& pattern, const Json& rights) {
  const Json claims = {{"sub", user},
                       {"exp", std::time(nullptr) + 600},
                       {"documents", {{{"name", pattern}, {"rights", rights}}}}};
  return Sign(claims.dump(), "HS256", kSecret);
}

std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

class ServedHttpTest : public TemporaryFolderTest {
 protected:
  ServerOptions Options() const {
    ServerOptions options;
    options.data_folder = Path("store");
    return options;
  }
  ServerOptions WithTokens() const {
    ServerOptions options = Options();
    options.http.keys = {MakeJwtKey(JwtAlgorithm::kHs256, kSecret).value()};
    options.http.anonymous_rights.reset();
    return options;
  }
  static RawResponse Ask(uint16_t port, const std::string& method, const std::string& target,
                         const std::string& more = {},
                         const std::optional<std::string>& body = std::nullopt) {
    RawHttp client(port);
    EXPECT_TRUE(client.Ask(method, target, more, body));
    return client.Read().value_or(RawResponse{});
  }
};

// The data of the next event of that name.
Json NextEvent(RawHttp& feed, const std::string& name) {
  if (!feed.ReadTo("event: " + name + "\n")) return nullptr;
  if (!feed.ReadTo("data: ")) return nullptr;
  const auto data = feed.ReadTo("\n");
  return data ? Json::parse(*data) : Json();
}

TEST_F(ServedHttpTest, AFeedTellsWhatClientsWriteAndClientsGetWhatScriptsWrite) {
  const RunningServer server(Options());
  SocketClient ada(server.port(), 7);
  ada.Insert("hello");
  ASSERT_TRUE(RunUntil({&ada}, [&] { return ada.IsDurable(); }));
  RawHttp feed(server.port());
  ASSERT_TRUE(feed.Ask("GET", "/v1/documents/notes/events"));
  const Json snapshot = NextEvent(feed, "snapshot");
  EXPECT_EQ(snapshot.at("text"), "hello");
  ada.Insert(">");
  ASSERT_TRUE(RunUntil({&ada}, [&] { return ada.IsDurable(); }));
  const Json delta = NextEvent(feed, "delta");
  EXPECT_EQ(delta.at("ops"), Json::parse(R"([{"insert":">"}])"));
  const RawResponse posted = Ask(server.port(), "POST", "/v1/documents/notes/edits", "",
                                 R"({"base":")" + std::string(snapshot.at("version")) +
                                     R"(","ops":[{"retain":5},{"insert":"!"}]})");
  EXPECT_EQ(posted.status, 200) << posted.body;
  ASSERT_TRUE(RunUntil({&ada}, [&] { return ada.Text() == ">hello!"; })) << ada.Text();
  const Json mine = NextEvent(feed, "delta");
  EXPECT_EQ(mine.at("version"), Json::parse(posted.body).at("version"));
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents/notes").body, ">hello!");
  EXPECT_EQ(Ask(server.port(), "GET", "/readyz").status, 200);
}

// The sync layer's client over long polling: one request up and one held at a time, each on a
// connection of its own: a server may close one behind an answer (http_server.cc).
class PollingClient {
 public:
  PollingClient(uint16_t port, uint64_t replica)
      : port_(port), document_(ReplicaId{replica}), client_([this] { return ++random_; }) {
    key_ = client_.Open("notes", document_);
    client_.Start(NowMs());
  }
  RgaDocument& document() { return document_; }
  bool IsDurable() const { return client_.IsCaughtUp(key_) && client_.Count(key_).all_durable(); }
  void Step() {
    client_.OnTick(NowMs());
    std::string body;
    uint64_t frames = 0;
    for (const sync::ClientAction& action : client_.TakeActions(NowMs())) {
      if (std::holds_alternative<sync::Connect>(action)) Connect();
      const auto* packet = std::get_if<sync::Packet>(&action);
      if (packet == nullptr) continue;
      AppendFrame(body, proto::EncodePacket(*packet));
      ++frames;
    }
    if (frames > 0) {
      RawHttp up(port_);
      ASSERT_TRUE(up.Ask("POST", path_ + "?first=" + std::to_string(first_), "", body));
      const auto response = up.Read();
      ASSERT_TRUE(response.has_value());
      ASSERT_EQ(response->status, 200) << response->body;
      first_ += frames;
    }
    Take();
  }

 private:
  void Connect() {
    RawHttp client(port_);
    ASSERT_TRUE(client.Ask("POST", "/v1/connections", "", ""));
    const std::string secret = Json::parse(client.Read()->body).at("connection");
    path_ = "/v1/connections/" + secret + "/frames";
    Hold();
    client_.OnConnected(NowMs());
  }
  void Hold() {
    down_ = std::make_unique<RawHttp>(port_);
    ASSERT_TRUE(down_->Ask("GET", path_ + "?after=" + std::to_string(after_)));
  }
  void Take() {
    const auto response = down_->Read(5);
    if (!response) return;
    ASSERT_EQ(response->status, 200);
    for (const std::string_view frame : ReadFrames(response->body).value()) {
      ++after_;
      client_.OnPacket(proto::DecodePacket(frame).value(), frame.size(), NowMs());
    }
    Hold();
  }

  uint16_t port_;
  uint64_t random_ = 0;
  RgaDocument document_;
  sync::Client client_;
  sync::DocumentKey key_ = 0;
  std::string path_;
  std::unique_ptr<RawHttp> down_;
  uint64_t first_ = 1;
  uint64_t after_ = 0;
};

TEST_F(ServedHttpTest, AClientThatPollsAndOneOverAWebSocketConverge) {
  const RunningServer server(Options());
  SocketClient ada(server.port(), 7);
  PollingClient bob(server.port(), 8);
  for (int i = 0; i < 30; ++i) {
    ada.Insert("a");
    ASSERT_TRUE(bob.document().Insert(CodePointOffset{0}, "b").has_value());
    ada.Step();
    bob.Step();
  }
  const auto is_done = [&] {
    bob.Step();
    return ada.IsDurable() && bob.IsDurable() && ada.Text().size() == 60 &&
           ada.Text() == bob.document().Text();
  };
  EXPECT_TRUE(RunUntil({&ada}, is_done)) << ada.Text() << "\n" << bob.document().Text();
}

TEST_F(ServedHttpTest, TokensSayWhoMayDoWhatOverHttpAndWebSockets) {
  const RunningServer server(WithTokens());
  const std::string writer = Token("ada", "notes/*", {"read", "write"});
  const std::string reader = Token("bob", "notes/*", {"read"});
  const std::string owner = Token("eve", "*", {"read", "write", "relay"});
  const std::string target = "/v1/documents/notes/a";
  const std::string edit = R"({"text":"x"})";
  EXPECT_EQ(Ask(server.port(), "POST", target + "/edits", "", edit).status, 401);
  EXPECT_EQ(Ask(server.port(), "POST", target + "/edits", Bearer(reader), edit).status, 403);
  EXPECT_EQ(Ask(server.port(), "POST", target + "/edits", Bearer(writer + "x"), edit).status, 401);
  EXPECT_EQ(Ask(server.port(), "POST", target + "/edits", Bearer(writer), edit).status, 200);
  EXPECT_EQ(Ask(server.port(), "GET", target, Bearer(reader)).body, "x");
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents/other", Bearer(reader)).status, 403);
  EXPECT_EQ(Ask(server.port(), "GET", "/healthz").status, 200);

  EXPECT_EQ(RawWebSocket(server.port()).Shake(), 401);
  EXPECT_EQ(RawWebSocket(server.port()).Shake({.headers = {"Authorization: Bearer " + reader}}),
            101);
  const std::string ticket =
      Json::parse(Ask(server.port(), "POST", "/v1/tickets", Bearer(reader), "").body).at("ticket");
  EXPECT_EQ(RawWebSocket(server.port()).Shake({.path = "/v1/socket?ticket=" + ticket}), 101);
  EXPECT_EQ(RawWebSocket(server.port()).Shake({.path = "/v1/socket?ticket=" + ticket}), 401);
  EXPECT_EQ(
      RawWebSocket(server.port())
          .Shake({.headers = {"Authorization: Bearer " + reader, "Origin: https://evil.example"}}),
      403);

  RawResponse deleted = Ask(server.port(), "DELETE", target, Bearer(owner));
  for (int i = 0; deleted.status == 409 && i < 50; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    deleted = Ask(server.port(), "DELETE", target, Bearer(owner));
  }
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(Ask(server.port(), "GET", target, Bearer(owner)).status, 404);
}

TEST_F(ServedHttpTest, UsersAreRestrictedWhileTheServerRuns) {
  ServerOptions options = WithTokens();
  options.http.restrictions_file = Path("restrictions.json");
  const auto restrict = [&](const std::string& json) {
    std::ofstream(options.http.restrictions_file) << json;
  };
  restrict(R"({"bob": ["read"]})");
  RunningServer server(options);
  const std::string ada = Bearer(Token("ada", "*", {"read", "write"}));
  const std::string bob = Bearer(Token("bob", "*", {"read", "write"}));
  const auto edit = [&](const std::string& who) {
    return Ask(server.port(), "POST", "/v1/documents/d/edits", who, R"({"text":"x"})").status;
  };
  EXPECT_EQ(edit(ada), 200);
  EXPECT_EQ(edit(bob), 403);
  // Who is there is told, whichever way he is connected.
  RawWebSocket socket(server.port());
  ASSERT_EQ(socket.Shake({.headers = {ada.substr(0, ada.size() - 2)}}), 101);
  RawHttp feed(server.port());
  ASSERT_TRUE(feed.Ask("GET", "/v1/documents/d/events", ada));
  EXPECT_FALSE(NextEvent(feed, "snapshot").is_null());
  restrict(R"({"ada": []})");
  server.Reload();
  EXPECT_EQ(socket.ReceiveClose(), 4463);
  EXPECT_TRUE(feed.IsClosed());
  EXPECT_EQ(edit(ada), 403);
  EXPECT_EQ(edit(bob), 200);
  // What cannot be read changes nothing.
  restrict("{");
  server.Reload();
  EXPECT_EQ(Ask(server.port(), "GET", "/healthz").status, 200);
  EXPECT_EQ(edit(ada), 403);
}

TEST_F(ServedHttpTest, ReadOnlyDocumentsAreReadAndNotWrittenByAnyWay) {
  ServerOptions options = Options();
  {
    const RunningServer server(options);
    SocketClient ada(server.port(), 7);
    ada.Insert("kept");
    ASSERT_TRUE(RunUntil({&ada}, [&] { return ada.IsDurable(); }));
  }
  options.http.read_only = {"note*"};
  const RunningServer server(options);
  const std::string edit = R"({"text":"x"})";
  EXPECT_EQ(Ask(server.port(), "POST", "/v1/documents/notes/edits", "", edit).status, 403);
  EXPECT_EQ(Ask(server.port(), "POST", "/v1/documents/other/edits", "", edit).status, 200);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents/notes").body, "kept");
  SocketClient bob(server.port(), 8);
  ASSERT_TRUE(RunUntil({&bob}, [&] { return bob.Text() == "kept"; }));
  bob.Insert("lost");
  RunUntil({&bob}, [] { return false; }, 200);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents/notes").body, "kept");
}

TEST_F(ServedHttpTest, AConnectionWhoseTokenEndedMayComeBackWithAnother) {
  const RunningServer server(WithTokens());
  const Json claims = {
      {"sub", "ada"}, {"exp", std::time(nullptr) - 26}, {"documents", Json::array()}};
  RawWebSocket socket(server.port());
  // Clocks may differ by half a minute, so there are a few seconds left of it.
  const int status =
      socket.Shake({.headers = {"Authorization: Bearer " + Sign(claims.dump(), "HS256", kSecret)}});
  if (status == 401) GTEST_SKIP() << "the machine is too slow";
  EXPECT_EQ(socket.ReceiveClose(40'000), 4572) << "with a code that says so";
}

TEST_F(ServedHttpTest, FeedsEndWithTheServerAndGoOnWithTheNext) {
  auto server = std::make_unique<RunningServer>(Options());
  EXPECT_EQ(Ask(server->port(), "POST", "/v1/documents/d/edits", "", R"({"text":"x"})").status,
            200);
  RawHttp feed(server->port());
  ASSERT_TRUE(feed.Ask("GET", "/v1/documents/d/events"));
  const std::string version = NextEvent(feed, "snapshot").at("version");
  server->BeginDrain();
  EXPECT_EQ(NextEvent(feed, "ended").at("code"), "shutting_down");
  EXPECT_TRUE(feed.IsClosed());
  server->Drain();
  server = std::make_unique<RunningServer>(Options());
  EXPECT_EQ(Ask(server->port(), "POST", "/v1/documents/d/edits", "",
                R"({"ops":[{"retain":1},{"insert":"y"}]})")
                .status,
            200);
  RawHttp again(server->port());
  ASSERT_TRUE(again.Ask("GET", "/v1/documents/d/events", "Last-Event-ID: " + version + "\r\n"));
  EXPECT_EQ(NextEvent(again, "delta").at("ops"), Json::parse(R"([{"retain":1},{"insert":"y"}])"));
}

TEST_F(ServedHttpTest, FilesAndDocumentsShareAPort) {
  std::filesystem::create_directories(Path("web"));
  std::ofstream(Path("web/index.html")) << "home";
  ServerOptions options = Options();
  options.http.web_folder = Path("web");
  const RunningServer server(options);
  EXPECT_EQ(Ask(server.port(), "GET", "/").body, "home");
  for (const char* target : {"/../store/cotext.sqlite", "/%2e%2e/store/cotext.sqlite",
                             "/..%2fstore/cotext.sqlite", "/web/../../store"}) {
    const int status = Ask(server.port(), "GET", target).status;
    EXPECT_TRUE(status == 404 || status == 400) << target << status;
  }
  EXPECT_EQ(Ask(server.port(), "POST", "/", "", "x").status, 405);
  EXPECT_EQ(Ask(server.port(), "GET", "/v1/documents").status, 200);
}

TEST_F(ServedHttpTest, RequestsOfOneAddressAreLimited) {
  ServerOptions options = Options();
  options.http.requests = {.per_s = 1, .burst = 5};
  const RunningServer server(options);
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    if (Ask(server.port(), "GET", "/healthz").status == 429) ++refused;
  }
  EXPECT_GE(refused, 4);
  EXPECT_EQ(RawWebSocket(server.port()).Shake(), 429);
}

}  // namespace
}  // namespace cotext::net
