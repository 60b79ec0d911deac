// A document of which older history was trimmed, at a server and its clients.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/client.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/rga_host.h"
#include "sync/server.h"
#include "sync/store.h"
#include "tests/support/trimmed_records.h"
#include "tests/sync/server_fixture.h"
#include "tests/sync/sync_rig.h"

namespace cotext::sync {
namespace {

constexpr ReplicaId kWriterId{.value = 5};

// The server has "some text", of which "some" is from before the horizon.
class TrimmedDocumentTest : public ServerTest {
 protected:
  explicit TrimmedDocumentTest(const ServerOptions& options = {}, std::string head = "some")
      : ServerTest(options), document_(kWriterId) {
    document_.SetId({{7}});
    Put(document_, head);
    early_version_ = document_.version().bytes;
    early_ = document_.Fork(kWriterId);
    Put(document_, "more");
    Cut(document_, 4);
    EXPECT_TRUE(document_.Trim(document_.version_vector()));
    Put(document_, " text");
    stored_.snapshot = RecordsOfTrimmed(document_);
    stored_.snapshot_position = 9;
  }

  static void Put(RgaDocument& document, const std::string& text) {
    ASSERT_TRUE(document.Insert(CodePointOffset{document.metrics().code_points}, text));
  }
  static void Cut(RgaDocument& document, uint64_t count) {
    const uint64_t length = document.metrics().code_points;
    ASSERT_TRUE(document.Erase(CodePointOffset{length - count}, CodePointOffset{length}));
  }

  // Returns what a peer with nothing makes of what it got.
  static void TakeAll(const Peer& peer, RgaDocument& into) {
    std::string base;
    for (const Message& message : peer.got) {
      if (message.kind == MessageKind::kBase) {
        const BaseMessage piece = ReadBase(message).value();
        EXPECT_EQ(piece.offset, base.size());
        EXPECT_LE(piece.piece.size(), kPieceBytesMax);
        base += piece.piece;
        if (base.size() == piece.total) EXPECT_TRUE(into.MergeBase(base));
      } else if (message.kind == MessageKind::kUpdate) {
        EXPECT_TRUE(into.Merge(ReadUpdate(message)->update));
      }
    }
  }

  RgaDocument document_;
  std::unique_ptr<RgaDocument>
      early_;  // Of the same writer, who has not heard of what he wrote since.
  std::string early_version_;
};

TEST_F(TrimmedDocumentTest, WhoHasNothingIsSentWhatItBeginsWithAndWhatCameAfter) {
  Peer& bob = Connect("bob");
  const Channel channel = Join(bob, 6);
  EXPECT_EQ(ReadOpened(Of(bob, MessageKind::kOpened)[0])->version, document_.version().bytes);
  EXPECT_EQ(Of(bob, MessageKind::kBase).size(), 1U);
  RgaDocument copy(ReplicaId{.value = 6});
  TakeAll(bob, copy);
  EXPECT_EQ(copy.Text(), "some text");
  EXPECT_EQ(copy.id(), document_.id());
  // And writes.
  Send(bob, UpdateFor(channel, copy, "is "));
  ASSERT_EQ(Of(bob, MessageKind::kAck).size(), 1U);
  EXPECT_EQ(ReadAck(Of(bob, MessageKind::kAck)[0])->level, AckLevel::kDurable);
  Peer& cy = Connect("cy");
  Join(cy, 8);
  RgaDocument other(ReplicaId{.value = 8});
  TakeAll(cy, other);
  EXPECT_EQ(other.Text(), "is some text");
}

TEST_F(TrimmedDocumentTest, WhoHasTheHorizonIsSentWhatCameAfter) {
  Peer& bob = Connect("bob");
  Join(bob, 6, document_.horizon().Encode());
  EXPECT_TRUE(Of(bob, MessageKind::kBase).empty());
  ASSERT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U);
  RgaDocument copy(ReplicaId{.value = 6});
  ASSERT_TRUE(copy.MergeBase(document_.EncodeBase().value()));
  TakeAll(bob, copy);
  EXPECT_EQ(copy.Text(), "some text");
  Peer& cy = Connect("cy");
  Join(cy, 8, document_.version().bytes);
  EXPECT_TRUE(Of(cy, MessageKind::kUpdate).empty()) << "nothing is lacking";
}

TEST_F(TrimmedDocumentTest, WhoIsFromBeforeTheHorizonIsRefusedTheDocumentAndNothingElse) {
  Peer& ann = Connect("ann");
  EXPECT_EQ(Join(ann, kWriterId.value, early_version_), 0U);
  const std::vector<Message> errors = Of(ann, MessageKind::kError);
  ASSERT_EQ(errors.size(), 1U);
  const ErrorMessage error = ReadError(errors[0]).value();
  EXPECT_EQ(error.code, ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(error.request, 1U);
  EXPECT_EQ(error.retry_after_ms, 0U);
  EXPECT_FALSE(ann.closed.has_value());
  // A new copy may be opened in the same session.
  Send(ann, ToMessage(Open{.request = 2, .writer = 60, .name = "doc"}));
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 1U);
  RgaDocument copy(ReplicaId{.value = 60});
  TakeAll(ann, copy);
  EXPECT_EQ(copy.Text(), "some text");
}

TEST_F(TrimmedDocumentTest, AnEditMadeBesideWhatWasTrimmedClosesTheDocumentAndNothingElse) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = Join(ann, 77, document_.version().bytes);
  Join(bob, 6);
  RgaDocument beside(ReplicaId{.value = 77});
  ASSERT_TRUE(beside.Merge(early_->EncodeSince(Version{VersionVector().Encode()}).value()));
  Send(ann, UpdateFor(channel, beside, "late"));
  const std::vector<Message> errors = Of(ann, MessageKind::kError);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(ReadError(errors[0])->code, ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(ReadError(errors[0])->channel, channel);
  EXPECT_EQ(ReadError(errors[0])->retry_after_ms, 0U);
  EXPECT_FALSE(ann.closed.has_value()) << "the session goes on";
  EXPECT_EQ(Of(bob, MessageKind::kPart).size(), 1U) << "he is there no more";
  EXPECT_EQ(Of(bob, MessageKind::kUpdate).size(), 1U) << "nobody hears of it";
  SendControl(ann, ToMessage(Ping{.value = 3}));
  EXPECT_EQ(Of(ann, MessageKind::kPong).size(), 1U);
}

TEST_F(TrimmedDocumentTest, WhatIsRepeatedFromBeforeIsPassedOver) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 6, document_.version().bytes);
  Send(ann, ToMessage(UpdateMessage{
                .channel = channel,
                .update = early_->EncodeSince(Version{VersionVector().Encode()}).value()}));
  EXPECT_TRUE(Of(ann, MessageKind::kError).empty());
  EXPECT_FALSE(ann.closed.has_value());
  EXPECT_EQ(server_.FindHub("doc")->VersionBytes(), document_.version().bytes);
}

TEST_F(TrimmedDocumentTest, ARequestIsAnsweredAsAnOpenIs) {
  Peer& bob = Connect("bob");
  const Channel channel = Join(bob, 6, document_.version().bytes);
  Send(bob, ToMessage(Request{.channel = channel, .version = VersionVector().Encode()}));
  EXPECT_EQ(Of(bob, MessageKind::kBase).size(), 1U);
  RgaDocument copy(ReplicaId{.value = 6});
  TakeAll(bob, copy);
  EXPECT_EQ(copy.Text(), "some text");
  Send(bob, ToMessage(Request{.channel = channel, .version = early_version_}));
  EXPECT_EQ(LastError(bob), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(server_.FindHub("doc")->member_count(), 0U);
  EXPECT_FALSE(bob.closed.has_value());
}

TEST_F(TrimmedDocumentTest, OnlyServersSayWhatADocumentBeginsWith) {
  Peer& eve = Connect("eve");
  const Channel channel = Join(eve, 6);
  Send(eve, ToMessage(BaseMessage{.channel = channel, .total = 1, .piece = "x"}));
  EXPECT_EQ(LastError(eve), ErrorCode::kBadMessage);
  EXPECT_TRUE(eve.closed.has_value());
}

class LongTrimmedDocumentTest : public TrimmedDocumentTest {
 protected:
  LongTrimmedDocumentTest() : TrimmedDocumentTest({}, std::string(9 * kPieceBytesMax, 'a')) {}
};

TEST_F(LongTrimmedDocumentTest, ALongBeginningComesInPieces) {
  Peer& bob = Connect("bob");
  Join(bob, 6);
  while (Of(bob, MessageKind::kUpdate).empty()) {
    const size_t got = bob.got.size();
    AcknowledgeAll(bob);
    ASSERT_GT(bob.got.size(), got) << "it takes, so it is sent more";
  }
  EXPECT_EQ(Of(bob, MessageKind::kBase).size(), 10U);
  RgaDocument copy(ReplicaId{.value = 6});
  TakeAll(bob, copy);
  EXPECT_EQ(copy.Text(), document_.Text());
}

TEST_F(LongTrimmedDocumentTest, WhoLostSomeOfItIsSentAllOfIt) {
  Peer& bob = Connect("bob");
  const Channel channel = Join(bob, 6);
  ASSERT_LT(Of(bob, MessageKind::kBase).size(), 10U) << "he has not taken so much yet";
  bob.got.clear();
  Send(bob, ToMessage(Request{.channel = channel, .version = VersionVector().Encode()}));
  while (Of(bob, MessageKind::kUpdate).empty()) {
    const size_t got = bob.got.size();
    AcknowledgeAll(bob);
    ASSERT_GT(bob.got.size(), got) << "it takes, so it is sent more";
  }
  RgaDocument copy(ReplicaId{.value = 6});
  TakeAll(bob, copy);
  EXPECT_EQ(copy.Text(), document_.Text());
}

class CompactingTrimmedDocumentTest : public TrimmedDocumentTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hub.compact_bytes_min = 1;
    return options;
  }
  CompactingTrimmedDocumentTest() : TrimmedDocumentTest(Options()) {}
};

TEST_F(CompactingTrimmedDocumentTest, ASnapshotBeginsWhereTheDocumentDoes) {
  Peer& bob = Connect("bob");
  const Channel channel = Join(bob, 6);
  RgaDocument copy(ReplicaId{.value = 6});
  TakeAll(bob, copy);
  for (int i = 0; compacted_.empty() && i < 100; ++i) {
    Send(bob, UpdateFor(channel, copy, std::string(100, 'b')));
  }
  ASSERT_FALSE(compacted_.empty());
  RgaHost host;
  for (const Record& record : compacted_) {
    if (record.kind != RecordKind::kIdentity) ASSERT_TRUE(host.Restore(record));
  }
  EXPECT_EQ(host.horizon(), document_.horizon());
  EXPECT_EQ(host.base(), stored_.snapshot[1].bytes);
  EXPECT_EQ(host.version(), copy.version_vector());
  EXPECT_EQ(host.Snapshot(), std::vector(compacted_.begin() + 1, compacted_.end()));
}

TEST_F(TrimmedDocumentTest, ALogThatDoesNotBeginWithItsBaseIsRefused) {
  const Record base = stored_.snapshot[1];
  const Record update = stored_.snapshot[2];
  const auto code = [](RgaHost& host, const Record& record) {
    const auto restored = host.Restore(record);
    return restored ? ErrorCode{} : restored.error().code;
  };
  RgaHost without;
  EXPECT_EQ(code(without, update), ErrorCode::kMissingDependency);
  RgaHost twice;
  EXPECT_EQ(code(twice, base), ErrorCode{});
  EXPECT_EQ(code(twice, base), ErrorCode::kMalformedState);
  RgaHost whole;
  EXPECT_EQ(code(whole, {.kind = RecordKind::kBase, .bytes = document_.Save({}).value()}),
            ErrorCode::kMalformedState)
      << "with operations, which belong into updates";
  EXPECT_EQ(code(whole, {.kind = RecordKind::kBase, .bytes = early_->Save({}).value()}),
            ErrorCode::kMalformedState)
      << "of a document that was not trimmed";
  EXPECT_EQ(code(whole, {.kind = RecordKind::kBase, .bytes = "?"}), ErrorCode::kMalformedFile);
}

// Clients.

// Returns why a client's document failed; kIo if it did not.
ErrorCode FailureOf(const SyncRig& rig, size_t client) {
  for (const ClientEvent& event : rig.events(client)) {
    if (const auto* const failed = std::get_if<DocumentFailed>(&event)) return failed->error.code;
  }
  return ErrorCode::kIo;
}

void Append(Document& document, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{document.metrics().code_points}, text));
}

void TrimAll(SyncRig& rig) {
  rig.CrashServer();
  rig.ReplaceLog(AllTrimmed(rig.log()));
}

void RunFor(SyncRig& rig, uint64_t ms) {
  for (uint64_t passed = 0; passed < ms; passed += 200) {
    rig.Advance(200);
    for (bool has_moved = true; has_moved;) {
      has_moved = rig.AnswerStore();
      for (size_t i = 0; i < rig.client_count(); ++i) {
        has_moved |= rig.Deliver(i, true);
        has_moved |= rig.Deliver(i, false);
      }
    }
  }
}

TEST(TrimmedDocumentClientTest, WhoIsUpToDateNoticesNothing) {
  Random random(1);
  SyncRig rig(random, {.clients = 2});
  Append(rig.document(0), "some");
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  TrimAll(rig);
  Append(rig.document(1), " text");
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  EXPECT_EQ(rig.document(0).Text(), "some text");
  EXPECT_EQ(rig.StoredText(), "some text");
  EXPECT_EQ(FailureOf(rig, 0), ErrorCode::kIo);
  EXPECT_EQ(FailureOf(rig, 1), ErrorCode::kIo);
}

TEST(TrimmedDocumentClientTest, WhoWasAwayKeepsItsTextAndCanBeginAnew) {
  Random random(1);
  SyncRig rig(random, {.clients = 2});
  Append(rig.document(0), "some");
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  rig.CrashServer();
  Append(rig.document(1), " of mine");
  const std::string mine = rig.document(1).Text();
  Append(rig.document(0), " text");
  // Only the first comes to the server before it is trimmed.
  for (int i = 0; i < 200 && rig.StoredText() != "some text"; ++i) {
    rig.Disconnect(1);
    rig.Advance(200);
    while (rig.AnswerStore() || rig.Deliver(0, true) || rig.Deliver(0, false)) continue;
  }
  ASSERT_EQ(rig.StoredText(), "some text");
  TrimAll(rig);
  RunFor(rig, 60'000);
  EXPECT_EQ(FailureOf(rig, 1), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(rig.document(1).Text(), mine);
  EXPECT_EQ(rig.client(1).status(), ConnectionStatus::kConnected) << "only the document has ended";
  EXPECT_EQ(rig.document(0).Text(), "some text");
  rig.RenewClient(1);
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  EXPECT_EQ(rig.document(1).Text(), "some text");
  Append(rig.document(1), mine);
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  EXPECT_EQ(rig.document(0).Text(), "some text" + mine);
}

TEST(TrimmedDocumentClientTest, WhatIsTypedIntoANewCopyBeforeItIsThereStaysInIt) {
  Random random(1);
  SyncRig rig(random, {.clients = 2});
  Append(rig.document(0), "some");
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  TrimAll(rig);
  rig.RenewClient(1);
  Append(rig.document(1), "too early");
  RunFor(rig, 60'000);
  EXPECT_EQ(FailureOf(rig, 1), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(rig.document(1).Text(), "too early");
  EXPECT_EQ(rig.StoredText(), "some");
}

TEST(TrimmedDocumentClientTest, ABeginningThatIsBrokenOffComesAnew) {
  Random random(1);
  SyncRig rig(random, {.clients = 2});
  std::string text;
  for (size_t i = 0; text.size() < 4 * kPieceBytesMax; ++i) text += std::to_string(i) + " ";
  Append(rig.document(0), text);
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  TrimAll(rig);
  rig.RenewClient(1);
  // The server is gone between two pieces, again and again, and the session with it.
  for (int cut = 0; cut < 3; ++cut) {
    for (int packets = 0; packets < 4;) {
      rig.Advance(200);
      while (rig.AnswerStore() || rig.Deliver(1, true)) continue;
      if (rig.Deliver(1, false)) ++packets;
    }
    rig.CrashServer();
  }
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  EXPECT_EQ(rig.document(1).Text(), text);
}

}  // namespace
}  // namespace cotext::sync
