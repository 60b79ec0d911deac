// What a client promises, over every way to a server: by WebSocket, by long polling, and changing
// between them in the middle, with a proxy between them that does what networks do.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "net/access/jwt_key.h"
#include "net/client/client.h"
#include "net/client/client_transport.h"
#include "net/client/transport_choice.h"
#include "net/server/server_options.h"
#include "sync/client_event.h"
#include "sync/edit_counts.h"
#include "sync/presence_view.h"
#include "tests/net/client/client_rig.h"
#include "tests/net/client/fault_proxy.h"
#include "tests/net/served_folder.h"
#include "tests/net/signed_token.h"
#include "tests/support/random_text.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using WebSockets = ProxyFaults::WebSockets;

enum class Way : uint8_t { kWebSocket, kPoll, kSwitching };

class ClientConformanceTest : public TemporaryFolderTest, public testing::WithParamInterface<Way> {
 protected:
  ClientConformanceTest()
      : seed_(SeedFromEnvironment(1)),
        random_(seed_),
        server_({.listen = {}, .data_folder = Path("store")}),
        proxy_(server_.port(), seed_) {
    RecordProperty("seed", std::to_string(seed_));
  }

  ClientOptions Options() const {
    constexpr TransportMode kModes[] = {TransportMode::kWebSocket, TransportMode::kPoll,
                                        TransportMode::kAuto};
    return HurriedOptions(proxy_.port(), kModes[static_cast<size_t>(GetParam())]);
  }

  void Start(const std::vector<Application*>& all) {
    for (Application* const each : all) each->client().Start();
    ASSERT_TRUE(PumpUntil(all, [&] { return HaveConverged(all); }));
  }

  // In the middle of things: where a client may take two ways, it must take the other one.
  void Switch() {
    if (GetParam() != Way::kSwitching) return;
    faults_.websockets =
        faults_.websockets == WebSockets::kPass ? WebSockets::kCut : WebSockets::kPass;
    proxy_.SetFaults(faults_);
    proxy_.CutAll();
  }

  void WriteThroughFaults(Engine engine);

  uint64_t seed_;
  Random random_;
  ServedFolder server_;
  FaultProxy proxy_;
  ProxyFaults faults_;
};

// What is known of those who did not converge.
std::string Told(const std::vector<Application*>& all) {
  std::string told;
  for (Application* const each : all) {
    const sync::EditCounts counts = each->client().Count(each->key());
    told += "\n  status " + std::to_string(static_cast<int>(each->client().status())) +
            ", caught up " + std::to_string(each->client().IsCaughtUp(each->key())) + ", unsent " +
            std::to_string(counts.unsent) + ", unacknowledged " +
            std::to_string(counts.unacknowledged) + ", not durable " +
            std::to_string(counts.not_durable) + ", " + std::to_string(each->Text().size()) +
            " bytes";
    for (const auto& failed : each->EventsOf<sync::DocumentFailed>()) {
      told += ", failed: " + failed.error.message;
    }
    const auto changes = each->EventsOf<sync::StatusChanged>();
    if (!changes.empty()) told += ", last: " + changes.back().reason.message;
  }
  return told;
}

size_t CountOf(const std::string& text, const std::string& word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_P(ClientConformanceTest, ClientsSeeEachOthersEdits) {
  Application ada(Options());
  Application bob(Options());
  Start({&ada, &bob});
  ada.Insert(0, "Hello");
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return bob.Text() == "Hello"; }));
  Switch();
  bob.Append(", wörld");
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return ada.Text() == "Hello, wörld"; }));
  EXPECT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));
}

TEST_P(ClientConformanceTest, WhatIsEditedBeforeAndBetweenConnectionsArrivesOnce) {
  Application ada(Options());
  Application bob(Options());
  ada.Append("<before>");
  Start({&ada, &bob});
  EXPECT_EQ(bob.Text(), "<before>");
  ada.client().Stop();
  ada.Append("<stopped>");
  ada.client().Start();
  Switch();
  ada.Append("<cut>");
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));
  EXPECT_EQ(bob.Text(), "<before><stopped><cut>");
}

TEST_P(ClientConformanceTest, WhoIsThereIsSeenAndGoneAtOnceWhenHeLeaves) {
  Application ada(Options());
  Application bob(Options());
  Start({&ada, &bob});
  ASSERT_TRUE(ada.client().SetPresence(ada.key(), "caret 3"));
  ASSERT_TRUE(ada.client().SetTyping(ada.key(), true));
  const auto seen = [&] {
    const auto& users = bob.client().presence(bob.key()).users();
    return users.empty() ? sync::PresentUser{} : users.begin()->second;
  };
  EXPECT_TRUE(PumpUntil({&ada, &bob}, [&] {
    return seen().state == "caret 3" && seen().is_typing;
  })) << seen().state;
  ada.client().Stop();
  EXPECT_TRUE(PumpUntil(
      {&bob}, [&] { return bob.client().presence(bob.key()).users().empty(); }, 5'000))
      << "a session that was not left is kept for 15 s";
}

TEST_P(ClientConformanceTest, TheSessionIsTakenUpAfterALoss) {
  Application ada(Options());
  Start({&ada});
  const uint64_t session = ada.client().session();
  for (int i = 0; i < 3; ++i) {
    const uint64_t connections = proxy_.connections();
    Switch();
    proxy_.CutAll();
    ada.Append("x");
    ASSERT_TRUE(
        PumpUntil({&ada}, [&] { return proxy_.connections() > connections && ada.IsSettled(); }));
    EXPECT_EQ(ada.client().session(), session);
  }
}

TEST_P(ClientConformanceTest, AConnectionThatIsHalfOpenIsFoundOut) {
  Application ada(Options());
  Application bob(Options());
  Start({&ada, &bob});
  proxy_.FreezeAll();
  PumpFor({&ada, &bob}, 20);
  ada.Append("after");
  EXPECT_TRUE(PumpUntil({&ada, &bob}, [&] { return bob.Text() == "after"; }));
}

TEST_P(ClientConformanceTest, WhoWaitsIsWokenForWhateverThereIsToDo) {
  std::atomic<uint64_t> wakes = 0;
  ClientOptions options = Options();
  options.on_wake = [&] { ++wakes; };
  uint64_t sends = 0;
  options.before_send = [&] {
    ++sends;
    return Expected<void>();
  };
  Application ada(options);
  const auto is_settled = [&] { return ada.IsSettled(); };
  ada.client().Start();
  ASSERT_TRUE(ada.client().WaitUntil(is_settled, kPatienceMs));
  // A loss, and after it a wait; then nothing at all, and a wait for that.
  for (const bool freezes : {false, true}) {
    Switch();
    freezes ? proxy_.FreezeAll() : proxy_.CutAll();
    ASSERT_TRUE(ada.document().Insert(CodePointOffset{0}, "x"));
    ASSERT_TRUE(ada.client().WaitUntil(is_settled, kPatienceMs));
  }
  EXPECT_FALSE(ada.client().WaitUntil([] { return false; }, 50)) << "and no longer than it may";
  EXPECT_GT(wakes, 4U);
  EXPECT_GT(sends, 3U);
}

TEST_P(ClientConformanceTest, WhatCannotBeSavedIsNotSentUntilItCan) {
  bool can_save = true;
  uint64_t tries = 0;
  ClientOptions options = Options();
  options.save_retry_ms = 50;
  options.before_send = [&]() -> Expected<void> {
    ++tries;
    if (!can_save) return MakeError(ErrorCode::kDiskFull, "no room");
    return {};
  };
  Application ada(options);
  Application bob(Options());
  Start({&ada, &bob});
  can_save = false;
  ada.Append("kept");
  const uint64_t before = tries;
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return tries > before + 5; })) << "tried again";
  PumpFor({&ada, &bob}, 1'000);
  EXPECT_EQ(bob.Text(), "");
  const auto held = ada.EventsOf<sync::EditsHeld>();
  ASSERT_EQ(held.size(), 1U) << "told once";
  EXPECT_EQ(held[0].document, 0U);
  EXPECT_EQ(held[0].reason.code, ErrorCode::kDiskFull);
  // What comes meanwhile comes.
  bob.Append("bob");
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return ada.Text().contains("bob"); }));
  proxy_.CutAll();
  PumpFor({&ada, &bob}, 300);
  EXPECT_EQ(bob.Text(), "bob") << "nor over the next connection";
  can_save = true;
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));
  EXPECT_TRUE(bob.Text().contains("kept"));
}

TEST_P(ClientConformanceTest, AServerThatStartsAgainHasEverything) {
  Application ada(Options());
  Application bob(Options());
  Start({&ada, &bob});
  for (int i = 0; i < 3; ++i) {
    ada.Append("<a" + std::to_string(i) + ">");
    server_.Stop();
    bob.Append("<b" + std::to_string(i) + ">");
    server_.Start();
    Switch();
    ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));
  }
  Application late(Options());
  Start({&late});
  EXPECT_EQ(late.Text(), ada.Text());
  for (const char* const word : {"<a0>", "<a1>", "<a2>", "<b0>", "<b1>", "<b2>"}) {
    EXPECT_EQ(CountOf(late.Text(), word), 1U) << late.Text();
  }
}

// Three people write words, each of them once, while everything goes wrong.
void ClientConformanceTest::WriteThroughFaults(Engine engine) {
  std::vector<std::unique_ptr<Application>> owned;
  std::vector<Application*> all;
  for (int i = 0; i < 3; ++i) {
    owned.push_back(std::make_unique<Application>(Options(), "words", engine));
    all.push_back(owned.back().get());
  }
  Start(all);
  faults_ = {.delay_ms_max = 5, .cut = 15, .freeze = 2, .damage = 10, .drop = 5};
  proxy_.SetFaults(faults_);
  std::vector<std::string> words;
  for (int step = 0; step < 150; ++step) {
    Application& writer = *all[random_.Below(all.size())];
    words.push_back("<" + std::to_string(step) + "ü>");
    // Between words, so that each stays whole.
    writer.Insert(random_.Chance(50) ? 0 : writer.document().metrics().code_points, words.back());
    if (random_.Chance(3)) proxy_.CutAll();
    if (random_.Chance(4)) Switch();
    PumpFor(all, random_.Below(20));
  }
  faults_ = {};
  proxy_.SetFaults(faults_);
  // What the proxy dropped last the server may find out only by its patience, of 30 s.
  const uint64_t patience_ms = 3 * kPatienceMs;
  ASSERT_TRUE(PumpUntil(
      all, [&] { return HaveConverged(all); }, patience_ms))
      << "seed " << seed_ << Told(all);
  for (const std::string& word : words) {
    EXPECT_EQ(CountOf(all[0]->Text(), word), 1U) << word << ", seed " << seed_;
  }
  for (Application* const each : all) {
    EXPECT_TRUE(each->EventsOf<sync::DocumentFailed>().empty()) << "seed " << seed_;
  }
}

TEST_P(ClientConformanceTest, NoEditIsLostOrRepeatedWhateverTheNetworkDoes) {
  WriteThroughFaults(Engine::kRga);
}

TEST_P(ClientConformanceTest, NorIsAnyOfAnOtDocument) { WriteThroughFaults(Engine::kOt); }

TEST_P(ClientConformanceTest, ATokenIsShownAndARefusalIsFinal) {
  ServerOptions options{.listen = {}, .data_folder = Path("closed")};
  options.http.keys = {*MakeJwtKey(JwtAlgorithm::kHs256, kSecret)};
  options.http.anonymous_rights.reset();
  ServedFolder closed(options);
  proxy_.SetServerPort(closed.port());
  constexpr char kClaims[] =
      R"({"sub":"ada","exp":9999999999,"documents":[{"name":"*","rights":["read","write"]}]})";
  std::string token = Sign(kClaims, "HS256", "another secret of more than thirty-two bytes");
  ClientOptions with_token = Options();
  with_token.token = [&] { return token; };
  Application ada(with_token);
  ada.client().Start();
  EXPECT_TRUE(PumpUntil(
      {&ada}, [&] { return ada.client().status() == sync::ConnectionStatus::kDisconnected; }));
  const auto told = ada.EventsOf<sync::StatusChanged>();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().reason.code, ErrorCode::kForbidden) << told.back().reason.message;
  token = Sign(kClaims, "HS256", kSecret);
  Start({&ada});
}

TEST_P(ClientConformanceTest, ATokenThatWouldBreakTheHeaderIsRefusedHere) {
  ClientOptions options = Options();
  options.token = [] { return std::string("a\r\nX-Other: b"); };
  Application ada(options);
  ada.client().Start();
  EXPECT_TRUE(PumpUntil(
      {&ada}, [&] { return ada.client().status() == sync::ConnectionStatus::kDisconnected; }));
  EXPECT_EQ(proxy_.connections(), 0U);
}

// Where WebSockets are blocked, in any way there is.
class ClientFallbackTest : public TemporaryFolderTest,
                           public testing::WithParamInterface<WebSockets> {
 protected:
  ClientFallbackTest()
      : server_({.listen = {}, .data_folder = Path("store")}), proxy_(server_.port(), 1) {}

  void Block() {
    proxy_.SetFaults({.websockets = GetParam()});
    proxy_.CutAll();
  }

  ServedFolder server_;
  FaultProxy proxy_;
};

TEST_P(ClientFallbackTest, PollingTakesThePlaceOfWebSocketsAndGivesItBack) {
  Application ada(HurriedOptions(proxy_.port(), TransportMode::kAuto));
  ada.client().Start();
  ASSERT_TRUE(PumpUntil({&ada}, [&] { return ada.IsSettled(); }));
  EXPECT_EQ(ada.client().transport(), TransportKind::kWebSocket);

  Block();
  ada.Append("<blocked>");
  ASSERT_TRUE(PumpUntil({&ada}, [&] { return ada.IsSettled(); }));
  EXPECT_EQ(ada.client().transport(), TransportKind::kPoll);
  // Probes come and fail beside it, and do no harm.
  const uint64_t connections = proxy_.connections();
  ASSERT_TRUE(PumpUntil({&ada}, [&] { return proxy_.connections() > connections; }));
  PumpFor({&ada}, 500);
  EXPECT_EQ(ada.client().status(), sync::ConnectionStatus::kConnected);
  const uint64_t session = ada.client().session();

  proxy_.SetFaults({});
  ASSERT_TRUE(
      PumpUntil({&ada}, [&] { return ada.client().transport() == TransportKind::kWebSocket; }));
  ada.Append("<free>");
  ASSERT_TRUE(PumpUntil({&ada}, [&] { return ada.IsSettled(); }));
  EXPECT_EQ(ada.client().session(), session) << "nobody saw anything of it";
  EXPECT_EQ(ada.client().transport(), TransportKind::kWebSocket);
  EXPECT_EQ(ada.Text(), "<blocked><free>");
}

TEST_P(ClientFallbackTest, WhoBeginsThereBeginsByPolling) {
  Block();
  Application ada(HurriedOptions(proxy_.port(), TransportMode::kAuto));
  ada.Append("text");
  ada.client().Start();
  ASSERT_TRUE(PumpUntil({&ada}, [&] { return ada.IsSettled(); }));
  EXPECT_EQ(ada.client().transport(), TransportKind::kPoll);
}

std::string NameOfBlock(const testing::TestParamInfo<WebSockets>& info) {
  constexpr const char* kNames[] = {"Pass", "Refused", "Cut", "Swallowed"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Blocks, ClientFallbackTest,
                         testing::Values(WebSockets::kRefused, WebSockets::kCut,
                                         WebSockets::kSwallowed),
                         NameOfBlock);

std::string NameOf(const testing::TestParamInfo<Way>& info) {
  constexpr const char* kNames[] = {"WebSocket", "Poll", "Switching"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientConformanceTest,
                         testing::Values(Way::kWebSocket, Way::kPoll, Way::kSwitching), NameOf);

}  // namespace
}  // namespace cotext::net
