// What a session can make a server spend: memory, and messages to others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/offset.h"
#include "ot/operation_codec.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"
#include "sync/server.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

class ServerLimitsTest : public ServerTest {
 protected:
  explicit ServerLimitsTest(const ServerOptions& options = {}) : ServerTest(options) {}

  void Ask(Peer& peer, const std::string& name, Engine engine = Engine::kRga) {
    Send(peer, ToMessage(Open{.request = 1, .engine = engine, .writer = 5, .name = name}));
  }

  // Gives a document some text, in updates of their own.
  void Write(Peer& peer, Channel channel, RgaDocument& document, int updates, size_t bytes) {
    for (int i = 0; i < updates; ++i) {
      Send(peer, UpdateFor(channel, document, std::string(bytes, 'x')));
      peer.got.clear();
      AcknowledgeAll(peer);
    }
  }
};

TEST_F(ServerLimitsTest, TogglingTypingIsHeardLittleOfByOthers) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  for (uint64_t i = 0; i < 4000; ++i) {
    Send(ann, ToMessage(Typing{.channel = channel, .is_typing = i % 2 == 0}));
    Send(ann, ToMessage(Presence{.channel = channel, .state = std::to_string(i)}));
    AcknowledgeAll(bob);
    if (i % 40 == 39) Wait(1);
  }
  Wait(100);
  // In a fifth of a second.
  EXPECT_LE(Of(bob, MessageKind::kTyping).size(), 6U);
  EXPECT_LE(Of(bob, MessageKind::kPresence).size(), 6U);
  EXPECT_EQ(ReadPresence(Of(bob, MessageKind::kPresence).back())->state, "3999");
  EXPECT_FALSE(ReadTyping(Of(bob, MessageKind::kTyping).back())->is_typing);
}

class RateTest : public ServerLimitsTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.messages = {.per_s = 10, .burst = 100};
    options.bytes = {.per_s = 10'000, .burst = 100'000};
    return options;
  }
  RateTest() : ServerLimitsTest(Options()) {}

  void SendBytes(Peer& peer, Channel channel, size_t bytes) {
    server_.OnPacket(peer.connection,
                     {.head = {.first = ++peer.sent, .received = peer.received},
                      .messages = {ToMessage(Typing{.channel = channel})}},
                     bytes, now_ms_);
    Settle();
  }
};

TEST_F(RateTest, WhoSendsTooMuchIsAcknowledgedLater) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  for (int i = 0; i < 40; ++i) SendBytes(ann, channel, 50);
  Wait(600);
  EXPECT_EQ(ann.acknowledged, ann.sent) << "at once there may be many";
  for (int i = 0; i < 30; ++i) SendBytes(ann, channel, 50);
  const uint64_t within = ann.acknowledged;
  Wait(600);
  EXPECT_EQ(ann.acknowledged, within) << "each is a message and a packet";
  EXPECT_LT(ann.acknowledged, ann.sent);
  Wait(5'000);
  EXPECT_EQ(ann.acknowledged, ann.sent);
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(RateTest, BytesCountToo) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  SendBytes(ann, channel, 90'000);
  Wait(600);
  EXPECT_EQ(ann.acknowledged, ann.sent);
  SendBytes(ann, channel, 60'000);
  Wait(1'000);
  EXPECT_LT(ann.acknowledged, ann.sent);
  Wait(5'000);
  EXPECT_EQ(ann.acknowledged, ann.sent);
}

TEST_F(RateTest, WhoGoesOnAllTheSameIsEndedAndMayComeBack) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  for (int i = 0; i < 200 && !ann.closed; ++i) SendBytes(ann, channel, 50);
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_EQ(ann.closed->reason.code, ErrorCode::kRateLimited);
  EXPECT_TRUE(ann.closed->may_retry);
  EXPECT_GT(ReadError(Of(ann, MessageKind::kError).back())->retry_after_ms, 0U);
  EXPECT_FALSE(bob.closed.has_value());
}

class OpenFloodTest : public ServerLimitsTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.opens_per_s = 1'000'000'000;
    return options;
  }
  OpenFloodTest() : ServerLimitsTest(Options()) {}
};

TEST_F(OpenFloodTest, AHundredThousandNamesOpenedInVainLeaveNothing) {
  Peer& reader = Connect("bob", kMayRead);
  SendControl(reader, ToMessage(Hello{}));
  for (int i = 0; i < 100'000; ++i) {
    ++now_ms_;
    Ask(reader, "no such document " + std::to_string(i));
    if (i % 100 == 0) {
      EXPECT_EQ(LastError(reader), ErrorCode::kForbidden);
      reader.got.clear();
      AcknowledgeAll(reader);
      ASSERT_LE(server_.hub_count(), 1U);
    }
  }
  Settle();
  EXPECT_EQ(server_.hub_count(), 0U);
  EXPECT_FALSE(reader.closed.has_value());
}

TEST_F(OpenFloodTest, DocumentsOfTheWrongEngineThatNobodyHasOpenAreNotKept) {
  Peer& ann = Connect("ann");
  SendControl(ann, ToMessage(Hello{}));
  answers_ = false;
  Ask(ann, "doc", Engine::kOt);
  ASSERT_EQ(calls_.size(), 1U);
  // The store says that it is one of the other engine.
  StoredLog log;
  log.snapshot.push_back(Record{.kind = RecordKind::kIdentity, .bytes = std::string(17, '\0')});
  server_.OnStoreAnswer({.ticket = calls_[0].ticket, .position = 1, .log = std::move(log)},
                        now_ms_);
  calls_.clear();
  Settle();
  EXPECT_EQ(LastError(ann), ErrorCode::kWrongEngine);
  EXPECT_EQ(server_.hub_count(), 0U);
}

TEST_F(OpenFloodTest, NamesWhoseStoreDoesNotAnswerAreNoMoreThanASessionMayHaveOpen) {
  Peer& ann = Connect("ann");
  SendControl(ann, ToMessage(Hello{}));
  answers_ = false;
  for (int i = 0; i < 3000; ++i) {
    ++now_ms_;
    Ask(ann, "document " + std::to_string(i));
    AcknowledgeAll(ann);
  }
  EXPECT_EQ(LastError(ann), ErrorCode::kTooManyDocuments);
  EXPECT_EQ(server_.hub_count(), ServerOptions().channels_max);
  SendControl(ann, ToMessage(Leave{}));
  answers_ = true;
  AnswerStore();
  Settle();
  EXPECT_EQ(server_.hub_count(), 0U);
}

// Each open and close is told to all others.
TEST_F(ServerLimitsTest, ASessionThatOpensAndClosesWithoutEndIsToldToWait) {
  Peer& ann = Connect("ann");
  Peer& eve = Connect("eve");
  const Channel channel = Join(ann, 5);
  ASSERT_EQ(Join(eve, 6), channel);
  for (int i = 0; i < 3000; ++i) {
    Send(eve, ToMessage(Close{.channel = channel}));
    if (eve.closed) break;
    Ask(eve, "doc");
    AcknowledgeAll(ann);
    if (LastError(eve) != ErrorCode::kIo) break;
  }
  EXPECT_EQ(LastError(eve), ErrorCode::kTooManyDocuments);
  EXPECT_GT(ReadError(Of(eve, MessageKind::kError).back())->retry_after_ms, 0U);
  EXPECT_FALSE(eve.closed.has_value());
  EXPECT_LE(Of(ann, MessageKind::kJoin).size(), ServerOptions().channels_max + 1);
  // Later it may again, not as often as at first.
  Wait(1000);
  eve.got.clear();
  Ask(eve, "doc");
  EXPECT_EQ(Of(eve, MessageKind::kOpened).size(), 1U);
}

class FewHubsTest : public ServerLimitsTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hubs_max = 3;
    return options;
  }
  FewHubsTest() : ServerLimitsTest(Options()) {}
};

TEST_F(FewHubsTest, TheDocumentThatNobodyHasHadOpenForTheLongestMakesRoom) {
  Peer& ann = Connect("ann");
  SendControl(ann, ToMessage(Hello{}));
  for (const char* name : {"a", "b", "c"}) Ask(ann, name);
  const std::vector<Message> opened = Of(ann, MessageKind::kOpened);
  ASSERT_EQ(opened.size(), 3U);
  Ask(ann, "d");
  EXPECT_EQ(LastError(ann), ErrorCode::kTooManyDocuments);
  Send(ann, ToMessage(Close{.channel = opened[1].channel}));
  Wait(50);
  Send(ann, ToMessage(Close{.channel = opened[0].channel}));
  Ask(ann, "d");
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 4U);
  EXPECT_EQ(server_.FindHub("b"), nullptr);
  EXPECT_NE(server_.FindHub("a"), nullptr);
}

TEST_F(ServerLimitsTest, WhoRelaysOwnsWhatItWritesItselfAndNothingElse) {
  Peer& relay = Connect("relay", kWriter | kMayRelay);
  const Channel channel = Join(relay, 7);
  RgaDocument own(ReplicaId{.value = 7});
  RgaDocument other(ReplicaId{.value = 9});
  Send(relay, UpdateFor(channel, own, "mine"));
  Send(relay, UpdateFor(channel, other, "not mine"));
  ASSERT_FALSE(relay.closed.has_value());
  SendControl(relay, ToMessage(Leave{}));
  // Its user writes on without the right; nobody else does under that id, or under the other's.
  Peer& eve = Connect("eve");
  Join(eve, 7);
  Send(eve, UpdateFor(channel, own, "forged"));
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
  Peer& again = Connect("relay");
  Join(again, 7);
  Send(again, ToMessage(UpdateMessage{.channel = channel,
                                      .update = *own.EncodeSince(VersionVector(), 1000)}));
  EXPECT_FALSE(again.closed.has_value());
  Send(again, UpdateFor(channel, other, "forged"));
  EXPECT_EQ(LastError(again), ErrorCode::kForgedIdentity);
}

// Whose versions no longer fit a message would keep everybody out.
TEST_F(ServerLimitsTest, ARelayBringsNoMoreWritersThanADocumentMayHave) {
  Peer& relay = Connect("relay", kWriter | kMayRelay);
  const Channel channel = Join(relay, 7);
  for (uint64_t first = 1; first <= 70'000 && !relay.closed; first += 10'000) {
    Update update;
    for (uint64_t replica = first; replica < first + 10'000; ++replica) {
      update.BeginChange({.value = replica}, 1);
      update.AddInsert(kRoot, 1, "x");
    }
    Send(relay, ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(update)}));
    relay.got.erase(relay.got.begin(), relay.got.end() - 1);
    AcknowledgeAll(relay);
  }
  EXPECT_EQ(LastError(relay), ErrorCode::kTooLarge);
}

// Ten bytes delete a whole text, again too.
TEST_F(ServerLimitsTest, ATextIsDeletedOnlySoOften) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  constexpr uint32_t kLength = 1'000'000;
  RgaDocument document(ReplicaId{.value = 5});
  Write(ann, channel, document, 1, kLength);
  const auto deletes = [&](uint64_t replica, int times) {
    Update update;
    update.BeginChange({.value = replica}, kLength + 1);
    update.AddParent({.counter = kLength, .replica = {.value = 5}});
    for (int i = 0; i < times; ++i) {
      update.AddDelete({.counter = 1, .replica = {.value = 5}}, kLength, false);
    }
    return ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(update)});
  };
  Send(ann, deletes(6, 60));
  // What is known counts once.
  Send(ann, deletes(6, 60));
  EXPECT_FALSE(ann.closed.has_value());
  EXPECT_LT(deletes(7, 40).bytes[0].size(), 1000U);
  Send(ann, deletes(7, 40));
  EXPECT_EQ(LastError(ann), ErrorCode::kTooLarge);
  // What was taken before is as it was.
  Peer& again = Connect("ann");
  Join(again, 8, document.version().bytes);
  EXPECT_EQ(Of(again, MessageKind::kUpdate).size(), 1U);
}

// Many deletes of all elements of a text, of which no two have consecutive ids.
class ManyPartsTest : public ServerLimitsTest {
 protected:
  static constexpr uint32_t kElements = 1000;
  static constexpr int kTimes = 300;

  // Characters, each with the delete of it behind it.
  static Update Scattered(ReplicaId replica) {
    Update update;
    update.BeginChange(replica, 1);
    for (uint64_t i = 0; i < kElements; ++i) {
      update.AddInsert(kRoot, 1, "x");
      update.AddDelete({.counter = 2 * i + 1, .replica = replica}, 1, false);
    }
    return update;
  }
  // `times` deletes of all of them, from a counter on.
  static void AddDeletes(Update& update, ReplicaId of, int times) {
    for (int i = 0; i < times; ++i) {
      for (uint64_t k = 0; k < kElements; ++k) {
        update.AddDelete({.counter = 2 * k + 1, .replica = of}, 1, false);
      }
    }
  }
};

TEST_F(ManyPartsTest, AnUpdateWhoseDeletesFallApartTooFarIsRefusedThoughItIsNew) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  Update update = Scattered({.value = 5});
  AddDeletes(update, {.value = 5}, kTimes);
  const Message message =
      ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(update)});
  ASSERT_LT(message.bytes[0].size(), 10'000U);
  Send(ann, message);
  EXPECT_EQ(LastError(ann), ErrorCode::kTooLarge);
  EXPECT_EQ(server_.FindHub("doc")->VersionBytes(), VersionVector().Encode());
}

TEST_F(ManyPartsTest, WhatWasTakenCanBeMergedAndBroughtByAnyoneAgain) {
  Peer& ann = Connect("ann", kWriter | kMayRelay);
  const Channel channel = Join(ann, 5);
  const ReplicaId author{.value = 5};
  Send(ann,
       ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(Scattered(author))}));
  for (uint64_t other = 100; other < 100 + kTimes / 10; ++other) {
    Update update;
    update.BeginChange({.value = other}, 2 * kElements + 1);
    update.AddParent({.counter = 2 * kElements, .replica = author});
    AddDeletes(update, author, 10);
    Send(ann, ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(update)}));
    AcknowledgeAll(ann);
  }
  ASSERT_FALSE(ann.closed.has_value());
  Peer& bob = Connect("bob", kWriter | kMayRelay);
  Join(bob, 6);
  for (int turn = 0; turn < 20; ++turn) AcknowledgeAll(bob);
  // A copy that has some of it, so that not all is new.
  RgaDocument copy(ReplicaId{.value = 6});
  Update some;
  some.BeginChange(author, 1);
  some.AddInsert(kRoot, 1, "x");
  ASSERT_TRUE(copy.Merge(EncodeUpdate(some)).has_value());
  for (const Message& message : Of(bob, MessageKind::kUpdate)) {
    const auto merged = copy.Merge(message.bytes[0]);
    ASSERT_TRUE(merged.has_value()) << merged.error().message;
  }
  EXPECT_EQ(copy.version().bytes, server_.FindHub("doc")->VersionBytes());
  // As clients send it.
  for (VersionVector known; known != copy.version_vector();) {
    const std::string update = *copy.EncodeSince(known, uint64_t{1} << 14U);
    known.Join(RangeOfUpdate(update)->reaches);
    Send(bob, ToMessage(UpdateMessage{.channel = channel, .update = update}));
    AcknowledgeAll(bob);
  }
  EXPECT_FALSE(bob.closed.has_value());
}

// A version costs a few bytes a replica to write, and several times that to keep.
TEST_F(ServerLimitsTest, OfAVersionFullOfStrangersOnlyWhatMattersCounts) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  Write(ann, channel, document, 1, 100);
  const VersionVector known = document.version_vector();
  Write(ann, channel, document, 1, 50);
  VersionVector claimed = known;
  for (uint64_t replica = 1000; replica < 60'000; ++replica) {
    claimed.Observe({.counter = 7, .replica = {.value = replica}});
  }
  Peer& eve = Connect("eve");
  Join(eve, 6, claimed.Encode());
  const std::vector<Message> updates = Of(eve, MessageKind::kUpdate);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_LT(updates[0].bytes[0].size(), 100U);
  EXPECT_FALSE(eve.closed.has_value());
}

TEST_F(ServerLimitsTest, VersionsThatWaitForDocumentsAreBounded) {
  Peer& ann = Connect("ann");
  SendControl(ann, ToMessage(Hello{}));
  VersionVector claimed;
  for (uint64_t replica = 1; replica <= 200'000; ++replica) {
    claimed.Observe({.counter = uint64_t{1} << 20U, .replica = {.value = replica}});
  }
  const std::string version = claimed.Encode();
  const size_t most = ServerOptions().opening_bytes_max / version.size();
  answers_ = false;
  for (size_t i = 0; i < most + 5; ++i) {
    Send(ann, ToMessage(Open{.request = i + 1,
                             .writer = 5,
                             .name = "document " + std::to_string(i),
                             .version = version}));
  }
  EXPECT_EQ(Of(ann, MessageKind::kError).size(), 5U);
  EXPECT_EQ(LastError(ann), ErrorCode::kStorageFailed);
  AcknowledgeAll(ann);
  answers_ = true;
  AnswerStore();
  Settle();
  AcknowledgeAll(ann);
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), most);
  Send(ann, ToMessage(Open{.request = 9, .writer = 5, .name = "later", .version = version}));
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), most + 1);
}

TEST_F(ServerLimitsTest, ManyWhoComeAtOnceAreSentTheSameMessages) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  Write(ann, channel, document, 8, 100'000);
  AcknowledgeAll(ann);
  const size_t before = server_.message_bytes();
  for (uint64_t writer = 100; writer < 200; ++writer) Join(Connect("user"), writer);
  // What they have not taken yet, of 800 kB each.
  EXPECT_LT(server_.message_bytes() - before, 4 * kPieceBytesMax);
  for (int turn = 0; turn < 20; ++turn) {
    for (auto& [connection, peer] : peers_) AcknowledgeAll(peer);
  }
  for (auto& [connection, peer] : peers_) {
    if (connection == ann.connection) continue;
    RgaDocument copy(ReplicaId{.value = 6});
    for (const Message& message : Of(peer, MessageKind::kUpdate)) {
      ASSERT_TRUE(copy.Merge(message.bytes[0]).has_value());
    }
    ASSERT_EQ(copy.Text(), document.Text());
  }
}

TEST_F(ServerLimitsTest, WhoIsBehindCostsNoMoreThanWhatIsOnItsWayToIt) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  std::vector<std::string> versions;
  for (int i = 0; i < 20; ++i) {
    versions.push_back(document.version().bytes);
    Write(ann, channel, document, 1, 100 + static_cast<size_t>(i));
  }
  Write(ann, channel, document, 40, 100'000);
  const size_t before = server_.message_bytes();
  for (const std::string& version : versions) Join(Connect("user"), 6, version);
  const size_t pull = ServerOptions().pull_bytes + kPieceBytesMax + 1000;
  EXPECT_LT(server_.message_bytes() - before, versions.size() * pull);
  // Nor does asking again and again for everything.
  Peer& eve = Connect("eve");
  Join(eve, 7);
  for (int i = 0; i < 200; ++i)
    Send(eve, ToMessage(Request{.channel = channel, .version = VersionVector().Encode()}));
  EXPECT_FALSE(eve.closed.has_value());
  EXPECT_LT(server_.message_bytes() - before, (versions.size() + 3) * pull);
}

class OtLimitsTest : public ServerLimitsTest {
 protected:
  explicit OtLimitsTest(const ServerOptions& options = {}) : ServerLimitsTest(options) {}

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

  void Say(Peer& peer, Channel channel, uint64_t client, uint64_t seq, uint64_t base,
           const Delta& operation) {
    Send(peer, ToMessage(Submit{.channel = channel,
                                .client = client,
                                .seq = seq,
                                .base = base,
                                .operation = EncodeOperation(operation)}));
    AcknowledgeAll(peer);
  }

  static Delta Typed(const std::string& text) {
    Delta operation;
    operation.Insert(text);
    return operation;
  }
};

class LongCommitTest : public OtLimitsTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hub.ot.max_commit_bytes = 3000;
    return options;
  }
  LongCommitTest() : OtLimitsTest(Options()) {}
};

TEST_F(LongCommitTest, AnOperationThatOthersHaveTakenApartTooFarIsRefusedAndNothingElse) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(bob, 6, RevisionBytes(0));
  Say(ann, channel, 5, 1, 0, Typed(std::string(2000, 'x')));
  // A letter behind each, in four steps, so that a deletion of all falls apart.
  for (uint64_t step = 0; step < 4; ++step) {
    Delta operation;
    for (int group = 0; group < 500; ++group) {
      operation.Retain(2 * step + 1).Insert("y").Retain(3 - step);
    }
    Say(ann, channel, 5, step + 2, step + 1, operation);
  }
  Delta all;
  all.Delete(2000);
  Say(bob, channel, 6, 1, 1, all);
  ASSERT_EQ(Of(bob, MessageKind::kRefusal).size(), 1U);
  EXPECT_EQ(ReadRefusal(Of(bob, MessageKind::kRefusal)[0])->code, ErrorCode::kTooLarge);
  EXPECT_EQ(Of(ann, MessageKind::kCommit).size(), 5U);
  for (const Message& message : Of(ann, MessageKind::kCommit)) {
    EXPECT_LE(message.bytes[0].size(), 3000U);
  }
  EXPECT_FALSE(bob.closed.has_value());
  Say(bob, channel, 6, 2, 5, Typed("z"));
  EXPECT_EQ(Of(ann, MessageKind::kCommit).size(), 6U);
}

TEST_F(OtLimitsTest, ATextIsSentToAllWhoComeMeanwhileAsItWasForTheFirst) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= 4; ++seq) {
    Say(ann, channel, 5, seq, seq - 1, Typed(std::string(250'000, 'x')));
  }
  const size_t before = server_.message_bytes();
  uint64_t seq = 5;
  std::string expected(1'000'000, 'x');
  for (uint64_t client = 100; client < 130; ++client) {
    JoinOt(Connect("user"), client, {});
    Say(ann, channel, 5, seq, seq - 1, Typed("y"));
    ++seq;
    expected = "y" + expected;
  }
  EXPECT_EQ(server_.FindHub("doc")->text_count(), 1U);
  EXPECT_LT(server_.message_bytes() - before, 8 * kPieceBytesMax);
  for (int turn = 0; turn < 40; ++turn) {
    for (auto& [connection, peer] : peers_) AcknowledgeAll(peer);
  }
  EXPECT_EQ(server_.FindHub("doc")->text_count(), 0U);
  for (auto& [connection, peer] : peers_) {
    if (connection == ann.connection) continue;
    std::string text;
    uint64_t revision = 0;
    for (const Message& message : peer.got) {
      if (message.kind == MessageKind::kSnapshot) {
        text += ReadSnapshot(message)->piece;
        revision = ReadSnapshot(message)->revision;
      } else if (message.kind == MessageKind::kCommit) {
        ASSERT_EQ(ReadCommit(message)->revision, ++revision);
        text = "y" + text;
      }
    }
    ASSERT_EQ(text, expected);
  }
}

TEST_F(OtLimitsTest, TextsThatAreAskedForAnewAreNoMoreThanTheirMaximum) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= 4; ++seq) {
    Say(ann, channel, 5, seq, seq - 1, Typed(std::string(250'000, 'x')));
  }
  std::vector<Peer*> askers;
  uint64_t seq = 5;
  for (uint64_t client = 100; client < 110; ++client) {
    Peer& peer = Connect("user");
    JoinOt(peer, client, RevisionBytes(seq - 1));
    Send(peer, ToMessage(Request{.channel = channel}));
    askers.push_back(&peer);
    Say(ann, channel, 5, seq, seq - 1, Typed("y"));
    ++seq;
    EXPECT_LE(server_.FindHub("doc")->text_count(), Hub::kTextsMax);
  }
  for (int turn = 0; turn < 60; ++turn) {
    for (auto& [connection, peer] : peers_) AcknowledgeAll(peer);
  }
  EXPECT_EQ(server_.FindHub("doc")->text_count(), 0U);
  for (const Peer* peer : askers) {
    std::string text;
    uint64_t revision = 0;
    for (const Message& message : Of(*peer, MessageKind::kSnapshot)) {
      const auto piece = ReadSnapshot(message);
      // One that is broken off begins anew.
      if (piece->offset == 0) text.clear();
      ASSERT_EQ(piece->offset, text.size());
      text += piece->piece;
      revision = piece->revision;
      if (text.size() == piece->total) break;
    }
    ASSERT_EQ(text,
              std::string(static_cast<size_t>(revision) - 4, 'y') + std::string(1'000'000, 'x'));
  }
}

TEST_F(ServerLimitsTest, WhoLagsMissesOfThoseWhoCameAndWentAsManyAsItMay) {
  Peer& ann = Connect("ann");
  Peer& slow = Connect("slow");
  const Channel channel = Join(ann, 5);
  Join(slow, 6);
  AcknowledgeAll(slow);
  RgaDocument document(ReplicaId{.value = 5});
  Write(ann, channel, document, 5, 60'000);  // Which it does not take.
  const SessionId session = ReadWelcome(slow.got[0])->session;
  const size_t queued = server_.QueuedBytes(session);
  slow.got.clear();
  for (uint64_t i = 0; i < 1000; ++i) {
    Peer& guest = Connect("guest");
    Join(guest, 7);
    SendControl(guest, ToMessage(Leave{}));
    peers_.erase(guest.connection);
    AcknowledgeAll(ann);
  }
  // Nothing of all that waits for it, and at last it hears that they are gone.
  EXPECT_EQ(server_.QueuedBytes(session), queued);
  EXPECT_TRUE(Of(slow, MessageKind::kPart).empty());
  for (int turn = 0; turn < 300; ++turn) AcknowledgeAll(slow);
  EXPECT_FALSE(slow.closed.has_value());
  EXPECT_EQ(Of(slow, MessageKind::kPart).size(), 1000U);
  EXPECT_TRUE(Of(slow, MessageKind::kJoin).empty());
}

class ResendingServerTest : public ServerLimitsTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.link.resend_ms = 300;
    return options;
  }
  ResendingServerTest() : ServerLimitsTest(Options()) {}
};

TEST_F(ResendingServerTest, WhoAcknowledgesNothingIsGivenUpThoughAllIsSentAgain) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  int second = 0;
  for (; second < 60 && !ann.closed; ++second) {
    Wait(1000);
    SendControl(ann, ToMessage(Pong{}));
  }
  ASSERT_TRUE(ann.closed.has_value());
  EXPECT_EQ(ann.closed->reason.code, ErrorCode::kTooSlow);
  EXPECT_EQ(second, 30);
}

}  // namespace
}  // namespace cotext::sync
