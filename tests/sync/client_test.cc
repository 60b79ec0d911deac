#include "sync/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "sync/client_event.h"
#include "sync/link.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"

namespace cotext::sync {
namespace {

constexpr Channel kChannel = 9;

// A client whose server is played by the test.
class ClientTest : public testing::Test {
 protected:
  void Do() {
    for (ClientAction& action : client_.TakeActions(now_ms_)) {
      if (std::holds_alternative<Connect>(action)) {
        ++connects_;
        is_connected_ = connects_here_;
        if (connects_here_)
          client_.OnConnected(now_ms_);
        else
          client_.OnDisconnected({ErrorCode::kIo, "refused"}, false, now_ms_);
      } else if (auto* const packet = std::get_if<Packet>(&action)) {
        for (Message& message : packet->messages) said_.push_back(std::move(message));
        if (packet->head.first != 0) taken_ += packet->messages.size();
      } else {
        is_connected_ = false;
      }
    }
    for (ClientEvent& event : client_.TakeEvents()) events_.push_back(std::move(event));
  }

  void Settle() {
    for (int i = 0; i < 4; ++i) Do();
  }

  void Wait(uint64_t ms) {
    for (uint64_t end = now_ms_ + ms; now_ms_ < end;) {
      now_ms_ = std::min(end, now_ms_ + 50);
      client_.OnTick(now_ms_);
      Settle();
    }
  }

  void SayControl(const Message& message) {
    client_.OnPacket({.head = {}, .messages = {message}}, 50, now_ms_);
    Settle();
  }

  void Say(const Message& message) {
    client_.OnPacket({.head = {.first = ++given_, .received = taken_}, .messages = {message}}, 50,
                     now_ms_);
    Settle();
  }

  void Welcome(std::string token = "t1", uint64_t received = 0) {
    if (received == 0) given_ = taken_ = 0;
    SayControl(ToMessage(sync::Welcome{.session = 3, .received = received, .token = token}));
  }

  // Starts, and has the document opened with what the server has.
  void Begin() {
    key_ = client_.Open("doc", document_);
    client_.Start(now_ms_);
    Settle();
    Welcome();
    const auto open = ReadOpen(Last(MessageKind::kOpen));
    ASSERT_TRUE(open.has_value());
    Say(ToMessage(Opened{.channel = kChannel,
                         .request = open->request,
                         .rights = kMayRead | kMayWrite | kMayShow,
                         .id = open->id,
                         .version = VersionVector().Encode()}));
  }

  Message Last(MessageKind kind) const {
    for (auto at = said_.rbegin(); at != said_.rend(); ++at) {
      if (at->kind == kind) return *at;
    }
    return Message{};
  }

  size_t Count(MessageKind kind) const {
    size_t count = 0;
    for (const Message& message : said_) count += message.kind == kind ? 1 : 0;
    return count;
  }

  template <typename Event>
  std::optional<Event> LastEvent() const {
    for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
      if (const auto* const event = std::get_if<Event>(&*at)) return *event;
    }
    return std::nullopt;
  }

  void Type(std::string_view text) {
    ASSERT_TRUE(document_.Insert(CodePointOffset(0), text).has_value());
    Settle();
  }

  Random random_{7};
  uint64_t now_ms_ = 5'000;
  RgaDocument document_{ReplicaId{.value = 5}};
  Client client_{[this] { return random_.Next(); }};
  DocumentKey key_ = 0;
  bool connects_here_ = true;
  bool is_connected_ = false;
  size_t connects_ = 0;
  uint64_t taken_ = 0;  // Numbered messages of the client,
  uint64_t given_ = 0;  // and of the server.
  std::vector<Message> said_;
  std::vector<ClientEvent> events_;
};

TEST_F(ClientTest, EditsAreCountedAsTheyGo) {
  Begin();
  EXPECT_TRUE(client_.Count(key_).all_durable());
  ASSERT_TRUE(document_.Insert(CodePointOffset(0), "abc").has_value());
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unsent = 3}));
  Settle();
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unacknowledged = 3}));
  Say(ToMessage(Ack{.channel = kChannel, .level = AckLevel::kReceived, .writer = 5, .upto = 2}));
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unacknowledged = 1, .not_durable = 2}));
  Say(ToMessage(Ack{.channel = kChannel, .level = AckLevel::kDurable, .writer = 5, .upto = 3}));
  EXPECT_TRUE(client_.Count(key_).all_durable());
}

TEST_F(ClientTest, AnAcknowledgementOfWhatWasNeverWrittenIsIgnored) {
  Begin();
  Type("a");
  Say(ToMessage(Ack{.channel = kChannel, .level = AckLevel::kDurable, .writer = 5, .upto = 900}));
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unacknowledged = 1}));
}

TEST_F(ClientTest, KeystrokesOfOneTurnAreOneUpdate) {
  Begin();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(document_.Insert(CodePointOffset(0), "x").has_value());
  }
  Settle();
  EXPECT_EQ(Count(MessageKind::kUpdate), 1U);
}

// Two megabytes written offline: what waits for the server is a window and what was cut with it.
TEST_F(ClientTest, OfAHugeBacklogNoMoreIsCutThanTheServerTakes) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(document_.Insert(CodePointOffset(0), std::string(100'000, 'x')).has_value());
  }
  Begin();
  const size_t window = LinkOptions().window_bytes;
  size_t most = client_.queued_bytes();
  EXPECT_GT(most, window / 2);
  for (int turn = 0; turn < 1000 && client_.queued_bytes() > 0; ++turn) {
    client_.OnPacket({.head = {.received = taken_}, .messages = {}}, 10, now_ms_);
    Settle();
    most = std::max(most, client_.queued_bytes());
  }
  EXPECT_LT(most, 2 * window + kMessageBytesMax / 4);
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unacknowledged = 2'000'000}));
  RgaDocument server(ReplicaId{.value = 6});
  for (const Message& message : said_) {
    if (message.kind == MessageKind::kUpdate) {
      ASSERT_TRUE(server.Merge(message.bytes[0]).has_value());
    }
  }
  EXPECT_EQ(server.Text(), document_.Text());
}

TEST_F(ClientTest, ABacklogDoesNotKeepOtherDocumentsBack) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(document_.Insert(CodePointOffset(0), std::string(100'000, 'x')).has_value());
  }
  Begin();
  RgaDocument other(ReplicaId{.value = 8});
  client_.Open("other", other);
  for (int turn = 0; turn < 3; ++turn) {
    client_.OnPacket({.head = {.received = taken_}, .messages = {}}, 10, now_ms_);
    Settle();
  }
  EXPECT_EQ(ReadOpen(Last(MessageKind::kOpen))->name, "other");
  EXPECT_GT(client_.Count(key_).unsent, 1'000'000U);
}

TEST_F(ClientTest, PresenceAndTypingAreSaidNowAndThenAndAtLastAsTheyAre) {
  Begin();
  const uint64_t begin = now_ms_;
  for (int i = 0; i < 1000; ++i) {
    now_ms_ = begin + static_cast<uint64_t>(i);
    ASSERT_TRUE(client_.SetPresence(key_, "at " + std::to_string(i)).has_value());
    ASSERT_TRUE(client_.SetTyping(key_, i % 2 == 0).has_value());
    Settle();
  }
  EXPECT_LE(Count(MessageKind::kPresence), 21U);
  EXPECT_LE(Count(MessageKind::kTyping), 21U);
  ASSERT_TRUE(client_.NextTimeMs().has_value());
  EXPECT_LE(*client_.NextTimeMs(), now_ms_ + ClientOptions().show_ms);
  Wait(100);
  EXPECT_EQ(ReadPresence(Last(MessageKind::kPresence))->state, "at 999");
  if (Count(MessageKind::kTyping) > 0) {
    EXPECT_FALSE(ReadTyping(Last(MessageKind::kTyping))->is_typing);
  }
  // Nothing is said of what did not change.
  const size_t said = said_.size();
  ASSERT_TRUE(client_.SetTyping(key_, false).has_value());
  ASSERT_TRUE(client_.SetPresence(key_, "at 999").has_value());
  Wait(1000);
  EXPECT_EQ(said_.size(), said);
}

TEST_F(ClientTest, WhoGoesOnTypingSaysSoAgainBeforeTheServerForgets) {
  Begin();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(client_.SetTyping(key_, true).has_value());
    Wait(50);
  }
  // In ten seconds.
  EXPECT_GE(Count(MessageKind::kTyping), 5U);
  EXPECT_LE(Count(MessageKind::kTyping), 6U);
}

// As when the server's store was taken from a backup.
TEST_F(ClientTest, AServerThatHasLostWhatAnOtClientHasSeenGetsNothingAndTakesNothing) {
  auto replica = OtReplica::FromText({.value = 40}, 9, "what we have");
  ASSERT_TRUE(replica.has_value());
  ASSERT_TRUE((*replica)->document().Insert(CodePointOffset(0), "new: ").has_value());
  const DocumentKey key = client_.Open("doc", **replica);
  client_.Start(now_ms_);
  Settle();
  Welcome();
  const auto open = ReadOpen(Last(MessageKind::kOpen));
  ASSERT_TRUE(open.has_value());
  Say(ToMessage(Opened{.channel = kChannel,
                       .request = open->request,
                       .engine = Engine::kOt,
                       .rights = kMayRead | kMayWrite,
                       .version = RevisionBytes(5)}));
  Say(ToMessage(Snapshot{.channel = kChannel, .revision = 5, .total = 3, .piece = "old"}));
  const auto failed = LastEvent<DocumentFailed>();
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->document, key);
  EXPECT_EQ(failed->error.code, ErrorCode::kUnknownRevision);
  EXPECT_EQ(Count(MessageKind::kSubmit), 0U);
  EXPECT_EQ(Count(MessageKind::kClose), 1U);
  EXPECT_EQ((*replica)->document().Text(), "new: what we have");
  // What was not committed is the application's.
  const auto back = LastEvent<EditsHandedBack>();
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->document, key);
  EXPECT_EQ(back->edits.local_text, "new: what we have");
  EXPECT_EQ(back->edits.returned.revision, 9U);
  EXPECT_EQ((*replica)->edits_unsent() + (*replica)->edits_unacknowledged(), 0U);
}

TEST_F(ClientTest, AnOtClientWithoutEditsGoesOnWithAServerThatHasItAllAgain) {
  auto replica = OtReplica::FromText({.value = 40}, 9, "what we have");
  ASSERT_TRUE(replica.has_value());
  const DocumentKey key = client_.Open("doc", **replica);
  client_.Start(now_ms_);
  Settle();
  Welcome();
  Say(ToMessage(Opened{.channel = kChannel,
                       .request = ReadOpen(Last(MessageKind::kOpen))->request,
                       .engine = Engine::kOt,
                       .rights = kMayRead | kMayWrite,
                       .version = RevisionBytes(5)}));
  ASSERT_TRUE(LastEvent<DocumentFailed>().has_value());
  EXPECT_FALSE(LastEvent<EditsHandedBack>().has_value());
  ASSERT_TRUE((*replica)->document().Insert(CodePointOffset(0), "new: ").has_value());
  client_.Close(key);
  client_.Open("doc", **replica);
  Settle();
  Say(ToMessage(Opened{.channel = kChannel + 1,
                       .request = ReadOpen(Last(MessageKind::kOpen))->request,
                       .engine = Engine::kOt,
                       .rights = kMayRead | kMayWrite,
                       .version = RevisionBytes(9)}));
  EXPECT_EQ(Count(MessageKind::kSubmit), 1U);
}

// Ada wrote behind what Bob wrote, and the server's store was taken from a backup without it.
class LostEditsTest : public ClientTest {
 protected:
  LostEditsTest() {
    EXPECT_TRUE(bob_.Insert(CodePointOffset(0), "bob"));
    EXPECT_TRUE(document_.Merge(*bob_.EncodeSince(RgaDocument(ReplicaId{.value = 8}).version())));
  }

  void Open(Rights rights) {
    key_ = client_.Open("doc", document_);
    client_.Start(now_ms_);
    Settle();
    Welcome();
    const auto open = ReadOpen(Last(MessageKind::kOpen));
    Say(ToMessage(Opened{.channel = kChannel,
                         .request = open->request,
                         .rights = rights,
                         .id = open->id,
                         .version = VersionVector().Encode()}));
  }

  RgaDocument bob_{ReplicaId{.value = 6}};
};

TEST_F(LostEditsTest, WhoseEditsWaitForThemIsTold) {
  Type("ada ");
  Open(kMayRead | kMayWrite);
  Wait(9'000);
  EXPECT_FALSE(LastEvent<EditsHeld>().has_value()) << "somebody may bring them yet";
  Wait(2'000);
  const auto held = LastEvent<EditsHeld>();
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->document, key_);
  EXPECT_EQ(held->reason.code, ErrorCode::kMissingDependency);
  events_.clear();
  Wait(4'000);
  EXPECT_FALSE(LastEvent<EditsHeld>().has_value()) << "once";
  // Somebody who relays has brought them: the server tells.
  Say(ToMessage(
      UpdateMessage{.channel = kChannel,
                    .update = *bob_.EncodeSince(RgaDocument(ReplicaId{.value = 8}).version())}));
  Type("more");
  Wait(1'000);
  EXPECT_FALSE(LastEvent<EditsHeld>().has_value());
}

TEST_F(LostEditsTest, WhoHasNothingToUploadIsNot) {
  Open(kMayRead | kMayWrite);
  Wait(12'000);
  EXPECT_FALSE(LastEvent<EditsHeld>().has_value()) << "nothing of Ada's waits";
}

TEST_F(LostEditsTest, WhoRelaysBringsThemBack) {
  Type("ada ");
  Open(kMayRead | kMayWrite | kMayRelay);
  Wait(12'000);
  EXPECT_FALSE(LastEvent<EditsHeld>().has_value());
  EXPECT_GT(Count(MessageKind::kUpdate), 0U);
}

TEST_F(ClientTest, WhatComesBehindTheEndOfASessionIsIgnored) {
  Begin();
  const size_t connects = connects_;
  const Message end = ToMessage(ErrorMessage{.code = ErrorCode::kTooSlow, .retry_after_ms = 2000});
  Packet packet{.head = {}, .messages = std::vector<Message>(100, end)};
  client_.OnPacket(packet, 50, now_ms_);
  Settle();
  // It waits once: 2 s, and at most the first step of its own.
  Wait(2'600);
  EXPECT_EQ(connects_, connects + 1);
}

TEST_F(ClientTest, AWaitWithoutEndIsADay) {
  Begin();
  Say(ToMessage(ErrorMessage{
      .channel = kChannel, .code = ErrorCode::kStorageFailed, .retry_after_ms = ~uint64_t{0}}));
  Type("x");
  EXPECT_EQ(Count(MessageKind::kUpdate), 0U);
  SayControl(ToMessage(GoingAway{.retry_after_ms = ~uint64_t{0}}));
  client_.OnDisconnected({ErrorCode::kIo, "closed"}, false, now_ms_);
  ASSERT_TRUE(client_.NextTimeMs().has_value());
  EXPECT_GE(*client_.NextTimeMs(), now_ms_ + kRetryMsMax);
  EXPECT_LE(*client_.NextTimeMs(), now_ms_ + kRetryMsMax + 1000);
}

TEST_F(ClientTest, ManyPingsOfOnePacketHaveOneAnswer) {
  Begin();
  Packet packet{.head = {}, .messages = std::vector<Message>(100, ToMessage(Ping{.value = 7}))};
  client_.OnPacket(packet, 50, now_ms_);
  Settle();
  EXPECT_EQ(Count(MessageKind::kPong), 1U);
}

TEST_F(ClientTest, ItTriesAgainAsLongAsItTakes) {
  connects_here_ = false;
  client_.Open("doc", document_);
  client_.Start(now_ms_);
  Settle();
  EXPECT_EQ(client_.status(), ConnectionStatus::kReconnecting);
  Wait(600'000);
  EXPECT_GT(connects_, 20U);
  EXPECT_LT(connects_, 120U);
  connects_here_ = true;
  while (!is_connected_) Wait(50);
  Welcome();
  EXPECT_EQ(client_.status(), ConnectionStatus::kConnected);
}

TEST_F(ClientTest, AServerThatDoesNotAnswerIsLeft) {
  client_.Open("doc", document_);
  client_.Start(now_ms_);
  Settle();
  Wait(9'900);
  EXPECT_EQ(connects_, 1U);
  EXPECT_TRUE(is_connected_);
  Wait(1'000);
  EXPECT_EQ(LastEvent<StatusChanged>()->reason.code, ErrorCode::kTimedOut);
  EXPECT_EQ(connects_, 2U);
}

// What is due in the session waits for the server's word: whoever waits for the time would spin.
TEST_F(ClientTest, WhileItGreetsNoTimerIsDueOfWhatItMayNotSendYet) {
  Begin();
  Say(ToMessage(RightsMessage{.channel = kChannel, .rights = kMayRead}));
  client_.OnDisconnected({ErrorCode::kIo, "lost"}, false, now_ms_);
  Wait(2 * BackoffOptions().least_ms + LinkOptions().ack_delay_ms);
  ASSERT_EQ(Count(MessageKind::kHello), 2U);
  ASSERT_TRUE(client_.NextTimeMs().has_value());
  EXPECT_GT(*client_.NextTimeMs(), now_ms_);
}

TEST_F(ClientTest, ASilentServerIsAskedAndThenLeft) {
  Begin();
  Wait(15'100);
  EXPECT_EQ(Count(MessageKind::kPing), 1U);
  SayControl(ToMessage(Pong{}));
  Wait(15'100);
  EXPECT_EQ(Count(MessageKind::kPing), 2U);
  EXPECT_EQ(client_.status(), ConnectionStatus::kConnected);
  Wait(10'000);
  EXPECT_EQ(client_.status(), ConnectionStatus::kReconnecting);
}

TEST_F(ClientTest, ASessionThatTheServerKnowsGoesOnWhereItWas) {
  Begin();
  Type("a");
  client_.OnDisconnected({ErrorCode::kIo, "lost"}, false, now_ms_);
  Type("b");
  Wait(1'000);
  EXPECT_EQ(ReadHello(Last(MessageKind::kHello))->token, "t1");
  EXPECT_EQ(ReadHello(Last(MessageKind::kHello))->received, given_);
  const size_t opens = Count(MessageKind::kOpen);
  const size_t updates = Count(MessageKind::kUpdate);
  Welcome("t1", taken_ - 1);  // The update was lost.
  EXPECT_EQ(Count(MessageKind::kOpen), opens);
  EXPECT_EQ(Count(MessageKind::kUpdate), updates + 2);
}

TEST_F(ClientTest, ASessionThatTheServerForgotBeginsAnewWithAllDocuments) {
  Begin();
  Type("a");
  client_.OnDisconnected({ErrorCode::kIo, "lost"}, false, now_ms_);
  Wait(1'000);
  Welcome("t2");
  EXPECT_EQ(Count(MessageKind::kOpen), 2U);
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unsent = 1}));
}

TEST_F(ClientTest, AServerThatIsNotWhereItWasIsBegunWithAnew) {
  Begin();
  Type("a");
  client_.OnDisconnected({ErrorCode::kIo, "lost"}, false, now_ms_);
  Wait(1'000);
  Welcome("t1", taken_ + 5);  // It has got what was never sent.
  EXPECT_EQ(client_.status(), ConnectionStatus::kReconnecting);
  Wait(2'000);
  EXPECT_TRUE(ReadHello(Last(MessageKind::kHello))->token.empty());
  Welcome("t2");
  EXPECT_EQ(ReadOpen(Last(MessageKind::kOpen))->name, "doc");
}

TEST_F(ClientTest, WhatTheStoreCouldNotKeepIsSentAgainAfterAWhile) {
  Begin();
  Type("a");
  EXPECT_EQ(Count(MessageKind::kUpdate), 1U);
  Say(ToMessage(ErrorMessage{
      .channel = kChannel, .code = ErrorCode::kStorageFailed, .retry_after_ms = 1000}));
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unsent = 1}));
  Wait(900);
  EXPECT_EQ(Count(MessageKind::kUpdate), 1U);
  Wait(200);
  EXPECT_EQ(Count(MessageKind::kUpdate), 2U);
  EXPECT_FALSE(LastEvent<DocumentFailed>().has_value());
}

TEST_F(ClientTest, WhatOneDocumentDidWrongDoesNotKeepTheOthersOffline) {
  Begin();
  RgaDocument other(ReplicaId{.value = 6});
  client_.Open("other", other);
  Settle();
  SayControl(ToMessage(ErrorMessage{.channel = kChannel, .code = ErrorCode::kReplicaConflict}));
  EXPECT_EQ(LastEvent<DocumentFailed>()->document, key_);
  EXPECT_EQ(LastEvent<DocumentFailed>()->error.code, ErrorCode::kReplicaConflict);
  EXPECT_EQ(client_.status(), ConnectionStatus::kReconnecting);
  const size_t opens = Count(MessageKind::kOpen);
  Wait(1'000);
  Welcome("t2");
  EXPECT_EQ(Count(MessageKind::kOpen), opens + 1);
  EXPECT_EQ(ReadOpen(Last(MessageKind::kOpen))->name, "other");
}

TEST_F(ClientTest, AServerThatSaysNeverIsNotAskedAgain) {
  Begin();
  SayControl(ToMessage(ErrorMessage{.code = ErrorCode::kForbidden, .text = "banned"}));
  EXPECT_EQ(client_.status(), ConnectionStatus::kDisconnected);
  Wait(120'000);
  EXPECT_EQ(connects_, 1U);
  EXPECT_EQ(LastEvent<StatusChanged>()->reason.message, "banned");
  client_.Start(now_ms_);
  Settle();
  EXPECT_EQ(connects_, 2U);
}

TEST_F(ClientTest, AServerThatGoesAwayIsComeBackToWhenItSays) {
  Begin();
  SayControl(ToMessage(GoingAway{.retry_after_ms = 20'000}));
  client_.OnDisconnected({ErrorCode::kShuttingDown, "gone"}, false, now_ms_);
  Wait(19'000);
  EXPECT_EQ(connects_, 1U);
  Wait(2'000);
  EXPECT_EQ(connects_, 2U);
}

// Found by a simulated world (seed 753): what came late was taken for the ended session's.
TEST_F(ClientTest, WhatComesAfterAServerWentAwayIsIgnored) {
  Begin();
  Type("a");
  SayControl(ToMessage(GoingAway{.retry_after_ms = 100}));
  Say(ToMessage(Ack{.channel = kChannel, .level = AckLevel::kDurable, .writer = 5, .upto = 1}));
  EXPECT_EQ(client_.Count(key_), (EditCounts{.unsent = 1}));
}

TEST_F(ClientTest, PresenceIsShownAgainInANewSession) {
  Begin();
  ASSERT_TRUE(client_.SetPresence(key_, "at 5").has_value());
  Settle();
  EXPECT_EQ(ReadPresence(Last(MessageKind::kPresence))->state, "at 5");
  Say(ToMessage(sync::Join{.channel = kChannel, .session = 8, .user = "bob"}));
  EXPECT_EQ(client_.presence(key_).users().size(), 1U);
  client_.OnDisconnected({ErrorCode::kIo, "lost"}, false, now_ms_);
  Wait(1'000);
  Welcome("t2");
  EXPECT_TRUE(client_.presence(key_).users().empty());
  const auto open = ReadOpen(Last(MessageKind::kOpen));
  Say(ToMessage(Opened{.channel = 4,
                       .request = open->request,
                       .rights = kMayRead | kMayShow,
                       .id = open->id,
                       .version = VersionVector().Encode()}));
  EXPECT_EQ(Count(MessageKind::kPresence), 2U);
  EXPECT_EQ(client_.SetPresence(key_, std::string(5000, 'x')).error().code, ErrorCode::kTooLarge);
}

TEST_F(ClientTest, ADocumentThatIsOpenedAndClosedAndOpenedIsOpen) {
  const DocumentKey first = client_.Open("doc", document_);
  client_.Start(now_ms_);
  Settle();
  Welcome();
  const auto open = ReadOpen(Last(MessageKind::kOpen));
  client_.Close(first);
  key_ = client_.Open("doc", document_);
  Settle();
  EXPECT_EQ(Count(MessageKind::kOpen), 1U);  // The server would refuse a second one.
  const auto opened = [&](uint64_t request) {
    Say(ToMessage(Opened{.channel = kChannel,
                         .request = request,
                         .rights = kMayRead | kMayWrite,
                         .id = open->id,
                         .version = VersionVector().Encode()}));
  };
  opened(open->request);
  EXPECT_EQ(Count(MessageKind::kClose), 1U);
  ASSERT_EQ(Count(MessageKind::kOpen), 2U);
  opened(ReadOpen(Last(MessageKind::kOpen))->request);
  EXPECT_TRUE(client_.IsCaughtUp(key_));
  EXPECT_FALSE(LastEvent<DocumentFailed>().has_value());
}

// The text does not have them any more, whatever else has to wait.
TEST_F(ClientTest, EditsThatAreHandedBackAreToldOfAtOnce) {
  const auto replica = *OtReplica::FromText({7}, 0, "");
  key_ = client_.Open("doc", *replica);
  client_.Start(now_ms_);
  Settle();
  Welcome();
  Say(ToMessage(Opened{.channel = kChannel,
                       .request = ReadOpen(Last(MessageKind::kOpen))->request,
                       .engine = Engine::kOt,
                       .rights = kAllRights,
                       .version = RevisionBytes(0)}));
  ASSERT_TRUE(replica->document().Insert(CodePointOffset(0), "mine"));
  Settle();
  Say(ToMessage(Refusal{.channel = kChannel,
                        .client = 7,
                        .seq = 1,
                        .code = ErrorCode::kTooOld,
                        .horizon = 9,
                        .revision = 9}));
  EXPECT_FALSE(LastEvent<EditsHandedBack>());
  Say(ToMessage(ErrorMessage{
      .channel = kChannel, .code = ErrorCode::kStorageFailed, .retry_after_ms = 1000}));
  Say(ToMessage(Snapshot{.channel = kChannel, .revision = 9, .total = 6, .piece = "theirs"}));
  EXPECT_EQ(replica->document().Text(), "theirs");
  ASSERT_TRUE(LastEvent<EditsHandedBack>());
  EXPECT_EQ(LastEvent<EditsHandedBack>()->edits.local_text, "mine");
}

TEST_F(ClientTest, ADocumentThatFailedIsNotCaughtUpAndShowsNobody) {
  Begin();
  Say(ToMessage(Join{.channel = kChannel, .session = 4, .user = "bob"}));
  EXPECT_TRUE(client_.IsCaughtUp(key_));
  EXPECT_EQ(client_.presence(key_).users().size(), 1U);
  Say(ToMessage(ErrorMessage{.channel = kChannel, .code = ErrorCode::kForbidden}));
  EXPECT_TRUE(LastEvent<DocumentFailed>());
  EXPECT_FALSE(client_.IsCaughtUp(key_));
  EXPECT_TRUE(client_.presence(key_).users().empty());
}

TEST_F(ClientTest, AHintThatItMayBeTriedAgainFailsNoDocument) {
  Begin();
  SayControl(ToMessage(
      ErrorMessage{.channel = kChannel, .code = ErrorCode::kTooSlow, .retry_after_ms = 1000}));
  EXPECT_FALSE(LastEvent<DocumentFailed>().has_value());
  Wait(3'000);
  Welcome("t2");
  EXPECT_EQ(Count(MessageKind::kOpen), 2U);
}

TEST_F(ClientTest, WhoMayBeSeenAgainShowsItsState) {
  Begin();
  ASSERT_TRUE(client_.SetPresence(key_, "here").has_value());
  Settle();
  Say(ToMessage(RightsMessage{.channel = kChannel, .rights = kMayRead}));
  EXPECT_EQ(Count(MessageKind::kPresence), 1U);
  Say(ToMessage(RightsMessage{.channel = kChannel, .rights = kMayRead | kMayShow}));
  EXPECT_EQ(Count(MessageKind::kPresence), 2U);
}

TEST_F(ClientTest, AnotherDocumentUnderTheNameIsNotMixedWithThisOne) {
  DocumentId id;
  id.bytes[0] = 1;
  document_.SetId(id);
  key_ = client_.Open("doc", document_);
  client_.Start(now_ms_);
  Settle();
  Welcome();
  DocumentId other;
  other.bytes[0] = 2;
  Say(ToMessage(Opened{.channel = kChannel,
                       .request = ReadOpen(Last(MessageKind::kOpen))->request,
                       .rights = kMayRead | kMayWrite,
                       .id = other,
                       .version = VersionVector().Encode()}));
  EXPECT_EQ(LastEvent<DocumentFailed>()->error.code, ErrorCode::kDocumentReplaced);
  EXPECT_EQ(Last(MessageKind::kClose).channel, kChannel);
  EXPECT_EQ(document_.id(), id);
}

// Found by SyncRandomTest: what a store keeps although it said that it failed comes back from the
// server, and was never acknowledged.
TEST_F(ClientTest, OwnEditsThatTheServerSendsAreDurable) {
  Begin();
  Type("a");
  const Message update = Last(MessageKind::kUpdate);
  Say(ToMessage(UpdateMessage{.channel = kChannel, .update = update.bytes[0]}));
  EXPECT_TRUE(client_.Count(key_).all_durable());
}

// Relays.

class RelayClientTest : public ClientTest {
 protected:
  void Begin() {
    ClientTest::Begin();
    Say(ToMessage(RightsMessage{.channel = kChannel, .rights = kMayRead | kMayWrite | kMayRelay}));
  }

  // Another wrote, and this copy has it from elsewhere.
  void GetFromElsewhere(std::string_view text) {
    const Version before = other_.version();
    ASSERT_TRUE(other_.Insert(CodePointOffset(0), text).has_value());
    ASSERT_TRUE(document_.Merge(*other_.EncodeSince(before)).has_value());
    Settle();
  }

  std::vector<MessageKind> KindsSaid() const {
    std::vector<MessageKind> kinds;
    for (const Message& message : said_) {
      if (message.channel != 0) kinds.push_back(message.kind);
    }
    return kinds;
  }

  RgaDocument other_{ReplicaId{.value = 7}};
};

using Kinds = std::vector<MessageKind>;

TEST_F(RelayClientTest, SaysWhoseAnIdIsBeforeWhatWasWrittenUnderIt) {
  Begin();
  client_.NameWriter(key_, 7, "ada");
  GetFromElsewhere("a");
  EXPECT_EQ(KindsSaid(), (Kinds{MessageKind::kWriter, MessageKind::kUpdate}));
  EXPECT_EQ(ReadWriter(Last(MessageKind::kWriter))->user, "ada");
  GetFromElsewhere("b");
  EXPECT_EQ(Count(MessageKind::kWriter), 1U);
}

TEST_F(RelayClientTest, ManyNamesGoBeforeAnythingElseToo) {
  Begin();
  for (uint64_t writer = 100; writer < 1100; ++writer) client_.NameWriter(key_, writer, "ada");
  GetFromElsewhere("a");
  for (int i = 0; i < 10; ++i) Settle();
  const Kinds kinds = KindsSaid();
  ASSERT_EQ(kinds.size(), 1001U);
  EXPECT_EQ(kinds.back(), MessageKind::kUpdate);
}

TEST_F(RelayClientTest, WhatTheServerSaidIsToldOnceAndNotSaidBack) {
  Begin();
  const Message named = ToMessage(WriterMessage{.channel = kChannel, .writer = 7, .user = "ada"});
  Say(named);
  const auto told = LastEvent<WriterNamed>();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->writer, 7U);
  EXPECT_EQ(told->user, "ada");
  events_.clear();
  Say(named);
  EXPECT_FALSE(LastEvent<WriterNamed>().has_value());
  GetFromElsewhere("a");
  EXPECT_EQ(KindsSaid(), (Kinds{MessageKind::kUpdate}));
}

TEST_F(RelayClientTest, AfterTheStoreFailedWhatDidNotComeBackIsSaidAgain) {
  Begin();
  client_.NameWriter(key_, 7, "ada");
  client_.NameWriter(key_, 8, "bob");
  GetFromElsewhere("a");
  Say(ToMessage(WriterMessage{.channel = kChannel, .writer = 8, .user = "bob"}));
  said_.clear();
  Say(ToMessage(
      ErrorMessage{.channel = kChannel, .code = ErrorCode::kStorageFailed, .retry_after_ms = 100}));
  Wait(200);
  EXPECT_EQ(KindsSaid(), (Kinds{MessageKind::kWriter, MessageKind::kUpdate}));
  EXPECT_EQ(ReadWriter(Last(MessageKind::kWriter))->writer, 7U);
}

TEST_F(RelayClientTest, WithoutTheRightNothingIsSaid) {
  ClientTest::Begin();
  client_.NameWriter(key_, 7, "ada");
  GetFromElsewhere("a");
  EXPECT_TRUE(KindsSaid().empty());
}

}  // namespace
}  // namespace cotext::sync
