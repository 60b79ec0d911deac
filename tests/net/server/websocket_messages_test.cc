// What is left of a message that came in parts when it is whole: nothing. What counts as a word.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/server/server_options.h"
#include "proto/wire.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

void Sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

std::string ControlPacket(const sync::Message& message) {
  return proto::EncodePacket({.head = {}, .messages = {message}});
}

std::string Hello(const std::string& token = {}) {
  return ControlPacket(ToMessage(sync::Hello{.token = token}));
}

bool SendInParts(RawWebSocket& socket, std::string_view packet) {
  const size_t half = packet.size() / 2;
  return socket.SendFrame(kBinaryFrame, packet.substr(0, half), false) &&
         socket.SendFrame(0, packet.substr(half));
}

// Whether the server answers a ping of the protocol, whatever else it sends.
bool Answers(RawWebSocket& socket, uint64_t value, bool in_parts = false) {
  const std::string ping = ControlPacket(ToMessage(sync::Ping{.value = value}));
  if (!(in_parts ? SendInParts(socket, ping) : socket.Send(ping))) return false;
  while (const auto frame = socket.Receive(10'000)) {
    const auto packet = proto::DecodePacket(frame->payload);
    if (!packet || packet->messages.empty()) continue;
    const sync::Message& message = packet->messages[0];
    if (message.kind == sync::MessageKind::kPong && message.numbers[0] == value) return true;
  }
  return false;
}

class WebSocketMessagesTest : public TemporaryFolderTest {
 protected:
  ServerOptions Options() const { return {.data_folder = Path("store"), .drain_ms_max = 3'000}; }

  static RawWebSocket Greeted(uint16_t port) {
    RawWebSocket socket(port);
    EXPECT_EQ(socket.Shake(), 101);
    EXPECT_TRUE(socket.Send(Hello()));
    EXPECT_TRUE(socket.Receive());
    return socket;
  }
};

TEST_F(WebSocketMessagesTest, TheTimeForAMessageEndsWithIt) {
  ServerOptions options = Options();
  options.partial_s_max = 1;
  const RunningServer server(options);
  RawWebSocket socket = Greeted(server.port());
  ASSERT_TRUE(Answers(socket, 1, true));
  Sleep(3'500);
  EXPECT_TRUE(Answers(socket, 2)) << "idle, but with nothing in part";
}

TEST_F(WebSocketMessagesTest, AMessageThatComesSlowlyHasAsLongAsASlowLineTakesAndKeepsItAlive) {
  ServerOptions options = Options();
  options.partial_s_max = 1;
  options.sync.ping_ms = 300;
  options.sync.silence_ms = 1'000;
  const RunningServer server(options);
  RawWebSocket socket = Greeted(server.port());
  // To greet again means nothing.
  const std::string packet = Hello(std::string(30'000, 't'));
  constexpr size_t kPieceBytes = 3'000;
  for (size_t at = 0; at < packet.size(); at += kPieceBytes) {
    const bool is_last = at + kPieceBytes >= packet.size();
    ASSERT_TRUE(
        socket.SendFrame(at == 0 ? kBinaryFrame : 0, packet.substr(at, kPieceBytes), is_last));
    Sleep(250);
  }
  EXPECT_TRUE(Answers(socket, 2));
}

TEST_F(WebSocketMessagesTest, AByteNowAndThenKeepsNoMessage) {
  ServerOptions options = Options();
  options.partial_s_max = 1;
  const RunningServer server(options);
  RawWebSocket socket = Greeted(server.port());
  ASSERT_TRUE(socket.SendFrame(kBinaryFrame, "x", false));
  bool is_open = true;
  for (int i = 0; i < 80 && is_open; ++i) {
    Sleep(100);
    is_open = socket.SendFrame(0, "x", false);
  }
  EXPECT_TRUE(socket.IsClosed(10'000));
  EXPECT_FALSE(is_open);
}

TEST_F(WebSocketMessagesTest, EachMessageInPartsHasATimeOfItsOwn) {
  ServerOptions options = Options();
  options.partial_s_max = 1;
  const RunningServer server(options);
  RawWebSocket socket = Greeted(server.port());
  ASSERT_TRUE(Answers(socket, 1, true));
  ASSERT_TRUE(socket.SendFrame(kBinaryFrame, "begun, and", false));
  EXPECT_TRUE(socket.IsClosed(20'000));
}

TEST_F(WebSocketMessagesTest, WhatCameInPartsIsLetGoOfWhenItIsWhole) {
  ServerOptions options = Options();
  options.partial_bytes_max = 100'000;
  const RunningServer server(options);
  std::vector<RawWebSocket> sockets;
  for (int i = 0; i < 8; ++i) {
    RawWebSocket& socket = sockets.emplace_back(Greeted(server.port()));
    // To greet again means nothing.
    ASSERT_TRUE(SendInParts(socket, Hello(std::string(30'000, 't'))));
    // A ping of the transport is answered behind that, and begins no message.
    ASSERT_TRUE(socket.SendFrame(kPingFrame, "p"));
    const auto pong = socket.Receive();
    ASSERT_TRUE(pong.has_value()) << "connection " << i;
    EXPECT_EQ(pong->opcode, kPongFrame) << "connection " << i;
  }
}

TEST_F(WebSocketMessagesTest, APongIsAWordFromTheClient) {
  ServerOptions options = Options();
  options.sync.ping_ms = 1'000;
  options.sync.silence_ms = 3'000;
  const RunningServer server(options);
  RawWebSocket silent = Greeted(server.port());
  RawWebSocket living = Greeted(server.port());
  // Until whoever says nothing has been given up, and longer.
  bool is_silent_closed = false;
  int rounds_more = 20;
  for (int round = 0; rounds_more > 0 && round < 300; ++round) {
    ASSERT_TRUE(living.SendFrame(kPongFrame, "here"));
    is_silent_closed = is_silent_closed || silent.ReceiveClose(1) == 4570;
    if (is_silent_closed) --rounds_more;
    Sleep(200);
  }
  EXPECT_TRUE(is_silent_closed);
  EXPECT_TRUE(Answers(living, 1));
}

TEST_F(WebSocketMessagesTest, APieceOfAMessageIsAWordFromTheClientAndAPingIsNone) {
  ServerOptions options = Options();
  options.sync.ping_ms = 1'000;
  options.sync.silence_ms = 3'000;
  const RunningServer server(options);
  RawWebSocket pinging = Greeted(server.port());
  RawWebSocket slow = Greeted(server.port());
  // To greet again means nothing.
  const std::string message = Hello(std::string(1'000, 't'));
  size_t sent = 0;
  bool is_pinging_closed = false;
  int rounds_more = 20;
  for (int round = 0; rounds_more > 0 && round < 300; ++round, ++sent) {
    ASSERT_TRUE(slow.SendFrame(sent == 0 ? kBinaryFrame : 0, message.substr(sent, 1), false));
    if (!is_pinging_closed) pinging.SendFrame(kPingFrame, "here");
    is_pinging_closed = is_pinging_closed || pinging.ReceiveClose(1) == 4570;
    if (is_pinging_closed) --rounds_more;
    Sleep(200);
  }
  EXPECT_TRUE(is_pinging_closed);
  ASSERT_TRUE(slow.SendFrame(0, message.substr(sent)));
  EXPECT_TRUE(Answers(slow, 1));
}

TEST_F(WebSocketMessagesTest, TheReasonOfAClosingFitsItsFrame) {
  ServerOptions options = Options();
  const RunningServer server(options);
  RawWebSocket socket(server.port());
  ASSERT_EQ(socket.Shake(), 101);
  // An error that repeats what was sent would be long.
  ASSERT_TRUE(socket.Send(std::string(50'000, 'x')));
  std::optional<RawFrame> last;
  while (auto frame = socket.Receive()) {
    const bool is_close = frame->opcode == kCloseFrame;
    last = std::move(frame);
    if (is_close) break;
  }
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->opcode, kCloseFrame);
  EXPECT_EQ(last->close_code(), 4560);
  EXPECT_LE(last->payload.size(), 125U);
  EXPECT_GT(last->payload.size(), 2U) << "with a reason";
}

}  // namespace
}  // namespace cotext::net
