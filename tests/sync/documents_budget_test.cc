// What documents may take of a server's memory, and what it lets go of.
#include <gtest/gtest.h>

#include <string>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/server.h"
#include "sync/store.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

constexpr size_t kDocumentBytes = 60'000;

class DocumentsBudgetTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.documents_bytes_max = 2 * kDocumentBytes - 10'000;  // One and a half.
    options.loads_max = 2;
    return options;
  }
  DocumentsBudgetTest() : ServerTest(Options()) {
    RgaDocument document(ReplicaId{.value = 9});
    Random random(1);
    std::string text;
    while (text.size() < kDocumentBytes) text.push_back(static_cast<char>('!' + random.Below(90)));
    EXPECT_TRUE(document.Insert(CodePointOffset(0), text));
    const Version nothing = RgaDocument(ReplicaId{.value = 8}).version();
    // What every name has in the store.
    stored_.tail.push_back({.kind = RecordKind::kIdentity, .bytes = std::string(17, '\0')});
    stored_.tail.push_back({.kind = RecordKind::kUpdate, .bytes = *document.EncodeSince(nothing)});
  }

  void Ask(Peer& peer, const std::string& name) {
    Send(peer, ToMessage(Open{.request = ++requests_, .writer = 5, .name = name}));
    AcknowledgeAll(peer);
  }
  // Lives as long as that.
  void Live(Peer& peer, uint64_t ms) {
    for (uint64_t passed = 0; passed < ms; passed += 5'000) {
      Wait(5'000);
      AcknowledgeAll(peer);
    }
  }
  Channel ChannelOf(const std::string& name) const { return server_.FindHub(name)->channel(); }

  uint64_t requests_ = 0;
};

TEST_F(DocumentsBudgetTest, WhatIsOpenIsKeptAndNoMoreIsLoaded) {
  Peer& ann = Connect("ann", kMayRead);
  SendControl(ann, ToMessage(Hello{}));
  for (const char* const name : {"a", "b"}) Ask(ann, name);
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 2U);
  EXPECT_GT(server_.document_bytes(), 2 * kDocumentBytes);
  Ask(ann, "c");
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 2U);
  ASSERT_EQ(LastError(ann), ErrorCode::kTooManyDocuments);
  const auto error = ReadError(Of(ann, MessageKind::kError).back());
  EXPECT_EQ(error->request, 3U);
  EXPECT_GT(error->retry_after_ms, 0U);
  EXPECT_FALSE(ann.closed.has_value());
  EXPECT_EQ(server_.hub_count(), 2U);
  EXPECT_EQ(loads_, 2) << "the store was not asked";
  // What is in memory is there for all.
  Peer& bob = Connect("bob", kMayRead);
  SendControl(bob, ToMessage(Hello{}));
  Ask(bob, "a");
  EXPECT_EQ(Of(bob, MessageKind::kOpened).size(), 1U);
}

TEST_F(DocumentsBudgetTest, WhatNobodyHasOpenMakesRoomTheOldestFirst) {
  Peer& ann = Connect("ann", kMayRead);
  SendControl(ann, ToMessage(Hello{}));
  for (const char* const name : {"a", "b"}) {
    Ask(ann, name);
    Send(ann, ToMessage(Close{.channel = ChannelOf(name)}));
    Wait(100);
  }
  EXPECT_EQ(server_.FindHub("a"), nullptr) << "long before its time";
  EXPECT_NE(server_.FindHub("b"), nullptr);
  Ask(ann, "c");
  EXPECT_EQ(Of(ann, MessageKind::kOpened).size(), 3U);
  EXPECT_LE(server_.document_bytes(), Options().documents_bytes_max + kDocumentBytes);
}

TEST_F(DocumentsBudgetTest, HoweverManyAreAskedForAtOnceFewAreLoaded) {
  answers_ = false;
  Peer& ann = Connect("ann", kMayRead);
  SendControl(ann, ToMessage(Hello{}));
  for (int i = 0; i < 200; ++i) Ask(ann, std::to_string(i));
  EXPECT_EQ(calls_.size(), 2U);
  EXPECT_FALSE(server_.is_quiet());
  answers_ = true;
  AnswerStore();
  Settle();
  EXPECT_LE(server_.document_bytes(), 3 * (kDocumentBytes + 10'000));
  EXPECT_LE(loads_, 3);
  EXPECT_EQ(Of(ann, MessageKind::kError).size(), 200U - static_cast<size_t>(loads_));
  EXPECT_TRUE(server_.is_quiet());
}

class RestingDocumentTest : public ServerTest {};

TEST_F(RestingDocumentTest, TheDocumentOfUploadsIsLetGoOfAndBuiltAgain) {
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  const auto live = [&](uint64_t ms) {
    for (uint64_t passed = 0; passed < ms; passed += 5'000) {
      Wait(5'000);
      AcknowledgeAll(ann);
    }
  };
  Send(ann, UpdateFor(channel, document, std::string(10'000, 'x')));
  AcknowledgeAll(ann);
  const size_t with_document = server_.FindHub("doc")->bytes();
  live(50'000);
  EXPECT_EQ(server_.FindHub("doc")->bytes(), with_document);
  live(15'000);
  const size_t without = server_.FindHub("doc")->bytes();
  EXPECT_LT(without, with_document);
  EXPECT_GT(without, 10'000U) << "the history stays";
  EXPECT_EQ(server_.document_bytes(), without);
  // A change that builds on what was there is taken.
  ann.got.clear();
  Send(ann, UpdateFor(channel, document, "again"));
  AcknowledgeAll(ann);
  ASSERT_FALSE(Of(ann, MessageKind::kAck).empty());
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck).back())->upto, 10'005U);
  EXPECT_GT(server_.FindHub("doc")->bytes(), without);
}

class FailingSnapshotsTest : public ServerTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.hub.compact_bytes_min = 500;
    return options;
  }
  FailingSnapshotsTest() : ServerTest(Options()) {}
};

TEST_F(FailingSnapshotsTest, WhereThereIsNoRoomForASnapshotEditsGoOn) {
  snapshot_failure_ = Error{ErrorCode::kDiskFull, "the disk is full"};
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  for (int i = 0; i < 300; ++i) {
    Send(ann, UpdateFor(channel, document, std::string(100, 'x')));
    AcknowledgeAll(ann);
  }
  EXPECT_EQ(LastError(ann), ErrorCode::kIo) << "nobody is told";
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck).back())->upto, 30'000U);
  EXPECT_EQ(loads_, 1) << "it is not read again";
  EXPECT_GT(compactions_, 1) << "it is tried again";
  EXPECT_LT(compactions_, 8) << "ever more rarely";
  // When there is room, it is made.
  snapshot_failure_.reset();
  const int before = compactions_;
  for (int i = 0; i < 300 && compactions_ == before; ++i) {
    Send(ann, UpdateFor(channel, document, std::string(1000, 'x')));
    AcknowledgeAll(ann);
  }
  EXPECT_GT(compactions_, before);
}

TEST_F(FailingSnapshotsTest, OneThatMayHaveBeenMadeHasTheDocumentReadAgainButIsNotRepeatedAtOnce) {
  snapshot_failure_ = Error{ErrorCode::kIo, "the disk is broken"};
  Peer& ann = Connect("ann");
  const Channel channel = Join(ann, 5);
  RgaDocument document(ReplicaId{.value = 5});
  const auto write = [&] {
    const Message update = UpdateFor(channel, document, std::string(100, 'x'));
    stored_.tail.push_back({.kind = RecordKind::kUpdate, .bytes = ReadUpdate(update)->update});
    Send(ann, update);
    AcknowledgeAll(ann);
  };
  stored_.tail.push_back({.kind = RecordKind::kIdentity, .bytes = std::string(17, '\0')});
  stored_.tail.push_back({.kind = RecordKind::kWriter,
                          .bytes = "\x05"
                                   "ann"});
  for (int i = 0; i < 100; ++i) write();
  EXPECT_GT(loads_, 1);
  EXPECT_LT(compactions_, 8);
}

}  // namespace
}  // namespace cotext::sync
