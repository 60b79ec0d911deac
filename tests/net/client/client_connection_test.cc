// A client's connection against servers that do what a real one would not.
#include "net/client/client_connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/base/url.h"
#include "net/client/client_transport.h"
#include "net/client/transport_choice.h"
#include "proto/wire.h"
#include "tests/net/client/stub_http_server.h"
#include "tests/net/websocket_frames.h"

namespace cotext::net {
namespace {

using Kind = ConnectionEvent::Kind;

class ClientConnectionTest : public testing::Test {
 protected:
  ClientConnectionTest()
      : server_([this](const std::string& request) { return Answer(request); }) {}

  std::optional<std::string> Answer(const std::string& request) {
    if (request.contains("Sec-WebSocket-Key")) {
      return frames_ ? std::optional(Upgraded(AcceptFor(request)) + *frames_) : refusal_;
    }
    return HttpText(poll_status_, R"({"error":{"code":"unauthenticated","message":"who?"}})");
  }

  // Connects and returns what happens until the connection is lost.
  std::vector<ConnectionEvent> Run(TransportMode mode = TransportMode::kWebSocket) {
    auto connection = ClientConnection::Create(
        {.url = *ParseServerUrl(server_.url()), .choice = {.mode = mode, .failures_max = 1}});
    EXPECT_TRUE(connection);
    connection_ = *std::move(connection);
    return RunAgain();
  }
  std::vector<ConnectionEvent> RunAgain() {
    connection_->Connect("token");
    std::vector<ConnectionEvent> all;
    for (int i = 0; i < 10'000; ++i) {
      for (ConnectionEvent& event : connection_->TakeEvents()) all.push_back(std::move(event));
      if (!all.empty() && all.back().kind == Kind::kLost) return all;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "the connection is not lost";
    all.emplace_back();
    return all;
  }
  ConnectionEnd End(const std::string& frames) {
    frames_ = frames;
    return Run().back().end;
  }

  std::optional<std::string> frames_ = "";  // Behind a handshake; nothing: there is none.
  std::optional<std::string> refusal_;
  int poll_status_ = 404;
  StubHttpServer server_;
  std::unique_ptr<ClientConnection> connection_;
};

TEST_F(ClientConnectionTest, MessagesComeWholeAndInOrder) {
  frames_ = Binary("one") + Frame(0x02, "tw") + Frame(0x89, "ping") + Frame(0x80, "o") + Binary("");
  const auto events = Run();
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events[0].kind, Kind::kOpened);
  EXPECT_EQ(events[1].packet, "one");
  EXPECT_EQ(events[2].kind, Kind::kPiece) << "some of a packet tells that the server lives";
  EXPECT_EQ(events[3].packet, "two") << "two pieces with a ping between";
  EXPECT_EQ(events[4].packet, "");
  EXPECT_FALSE(events[5].end.is_final);
}

TEST_F(ClientConnectionTest, CloseCodesSayWhetherToComeAgain) {
  const ConnectionEnd final_end = End(Close(4463, "not you"));
  EXPECT_TRUE(final_end.is_final);
  EXPECT_EQ(final_end.error.code, ErrorCode::kForbidden);
  EXPECT_TRUE(final_end.error.message.contains("not you"));
  const ConnectionEnd slow = End(Close(4566, "too slow"));
  EXPECT_FALSE(slow.is_final);
  EXPECT_EQ(slow.error.code, ErrorCode::kTooSlow);
  EXPECT_FALSE(End(Close(1012, "")).is_final) << "libwebsockets does not tell that code";
  EXPECT_TRUE(End(Close(4400, "")).is_final);
  EXPECT_TRUE(End(Close(4499, "")).is_final);
  EXPECT_FALSE(End(Close(4399, "")).is_final);
  EXPECT_FALSE(End(Close(4500, "")).is_final);
  EXPECT_FALSE(End(Frame(0x88, "")).is_final);
}

TEST_F(ClientConnectionTest, WhatIsNoWebSocketIsNone) {
  for (const std::string& nonsense :
       {std::string("SSH-2.0-OpenSSH\r\n"), HttpText(200, "hello"), HttpText(302, ""),
        Upgraded("d3Jvbmc="), std::string("\0\0\0", 3), std::string()}) {
    frames_.reset();
    refusal_ = nonsense;
    const auto events = Run();
    EXPECT_EQ(events.size(), 1U) << nonsense;
    EXPECT_FALSE(events.back().end.is_final) << nonsense;
  }
}

TEST_F(ClientConnectionTest, FramesThatAreNoneEndTheConnection) {
  EXPECT_FALSE(End(Frame(0xf2, "reserved bits")).is_final);
  EXPECT_FALSE(End(Frame(0x83, "an unknown kind")).is_final);
  EXPECT_FALSE(End(Frame(0x80, "the rest of nothing")).is_final);
}

TEST_F(ClientConnectionTest, NoMoreIsTakenThanAPacketMayHave) {
  // A head that promises more by a byte, and what comes of it.
  const uint64_t size = proto::kPacketBytesMax + 1;
  std::string head = {static_cast<char>(0x82), 127};
  for (int shift = 56; shift >= 0; shift -= 8) head += static_cast<char>(size >> shift);
  EXPECT_EQ(End(head + std::string(70'000, 'x')).error.code, ErrorCode::kTooLarge);
  // Pieces without end.
  std::string pieces = Frame(0x02, std::string(125, 'x'));
  while (pieces.size() < 2 * proto::kPacketBytesMax) pieces += Frame(0x00, std::string(125, 'x'));
  EXPECT_EQ(End(pieces).error.code, ErrorCode::kTooLarge);
}

TEST_F(ClientConnectionTest, WhatIsNotTakenIsBounded) {
  const std::string frame = Binary(std::string(125, 'x'));
  frames_ = "";
  while (frames_->size() < 2 * kIncomingBytesMax) *frames_ += frame;
  connection_ = *ClientConnection::Create(
      {.url = *ParseServerUrl(server_.url()), .choice = {.mode = TransportMode::kWebSocket}});
  connection_->Connect("");
  // Until one packet more came than may wait, beside what was told first.
  constexpr uint64_t kEach = 125 + sizeof(ConnectionEvent);
  while (connection_->counters().packets_in * kEach + sizeof(ConnectionEvent) <=
         kIncomingBytesMax) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto events = connection_->TakeEvents();
  EXPECT_LT(events.size() * 125, kIncomingBytesMax);
  ASSERT_EQ(events.back().kind, Kind::kLost);
  EXPECT_EQ(events.back().end.error.code, ErrorCode::kTooSlow);
}

TEST_F(ClientConnectionTest, WhatIsNotSentIsBounded) {
  server_.HoldAnswered();
  connection_ = *ClientConnection::Create(
      {.url = *ParseServerUrl(server_.url()), .choice = {.mode = TransportMode::kWebSocket}});
  connection_->Connect("");
  std::vector<ConnectionEvent> events;
  while (events.empty()) events = connection_->TakeEvents();
  ASSERT_EQ(events[0].kind, Kind::kOpened);
  // The system takes some megabytes itself.
  for (int i = 0; i < 32; ++i) connection_->Send(std::string(1'000'000, 'x'));
  events.clear();
  while (events.empty()) events = connection_->TakeEvents();
  EXPECT_EQ(events[0].kind, Kind::kLost);
  EXPECT_EQ(events[0].end.error.code, ErrorCode::kTooSlow);
}

TEST_F(ClientConnectionTest, ARefusalIsAskedForAgainByPollingBeforeItIsFinal) {
  frames_.reset();
  refusal_ = HttpText(401, "");
  EXPECT_TRUE(Run(TransportMode::kWebSocket).back().end.is_final);
  EXPECT_FALSE(Run(TransportMode::kAuto).back().end.is_final);
  poll_status_ = 401;
  const auto polled = RunAgain();
  EXPECT_TRUE(polled.back().end.is_final) << "a proxy might have been who refused";
  EXPECT_EQ(polled.back().end.error.message, "HTTP 401: who?");
}

TEST_F(ClientConnectionTest, NobodyListeningIsToldAndNotFinal) {
  ServerUrl nowhere{.is_tls = false, .host = "127.0.0.1", .port = 1};
  for (const TransportMode mode : {TransportMode::kWebSocket, TransportMode::kPoll}) {
    connection_ = *ClientConnection::Create({.url = nowhere, .choice = {.mode = mode}});
    const auto events = RunAgain();
    EXPECT_FALSE(events.back().end.is_final);
    EXPECT_NE(events.back().end.error.message, "");
    EXPECT_EQ(connection_->counters().failures, 1U);
  }
}

TEST_F(ClientConnectionTest, WhoAsksForAnotherConnectionHearsOfThatOnly) {
  frames_ = Binary("x");
  Run();
  connection_->Connect("");
  connection_->Disconnect();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(connection_->TakeEvents().empty());
}

}  // namespace
}  // namespace cotext::net
