#include "sync/server.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/codec/update_tools.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/offset.h"
#include "sync/causal_buffer.h"
#include "sync/messages.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

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
  // Both became durable together.
  ASSERT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U);
  EXPECT_EQ(RangeOfUpdate(Of(bob, MessageKind::kUpdate)[0].bytes[0])->reaches,
            document.version_vector());
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

TEST_F(ServerTest, ADocumentThatNobodyUsesCanBeForgottenAndOpenedAgain) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  EXPECT_TRUE(server_.Forget("another"));
  EXPECT_FALSE(server_.Forget("doc"));
  SendControl(ann, ToMessage(Leave{}));
  Settle();
  EXPECT_TRUE(server_.Forget("doc"));
  EXPECT_EQ(server_.hub_count(), 0U);
  Wait(100'000);
  Peer& bob = Connect("bob");
  Join(bob, 6);
  EXPECT_EQ(server_.hub_count(), 1U);
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

TEST_F(ServerTest, AnUpdateWithoutItsDeletedTextIsRefused) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  ASSERT_TRUE(document.Insert(CodePointOffset(0), std::string(100, 'x')).has_value());
  ASSERT_TRUE(document.Erase(CodePointOffset(0), CodePointOffset(90)).has_value());
  const std::string all = *document.EncodeSince(Version{.bytes = VersionVector().Encode()});
  const std::string_view parts[] = {all};
  Send(ann, ToMessage(UpdateMessage{.channel = channel,
                                    .update = *MergeUpdates(parts, {.drops_deleted_text = true})}));
  EXPECT_EQ(LastError(ann), ErrorCode::kMalformedUpdate);
}

TEST_F(ServerTest, WhoRepeatsWhatOthersWroteDoesNotOwnIt) {
  Peer& relay = Connect("backup", kAllRights);
  const Channel channel = Join(relay, 4);
  RgaDocument original(ReplicaId{.value = 7});
  Send(relay, UpdateFor(channel, original, "from afar"));
  // Mallory sends it again, with something of her own behind it.
  Peer& mallory = Connect("mallory");
  Join(mallory, 9);
  RgaDocument copy(ReplicaId{.value = 9});
  ASSERT_TRUE(
      copy.Merge(*original.EncodeSince(Version{.bytes = VersionVector().Encode()})).has_value());
  ASSERT_TRUE(copy.Insert(CodePointOffset(0), "mine").has_value());
  Send(mallory, ToMessage(UpdateMessage{
                    .channel = channel,
                    .update = *copy.EncodeSince(Version{.bytes = VersionVector().Encode()})}));
  EXPECT_FALSE(mallory.closed.has_value());
  Send(mallory, UpdateFor(channel, original, "forged"));
  EXPECT_EQ(LastError(mallory), ErrorCode::kForgedIdentity);
}

TEST_F(ServerTest, RightsThatAreTakenAwayWhileADocumentIsLoadedAreGone) {
  answers_ = false;
  Peer& ann = Connect("ann");
  EXPECT_EQ(Join(ann, 5), 0U);
  server_.SetGrants(ReadWelcome(ann.got[0])->session, {});
  answers_ = true;
  AnswerStore();
  Settle();
  EXPECT_TRUE(Of(ann, MessageKind::kOpened).empty());
  EXPECT_EQ(LastError(ann), ErrorCode::kForbidden);
}

TEST_F(ServerTest, WhatFoundNoRoomIsAskedForWhenThereIs) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  const Message first = UpdateFor(channel, document, "a");
  std::vector<Message> others;
  for (size_t i = 0; i < CausalBuffer::kOfOneSessionMax + 10; ++i) {
    others.push_back(UpdateFor(channel, document, "b"));
  }
  for (const Message& other : others) Send(ann, other);
  EXPECT_EQ(Of(ann, MessageKind::kRequest).size(), 1U);
  Send(ann, first);
  ASSERT_EQ(Of(ann, MessageKind::kRequest).size(), 2U);
  const auto version =
      VersionVector::Decode(ReadRequest(Of(ann, MessageKind::kRequest)[1])->version);
  EXPECT_EQ(version->CounterOf(ReplicaId{.value = 5}), 1 + CausalBuffer::kOfOneSessionMax);
}

TEST_F(ServerTest, ManyPingsOfOnePacketHaveOneAnswer) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  server_.OnPacket(ann.connection,
                   {.head = {}, .messages = std::vector<Message>(1000, ToMessage(Ping{}))}, 50,
                   now_ms_);
  Settle();
  EXPECT_EQ(Of(ann, MessageKind::kPong).size(), 1U);
}

class FullServerTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.queue_bytes_max = 3000;
    options.hub.pending_bytes_max = 8000;
    return options;
  }
  FullServerTest() : ServerTest(Options()) {}
};

// One piece of what he lacks is more than may wait, each time that he comes.
TEST_F(FullServerTest, WhoLacksMoreThanMayWaitIsCaughtUpAllTheSame) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, std::string(4000, 'x')));
  Peer& bob = Connect("bob");
  Join(bob, 6);
  EXPECT_FALSE(bob.closed.has_value());
  EXPECT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U);
  // From then on there is no more room than ever.
  AcknowledgeAll(bob);
  Send(ann, UpdateFor(channel, document, std::string(3000, 'y')));
  ASSERT_TRUE(bob.closed.has_value());
  EXPECT_EQ(bob.closed->reason.code, ErrorCode::kTooSlow);
}

// What Receive reads of a packet is there although the session has ended meanwhile.
TEST_F(FullServerTest, ThePacketsOfASessionThatOverflowsAreWhole) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  RgaDocument document(ReplicaId{.value = 5});
  Send(ann, UpdateFor(channel, document, std::string(4000, 'x')));
  ASSERT_TRUE(bob.closed.has_value());
  EXPECT_EQ(bob.closed->reason.code, ErrorCode::kTooSlow);
  EXPECT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U);
  EXPECT_GT(Of(bob, MessageKind::kUpdate)[0].bytes[0].size(), 4000U);
}

TEST_F(FullServerTest, AStoreThatIsBehindIsTriedAgainLater) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  answers_ = false;
  RgaDocument document(ReplicaId{.value = 5});
  for (int i = 0; i < 4; ++i) {
    Send(ann, UpdateFor(channel, document, std::string(2500, 'x')));
  }
  EXPECT_EQ(LastError(ann), ErrorCode::kStorageFailed);
  EXPECT_GT(ReadError(Of(ann, MessageKind::kError).back())->retry_after_ms, 0U);
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(ServerTest, AStoreThatFailsForGoodIsNotAskedOnAndOnAndWhoOpensIsTold) {
  answers_ = false;
  Peer& ann = Connect("ann");
  Join(ann, 5);
  size_t writes = 0;
  for (int turn = 0; turn < 100; ++turn) {
    for (const CallStore& call : std::exchange(calls_, {})) {
      StoreAnswer answer{.ticket = call.ticket, .position = 0};
      if (std::holds_alternative<HubAppend>(call.call)) {
        ++writes;
        answer.position = MakeError(ErrorCode::kDiskFull, "/srv/store.db: the disk is full");
      }
      server_.OnStoreAnswer(std::move(answer), now_ms_);
    }
    Settle();
  }
  EXPECT_EQ(writes, 1U);
  ASSERT_EQ(Of(ann, MessageKind::kError).size(), 1U);
  const ErrorMessage error = *ReadError(Of(ann, MessageKind::kError)[0]);
  EXPECT_EQ(error.code, ErrorCode::kStorageFailed);
  EXPECT_EQ(error.request, 1U);
  EXPECT_GT(error.retry_after_ms, 0U);
  EXPECT_FALSE(error.text.contains("/srv")) << "where the store is, is nobody's to know";
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

// Regression: who was always behind saw those who had gone until it was not, which may be for ever.
TEST_F(SlowClientTest, WhoHasGoneIsToldAheadOfTheEditsThatWait) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  Peer& eve = Connect("eve");
  Peer& slow = Connect("slow");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  Join(eve, 7);
  Join(slow, 8);
  AcknowledgeAll(slow);
  const SessionId gone = ReadWelcome(bob.got[0])->session;
  const SessionId back = ReadWelcome(eve.got[0])->session;
  RgaDocument document(ReplicaId{.value = 5});
  for (int i = 0; i < 10; ++i) {
    Send(ann, UpdateFor(channel, document, std::string(3000, 'x')));
    AcknowledgeAll(ann);
  }
  SendControl(bob, ToMessage(Leave{}));
  server_.SetGrants(back, {{"*", kMayRead}});
  server_.SetGrants(back, {{"*", kWriter}});
  Settle();
  slow.got.clear();
  AcknowledgeAll(slow);
  ASSERT_FALSE(slow.got.empty());
  ASSERT_EQ(slow.got[0].kind, MessageKind::kPart);
  EXPECT_EQ(ReadPart(slow.got[0])->session, gone);
  EXPECT_TRUE(Of(slow, MessageKind::kJoin).empty()) << "was not behind any more";
  for (int turn = 0; turn < 20; ++turn) AcknowledgeAll(slow);
  EXPECT_EQ(Of(slow, MessageKind::kPart).size(), 1U);
  const std::vector<Message> joins = Of(slow, MessageKind::kJoin);
  ASSERT_EQ(joins.size(), 1U);
  EXPECT_EQ(ReadJoin(joins[0])->session, back);
}

}  // namespace
}  // namespace cotext::sync
