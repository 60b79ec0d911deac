// What clients can do to a server that others use: whatever it is, it is refused or bounded, the
// others hardly notice, and afterwards the server has the memory that it had before.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "document/error.h"
#include "net/server_options.h"
#include "proto/wire.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/net/live_memory.h"
#include "tests/net/ping_watch.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kSlowness = 10;
#else
constexpr int kSlowness = 1;
#endif

// So long may a well-behaved client wait for an answer. On a machine that does other things, too.
constexpr int64_t kLongestMs = 1'000 * kSlowness;
// While a snapshot of 64 MB is made, which is one turn of the loop.
constexpr int64_t kLongestSnapshotMs = 10 * kLongestMs;
// Who is there all the time; what the server has for them is what its memory is measured by.
constexpr int kCrowd = 500;

void Sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

bool Until(const std::function<bool()>& holds, int wait_ms) {
  for (int waited = 0; !holds(); waited += 20) {
    if (waited > wait_ms) return false;
    Sleep(20);
  }
  return true;
}

std::string ControlPacket(const sync::Message& message) {
  return proto::EncodePacket({.head = {}, .messages = {message}});
}

class AbuseTest : public TemporaryFolderTest {
 protected:
  AbuseTest() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }

  ServerOptions Options() const {
    ServerOptions options = {.data_folder = Path("store"), .drain_ms_max = 3'000};
    // What is gone is soon forgotten. The crowd says nothing all the while.
    options.sync.expiry_ms = 300;
    options.sync.hub_idle_ms = 300;
    options.sync.ping_ms = 600'000;
    options.sync.silence_ms = 900'000;
    return options;
  }

  // Runs a server that has a crowd, and does that to it.
  void Abuse(const ServerOptions& options, const std::function<void(uint16_t)>& attack,
             int64_t longest_ms = kLongestMs, size_t kept_bytes = 0) {
    RunningServer server(options);
    std::vector<RawWebSocket> crowd;
    for (int i = 0; i < kCrowd; ++i) {
      RawWebSocket& socket = crowd.emplace_back(server.port(), "127.0.2.1");
      ASSERT_EQ(socket.Shake(), 101);
      ASSERT_TRUE(socket.Send(ControlPacket(ToMessage(sync::Hello{}))));
      ASSERT_TRUE(socket.Receive()) << "a welcome";
    }
    PingWatch watch(server.port());
    // What is allocated once, by whoever is first to open a document and to write.
    UseAsOneShould(server.port(), 1);
    ASSERT_TRUE(Until([&] { return watch.answers() > 10; }, 5'000));
    Sleep(500);
    const size_t before = LiveMemory();
    attack(server.port());
    if (HasFatalFailure()) return;
    UseAsOneShould(server.port(), 2);
    const size_t most = before + before / 20 + kept_bytes;
    EXPECT_TRUE(Until([&] { return LiveMemory() <= most; }, 10'000))
        << before << " bytes before, " << LiveMemory() << " afterwards";
    EXPECT_FALSE(watch.is_lost());
    EXPECT_LT(watch.longest_ms(), longest_ms);
    RecordProperty("longest_ms", std::to_string(watch.longest_ms()));
    RecordProperty("memory", std::to_string(before) + " " + std::to_string(LiveMemory()));
    for (RawWebSocket& socket : crowd) EXPECT_FALSE(socket.IsClosed(0));
  }

  static void UseAsOneShould(uint16_t port, uint64_t replica) {
    SocketClient client(port, replica);
    client.Insert("x");
    EXPECT_TRUE(RunUntil({&client}, [&] { return client.IsDurable(); }));
  }

  static RawWebSocket Greeted(uint16_t port, const std::string& from) {
    RawWebSocket socket(port, from);
    EXPECT_EQ(socket.Shake(), 101);
    EXPECT_TRUE(socket.Send(ControlPacket(ToMessage(sync::Hello{}))));
    EXPECT_TRUE(socket.Receive());
    return socket;
  }
};

TEST_F(AbuseTest, HandshakesThatComeByteByByteAreGivenUp) {
  Abuse(Options(), [](uint16_t port) {
    std::vector<RawWebSocket> slow;
    for (int i = 0; i < 300; ++i) slow.emplace_back(port, "127.0.0.5");
    const std::string request =
        "GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(1'000, 'x');
    // All of them are closed, by when the handshake began, however it goes on.
    size_t open = slow.size();
    for (size_t round = 0; open > 0 && round < 150; ++round) {
      open = 0;
      for (RawWebSocket& socket : slow) {
        open +=
            socket.SendBytes(std::string_view(request).substr(round, 1), 0) && !socket.IsClosed(0);
      }
      Sleep(100);
    }
    EXPECT_EQ(open, 0U);
  });
}

TEST_F(AbuseTest, MessagesThatComeByteByByteAreGivenUp) {
  ServerOptions options = Options();
  options.partial_s_max = 2;
  Abuse(options, [](uint16_t port) {
    std::vector<RawWebSocket> slow;
    for (int i = 0; i < 100; ++i) slow.push_back(Greeted(port, "127.0.0.5"));
    const std::string frame = MaskedFrame(kBinaryFrame, std::string(60'000, 'x'));
    size_t open = slow.size();
    for (size_t round = 0; open > 0 && round < 60; ++round) {
      open = 0;
      for (RawWebSocket& socket : slow) {
        // Signs of life do not make a message come sooner.
        open +=
            socket.SendBytes(std::string_view(frame).substr(round, 1), 0) && !socket.IsClosed(0);
      }
      Sleep(100);
    }
    EXPECT_EQ(open, 0U);
  });
}

TEST_F(AbuseTest, FramesThatAreNoneEndTheConnection) {
  const auto frame = [](std::initializer_list<int> bytes) {
    std::string text;
    for (const int byte : bytes) text += static_cast<char>(byte);
    return text + std::string(100, 'x');
  };
  const std::vector<std::string> frames = {
      frame({0xC2, 0x81}),                             // A reserved bit.
      frame({0x83, 0x81}),                             // A reserved opcode.
      frame({0x8B, 0x81}),                             // Another.
      frame({0x82, 0x05}),                             // Without a mask.
      frame({0x89, 0xFE, 0x01, 0x00}),                 // A ping of 256 bytes.
      frame({0x09, 0x81}),                             // A ping in fragments.
      frame({0x80, 0x81}),                             // A continuation of nothing.
      frame({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}),  // 2^63 bytes.
      frame({0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}),
      frame({0x82, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0}),                             // 4 GiB.
      MaskedFrame(kBinaryFrame, std::string(1'000'000, '\xFF')),               // No packet.
      MaskedFrame(kCloseFrame, "\x03"),                                        // Half a code.
      MaskedFrame(kBinaryFrame, "x", false) + MaskedFrame(kBinaryFrame, "y"),  // Begins twice.
  };
  Abuse(Options(), [&](uint16_t port) {
    std::vector<RawWebSocket> sockets;
    for (const std::string& bytes : frames) {
      sockets.push_back(Greeted(port, "127.0.0.5"));
      sockets.back().SendBytes(bytes);
    }
    for (size_t i = 0; i < frames.size(); ++i) {
      sockets[i].ReceiveClose(2'000);
      EXPECT_TRUE(sockets[i].IsClosed(8'000)) << "frame " << i;
    }
  });
}

TEST_F(AbuseTest, HandshakesThatAreNoneAreRefused) {
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string upgrade = "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string rest = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: cotext.v1\r\n\r\n";
  const std::string get = "GET /v1/socket HTTP/1.1\r\n";
  const std::vector<std::string> requests = {
      std::string(10'000, '\0'),
      std::string(10'000, '\xFF'),
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET\r\n\r\n",
      "GET /v1/socket\r\n\r\n",
      "POST /v1/socket HTTP/1.1\r\n" + upgrade + key + rest,
      get + upgrade + rest,  // No key.
      get + upgrade + "Sec-WebSocket-Key: " + std::string(5'000, 'k') + "\r\n" + rest,
      get + upgrade + key + "X: " + std::string(100'000, 'x') + "\r\n" + rest,
      get + upgrade + key + "Origin: " + std::string(8'100, 'o') + "\r\n" + rest,
      "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n" + upgrade + key + rest,
      "GET /v1/socket?" + std::string(8'100, '&') + " HTTP/1.1\r\n" + upgrade + key + rest,
      "GET /../../etc/passwd HTTP/1.1\r\n" + upgrade + key + rest,
      "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + upgrade + key + rest,
      get + upgrade + key + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " +
          std::string(3'000, ',') + "\r\n\r\n",
  };
  Abuse(Options(), [&](uint16_t port) {
    std::vector<RawWebSocket> sockets;
    for (int round = 0; round < 10; ++round) {
      for (const std::string& request : requests) {
        sockets.emplace_back(port, "127.0.0.5").SendBytes(request, 100);
      }
    }
    for (size_t i = 0; i < sockets.size(); ++i) {
      EXPECT_TRUE(sockets[i].IsClosed(15'000)) << "request " << i % requests.size();
    }
  });
}

TEST_F(AbuseTest, AFloodOfConnectionsFromOneAddressIsRefusedAndOthersAreNot) {
  ServerOptions options = Options();
  options.listen.connects = {.per_s = 20, .burst = 600};
  Abuse(options, [](uint16_t port) {
    int let_in = 0;
    for (int i = 0; i < 3'000; ++i) {
      RawWebSocket socket(port, "127.0.0.5");
      // The refused are closed at once; whoever is let in is not.
      if (!socket.is_connected()) continue;
      if (i % 10 == 0) let_in += socket.Shake() == 101;
      if (i == 2'999) {
        EXPECT_EQ(socket.Shake(), 0);
      }
    }
    EXPECT_GT(let_in, 0);
    EXPECT_LT(let_in, 200) << "of 300 that asked";
    EXPECT_EQ(RawWebSocket(port, "127.0.0.6").Shake(), 101);
  });
}

TEST_F(AbuseTest, ReadersThatNeverReadAreBoundedAndCut) {
  ServerOptions options = Options();
  options.sync.stall_ms = 2'000;
  Abuse(options, [](uint16_t port) {
    std::vector<std::unique_ptr<RawWebSocket>> deaf;
    for (int i = 0; i < 50; ++i) {
      deaf.push_back(std::make_unique<RawWebSocket>(port, "127.0.0.5", 4'096));
      ASSERT_EQ(deaf.back()->Shake(), 101);
      ASSERT_TRUE(deaf.back()->Send(ControlPacket(ToMessage(sync::Hello{}))));
      ASSERT_TRUE(deaf.back()->Send(proto::EncodePacket(
          {.head = {.first = 1},
           .messages = {ToMessage(sync::Open{
               .request = 1, .writer = static_cast<uint64_t>(100 + i), .name = "flood"})}})));
    }
    const size_t before = LiveMemory();
    SocketClient writer(port, 7, "flood");
    for (int round = 0; round < 60; ++round) {
      writer.Insert(std::string(50'000, 'x'));
      ASSERT_TRUE(RunUntil({&writer}, [&] { return writer.IsDurable(); }));
    }
    // 3 MB of edits for each of 50: as each message is there once, that is not 150 MB, and of what
    // each has waiting it is the marks only.
    EXPECT_LT(LiveMemory(), before + 40'000'000);
    for (auto& socket : deaf) {
      EXPECT_TRUE(RunUntil({&writer}, [&] { return socket->IsClosed(1); }, 20'000));
    }
  });
}

TEST_F(AbuseTest, AHundredMegabytesInOneMessageAreRefused) {
  Abuse(Options(), [](uint16_t port) {
    const std::string paste(100'000'000, 'x');
    RawWebSocket whole = Greeted(port, "127.0.0.5");
    whole.SendFrame(kBinaryFrame, paste, true, 20'000);
    EXPECT_EQ(whole.ReceiveClose(), 1009);
    RawWebSocket parts = Greeted(port, "127.0.0.5");
    for (size_t i = 0; i < 100; ++i) {
      const bool is_first = i == 0;
      if (!parts.SendFrame(is_first ? kBinaryFrame : 0, paste.substr(0, 1'000'000), false)) break;
    }
    EXPECT_EQ(parts.ReceiveClose(), 1009);
  });
}

TEST_F(AbuseTest, APasteOfAHundredMegabytesIsTakenPieceByPiece) {
  Abuse(
      Options(),
      [](uint16_t port) {
        constexpr size_t kBytes = 100'000'000 / kSlowness;
        SocketClient client(port, 7, "paste");
        client.Insert(std::string(kBytes, 'x'));
        const size_t before = LiveMemory();
        EXPECT_TRUE(RunUntil({&client}, [&] { return client.IsDurable(); }, 60'000));
        // The client's own pieces, the server's, a snapshot of these, and what waits for the disk.
        EXPECT_LT(LiveMemory(), before + 4 * kBytes);
      },
      kLongestSnapshotMs);
}

TEST_F(AbuseTest, AHundredThousandDocumentsOpenedByNameAreBounded) {
  ServerOptions options = Options();
  options.sync.hubs_max = 50'000;
  // Of 100 MB and more that so many documents take while they are open.
  constexpr size_t kKept = 1'000'000;
  Abuse(
      options,
      [](uint16_t port) {
        constexpr int kSessions = 100 / kSlowness;
        constexpr uint64_t kEach = 1'000;
        constexpr uint64_t kPerPacket = 100;
        std::vector<RawWebSocket> sockets;
        for (int i = 0; i < kSessions; ++i) {
          RawWebSocket& socket = sockets.emplace_back(Greeted(port, "127.0.0.5"));
          for (uint64_t first = 1; first <= kEach; first += kPerPacket) {
            sync::Packet packet{.head = {.first = first}, .messages = {}};
            for (uint64_t request = first; request < first + kPerPacket; ++request) {
              packet.messages.push_back(ToMessage(sync::Open{
                  .request = request,
                  .writer = static_cast<uint64_t>(i) + 1,
                  .name = "flood/" + std::to_string(i) + "/" + std::to_string(request)}));
            }
            ASSERT_TRUE(socket.Send(proto::EncodePacket(packet))) << i;
          }
        }
        // Each has been answered when this is, one way or the other.
        uint64_t answers = 0;
        uint64_t refused = 0;
        for (RawWebSocket& socket : sockets) {
          for (uint64_t own = 0; own < kEach;) {
            const auto frame = socket.Receive(30'000);
            ASSERT_TRUE(frame);
            const auto packet = proto::DecodePacket(frame->payload);
            ASSERT_TRUE(packet);
            for (const sync::Message& message : packet->messages) {
              const bool is_error = message.kind == sync::MessageKind::kError;
              if (!is_error && message.kind != sync::MessageKind::kOpened) continue;
              ++own;
              refused += is_error;
            }
          }
          answers += kEach;
        }
        EXPECT_EQ(answers, kEach * kSessions);
        if (kSlowness == 1) {
          EXPECT_GT(refused, 49'000U) << "more documents than may be";
        }
      },
      kLongestMs, kKept);
}

}  // namespace
}  // namespace cotext::net
