// What clients can do to a server that others use: whatever it is, it is refused or bounded, the
// others hardly notice, and afterwards the server has the memory that it had before.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/access/jwt_key.h"
#include "net/access/jwt_verifier.h"
#include "net/access/rate_limiter.h"
#include "net/server/server_options.h"
#include "proto/wire.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/net/raw_http.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/running_server.h"
#include "tests/net/server/live_memory.h"
#include "tests/net/server/ping_watch.h"
#include "tests/net/signed_token.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kSlowness = 10;
#else
constexpr int kSlowness = 1;
#endif

// So long may a well-behaved client wait for an answer.
constexpr int64_t kLongestMs = 1'000 * kSlowness;
// Or so many times longer than before the attack.
constexpr int64_t kTimesLonger = 20;
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

// Has each send one byte after the other, ten a second; returns whether all are closed before they
// have sent so many.
bool AreClosedWhileTheySend(std::vector<RawWebSocket>& slow, std::string_view bytes, size_t most) {
  size_t open = slow.size();
  for (size_t sent = 0; open > 0 && sent < most; ++sent) {
    open = 0;
    for (RawWebSocket& socket : slow) {
      open += socket.SendBytes(bytes.substr(sent, 1), 0) && !socket.IsClosed(0);
    }
    Sleep(100);
  }
  return open == 0;
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

  // So that what is asked is refused for what it is.
  static void AllowManyRequests(ServerOptions& options) {
    constexpr RateLimit kMany = {.per_s = 100'000, .burst = 100'000};
    options.http.requests = kMany;
    options.listen.connects = kMany;
  }

  // Runs a server that has a crowd, and does that to it.
  void Abuse(const ServerOptions& options, const std::function<void(uint16_t)>& attack,
             int64_t longest_ms = kLongestMs) {
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
    // On a machine that is busy it takes longer to be told.
    const int64_t usual_ms = watch.longest_ms();
    const size_t before = LiveMemory();
    attack(server.port());
    if (HasFatalFailure()) return;
    UseAsOneShould(server.port(), 2);
    const size_t most = before + before / 20;
    EXPECT_TRUE(Until([&] { return LiveMemory() <= most; }, 10'000))
        << before << " bytes before, " << LiveMemory() << " afterwards";
    EXPECT_FALSE(watch.is_lost());
    EXPECT_LT(watch.longest_ms(), longest_ms + kTimesLonger * usual_ms);
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
    EXPECT_TRUE(AreClosedWhileTheySend(slow, request, 150));
  });
}

TEST_F(AbuseTest, MessagesThatComeByteByByteAreGivenUp) {
  ServerOptions options = Options();
  options.partial_s_max = 2;
  Abuse(options, [](uint16_t port) {
    std::vector<RawWebSocket> slow;
    for (int i = 0; i < 100; ++i) slow.push_back(Greeted(port, "127.0.0.5"));
    const std::string frame = MaskedFrame(kBinaryFrame, std::string(60'000, 'x'));
    // Signs of life do not make a message come sooner.
    EXPECT_TRUE(AreClosedWhileTheySend(slow, frame, 60));
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
  // The client that pastes takes a core for itself.
  constexpr int64_t kLongestPasteMs = 2 * kLongestMs;
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
      kLongestPasteMs);
}

TEST_F(AbuseTest, AHundredThousandDocumentsOpenedByNameAreBounded) {
  ServerOptions options = Options();
  options.sync.hubs_max = 50'000;
  Abuse(options, [](uint16_t port) {
    constexpr int kSessions = 100 / kSlowness;
    constexpr uint64_t kEach = 1'000;
    constexpr uint64_t kPerPacket = 100;
    std::vector<RawWebSocket> sockets;
    for (int i = 0; i < kSessions; ++i) {
      RawWebSocket& socket = sockets.emplace_back(Greeted(port, "127.0.0.5"));
      for (uint64_t first = 1; first <= kEach; first += kPerPacket) {
        sync::Packet packet{.head = {.first = first}, .messages = {}};
        for (uint64_t request = first; request < first + kPerPacket; ++request) {
          packet.messages.push_back(ToMessage(
              sync::Open{.request = request,
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
  });
}

// Tokens that somebody else made, or nobody, or this server's own issuer for another place or time.
std::map<std::string, std::string> ForgedTokens(const KeyPair& own, const KeyPair& other) {
  const int64_t now = std::time(nullptr);
  const auto claims = [&](const nlohmann::json& changes) {
    nlohmann::json all = nlohmann::json::parse(
        R"({"sub":"eve","iss":"login","aud":"cotext",
            "documents":[{"name":"*","rights":["read","write","relay"]}]})");
    all["exp"] = now + 600;
    all.merge_patch(changes);
    return all.dump();
  };
  const std::string good = claims(nlohmann::json::object());
  const std::string signed_well = Sign(good, "RS256", own.private_key);
  const std::string signature = signed_well.substr(signed_well.rfind('.') + 1);
  const auto with_signature = [&](const char* header, const std::string& body) {
    return Base64Url(header) + "." + Base64Url(body) + "." + signature;
  };
  const auto own_key = [&](const nlohmann::json& changes) {
    return Sign(claims(changes), "RS256", own.private_key);
  };
  std::map<std::string, std::string> forged = {
      {"no algorithm", Sign(good, "none", "")},
      {"no algorithm, with a signature", with_signature(R"({"alg":"none"})", good)},
      {"no algorithm, in capitals", with_signature(R"({"alg":"NONE"})", good)},
      {"the public key for a secret", Sign(good, "HS256", own.public_key)},
      {"the same by hand", SignBytes(R"({"alg":"HS256","typ":"JWT"})", good, own.public_key)},
      {"an empty secret", SignBytes(R"({"alg":"HS256"})", good, "")},
      {"another algorithm of the key", Sign(good, "RS512", own.private_key)},
      {"another key", Sign(good, "RS256", other.private_key)},
      {"other claims", with_signature(R"({"alg":"RS256"})", claims({{"sub", "ada"}}))},
      {"expired", own_key({{"exp", now - 60}})},
      {"never expires", own_key({{"exp", nullptr}})},
      {"not yet", own_key({{"nbf", now + 300}})},
      {"for somebody else", own_key({{"aud", "other"}})},
      {"for several others", own_key({{"aud", {"other", "cotext2"}}})},
      {"for anybody", own_key({{"aud", nullptr}})},
      {"of another issuer", own_key({{"iss", "login2"}})},
      {"of no issuer", own_key({{"iss", nullptr}})},
      {"of nobody", own_key({{"sub", nullptr}})},
      {"garbage", "garbage"},
      {"dots", ".."},
      {"many dots", std::string(3'000, '.')},
      {"zeros", Base64Url(std::string(60, '\0')) + "." + Base64Url(std::string(60, '\0')) + ".AA"},
      {"too long", signed_well + std::string(4'000, 'A')},
  };
  for (const size_t size : {size_t{1}, signed_well.find('.'), signed_well.find('.') + 1,
                            signed_well.rfind('.'), signed_well.size() - 1}) {
    forged.emplace("the first " + std::to_string(size), signed_well.substr(0, size));
  }
  return forged;
}

// Returns the status of the answer; 0 if there is none.
int StatusOf(uint16_t port, const std::string& method, const std::string& target,
             const std::string& more = {}, const std::optional<std::string>& body = std::nullopt) {
  RawHttp client(port);
  client.Ask(method, target, more, body);
  const auto response = client.Read();
  return response ? response->status : 0;
}

void ExpectRefusedToken(uint16_t port, const std::string& token) {
  const std::string bearer = "Authorization: Bearer " + token;
  const std::string edit = R"({"text":"forged"})";
  EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.headers = {bearer}}), 401);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/documents/d/edits", bearer + "\r\n", edit), 401);
  EXPECT_EQ(StatusOf(port, "GET", "/v1/documents", bearer + "\r\n"), 401);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/tickets", bearer + "\r\n", ""), 401);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/connections", bearer + "\r\n", ""), 401);
  // No token is a ticket.
  const std::string query = "?ticket=" + token;
  EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.path = "/v1/socket" + query}), 401);
  const int status = StatusOf(port, "POST", "/v1/documents/d/edits" + query, "", edit);
  EXPECT_EQ(status, token.size() > kJwtBytesMax ? 413 : 401);
}

// Also where callers without a token are let in.
TEST_F(AbuseTest, ForgedTokensAreRefusedHoweverTheyAreShown) {
  const KeyPair own = MakeRsaKey();
  const KeyPair other = MakeRsaKey();
  ServerOptions options = Options();
  options.http.keys = {MakeJwtKey(JwtAlgorithm::kRs256, own.public_key).value()};
  options.http.rules = {.issuer = "login", .audience = "cotext"};
  AllowManyRequests(options);
  Abuse(options, [&](uint16_t port) {
    for (const auto& [what, token] : ForgedTokens(own, other)) {
      SCOPED_TRACE(what);
      ExpectRefusedToken(port, token);
    }
    EXPECT_EQ(StatusOf(port, "GET", "/v1/documents/d"), 404) << "nothing was written";
    // That it is the token's fault each time.
    const std::string good = R"({"sub":"ada","iss":"login","aud":["other","cotext"],"exp":)" +
                             std::to_string(std::time(nullptr) + 600) +
                             R"(,"documents":[{"name":"*","rights":["read"]}]})";
    const std::string bearer = "Authorization: Bearer " + Sign(good, "RS256", own.private_key);
    EXPECT_EQ(RawWebSocket(port).Shake({.headers = {bearer}}), 101);
    EXPECT_EQ(StatusOf(port, "POST", "/v1/tickets", bearer + "\r\n", ""), 201);
  });
}

TEST_F(AbuseTest, TicketsThatWereUsedOrGuessedAreRefused) {
  ServerOptions options = Options();
  AllowManyRequests(options);
  Abuse(options, [](uint16_t port) {
    for (int round = 0; round < 50; ++round) {
      RawHttp client(port);
      ASSERT_TRUE(client.Ask("POST", "/v1/tickets", "", ""));
      const auto made = client.Read();
      ASSERT_TRUE(made.has_value());
      const std::string ticket = nlohmann::json::parse(made->body).at("ticket");
      std::string guessed = ticket;
      guessed.back() = guessed.back() == 'A' ? 'B' : 'A';
      for (const std::string& none : {guessed, ticket.substr(1), ticket + "A", ticket + "%20"}) {
        const std::string query = "?ticket=" + none;
        EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.path = "/v1/socket" + query}), 401);
        EXPECT_EQ(StatusOf(port, "GET", "/v1/documents" + query), 401) << none;
      }
      const std::string query = "?ticket=" + ticket;
      EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.path = "/v1/socket" + query}), 101);
      EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.path = "/v1/socket" + query}), 401);
      EXPECT_EQ(StatusOf(port, "GET", "/v1/documents" + query), 401);
    }
  });
}

// Of pages that are neither listed nor the server's own.
const std::vector<std::string>& ForeignOrigins() {
  static const std::vector<std::string> origins = {
      "https://evil.example",
      "null",
      "https://notes.example.evil.example",
      "https://evil-notes.example",
      "http://notes.example",  // Another scheme.
      "https://notes.example:8443",
      "https://notes.example@evil.example",
      "https://evil.example/https://notes.example",
      "https://evil.example https://notes.example",
      "https://notes.example, https://evil.example",
      "notes.example",
      "https://",
      "http://localhost.evil.example",
      "http://localhost:1",
      "file://",
      std::string(3'000, 'x'),
  };
  return origins;
}

void ExpectRefusedOrigin(uint16_t port, const std::string& origin) {
  const std::string field = "Origin: " + origin;
  const std::string edit = R"({"text":"forged"})";
  EXPECT_EQ(RawWebSocket(port, "127.0.0.5").Shake({.headers = {field}}), 403);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/documents/own/edits", field + "\r\n", edit), 403);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/documents/new/edits", field + "\r\n", edit), 403);
  EXPECT_EQ(StatusOf(port, "DELETE", "/v1/documents/own", field + "\r\n"), 403);
  EXPECT_EQ(StatusOf(port, "OPTIONS", "/v1/documents/own/edits", field + "\r\n"), 403);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/tickets", field + "\r\n", ""), 403);
  EXPECT_EQ(StatusOf(port, "POST", "/v1/connections", field + "\r\n", ""), 403);
  RawHttp reader(port);
  EXPECT_TRUE(reader.Ask("GET", "/v1/documents/own", field + "\r\n"));
  const auto response = reader.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 403);
  EXPECT_FALSE(response->body.contains("precious"));
  EXPECT_FALSE(response->headers.contains("access-control-allow-origin"));
}

TEST_F(AbuseTest, PagesOfOtherOriginsNeitherConnectNorWriteNorRead) {
  for (const bool has_list : {true, false}) {
    SCOPED_TRACE(has_list ? "with a list" : "without a list");
    ServerOptions options = Options();
    options.data_folder += has_list ? "1" : "2";
    AllowManyRequests(options);
    if (has_list) options.http.allowed_origins = {"https://notes.example"};
    Abuse(options, [&](uint16_t port) {
      const std::string target = "/v1/documents/own";
      EXPECT_EQ(StatusOf(port, "POST", target + "/edits", "", R"({"text":"precious"})"), 200);
      for (const std::string& origin : ForeignOrigins()) {
        SCOPED_TRACE(origin.substr(0, 60));
        ExpectRefusedOrigin(port, origin);
      }
      const std::string listed = "Origin: https://notes.example";
      const std::string own = "Origin: http://localhost";
      EXPECT_EQ(RawWebSocket(port).Shake({.headers = {listed}}), has_list ? 101 : 403);
      EXPECT_EQ(StatusOf(port, "GET", target, listed + "\r\n"), has_list ? 200 : 403);
      EXPECT_EQ(RawWebSocket(port).Shake({.headers = {own}}), 101);
      RawHttp reader(port);
      EXPECT_TRUE(reader.Ask("GET", target, own + "\r\n"));
      EXPECT_EQ(reader.Read().value_or(RawResponse{}).body, "precious");
      EXPECT_EQ(StatusOf(port, "GET", "/v1/documents/new"), 404);
    });
    if (HasFailure()) return;
  }
}

// Ways out of a folder, to a file beside it that is named.
std::vector<std::string> WaysOut(const std::string& file) {
  std::vector<std::string> ways;
  const std::vector<std::string> ups = {
      "..",         "%2e%2e",    "%2E.",         ".%2e",         "%252e%252e",   "..%00",
      "%00..",      "..;",       "%c0%ae%c0%ae",  // An overlong dot.
      "%e0%80%ae.", "\xC0\xAE.", "..%20",        "%u002e%u002e", "\uFF0E\uFF0E", "....",
  };
  for (const std::string& up : ups) {
    for (const char* slash : {"/", "//", "%2f", "%5c", "\\", "%252f", "%255c", "/./", "%00/"}) {
      ways.push_back("/" + up + slash + file);
      ways.push_back("/folder/" + up + slash + up + slash + file);
    }
  }
  for (const char* way : {"/%00/../", "/index.html%00/../../", "/index.html/../../", "//", "/%2f",
                          "\\", "http://localhost/../", "/file:///../", "/~/../", "?/../", "*"}) {
    ways.push_back(way + file);
  }
  ways.push_back(std::string("/\0/../", 6) + file);
  ways.push_back(std::string("/index.html\0", 12) + file);
  ways.push_back("/.hidden");
  return ways;
}

TEST_F(AbuseTest, NoPathLeadsOutOfTheFolderOfFiles) {
  std::filesystem::create_directories(Path("web/folder"));
  std::ofstream(Path("web/index.html")) << "home";
  std::ofstream(Path("web/.hidden")) << "the secret";
  std::ofstream(Path("secret.txt")) << "the secret";
  ServerOptions options = Options();
  options.http.web_folder = Path("web");
  AllowManyRequests(options);
  std::vector<std::string> targets = WaysOut("secret.txt");
  for (const std::string& way : WaysOut("store/store.db")) targets.push_back(way);
  for (const char* before : {"/v1/documents", "/v1/document", "/v1/connections", "/healthz"}) {
    for (const char* way :
         {"/../../secret.txt", "/%2e%2e/%2e%2e/secret.txt", "/..%2f..%2fsecret.txt"}) {
      targets.push_back(std::string(before) + way);
    }
  }
  targets.push_back(Path("secret.txt"));
  targets.push_back("/" + Path("secret.txt"));
  Abuse(options, [&](uint16_t port) {
    for (const std::string& target : targets) {
      for (const char* method : {"GET", "POST", "HEAD"}) {
        RawHttp client(port);
        client.Ask(method, target, "Connection: close\r\n");
        const std::string answer = client.ReadAll();
        EXPECT_FALSE(answer.contains("the secret")) << method << " " << target;
        EXPECT_FALSE(answer.contains("SQLite")) << method << " " << target;
        // A path that comes back into the folder may be served.
        const bool is_served = answer.starts_with("HTTP/1.1 200");
        if (is_served && answer.contains("\r\n\r\n")) {
          EXPECT_TRUE(answer.ends_with("\r\n\r\n") || answer.ends_with("home")) << target;
        }
      }
    }
    RawHttp client(port);
    EXPECT_TRUE(client.Ask("GET", "/index.html"));
    EXPECT_EQ(client.Read().value_or(RawResponse{}).body, "home");
  });
}

}  // namespace
}  // namespace cotext::net
