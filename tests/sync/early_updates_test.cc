// What comes to a server before what it follows, or while the document is built, and what of an
// update comes before something that is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "sync/causal_buffer.h"
#include "sync/hub_output.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/server.h"
#include "sync/store.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

constexpr ReplicaId kAnn{.value = 5};
constexpr ReplicaId kCleo{.value = 6};
constexpr ReplicaId kHal{.value = 7};
constexpr ReplicaId kBea{.value = 9};

// Bea's X comes before Cleo's U, and Hal's updates follow what nobody here has.
class NoRoomTest : public ServerTest {
 protected:
  NoRoomTest() {
    x_ = UpdateFor(0, beas_, "x");
    EXPECT_TRUE(cleos_.Merge(x_.bytes[0]).has_value());
    RgaDocument nobodys(ReplicaId{.value = 77});
    const Message lost = UpdateFor(0, nobodys, "lost");
    EXPECT_TRUE(hals_.Merge(lost.bytes[0]).has_value());
    channel_ = Join(bea_, kBea.value);
    Join(cleo_, kCleo.value);
    Join(hal_, kHal.value);
  }

  // Leaves no room for an update of a thousand characters.
  void FillBuffer() {
    for (size_t bytes = 0; bytes + 1000 < CausalBuffer::kBytesMax;) {
      const size_t left = CausalBuffer::kBytesMax - bytes - 100;
      const Message update =
          UpdateFor(channel_, hals_, std::string(std::min(left, size_t{1'000'000}), 'h'));
      bytes += update.bytes[0].size();
      Send(hal_, update);
    }
  }
  static size_t Requests(const Peer& peer) { return Of(peer, MessageKind::kRequest).size(); }
  void SendX() {
    x_.channel = channel_;
    Send(bea_, x_);
  }

  Peer& bea_ = Connect("bea");
  Peer& cleo_ = Connect("cleo");
  Peer& hal_ = Connect("hal");
  Channel channel_ = 0;
  RgaDocument beas_{kBea};
  RgaDocument cleos_{kCleo};
  RgaDocument hals_{kHal};
  Message x_;
};

TEST_F(NoRoomTest, WhatFoundNoRoomIsAskedForWhenWhatItLackedHasCome) {
  FillBuffer();
  const Message u = UpdateFor(channel_, cleos_, std::string(1000, 'u'));
  Send(cleo_, u);
  ASSERT_EQ(Requests(cleo_), 0U) << "to ask at once would be to ask for ever";
  SendX();
  ASSERT_EQ(Requests(cleo_), 1U);
  Send(cleo_, u);
  EXPECT_EQ(Of(bea_, MessageKind::kUpdate).size(), 1U);
  EXPECT_EQ(Requests(cleo_), 1U);
}

TEST_F(NoRoomTest, WhatFoundNoRoomIsAskedForWhenOthersHaveLeft) {
  FillBuffer();
  const Message u = UpdateFor(channel_, cleos_, std::string(1000, 'u'));
  Send(cleo_, u);
  SendControl(hal_, ToMessage(Leave{}));
  ASSERT_EQ(Requests(cleo_), 1U);
  Send(cleo_, u);
  EXPECT_EQ(Requests(cleo_), 1U) << "it waits, and was asked for";
  SendX();
  EXPECT_EQ(Of(bea_, MessageKind::kUpdate).size(), 1U);
}

TEST_F(NoRoomTest, WhatFollowsWhatFoundNoRoomIsAskedFor) {
  FillBuffer();
  Send(cleo_, UpdateFor(channel_, cleos_, std::string(1000, 'u')));
  Send(cleo_, UpdateFor(channel_, cleos_, "u"));
  EXPECT_EQ(Requests(cleo_), 1U);
}

// Nobody else knows of what found no room.
TEST_F(NoRoomTest, WhoseUploadFoundNoRoomIsToldThatTheStoreHasFailed) {
  FillBuffer();
  Send(cleo_, UpdateFor(channel_, cleos_, std::string(1000, 'u')));
  answers_ = false;
  SendX();
  ASSERT_EQ(calls_.size(), 1U);
  server_.OnStoreAnswer(
      {.ticket = calls_[0].ticket, .position = MakeError(ErrorCode::kIo, "the disk failed")},
      now_ms_);
  Settle();
  EXPECT_EQ(LastError(cleo_), ErrorCode::kStorageFailed);
}

class EarlyUpdatesTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hub.piece_bytes = 100;
    options.hub.merge_bytes = 200;
    options.hub.copy_bytes = 1;
    options.hub.compact_bytes_min = 2000;
    return options;
  }
  EarlyUpdatesTest() : ServerTest(Options()) {}

  Message Edit(Channel channel) { return UpdateFor(channel, document_, std::string(60, 'x')); }

  // Ann opens a document of thirty pieces.
  Channel OpenLong(Peer& ann) {
    stored_.snapshot.push_back({.kind = RecordKind::kIdentity, .bytes = std::string(17, '\0')});
    stored_.snapshot.push_back({.kind = RecordKind::kWriter,
                                .bytes = "\x05"
                                         "ann"});
    stored_.snapshot_position = 1;
    for (int i = 0; i < 30; ++i) {
      stored_.tail.push_back({.kind = RecordKind::kUpdate, .bytes = Edit(0).bytes[0]});
    }
    Join(ann, kAnn.value);
    StepAll();
    answers_ = false;
    const auto opened = Of(ann, MessageKind::kOpened);
    return opened.empty() ? 0 : opened[0].channel;
  }

  void StepOnce() {
    server_.Step(now_ms_);
    Settle();
  }
  int StepAll() {
    int steps = 0;
    for (; server_.has_steps(); ++steps) StepOnce();
    return steps;
  }
  template <typename Call>
  size_t Calls() const {
    return static_cast<size_t>(std::ranges::count_if(
        calls_, [](const CallStore& call) { return std::holds_alternative<Call>(call.call); }));
  }

  RgaDocument document_{kAnn};
};

TEST_F(EarlyUpdatesTest, WhatWaitedIsTakenStepByStep) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, kAnn.value);
  answers_ = false;
  const Message first = Edit(channel);
  for (int i = 0; i < 30; ++i) Send(ann, Edit(channel));
  Send(ann, first);
  EXPECT_LT(Calls<HubAppend>(), 8U);
  ASSERT_TRUE(server_.has_steps());
  // What is new need not wait for that.
  Peer& bob = Connect("bob");
  Join(bob, kCleo.value);
  RgaDocument bobs(kCleo);
  const size_t before = Calls<HubAppend>();
  Send(bob, UpdateFor(channel, bobs, "bob"));
  EXPECT_GT(Calls<HubAppend>(), before);
  EXPECT_GT(StepAll(), 3);
  EXPECT_EQ(Calls<HubAppend>(), 32U);
}

TEST_F(EarlyUpdatesTest, UploadsDoNotWaitForASnapshot) {
  Peer& ann = Connect("ann");
  const Channel channel = OpenLong(ann);
  ASSERT_NE(channel, 0U);
  Peer& relay = Connect("relay", kWriter | kMayRelay);
  Join(relay, kCleo.value);
  // The store has it: time for a snapshot.
  Send(relay, ToMessage(WriterMessage{.channel = channel, .writer = 77, .user = "eve"}));
  AnswerStore();
  Settle();
  Send(ann, Edit(channel));
  ASSERT_EQ(Calls<HubAppend>(), 0U);
  int steps = 0;
  for (; Calls<HubAppend>() == 0; ++steps) {
    ASSERT_TRUE(server_.has_steps());
    StepOnce();
  }
  EXPECT_LT(steps, 20);
  EXPECT_EQ(Calls<HubCompact>(), 0U) << "which takes thirty steps";
  StepAll();
  EXPECT_EQ(Calls<HubCompact>(), 1U);
}

TEST_F(EarlyUpdatesTest, WhatCameBeforeASessionLeftIsTaken) {
  Peer& ann = Connect("ann");
  const Channel channel = OpenLong(ann);
  Send(ann, Edit(channel));
  ASSERT_TRUE(server_.has_steps());
  Send(ann, ToMessage(Close{.channel = channel}));
  EXPECT_FALSE(server_.FindHub("doc")->is_idle());
  StepAll();
  EXPECT_EQ(Calls<HubAppend>(), 1U);
  answers_ = true;
  AnswerStore();
  Settle();
  EXPECT_TRUE(server_.FindHub("doc")->is_idle());
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(EarlyUpdatesTest, WhatLacksSomethingGoesWithWhoHasLeft) {
  Peer& ann = Connect("ann");
  const Channel channel = OpenLong(ann);
  const Message first = Edit(channel);
  const Message second = Edit(channel);
  Send(ann, second);
  Send(ann, ToMessage(Close{.channel = channel}));
  StepAll();
  EXPECT_EQ(Calls<HubAppend>(), 0U);
  Peer& again = Connect("ann");
  Join(again, kAnn.value);
  Send(again, first);
  StepAll();
  EXPECT_EQ(Calls<HubAppend>(), 1U);
}

// Otherwise everybody's uploads would wait until the document was built anew.
TEST_F(EarlyUpdatesTest, AnUpdateThatIsWrongFarBehindEndsItsSessionAndNothingElse) {
  Peer& ann = Connect("ann");
  Peer& eve = Connect("eve");
  const Channel channel = Join(ann, kAnn.value);
  Join(eve, kHal.value);
  for (int i = 0; i < 30; ++i) Send(ann, Edit(channel));
  Update update;
  update.BeginChange(kHal, 1);
  update.AddInsert(kRoot, 1, "e");
  // Which does not know its own writer's first.
  update.BeginChange(kHal, 2);
  update.AddParent({.counter = 1, .replica = kAnn});
  update.AddInsert(kRoot, 1, "f");
  Send(eve, ToMessage(UpdateMessage{.channel = channel, .update = EncodeUpdate(update)}));
  ASSERT_TRUE(eve.closed.has_value());
  EXPECT_EQ(eve.closed->reason.code, ErrorCode::kIncompleteParents);
  EXPECT_FALSE(ann.closed.has_value());
  // What was good in it is there, for all and for the store.
  ASSERT_EQ(Of(ann, MessageKind::kUpdate).size(), 1U);
  ASSERT_TRUE(document_.Merge(Of(ann, MessageKind::kUpdate)[0].bytes[0]).has_value());
  EXPECT_TRUE(document_.Text().contains('e'));
  EXPECT_EQ(server_.FindHub("doc")->VersionBytes(), document_.version().bytes);
  answers_ = false;
  Send(ann, Edit(channel));
  EXPECT_EQ(Calls<HubAppend>(), 1U) << "the document is still there";
}

// Who goes on typing is told of what came first, as soon as who stopped.
TEST_F(EarlyUpdatesTest, ASteadyTypistIsToldThatTheStoreIsSlow) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, kAnn.value);
  answers_ = false;
  for (int i = 0; i < 8; ++i) {
    Send(ann, Edit(channel));
    Wait(50);
  }
  const auto acks = Of(ann, MessageKind::kAck);
  ASSERT_GE(acks.size(), 2U);
  EXPECT_LE(acks.size(), 4U);
  EXPECT_EQ(ReadAck(acks[0])->level, AckLevel::kReceived);
}

TEST_F(EarlyUpdatesTest, ADocumentThatFailedAndThatNobodyWantsIsNotDue) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, kAnn.value);
  answers_ = false;
  Send(ann, Edit(channel));
  const auto fail_all = [this] {
    for (const CallStore& call : std::exchange(calls_, {})) {
      StoreAnswer answer{.ticket = call.ticket};
      answer.position = MakeError(ErrorCode::kIo, "the disk failed");
      server_.OnStoreAnswer(std::move(answer), now_ms_);
    }
    Settle();
  };
  fail_all();
  ASSERT_EQ(Calls<HubLoad>(), 1U);
  SendControl(ann, ToMessage(Leave{}));
  fail_all();
  Wait(5000);
  ASSERT_NE(server_.FindHub("doc"), nullptr);
  EXPECT_GT(server_.NextTimeMs().value_or(UINT64_MAX), now_ms_);
  // Until somebody does.
  Peer& bob = Connect("bob");
  Join(bob, kCleo.value);
  Wait(1100);
  EXPECT_EQ(Calls<HubLoad>(), 1U);
}

}  // namespace
}  // namespace cotext::sync
