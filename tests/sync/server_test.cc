#include "sync/server.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/offset.h"
#include "document/random.h"
#include "ot/operation_codec.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"
#include "sync/store.h"

namespace cotext::sync {
namespace {

constexpr Rights kWriter = kMayRead | kMayWrite | kMayShow;

// A server with connections that the test plays.
class ServerTest : public testing::Test {
 protected:
  struct Peer {
    ConnectionId connection = 0;
    std::vector<Message> got;  // Numbered ones and others, in order.
    std::optional<CloseConnection> closed;
    uint64_t sent = 0;
    uint64_t received = 0;
  };

  explicit ServerTest(const ServerOptions& options = {})
      : server_([this] { return random_.Next(); }, options) {}

  Peer& Connect(const std::string& user, Rights rights = kWriter) {
    Peer& peer = peers_[++connections_];
    peer.connection = connections_;
    server_.OnConnect(peer.connection, {.user = user, .grants = {{"*", rights}}}, now_ms_);
    return peer;
  }

  void SendControl(Peer& peer, const Message& message) {
    server_.OnPacket(peer.connection, {.head = {}, .messages = {message}}, 50, now_ms_);
    Settle();
  }

  void Send(Peer& peer, const Message& message) {
    server_.OnPacket(
        peer.connection,
        {.head = {.first = ++peer.sent, .received = peer.received}, .messages = {message}}, 50,
        now_ms_);
    Settle();
  }

  void AcknowledgeAll(Peer& peer) {
    server_.OnPacket(peer.connection, {.head = {.received = peer.received}, .messages = {}}, 10,
                     now_ms_);
    Settle();
  }

  // Greets and opens "doc"; returns the channel.
  Channel Join(Peer& peer, uint64_t writer, std::string version = {}) {
    SendControl(peer, ToMessage(Hello{}));
    Send(peer, ToMessage(Open{
                   .request = 1, .writer = writer, .name = "doc", .version = std::move(version)}));
    for (const Message& message : peer.got) {
      if (message.kind == MessageKind::kOpened) return message.channel;
    }
    return 0;
  }

  void Settle() {
    for (bool has_more = true; has_more;) {
      has_more = false;
      for (ServerAction& action : server_.TakeActions(now_ms_)) {
        has_more = true;
        if (auto* const call = std::get_if<CallStore>(&action)) {
          calls_.push_back(std::move(*call));
        } else if (auto* const close = std::get_if<CloseConnection>(&action)) {
          peers_[close->connection].closed = std::move(*close);
        } else {
          Receive(std::get<SendPacket>(action));
        }
      }
      if (answers_) AnswerStore();
    }
  }

  void Receive(const SendPacket& packet) {
    Peer& peer = peers_[packet.connection];
    refs_.insert(refs_.end(), packet.messages.begin(), packet.messages.end());
    for (const MessageRef ref : packet.messages) peer.got.push_back(server_.message(ref));
    if (packet.head.first != 0) peer.received += packet.messages.size();
  }

  void AnswerStore() {
    for (const CallStore& call : std::exchange(calls_, {})) {
      StoreAnswer answer{.ticket = call.ticket, .position = position_};
      if (const auto* const append = std::get_if<HubAppend>(&call.call)) {
        position_ += append->records.size();
        answer.position = position_;
      }
      server_.OnStoreAnswer(std::move(answer), now_ms_);
    }
  }

  void Wait(uint64_t ms) {
    for (uint64_t end = now_ms_ + ms; now_ms_ < end;) {
      now_ms_ = std::min(end, now_ms_ + 50);
      server_.OnTick(now_ms_);
      Settle();
    }
  }

  static std::vector<Message> Of(const Peer& peer, MessageKind kind) {
    std::vector<Message> found;
    for (const Message& message : peer.got) {
      if (message.kind == kind) found.push_back(message);
    }
    return found;
  }

  // The code of the last error that a peer was told; kIo if none.
  static ErrorCode LastError(const Peer& peer) {
    const std::vector<Message> errors = Of(peer, MessageKind::kError);
    return errors.empty() ? ErrorCode::kIo : ReadError(errors.back())->code;
  }

  static Message UpdateFor(Channel channel, RgaDocument& document, std::string_view text) {
    const Version before = document.version();
    EXPECT_TRUE(document.Insert(CodePointOffset(0), text).has_value());
    return ToMessage(UpdateMessage{.channel = channel, .update = *document.EncodeSince(before)});
  }

  Random random_{1};
  uint64_t now_ms_ = 1'000'000;
  Server server_;
  std::map<ConnectionId, Peer> peers_;
  ConnectionId connections_ = 0;
  std::deque<CallStore> calls_;
  bool answers_ = true;  // The store does so at once.
  uint64_t position_ = 0;
  std::vector<MessageRef> refs_;
};

TEST_F(ServerTest, AConnectionBeginsWithAHello) {
  Peer& peer = Connect("ann");
  Send(peer, ToMessage(Open{.request = 1, .writer = 5, .name = "doc"}));
  EXPECT_EQ(LastError(peer), ErrorCode::kBadMessage);
  ASSERT_TRUE(peer.closed.has_value());
  EXPECT_FALSE(peer.closed->may_retry);
  EXPECT_EQ(server_.session_count(), 0U);
}

TEST_F(ServerTest, AConnectionThatSaysNothingIsClosed) {
  Peer& peer = Connect("ann");
  Wait(9'900);
  EXPECT_FALSE(peer.closed.has_value());
  Wait(200);
  EXPECT_TRUE(peer.closed.has_value());
}

TEST_F(ServerTest, AProtocolOfTheFutureIsRefusedByName) {
  Peer& peer = Connect("ann");
  SendControl(peer, ToMessage(Hello{.oldest_version = 2, .newest_version = 3}));
  EXPECT_EQ(LastError(peer), ErrorCode::kUnsupportedProtocol);
  Peer& both = Connect("ann");
  SendControl(both, ToMessage(Hello{.oldest_version = 1, .newest_version = 3}));
  EXPECT_EQ(Of(both, MessageKind::kWelcome).size(), 1U);
}

TEST_F(ServerTest, AnEditGoesToTheOthersOnceTheStoreHasIt) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  answers_ = false;
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "hello"));
  EXPECT_TRUE(Of(bob, MessageKind::kUpdate).empty());
  EXPECT_TRUE(Of(ann, MessageKind::kAck).empty());
  AnswerStore();
  Settle();
  ASSERT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U);
  EXPECT_TRUE(Of(ann, MessageKind::kUpdate).empty());
  const std::vector<Message> acks = Of(ann, MessageKind::kAck);
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(ReadAck(acks[0])->level, AckLevel::kDurable);
  EXPECT_EQ(ReadAck(acks[0])->upto, 5U);
}

TEST_F(ServerTest, ASlowStoreIsToldOfAsReceived) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  answers_ = false;
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "x"));
  Wait(200);
  ASSERT_EQ(Of(ann, MessageKind::kAck).size(), 1U);
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck)[0])->level, AckLevel::kReceived);
  AnswerStore();
  Settle();
  ASSERT_EQ(Of(ann, MessageKind::kAck).size(), 2U);
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck)[1])->level, AckLevel::kDurable);
}

TEST_F(ServerTest, WhatFollowsSomethingMissingWaitsAndIsAskedFor) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  RgaDocument document(ReplicaId{.value = 5});
  const Message first = UpdateFor(channel, document, "a");
  const Message second = UpdateFor(channel, document, "b");
  Send(ann, second);
  ASSERT_EQ(Of(ann, MessageKind::kRequest).size(), 1U);
  EXPECT_TRUE(Of(bob, MessageKind::kUpdate).empty());
  Send(ann, first);
  EXPECT_EQ(Of(bob, MessageKind::kUpdate).size(), 2U);
  ASSERT_FALSE(Of(ann, MessageKind::kAck).empty());
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck).back())->upto, 2U);
}

TEST_F(ServerTest, WritingUnderAnotherUsersReplicaEndsTheSessionAndNothingElse) {
  Peer& ann = Connect("ann");
  Peer& eve = Connect("eve");
  const Channel channel = Join(ann, 5);
  Join(eve, 6);
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "mine"));
  Send(eve, UpdateFor(channel, document, "forged"));
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
  EXPECT_TRUE(eve.closed.has_value());
  EXPECT_FALSE(ann.closed.has_value());
  // Nor does a new session help, and she is gone for all.
  EXPECT_EQ(Of(ann, MessageKind::kPart).size(), 1U);
  Peer& again = Connect("eve");
  Join(again, 6);
  RgaDocument copy(ReplicaId{.value = 5});
  Send(again, UpdateFor(channel, copy, "other"));
  EXPECT_EQ(LastError(again), ErrorCode::kForgedIdentity);
}

TEST_F(ServerTest, TwoWritersUnderOneReplicaAreFoundOut) {
  Peer& first = Connect("ann");
  Peer& second = Connect("ann");
  const Channel channel = Join(first, 5);
  Join(second, 5);
  RgaDocument one(ReplicaId{.value = 5});
  RgaDocument two(ReplicaId{.value = 5});
  Send(first, UpdateFor(channel, one, "a"));
  Send(second, UpdateFor(channel, two, "b"));
  EXPECT_EQ(LastError(second), ErrorCode::kReplicaConflict);
  ASSERT_TRUE(second.closed.has_value());
  EXPECT_TRUE(second.closed->may_retry);  // Under another id.
  EXPECT_FALSE(first.closed.has_value());
  Send(first, UpdateFor(channel, one, "c"));
  EXPECT_EQ(ReadAck(Of(first, MessageKind::kAck).back())->upto, 2U);
}

TEST_F(ServerTest, ReadersWriteNothing) {
  Peer& ann = Connect("ann");
  Peer& reader = Connect("bob", kMayRead);
  const Channel channel = Join(ann, 5);
  Join(reader, 6);
  RgaDocument document(ReplicaId{.value = 6});
  Send(reader, UpdateFor(channel, document, "x"));
  EXPECT_EQ(LastError(reader), ErrorCode::kForbidden);
  EXPECT_TRUE(reader.closed.has_value());
}

TEST_F(ServerTest, ReadersMakeNoDocuments) {
  Peer& reader = Connect("bob", kMayRead);
  EXPECT_EQ(Join(reader, 6), 0U);
  EXPECT_EQ(LastError(reader), ErrorCode::kForbidden);
  EXPECT_FALSE(reader.closed.has_value());
}

TEST_F(ServerTest, BadMessagesEndTheSessionThatSentThemAndNothingElse) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  const Message bad[] = {
      ToMessage(UpdateMessage{.channel = channel, .update = "\xff\xff\xff"}),
      ToMessage(UpdateMessage{.channel = channel + 7, .update = ""}),
      ToMessage(Request{.channel = channel, .version = "\x01"}),
      ToMessage(Opened{.channel = channel}),
      ToMessage(Presence{.channel = channel, .state = std::string(5000, 's')}),
      ToMessage(Open{.request = 0, .writer = 5, .name = "doc"}),
      ToMessage(Open{.request = 1, .writer = 0, .name = "doc"}),
      ToMessage(Open{.request = 1, .writer = 5, .name = "\xff"}),
  };
  uint64_t writer = 10;
  for (const Message& message : bad) {
    Peer& peer = Connect("user" + std::to_string(writer));
    ASSERT_EQ(Join(peer, writer++), channel);
    Send(peer, message);
    EXPECT_NE(LastError(peer), ErrorCode::kIo) << static_cast<int>(message.kind);
    EXPECT_TRUE(peer.closed.has_value()) << static_cast<int>(message.kind);
    EXPECT_FALSE(ann.closed.has_value());
  }
  EXPECT_EQ(server_.session_count(), 1U);
}

TEST_F(ServerTest, MessagesOfALaterProtocolArePassedOver) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  Send(ann, Message{.kind = MessageKind::kUnknown, .bytes = {}});
  Send(ann, Message{.kind = static_cast<MessageKind>(99), .channel = channel, .bytes = {}});
  SendControl(ann, Message{.kind = MessageKind::kUnknown, .bytes = {}});
  EXPECT_FALSE(ann.closed.has_value());
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "x"));
  EXPECT_EQ(Of(ann, MessageKind::kAck).size(), 1U);
}

TEST_F(ServerTest, BytesThatAreNoPacketEndTheSession) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  server_.OnGarbage(ann.connection, {ErrorCode::kBadMessage, "no packet"}, now_ms_);
  Settle();
  EXPECT_EQ(LastError(ann), ErrorCode::kBadMessage);
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_TRUE(ann.closed->may_retry);
  EXPECT_EQ(server_.session_count(), 0U);
}

TEST_F(ServerTest, ASessionIsTakenUpByItsTokenAndByItsUserOnly) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  const Welcome welcome = *ReadWelcome(ann.got[0]);
  server_.OnDisconnect(ann.connection, now_ms_);

  Peer& eve = Connect("eve");
  SendControl(eve, ToMessage(Hello{.received = ann.received, .token = welcome.token}));
  EXPECT_NE(ReadWelcome(eve.got[0])->session, welcome.session);

  Peer& bob = Connect("bob");
  Join(bob, 6);
  RgaDocument document(ReplicaId{.value = 6});
  Send(bob, UpdateFor(channel, document, "meanwhile"));

  Peer& again = Connect("ann");
  again.sent = ann.sent;
  again.received = ann.received;
  SendControl(again, ToMessage(Hello{.received = ann.received, .token = welcome.token}));
  EXPECT_EQ(ReadWelcome(again.got[0])->session, welcome.session);
  EXPECT_EQ(ReadWelcome(again.got[0])->received, ann.sent);
  EXPECT_EQ(Of(again, MessageKind::kUpdate).size(), 1U);
  EXPECT_TRUE(Of(bob, MessageKind::kPart).empty());
}

TEST_F(ServerTest, WhoComesBackWithFewerRightsHasFewerRights) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  const Welcome welcome = *ReadWelcome(ann.got[0]);
  server_.OnDisconnect(ann.connection, now_ms_);
  Peer& again = Connect("ann", kMayRead);
  again.sent = ann.sent;
  again.received = ann.received;
  SendControl(again, ToMessage(Hello{.received = ann.received, .token = welcome.token}));
  EXPECT_EQ(ReadWelcome(again.got[0])->session, welcome.session);
  ASSERT_EQ(Of(again, MessageKind::kRights).size(), 1U);
  RgaDocument document(ReplicaId{.value = 5});
  Send(again, UpdateFor(channel, document, "x"));
  EXPECT_EQ(LastError(again), ErrorCode::kForbidden);
}

TEST_F(ServerTest, WhatIsMissingIsAskedForOnce) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  const Message first = UpdateFor(channel, document, "a");
  std::vector<Message> others;
  for (int i = 0; i < 20; ++i) others.push_back(UpdateFor(channel, document, "b"));
  for (const Message& other : others) Send(ann, other);
  EXPECT_EQ(Of(ann, MessageKind::kRequest).size(), 1U);
  Send(ann, first);
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck).back())->upto, 21U);
}

TEST_F(ServerTest, ASessionOutlivesItsConnectionByFifteenSeconds) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  Join(ann, 5);
  Join(bob, 6);
  server_.OnDisconnect(ann.connection, now_ms_);
  for (int second = 0; second < 14; ++second) {
    Wait(1000);
    SendControl(bob, ToMessage(Pong{}));
  }
  EXPECT_TRUE(Of(bob, MessageKind::kPart).empty());
  Wait(1100);
  EXPECT_EQ(Of(bob, MessageKind::kPart).size(), 1U);
  EXPECT_EQ(server_.session_count(), 1U);
}

TEST_F(ServerTest, WhoLeavesIsGoneAtOnce) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  Join(ann, 5);
  Join(bob, 6);
  SendControl(ann, ToMessage(Leave{}));
  EXPECT_EQ(Of(bob, MessageKind::kPart).size(), 1U);
  EXPECT_TRUE(ann.closed.has_value());
}

TEST_F(ServerTest, WhoIsSilentIsAskedAndThenGivenUp) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  AcknowledgeAll(ann);
  Wait(10'100);
  EXPECT_EQ(Of(ann, MessageKind::kPing).size(), 1U);
  server_.OnSignOfLife(ann.connection, now_ms_);
  Wait(29'000);
  EXPECT_FALSE(ann.closed.has_value());
  Wait(1'100);
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_EQ(ann.closed->reason.code, ErrorCode::kTimedOut);
  EXPECT_TRUE(ann.closed->may_retry);
}

TEST_F(ServerTest, APingIsAnswered) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  SendControl(ann, ToMessage(Ping{.value = 77}));
  ASSERT_EQ(Of(ann, MessageKind::kPong).size(), 1U);
  EXPECT_EQ(Of(ann, MessageKind::kPong)[0].numbers[0], 77U);
}

TEST_F(ServerTest, OneMessageForManyIsOneMessage) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  for (uint64_t writer = 10; writer < 20; ++writer) {
    Join(Connect("user" + std::to_string(writer)), writer);
  }
  for (auto& [connection, peer] : peers_) AcknowledgeAll(peer);
  refs_.clear();
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "x"));
  size_t updates = 0;
  std::map<MessageRef, size_t> uses;
  for (const MessageRef ref : refs_) ++uses[ref];
  for (const auto& [ref, count] : uses) updates = std::max(updates, count);
  EXPECT_EQ(updates, 10U);
}

TEST_F(ServerTest, RightsThatAreTakenAwayAreToldAndWhatIsOnItsWayIsIgnored) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  const SessionId session = ReadWelcome(ann.got[0])->session;
  server_.SetGrants(session, {{"*", kMayRead}});
  Settle();
  ASSERT_EQ(Of(ann, MessageKind::kRights).size(), 1U);
  EXPECT_EQ(Of(bob, MessageKind::kPart).size(), 1U);
  server_.SetGrants(session, {});
  Settle();
  EXPECT_EQ(LastError(ann), ErrorCode::kForbidden);
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, "x"));
  EXPECT_FALSE(ann.closed.has_value());
  EXPECT_TRUE(Of(bob, MessageKind::kUpdate).empty());
}

TEST_F(ServerTest, AnotherDocumentOfThatNameIsRefused) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  Peer& bob = Connect("bob");
  SendControl(bob, ToMessage(Hello{}));
  DocumentId other;
  other.bytes[3] = 7;
  Send(bob, ToMessage(Open{.request = 1, .writer = 6, .id = other, .name = "doc"}));
  EXPECT_EQ(LastError(bob), ErrorCode::kDocumentReplaced);
  Send(bob, ToMessage(Open{.request = 2, .engine = Engine::kOt, .writer = 6, .name = "doc"}));
  EXPECT_EQ(LastError(bob), ErrorCode::kWrongEngine);
  EXPECT_FALSE(bob.closed.has_value());
}

TEST_F(ServerTest, ADocumentTakesTheIdThatItsFirstClientMadeOffline) {
  Peer& ann = Connect("ann");
  SendControl(ann, ToMessage(Hello{}));
  DocumentId id;
  id.bytes[0] = 1;
  id.bytes[15] = 200;
  Send(ann, ToMessage(Open{.request = 1, .writer = 5, .id = id, .name = "doc"}));
  ASSERT_EQ(Of(ann, MessageKind::kOpened).size(), 1U);
  EXPECT_EQ(ReadOpened(Of(ann, MessageKind::kOpened)[0])->id, id);
}

// Found by SyncRandomTest: a client kept an id that the server forgot in a crash.
TEST_F(ServerTest, NobodyIsToldOfAnIdThatACrashCanTakeBack) {
  answers_ = false;
  Peer& ann = Connect("ann");
  EXPECT_EQ(Join(ann, 5), 0U);
  AnswerStore();  // There is no such document,
  Settle();
  EXPECT_TRUE(Of(ann, MessageKind::kOpened).empty());
  AnswerStore();  // now there is.
  Settle();
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 1U);
}

TEST_F(ServerTest, AServerThatEndsSaysSo) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  server_.ShutDown(2000, now_ms_);
  Settle();
  ASSERT_EQ(Of(ann, MessageKind::kGoingAway).size(), 1U);
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_TRUE(ann.closed->may_retry);
  EXPECT_TRUE(server_.is_quiet());
  Peer& late = Connect("bob");
  Settle();
  EXPECT_EQ(LastError(late), ErrorCode::kShuttingDown);
}

TEST_F(ServerTest, DocumentsThatNobodyUsesAreDropped) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  EXPECT_EQ(server_.hub_count(), 1U);
  SendControl(ann, ToMessage(Leave{}));
  Wait(59'000);
  EXPECT_EQ(server_.hub_count(), 1U);
  Wait(2'000);
  EXPECT_EQ(server_.hub_count(), 0U);
}

TEST_F(ServerTest, NothingIsStoredTwice) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  answers_ = false;
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, std::string(500, 'x')));
  ASSERT_TRUE(document.Insert(CodePointOffset(0), "y").has_value());
  Send(ann, ToMessage(UpdateMessage{
                .channel = channel,
                .update = *document.EncodeSince(Version{.bytes = VersionVector().Encode()})}));
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_LT(std::get<HubAppend>(calls_[1].call).records.back().bytes.size(), 50U);
}

// OT.

class OtServerTest : public ServerTest {
 protected:
  Channel JoinOt(Peer& peer, uint64_t client, std::string version) {
    SendControl(peer, ToMessage(Hello{}));
    Send(peer, ToMessage(Open{.request = 1,
                              .engine = Engine::kOt,
                              .writer = client,
                              .name = "doc",
                              .version = std::move(version)}));
    const std::vector<Message> opened = Of(peer, MessageKind::kOpened);
    return opened.empty() ? 0 : opened[0].channel;
  }

  void SubmitInsert(Peer& peer, Channel channel, uint64_t client, uint64_t seq, uint64_t base) {
    Delta operation;
    operation.Insert("x");
    Send(peer, ToMessage(Submit{.channel = channel,
                                .client = client,
                                .seq = seq,
                                .base = base,
                                .operation = EncodeOperation(operation)}));
  }
};

TEST_F(OtServerTest, ACommitGoesToAllAndIsTheAnswer) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(bob, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 0);
  for (const Peer* peer : {&ann, &bob}) {
    ASSERT_EQ(Of(*peer, MessageKind::kCommit).size(), 1U);
    EXPECT_EQ(ReadCommit(Of(*peer, MessageKind::kCommit)[0])->revision, 1U);
  }
  SubmitInsert(ann, channel, 5, 1, 0);
  EXPECT_EQ(Of(bob, MessageKind::kCommit).size(), 1U);
  ASSERT_EQ(Of(ann, MessageKind::kAck).size(), 1U);
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck)[0])->revision, 1U);
}

TEST_F(OtServerTest, ARefusalGoesToWhoSubmitted) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(bob, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 99);
  ASSERT_EQ(Of(ann, MessageKind::kRefusal).size(), 1U);
  EXPECT_EQ(ReadRefusal(Of(ann, MessageKind::kRefusal)[0])->code, ErrorCode::kUnknownRevision);
  EXPECT_TRUE(Of(bob, MessageKind::kRefusal).empty());
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(OtServerTest, WhoWasAwayGetsCommitsAndWhoHasNothingGetsTheText) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= 5; ++seq) SubmitInsert(ann, channel, 5, seq, seq - 1);
  Peer& away = Connect("bob");
  JoinOt(away, 6, RevisionBytes(2));
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), 3U);
  EXPECT_TRUE(Of(away, MessageKind::kSnapshot).empty());
  Peer& fresh = Connect("eve");
  JoinOt(fresh, 7, {});
  EXPECT_TRUE(Of(fresh, MessageKind::kCommit).empty());
  ASSERT_EQ(Of(fresh, MessageKind::kSnapshot).size(), 1U);
  EXPECT_EQ(ReadSnapshot(Of(fresh, MessageKind::kSnapshot)[0])->piece, "xxxxx");
  // Nor does either get anything twice.
  SubmitInsert(ann, channel, 5, 6, 5);
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), 4U);
  EXPECT_EQ(Of(fresh, MessageKind::kCommit).size(), 1U);
  EXPECT_EQ(Of(away, MessageKind::kSnapshot).size() + Of(fresh, MessageKind::kSnapshot).size(), 1U);
}

TEST_F(OtServerTest, SubmittingUnderAnotherUsersClientIdEndsTheSession) {
  Peer& ann = Connect("ann");
  Peer& eve = Connect("eve");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(eve, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 0);
  SubmitInsert(eve, channel, 5, 2, 1);
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
  EXPECT_FALSE(ann.closed.has_value());
}

class SlowClientTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.lag_bytes = 4096;
    options.pull_bytes = 2048;
    return options;
  }
  SlowClientTest() : ServerTest(Options()) {}
};

TEST_F(SlowClientTest, WhoTakesNothingLagsAndThenGetsAllInOnePiece) {
  Peer& ann = Connect("ann");
  Peer& slow = Connect("slow");
  const Channel channel = Join(ann, 5);
  Join(slow, 6);
  const SessionId session = ReadWelcome(slow.got[0])->session;
  AcknowledgeAll(slow);
  RgaDocument document(ReplicaId{.value = 5});
  size_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    Send(ann, UpdateFor(channel, document, "x"));
    ann.got.clear();
    AcknowledgeAll(ann);
    most = std::max(most, server_.QueuedBytes(session));
  }
  EXPECT_LT(most, 5000U);
  EXPECT_FALSE(slow.closed.has_value());
  const size_t before = Of(slow, MessageKind::kUpdate).size();
  EXPECT_LT(before, 100U);
  AcknowledgeAll(slow);
  EXPECT_EQ(Of(slow, MessageKind::kUpdate).size(), before + 1);
  RgaDocument copy(ReplicaId{.value = 6});
  for (const Message& message : Of(slow, MessageKind::kUpdate)) {
    ASSERT_TRUE(copy.Merge(message.bytes[0]).has_value());
  }
  EXPECT_EQ(copy.Text(), document.Text());
}

TEST_F(SlowClientTest, WhoTakesNothingForHalfAMinuteIsGivenUp) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  for (int second = 0; second < 31 && !ann.closed; ++second) {
    Wait(1000);
    SendControl(ann, ToMessage(Pong{}));
  }
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_EQ(ann.closed->reason.code, ErrorCode::kTooSlow);
}

TEST_F(SlowClientTest, OfPresenceASlowClientGetsTheLatest) {
  Peer& ann = Connect("ann");
  Peer& slow = Connect("slow");
  const Channel channel = Join(ann, 5);
  Join(slow, 6);
  AcknowledgeAll(slow);
  RgaDocument document(ReplicaId{.value = 5});
  for (int i = 0; i < 200; ++i) Send(ann, UpdateFor(channel, document, "x"));
  AcknowledgeAll(ann);
  for (int i = 0; i < 100; ++i) {
    Wait(60);
    Send(ann, ToMessage(Presence{.channel = channel, .state = "at " + std::to_string(i)}));
  }
  slow.got.clear();
  AcknowledgeAll(slow);
  AcknowledgeAll(slow);
  const std::vector<Message> joins = Of(slow, MessageKind::kJoin);
  ASSERT_EQ(joins.size(), 1U);
  EXPECT_EQ(ReadJoin(joins[0])->state, "at 99");
}

}  // namespace
}  // namespace cotext::sync
