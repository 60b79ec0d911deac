// How a client gets to its server: by its name, over its addresses; and that nothing of that is in
// the way of its end.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/error.h"
#include "document/random.h"
#include "net/base/resolver.h"
#include "net/base/url.h"
#include "net/client/client_connection.h"
#include "net/client/client_transport.h"
#include "net/client/transport_choice.h"
#include "net/client/websocket_client.h"
#include "tests/net/client/stub_http_server.h"
#include "tests/net/held_names.h"
#include "tests/net/websocket_frames.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

using Kind = ConnectionEvent::Kind;

constexpr char kName[] = "notes.example.org";

// Somebody at an address of this machine who answers nothing: accepts connections and no more, or
// not even that.
class SilentAddress {
 public:
  enum class Silence : uint8_t { kAccepts, kDropsPackets };

  SilentAddress(const std::string& address, uint16_t port, Silence silence) {
    at_.sin_family = AF_INET;
    at_.sin_port = htons(port);
    COTEXT_CHECK(inet_pton(AF_INET, address.c_str(), &at_.sin_addr) == 1);
    const int listener = Socket();
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    COTEXT_CHECK(bind(listener, reinterpret_cast<const sockaddr*>(&at_), sizeof(at_)) == 0);
    socklen_t size = sizeof(at_);
    COTEXT_CHECK(getsockname(listener, reinterpret_cast<sockaddr*>(&at_), &size) == 0);
    COTEXT_CHECK(listen(listener, silence == Silence::kAccepts ? 64 : 0) == 0);
    if (silence == Silence::kAccepts) return;
    // Once its queue is full, it is as if packets were lost.
    constexpr int kMoreThanWait = 8;
    for (int i = 0; i < kMoreThanWait; ++i) {
      connect(Socket(), reinterpret_cast<const sockaddr*>(&at_), sizeof(at_));
    }
  }
  SilentAddress(const SilentAddress&) = delete;
  SilentAddress& operator=(const SilentAddress&) = delete;
  ~SilentAddress() {
    for (const int each : sockets_) close(each);
  }

  uint16_t port() const { return ntohs(at_.sin_port); }

 private:
  int Socket() {
    sockets_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return sockets_.back();
  }

  sockaddr_in at_ = {};
  std::vector<int> sockets_;
};

LookUp Always(Addresses addresses) {
  return [addresses](const std::string& /*host*/) -> Expected<Addresses> { return addresses; };
}

class ClientDiallingTest : public testing::Test {
 protected:
  ClientDiallingTest()
      : server_([this](const std::string& request) -> std::optional<std::string> {
          {
            const std::lock_guard lock(mutex_);
            request_ = request;
          }
          return Upgraded(AcceptFor(request)) + Binary("x");
        }) {
    server_.HoldAnswered();
  }

  void Make(LookUp look_up, bool is_tls = false, uint16_t port = 0) {
    auto connection = ClientConnection::Create(
        {.url = {.is_tls = is_tls, .host = kName, .port = port != 0 ? port : server_.port()},
         .choice = {.mode = TransportMode::kWebSocket},
         .look_up = std::move(look_up),
         .on_news = [this] { ++news_; }});
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = *std::move(connection);
  }

  // Connects, and returns how that went: that it is open, or its end.
  ConnectionEvent Connect() {
    connection_->Connect("secret");
    constexpr auto kPatience = std::chrono::seconds(60);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      for (ConnectionEvent& event : connection_->TakeEvents()) return std::move(event);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "it neither opens nor ends";
    return {.kind = Kind::kLost};
  }

  std::string Request() {
    const std::lock_guard lock(mutex_);
    return request_;
  }

  std::mutex mutex_;  // Of request_.
  std::string request_;
  StubHttpServer server_;
  std::atomic<uint64_t> news_ = 0;
  std::unique_ptr<ClientConnection> connection_;
};

TEST_F(ClientDiallingTest, TheServerIsAskedForByItsName) {
  Make(Always({"127.0.0.1"}));
  EXPECT_EQ(Connect().kind, Kind::kOpened);
  const std::string host = std::string(kName) + ":" + std::to_string(server_.port());
  EXPECT_TRUE(Request().contains("Host: " + host + "\r\n")) << Request();
}

TEST_F(ClientDiallingTest, AddressesAreTriedUntilOneAnswers) {
  // On the others nobody listens; and who has no IPv6 finds no way there at all.
  Make(Always({"::1", "127.0.0.2", "::1", "127.0.0.1"}));
  EXPECT_EQ(Connect().kind, Kind::kOpened);
  EXPECT_EQ(connection_->counters().failures, 0U);
}

TEST_F(ClientDiallingTest, AnAddressThatIsSilentMakesRoomForTheNext) {
  const SilentAddress silent("127.0.0.3", server_.port(), SilentAddress::Silence::kDropsPackets);
  Make(Always({"127.0.0.3", "127.0.0.1"}));
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

TEST_F(ClientDiallingTest, WhoIsThereMayTakeLongerToAnswer) {
  StubHttpServer slow([](const std::string& request) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kNextAddressMs + 500));
    return Upgraded(AcceptFor(request));
  });
  slow.HoldAnswered();
  Make(Always({"127.0.0.1", "127.0.0.2"}), false, slow.port());
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

TEST_F(ClientDiallingTest, TheAddressThatWorkedLastComesFirst) {
  Make(Always({"127.0.0.2", "127.0.0.1"}));
  EXPECT_EQ(Connect().kind, Kind::kOpened);
  // Who has a connection to this one is not told that it leads nowhere.
  const SilentAddress silent("127.0.0.2", server_.port(), SilentAddress::Silence::kAccepts);
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

TEST_F(ClientDiallingTest, ThatNoAddressAnswersIsToldOnceAndNotFinal) {
  Make(Always({"127.0.0.2", "127.0.0.4"}));
  const ConnectionEvent event = Connect();
  EXPECT_EQ(event.kind, Kind::kLost);
  EXPECT_EQ(event.end.error.code, ErrorCode::kIo);
  EXPECT_FALSE(event.end.is_final);
  EXPECT_TRUE(event.end.error.message.contains(kName)) << event.end.error.message;
  EXPECT_EQ(connection_->counters().failures, 1U);
  EXPECT_TRUE(connection_->TakeEvents().empty());
}

TEST_F(ClientDiallingTest, AnAddressThatIsNoneIsPassedOver) {
  Make(Always({"no address", "127.0.0.1"}));
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

TEST_F(ClientDiallingTest, ANameThatIsNotFoundIsToldAndNotFinal) {
  Make([](const std::string& host) -> Expected<Addresses> {
    return MakeError(ErrorCode::kIo, "nobody has heard of " + host);
  });
  const ConnectionEvent event = Connect();
  EXPECT_EQ(event.kind, Kind::kLost);
  EXPECT_FALSE(event.end.is_final);
  EXPECT_TRUE(event.end.error.message.contains("nobody has heard of notes.example.org"))
      << event.end.error.message;
}

TEST_F(ClientDiallingTest, NoRedirectIsFollowed) {
  std::atomic<int> asked = 0;
  StubHttpServer other([&](const std::string& /*request*/) {
    ++asked;
    return HttpText(404, "");
  });
  StubHttpServer redirecting([&](const std::string& /*request*/) {
    return HttpText(302, "", "Location: " + other.url() + "/v1/socket\r\n");
  });
  Make(Always({"127.0.0.1"}), false, redirecting.port());
  const ConnectionEvent event = Connect();
  EXPECT_EQ(event.kind, Kind::kLost);
  EXPECT_TRUE(event.end.error.message.contains("302")) << event.end.error.message;
  EXPECT_EQ(asked, 0) << "the token is for the server alone";
}

TEST_F(ClientDiallingTest, ANameThatIsBeingLookedUpHoldsNothingUp) {
  HeldNames names;
  Make(names.look_up());
  connection_->Connect("secret");
  names.WaitUntilBegun();
  // The connection's thread goes on.
  for (int i = 0; i < 3; ++i) {
    const uint64_t before = news_;
    connection_->WakeAt(connection_->NowMs());
    while (news_ == before) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    connection_->Disconnect();
    connection_->Connect("secret");
  }
  EXPECT_EQ(names.begun(), 1U) << "and there is one look-up only";
  names.Release();
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

TEST_F(ClientDiallingTest, ANameThatTakesTooLongIsGivenUp) {
  HeldNames names;
  Make(names.look_up());
  const ConnectionEvent event = Connect();
  EXPECT_EQ(event.kind, Kind::kLost);
  EXPECT_EQ(event.end.error.code, ErrorCode::kTimedOut);
  EXPECT_TRUE(event.end.error.message.contains("name")) << event.end.error.message;
  EXPECT_FALSE(event.end.is_final);
  // What was found too late is for the next try.
  connection_->Connect("secret");
  names.Release();
  EXPECT_EQ(Connect().kind, Kind::kOpened);
}

// Ends, at any time: a client waits for none of these, and nothing comes after it.

TEST_F(ClientDiallingTest, AClientEndsWhileANameIsLookedUp) {
  HeldNames names;
  Make(names.look_up());
  connection_->Connect("secret");
  names.WaitUntilBegun();
  connection_.reset();
}

TEST_F(ClientDiallingTest, AClientEndsWhileAnAddressIsDialled) {
  const SilentAddress silent("127.0.0.3", server_.port(), SilentAddress::Silence::kDropsPackets);
  std::atomic<bool> is_asked = false;
  Make([&](const std::string& /*host*/) -> Expected<Addresses> {
    is_asked = true;
    return Addresses{"127.0.0.3"};
  });
  connection_->Connect("secret");
  while (!is_asked) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  connection_.reset();
}

TEST_F(ClientDiallingTest, AClientEndsInTheMiddleOfAHandshake) {
  for (const bool is_tls : {false, true}) {
    std::atomic<bool> is_answering = false;
    // What begins a handshake of TLS is no request, which the server would wait for until its end.
    const SilentAddress silent("127.0.0.1", 0, SilentAddress::Silence::kAccepts);
    Make(
        [&](const std::string& /*host*/) -> Expected<Addresses> {
          is_answering = true;
          return Addresses{"127.0.0.1"};
        },
        is_tls, silent.port());
    connection_->Connect("secret");
    while (!is_answering) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(connection_->TakeEvents().empty());
    connection_.reset();
  }
}

// Whatever is going on just then. What is wrong with that, the sanitizers see.
TEST_F(ClientDiallingTest, AClientEndsAtAnyTime) {
  const SilentAddress dropping("127.0.0.3", server_.port(), SilentAddress::Silence::kDropsPackets);
  const SilentAddress accepting("127.0.0.5", server_.port(), SilentAddress::Silence::kAccepts);
  const std::vector<Addresses> ways = {{"127.0.0.1"}, {"127.0.0.2", "127.0.0.1"},
                                       {"127.0.0.2"}, {"127.0.0.3", "127.0.0.1"},
                                       {"127.0.0.5"}, {}};
  ForEachSeed(60, [&](Random& random) {
    Make(Always(ways[random.Below(ways.size())]), random.Chance(40));
    for (uint64_t times = random.Below(3) + 1; times > 0; --times) {
      connection_->Connect("secret");
      connection_->Send("packet");
      if (random.Chance(30)) connection_->Disconnect();
      std::this_thread::sleep_for(std::chrono::microseconds(random.Below(3'000)));
    }
    connection_.reset();
  });
}

}  // namespace
}  // namespace cotext::net
