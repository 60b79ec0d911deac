// What a server does in steps: read a long log, build a document, make a snapshot.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/offset.h"
#include "sync/hub_output.h"
#include "sync/messages.h"
#include "sync/rga_host.h"
#include "sync/server.h"
#include "sync/store.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

constexpr int kEdits = 30;

class HubStepsTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hub.piece_bytes = 100;
    options.hub.copy_bytes = 100;
    options.hub.merge_bytes = 100;
    options.hub.compact_bytes_min = 2000;
    return options;
  }
  HubStepsTest() : ServerTest(Options()) { answers_ = false; }

  // Each is a piece.
  std::string Edit() {
    const Version before = document_.version();
    EXPECT_TRUE(document_.Insert(CodePointOffset(0), std::string(60, 'x')).has_value());
    return *document_.EncodeSince(before);
  }
  Message EditMessage(Channel channel) {
    return ToMessage(UpdateMessage{.channel = channel, .update = Edit()});
  }

  // What asked the store last, if it is still to be answered, is that.
  template <typename Call>
  bool IsLastCall() const {
    return !calls_.empty() && std::holds_alternative<Call>(calls_.back().call);
  }

  // A log of many edits, as the store has it.
  StoredLog LongLog() {
    StoredLog log;
    log.snapshot.push_back({.kind = RecordKind::kIdentity, .bytes = std::string(17, '\0')});
    log.snapshot.push_back({.kind = RecordKind::kWriter,
                            .bytes = "\x05"
                                     "ann"});
    for (int i = 0; i < kEdits; ++i) {
      log.snapshot.push_back({.kind = RecordKind::kUpdate, .bytes = Edit()});
    }
    log.snapshot_position = 1;
    return log;
  }

  // Ann has asked for the document, and the store gives the log.
  void GiveLog(Peer& ann) {
    Join(ann, 5);
    ASSERT_TRUE(IsLastCall<HubLoad>());
    position_ = 1;
    server_.OnStoreAnswer({.ticket = calls_.front().ticket, .position = 1, .log = LongLog()},
                          now_ms_);
    calls_.clear();
    Settle();
  }

  // Returns how many steps there were.
  int StepAll() {
    int steps = 0;
    for (; server_.has_steps(); ++steps) {
      server_.Step(now_ms_);
      Settle();
    }
    return steps;
  }

  static Channel ChannelOf(const Peer& peer) {
    const auto opened = Of(peer, MessageKind::kOpened);
    return opened.empty() ? 0 : opened[0].channel;
  }

  RgaDocument document_{ReplicaId{.value = 5}};
};

TEST_F(HubStepsTest, ASnapshotIsCopiedStepByStepWhileMoreIsAppended) {
  answers_ = true;
  Peer& ann = Connect("ann");
  Channel channel = Join(ann, 5);
  answers_ = false;
  while (!server_.has_steps()) {
    Send(ann, EditMessage(channel));
    AnswerStore();
    Settle();
    ASSERT_LT(document_.metrics().code_points, 10'000U);
  }
  const VersionVector begun = document_.version_vector();
  const uint64_t up_to = position_;
  int steps = 0;
  for (; !IsLastCall<HubCompact>(); ++steps) {
    ASSERT_TRUE(server_.has_steps());
    Send(ann, EditMessage(channel));
    ASSERT_TRUE(IsLastCall<HubAppend>()) << "appending waits for nothing";
    AnswerStore();
    server_.Step(now_ms_);
    Settle();
  }
  EXPECT_GT(steps, 5);
  EXPECT_FALSE(server_.has_steps());
  const auto& compact = std::get<HubCompact>(calls_.back().call);
  EXPECT_EQ(compact.up_to, up_to);
  RgaHost host;
  for (const Record& record : compact.snapshot) {
    if (record.kind == RecordKind::kIdentity) continue;
    ASSERT_TRUE(host.Restore(record).has_value());
  }
  EXPECT_EQ(host.version(), begun);
  EXPECT_NE(host.version(), document_.version_vector());
}

TEST_F(HubStepsTest, ALongLogIsReadStepByStep) {
  Peer& ann = Connect("ann");
  GiveLog(ann);
  EXPECT_EQ(ChannelOf(ann), 0U);
  EXPECT_GT(StepAll(), kEdits / 3);
  EXPECT_NE(ChannelOf(ann), 0U);
  RgaDocument read{ReplicaId{.value = 6}};
  for (int round = 0; round < 100; ++round) AcknowledgeAll(ann);
  for (const Message& message : Of(ann, MessageKind::kUpdate)) {
    ASSERT_TRUE(read.Merge(message.bytes[0]).has_value());
  }
  EXPECT_EQ(read.Text(), document_.Text());
}

TEST_F(HubStepsTest, ALogThatIsWrongFarBehindIsRefused) {
  Peer& ann = Connect("ann");
  Join(ann, 5);
  StoredLog log = LongLog();
  log.tail.push_back({.kind = RecordKind::kUpdate, .bytes = "no update"});
  server_.OnStoreAnswer({.ticket = calls_.front().ticket, .position = 2, .log = std::move(log)},
                        now_ms_);
  calls_.clear();
  StepAll();
  EXPECT_EQ(ChannelOf(ann), 0U);
  EXPECT_EQ(LastError(ann), ErrorCode::kStorageFailed);
}

TEST_F(HubStepsTest, UploadsWaitInOrderUntilTheDocumentIsBuilt) {
  Peer& ann = Connect("ann");
  GiveLog(ann);
  StepAll();
  const Channel channel = ChannelOf(ann);
  Send(ann, EditMessage(channel));
  Send(ann, EditMessage(channel));
  EXPECT_TRUE(calls_.empty());
  EXPECT_GT(StepAll(), kEdits / 3);
  ASSERT_EQ(calls_.size(), 2U);
  for (int i = 0; i < 2; ++i) AnswerStore();
  Settle();
  const auto acks = Of(ann, MessageKind::kAck);
  ASSERT_FALSE(acks.empty());
  EXPECT_EQ(ReadAck(acks.back())->upto,
            document_.version_vector().CounterOf(ReplicaId{.value = 5}));
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(HubStepsTest, AnUploadDoesNotOvertakeThoseThatWait) {
  Peer& ann = Connect("ann");
  GiveLog(ann);
  StepAll();
  const Channel channel = ChannelOf(ann);
  for (int i = 0; i < 6; ++i) Send(ann, EditMessage(channel));
  while (calls_.empty()) {
    server_.Step(now_ms_);
    Settle();
  }
  ASSERT_TRUE(server_.has_steps());
  Send(ann, EditMessage(channel));
  StepAll();
  EXPECT_EQ(calls_.size(), 7U);
  EXPECT_TRUE(Of(ann, MessageKind::kRequest).empty());
}

TEST_F(HubStepsTest, WhatCameAheadOfItsTurnIsTakenBehindIt) {
  Peer& ann = Connect("ann");
  GiveLog(ann);
  StepAll();
  const Message first = EditMessage(ChannelOf(ann));
  const Message second = EditMessage(ChannelOf(ann));
  Send(ann, second);
  Send(ann, first);
  StepAll();
  EXPECT_EQ(calls_.size(), 2U);
}

// Nobody else knows of what waits.
TEST_F(HubStepsTest, WhoseUploadWaitsIsToldThatTheStoreHasFailed) {
  Peer& ann = Connect("ann");
  GiveLog(ann);
  StepAll();
  Peer& relay = Connect("relay", kWriter | kMayRelay);
  Join(relay, 6);
  const Channel channel = ChannelOf(ann);
  Send(relay, ToMessage(WriterMessage{.channel = channel, .writer = 77, .user = "eve"}));
  ASSERT_TRUE(IsLastCall<HubAppend>());
  Send(ann, EditMessage(channel));
  ASSERT_TRUE(server_.has_steps());
  server_.OnStoreAnswer(
      {.ticket = calls_.back().ticket, .position = MakeError(ErrorCode::kIo, "the disk failed")},
      now_ms_);
  Settle();
  EXPECT_EQ(LastError(ann), ErrorCode::kStorageFailed);
  EXPECT_FALSE(server_.FindHub("doc")->has_steps());
  EXPECT_TRUE(IsLastCall<HubLoad>());
}

TEST_F(HubStepsTest, WhatBecomesDurableTogetherIsOneUpdateForWhoSentNoneOfIt) {
  answers_ = true;
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  Peer& eve = Connect("eve");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  Join(eve, 7);
  answers_ = false;
  RgaDocument bobs{ReplicaId{.value = 6}};
  Send(ann, EditMessage(channel));
  Send(bob, UpdateFor(channel, bobs, "bob"));
  Send(ann, EditMessage(channel));
  AnswerStore();
  Settle();
  const auto of_ann = Of(ann, MessageKind::kUpdate);
  const auto of_bob = Of(bob, MessageKind::kUpdate);
  const auto of_eve = Of(eve, MessageKind::kUpdate);
  EXPECT_EQ(of_ann.size(), 1U);
  EXPECT_EQ(of_bob.size(), 2U);
  ASSERT_EQ(of_eve.size(), 1U);
  EXPECT_EQ(Of(ann, MessageKind::kAck).size(), 1U);
  RgaDocument eves{ReplicaId{.value = 7}};
  ASSERT_TRUE(eves.Merge(of_eve[0].bytes[0]).has_value());
  for (const Message& message : of_ann) ASSERT_TRUE(document_.Merge(message.bytes[0]).has_value());
  for (const Message& message : of_bob) ASSERT_TRUE(bobs.Merge(message.bytes[0]).has_value());
  EXPECT_EQ(eves.Text(), document_.Text());
  EXPECT_EQ(bobs.Text(), document_.Text());
}

// Who lags is taken to have what was told before.
TEST_F(HubStepsTest, WhoBeginsToRelayMissesNothingThatWasNotToldYet) {
  answers_ = true;
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 5);
  Join(bob, 6);
  answers_ = false;
  Send(ann, EditMessage(channel));
  // The answer has come, and the turn has not ended.
  AnswerStore();
  server_.SetGrants(2, {{"*", kWriter | kMayRelay}});
  Settle();
  RgaDocument bobs{ReplicaId{.value = 6}};
  for (const Message& message : Of(bob, MessageKind::kUpdate)) {
    ASSERT_TRUE(bobs.Merge(message.bytes[0]).has_value());
  }
  EXPECT_EQ(bobs.Text(), document_.Text());
}

}  // namespace
}  // namespace cotext::sync
