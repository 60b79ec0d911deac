#include "net/server/websocket_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "document/error.h"
#include "net/access/admission.h"
#include "net/server/server_options.h"
#include "proto/wire.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

class WebSocketServerTest : public TemporaryFolderTest {
 protected:
  ServerOptions Options() const { return {.data_folder = Path("store"), .drain_ms_max = 3'000}; }

  static std::string Hello() {
    return proto::EncodePacket({.head = {}, .messages = {ToMessage(sync::Hello{})}});
  }
  // Greets, and takes the welcome.
  static void Greet(RawWebSocket& socket) {
    ASSERT_EQ(socket.Shake(), 101);
    ASSERT_TRUE(socket.Send(Hello()));
    ASSERT_TRUE(IsWelcome(socket.Receive()));
  }
  static bool IsWelcome(const std::optional<RawFrame>& frame) {
    if (!frame || frame->opcode != kBinaryFrame) return false;
    const auto packet = proto::DecodePacket(frame->payload);
    return packet && packet->messages.size() == 1 &&
           packet->messages[0].kind == sync::MessageKind::kWelcome;
  }
  // That the server goes on whatever one client does.
  static void ExpectServing(uint16_t port) {
    RawWebSocket socket(port);
    Greet(socket);
  }
};

TEST_F(WebSocketServerTest, TwoClientsSeeEachOthersEditsAndARestartKeepsThem) {
  auto server = std::make_unique<RunningServer>(Options());
  SocketClient ada(server->port(), 1);
  SocketClient ben(server->port(), 2);
  ASSERT_TRUE(RunUntil({&ada, &ben}, [&] { return ada.IsReady() && ben.IsReady(); }));
  ada.Insert("hello");
  ASSERT_TRUE(RunUntil({&ada, &ben}, [&] { return ben.Text() == "hello"; }));
  ben.Insert("oh, ");
  ASSERT_TRUE(RunUntil({&ada, &ben}, [&] {
    return ada.Text() == "oh, hello" && ada.IsDurable() && ben.IsDurable();
  }));
  server = nullptr;
  RunningServer next(Options());
  SocketClient cleo(next.port(), 3);
  EXPECT_TRUE(RunUntil({&cleo}, [&] { return cleo.Text() == "oh, hello"; }));
  // What is typed while there is no server arrives with the next one.
  ada.Insert("so: ");
  ada.MoveTo(next.port());
  EXPECT_TRUE(RunUntil({&ada, &cleo}, [&] { return cleo.Text() == "so: oh, hello"; }));
}

TEST_F(WebSocketServerTest, ALargeTextComesInPieces) {
  RunningServer server(Options());
  SocketClient ada(server.port(), 1);
  SocketClient ben(server.port(), 2);
  const std::string text(3'000'000, 'x');
  ada.Insert(text);
  EXPECT_TRUE(
      RunUntil({&ada, &ben}, [&] { return ada.IsDurable() && ben.Text() == text; }, 60'000));
}

TEST_F(WebSocketServerTest, ASessionIsTakenUpOverAnotherConnection) {
  RunningServer server(Options());
  SocketClient ada(server.port(), 1);
  SocketClient ben(server.port(), 2);
  ASSERT_TRUE(RunUntil({&ada, &ben}, [&] { return ada.IsReady() && ben.IsReady(); }));
  const sync::SessionId session = ada.client().session();
  ben.Insert("while it is away, ");
  ada.Cut();
  ada.Insert("too ");
  ASSERT_TRUE(RunUntil({&ada, &ben}, [&] {
    return ada.Text() == ben.Text() && ada.Text().size() == 22 && ada.IsDurable();
  }));
  EXPECT_EQ(ada.client().session(), session);
}

TEST_F(WebSocketServerTest, OnlyTheSubprotocolAndItsPathAreServed) {
  RunningServer server(Options());
  for (const char* protocol : {"", "other.v1", "cotext.v2", "cotext.none"}) {
    RawWebSocket socket(server.port());
    const int status = socket.Shake({.subprotocol = protocol});
    EXPECT_TRUE(status == 0 || status == 400) << protocol << " " << status;
    if (status != 0) EXPECT_TRUE(socket.refusal().contains(R"("code":"bad_request")")) << protocol;
    EXPECT_TRUE(socket.IsClosed());
  }
  RawWebSocket elsewhere(server.port());
  EXPECT_EQ(elsewhere.Shake({.path = "/elsewhere"}), 404);
  EXPECT_TRUE(elsewhere.refusal().contains(R"("code":"not_found")")) << elsewhere.refusal();
  RawWebSocket list(server.port());
  EXPECT_EQ(list.Shake({.subprotocol = "other.v1, cotext.v1"}), 101);
  RawWebSocket query(server.port());
  EXPECT_EQ(query.Shake({.path = "/v1/socket?version=abc"}), 101);
}

TEST_F(WebSocketServerTest, WhatIsNoHttpAndPlainHttpAreRefused) {
  RunningServer server(Options());
  RawWebSocket garbage(server.port());
  ASSERT_TRUE(garbage.SendBytes(std::string("\x16\x03\x01 no http\r\n\r\n", 16)));
  EXPECT_TRUE(garbage.IsClosed());
  RawWebSocket http(server.port());
  ASSERT_TRUE(http.SendBytes("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(http.IsClosed());
  ExpectServing(server.port());
}

TEST_F(WebSocketServerTest, WhoMayConnectIsAskedWithWhatTheHandshakeSays) {
  std::vector<ConnectionRequest> asked;
  ServerOptions options = Options();
  options.admit = [&](const ConnectionRequest& request) -> Expected<sync::Identity> {
    asked.push_back(request);
    if (request.origin == "https://evil.example") {
      return MakeError(ErrorCode::kForbidden, "origin");
    }
    if (request.authorization != "Bearer good" && request.ticket != "a b") {
      return MakeError(ErrorCode::kUnauthenticated, "token");
    }
    return sync::Identity{.user = "ada", .grants = {}};
  };
  {
    RunningServer server(options);
    const auto shake = [&](const RawHandshake& handshake) {
      return RawWebSocket(server.port(), "127.0.0.3").Shake(handshake);
    };
    RawWebSocket nobody(server.port(), "127.0.0.3");
    EXPECT_EQ(nobody.Shake(), 401);
    EXPECT_EQ(nobody.refusal(), R"({"error":{"code":"unauthenticated","message":"token"}})");
    EXPECT_EQ(shake({.headers = {"Authorization: Bearer good", "Origin: https://evil.example"}}),
              403);
    EXPECT_EQ(shake({.headers = {"Authorization: Bearer good", "X-Forwarded-For: 1.2.3.4"}}), 101);
    EXPECT_EQ(shake({.path = "/v1/socket?ticket=a%20b"}), 101);
    EXPECT_EQ(shake({.headers = {"Authorization: Bearer " + std::string(9'000, 'x')}}), 0)
        << "more than the headers may be";
  }
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_EQ(asked[1].origin, "https://evil.example");
  EXPECT_EQ(asked[2].forwarded_for, "1.2.3.4");
  EXPECT_EQ(asked[2].peer_address, "127.0.0.3");
  EXPECT_EQ(asked[3].ticket, "a b");
}

TEST_F(WebSocketServerTest, GarbageEndsTheSessionWithAStableCode) {
  RunningServer server(Options());
  RawWebSocket socket(server.port());
  Greet(socket);
  ASSERT_TRUE(socket.Send("no packet"));
  EXPECT_EQ(socket.ReceiveClose(), 4560);
  EXPECT_TRUE(socket.IsClosed());
}

TEST_F(WebSocketServerTest, TextIsNoPacket) {
  RunningServer server(Options());
  RawWebSocket socket(server.port());
  Greet(socket);
  ASSERT_TRUE(socket.SendFrame(kTextFrame, Hello()));
  EXPECT_EQ(socket.ReceiveClose(), 4560);
}

TEST_F(WebSocketServerTest, WhoBreaksRulesIsToldNotToTryAgain) {
  RunningServer server(Options());
  RawWebSocket socket(server.port());
  Greet(socket);
  ASSERT_TRUE(socket.Send(proto::EncodePacket(
      {.head = {.first = 1}, .messages = {ToMessage(sync::Close{.channel = 77})}})));
  EXPECT_EQ(socket.ReceiveClose(), 4462) << "unknown_channel";
}

TEST_F(WebSocketServerTest, AMessageThatIsTooLargeIsRefusedAsSoonAsItsLengthIsKnown) {
  ServerOptions options = Options();
  options.message_bytes_max = 10'000;
  RunningServer server(options);
  RawWebSocket early(server.port());
  Greet(early);
  // The head of 100 MB, and a little of it.
  const std::string frame = MaskedFrame(kBinaryFrame, std::string(100'000'000, 'x'));
  ASSERT_TRUE(early.SendBytes(std::string_view(frame).substr(0, 5'000)));
  EXPECT_EQ(early.ReceiveClose(), 1009);
  RawWebSocket parts(server.port());
  Greet(parts);
  ASSERT_TRUE(parts.SendFrame(kBinaryFrame, std::string(6'000, 'x'), false));
  ASSERT_TRUE(parts.SendFrame(0, std::string(6'000, 'x')));
  EXPECT_EQ(parts.ReceiveClose(), 1009);
  ExpectServing(server.port());
}

TEST_F(WebSocketServerTest, AMessageInFragmentsAndSmallPiecesIsOne) {
  RunningServer server(Options());
  RawWebSocket socket(server.port());
  ASSERT_EQ(socket.Shake(), 101);
  const std::string hello = Hello();
  ASSERT_TRUE(socket.SendFrame(kBinaryFrame, hello.substr(0, 3), false));
  ASSERT_TRUE(socket.SendFrame(kPingFrame, "in between"));
  for (const char byte : MaskedFrame(0, hello.substr(3))) {
    ASSERT_TRUE(socket.SendBytes({&byte, 1}));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  const auto pong = socket.Receive();
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, kPongFrame);
  EXPECT_TRUE(IsWelcome(socket.Receive()));
}

TEST_F(WebSocketServerTest, WhatManyHaveSentInPartIsBounded) {
  ServerOptions options = Options();
  options.partial_bytes_max = 100'000;
  RunningServer server(options);
  std::vector<RawWebSocket> sockets;
  size_t refused = 0;
  for (int i = 0; i < 10; ++i) {
    RawWebSocket& socket = sockets.emplace_back(server.port());
    ASSERT_EQ(socket.Shake(), 101);
    ASSERT_TRUE(socket.SendFrame(kBinaryFrame, std::string(30'000, 'x'), false));
    if (socket.ReceiveClose(300) == 1013) ++refused;
  }
  EXPECT_EQ(refused, 7U) << "three fit";
  sockets.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  RawWebSocket socket(server.port());
  ASSERT_EQ(socket.Shake(), 101);
  ASSERT_TRUE(socket.SendFrame(kBinaryFrame, std::string(90'000, 'x'), false));
  EXPECT_EQ(socket.ReceiveClose(300), 0) << "there is room again";
}

TEST_F(WebSocketServerTest, TooManyFromOneAddressAreRefusedAndOthersAreNot) {
  ServerOptions options = Options();
  options.listen.limits = {.connections_max = 5, .per_address_max = 3};
  RunningServer server(options);
  std::vector<RawWebSocket> sockets;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(sockets.emplace_back(server.port()).Shake(), 101);
  EXPECT_EQ(RawWebSocket(server.port()).Shake(), 0);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(sockets.emplace_back(server.port(), "127.0.0.2").Shake(), 101);
  }
  EXPECT_EQ(RawWebSocket(server.port(), "127.0.0.4").Shake(), 0) << "no more in all";
  sockets.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(RawWebSocket(server.port()).Shake(), 101);
}

TEST_F(WebSocketServerTest, WhoNeverReadsIsClosedAndOthersGoOn) {
  ServerOptions options = Options();
  options.sync.stall_ms = 1'000;
  RunningServer server(options);
  SocketClient writer(server.port(), 1);
  SocketClient reader(server.port(), 2);
  ASSERT_TRUE(RunUntil({&writer, &reader}, [&] { return writer.IsReady() && reader.IsReady(); }));
  RawWebSocket deaf(server.port(), "127.0.0.2", 4'096);
  Greet(deaf);
  ASSERT_TRUE(deaf.Send(proto::EncodePacket(
      {.head = {.first = 1},
       .messages = {ToMessage(sync::Open{.request = 1, .writer = 9, .name = "notes"})}})));
  for (size_t round = 1; round <= 40; ++round) {
    writer.Insert(std::string(50'000, 'x'));
    ASSERT_TRUE(
        RunUntil({&writer, &reader}, [&] { return reader.Text().size() == round * 50'000; }));
  }
  // It was sent a window full, and took none of it. It is given up by stall_ms, and killed close_ms
  // later: the close frame cannot be sent either.
  EXPECT_TRUE(RunUntil({&writer, &reader}, [&] { return deaf.IsClosed(1); }, 20'000));
  writer.Insert("on ");
  EXPECT_TRUE(RunUntil({&writer, &reader}, [&] { return reader.Text() == writer.Text(); }));
}

TEST_F(WebSocketServerTest, AClientThatIsCutOffManyTimesLeavesNothingBehind) {
  ServerOptions options = Options();
  options.listen.limits = {.per_address_max = 20};
  RunningServer server(options);
  for (int i = 0; i < 200; ++i) {
    RawWebSocket socket(server.port());
    if (i % 4 > 0) {
      ASSERT_EQ(socket.Shake(), 101);
    }
    if (i % 4 > 1) {
      ASSERT_TRUE(socket.Send(Hello()));
    }
    if (i % 2 == 0) socket.Cut();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ExpectServing(server.port());
}

TEST_F(WebSocketServerTest, DrainingTellsClientsAndClosesWith1012) {
  RunningServer server(Options());
  RawWebSocket socket(server.port());
  Greet(socket);
  const uint16_t port = server.port();
  server.BeginDrain();
  const auto frame = socket.Receive();
  ASSERT_TRUE(frame);
  const auto packet = proto::DecodePacket(frame->payload);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->messages.at(0).kind, sync::MessageKind::kGoingAway);
  EXPECT_EQ(socket.ReceiveClose(), 1012);
  server.Drain();
  EXPECT_FALSE(RawWebSocket(port).is_connected());
}

TEST_F(WebSocketServerTest, DrainingDoesNotWaitForeverForWhoDoesNotGo) {
  ServerOptions options = Options();
  options.drain_ms_max = 500;
  auto server = std::make_unique<RunningServer>(options);
  RawWebSocket socket(server->port());
  Greet(socket);
  const auto begin = std::chrono::steady_clock::now();
  server = nullptr;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(WebSocketServerTest, APortThatIsTakenIsAnError) {
  RunningServer server(Options());
  ServerOptions other = Options();
  other.data_folder = Path("other");
  other.listen.port = server.port();
  const auto second = Server::Open(other);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kCannotListen);
  EXPECT_TRUE(second.error().message.starts_with("cannot listen on 127.0.0.1:"))
      << second.error().message;
  other.listen = {.address = "localhost"};
  const auto by_name = Server::Open(other);
  ASSERT_FALSE(by_name);
  EXPECT_EQ(by_name.error().code, ErrorCode::kIo);
  EXPECT_EQ(by_name.error().message, "localhost is no numeric address");
}

}  // namespace
}  // namespace cotext::net
