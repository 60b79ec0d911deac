// Whose ids are what a relay brings, at a server.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "sync/hub_output.h"
#include "sync/messages.h"
#include "sync/server_output.h"
#include "sync/store.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

constexpr Rights kRelay = kMayRead | kMayWrite | kMayRelay;

class RelayTest : public ServerTest {
 protected:
  static Message Named(Channel channel, uint64_t writer, std::string user) {
    return ToMessage(WriterMessage{.channel = channel, .writer = writer, .user = std::move(user)});
  }

  // The users that a peer was told, by writer, in order.
  static std::vector<std::pair<uint64_t, std::string>> NamesTold(const Peer& peer) {
    std::vector<std::pair<uint64_t, std::string>> names;
    for (const Message& message : Of(peer, MessageKind::kWriter)) {
      const auto named = ReadWriter(message);
      EXPECT_TRUE(named.has_value());
      names.emplace_back(named->writer, named->user);
    }
    return names;
  }

  static bool ComesBefore(const Peer& peer, MessageKind first, MessageKind second) {
    for (const Message& message : peer.got) {
      if (message.kind == first) return true;
      if (message.kind == second) return false;
    }
    return false;
  }

  // Fails all calls of the store that wait, and what follows; then it is empty but for `log`.
  void FailStore(StoredLog log) {
    while (!calls_.empty()) {
      const CallStore call = calls_.front();
      calls_.pop_front();
      StoreAnswer answer{.ticket = call.ticket, .position = log.position(), .log = log};
      if (!std::holds_alternative<HubLoad>(call.call)) {
        answer.position = MakeError(ErrorCode::kStorageFailed, "the disk is full");
      }
      server_.OnStoreAnswer(std::move(answer), now_ms_);
      Settle();
    }
  }

  RgaDocument ada_{ReplicaId{.value = 7}};
  RgaDocument bob_{ReplicaId{.value = 8}};
};

using Names = std::vector<std::pair<uint64_t, std::string>>;

TEST_F(RelayTest, ARelayIsToldWhoseAnIdIsBeforeWhatWasWrittenUnderIt) {
  Peer& ada = Connect("ada");
  const Channel channel = Join(ada, 7);
  Peer& live = Connect("bridge", kRelay);
  Join(live, 100);
  Send(ada, UpdateFor(channel, ada_, "x"));
  EXPECT_EQ(NamesTold(live), (Names{{7, "ada"}}));
  EXPECT_TRUE(ComesBefore(live, MessageKind::kWriter, MessageKind::kUpdate));
  Peer& late = Connect("bridge", kRelay);
  Join(late, 101);
  EXPECT_EQ(NamesTold(late), (Names{{7, "ada"}}));
  EXPECT_TRUE(ComesBefore(late, MessageKind::kWriter, MessageKind::kUpdate));
}

TEST_F(RelayTest, NobodyElseIsTold) {
  Peer& ada = Connect("ada");
  const Channel channel = Join(ada, 7);
  Peer& bob = Connect("bob");
  Join(bob, 8);
  Send(ada, UpdateFor(channel, ada_, "x"));
  Peer& eve = Connect("eve");
  Join(eve, 9);
  EXPECT_TRUE(NamesTold(bob).empty());
  EXPECT_TRUE(NamesTold(eve).empty());
}

TEST_F(RelayTest, WhoIsGivenTheRightIsTold) {
  Peer& ada = Connect("ada");
  const Channel channel = Join(ada, 7);
  Send(ada, UpdateFor(channel, ada_, "x"));
  Peer& bridge = Connect("bridge");
  Join(bridge, 100);
  server_.SetGrants(ReadWelcome(Of(bridge, MessageKind::kWelcome)[0])->session, {{"*", kRelay}});
  Settle();
  EXPECT_EQ(NamesTold(bridge), (Names{{7, "ada"}}));
}

// The user may go on at a server that first saw him through a relay.
TEST_F(RelayTest, WhoseIdARelayNamedMayWriteUnderIt) {
  Peer& bridge = Connect("bridge", kRelay);
  const Channel channel = Join(bridge, 100);
  Send(bridge, Named(channel, 7, "ada"));
  Send(bridge, UpdateFor(channel, ada_, "x"));
  EXPECT_EQ(NamesTold(bridge), (Names{{7, "ada"}}));  // It is durable.
  Peer& ada = Connect("ada");
  Join(ada, 7);
  Send(ada, UpdateFor(channel, ada_, "y"));
  EXPECT_FALSE(ada.closed);
  EXPECT_EQ(Of(bridge, MessageKind::kUpdate).size(), 1U);
  Peer& eve = Connect("eve");
  Join(eve, 7);
  Send(eve, UpdateFor(channel, ada_, "z"));
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
}

TEST_F(RelayTest, WhatARelayBringsWithoutAWordIsNobodysUntilItSaysWhose) {
  Peer& bridge = Connect("bridge", kRelay);
  const Channel channel = Join(bridge, 100);
  Send(bridge, UpdateFor(channel, ada_, "x"));
  Peer& early = Connect("ada");
  Join(early, 7);
  EXPECT_EQ(Of(early, MessageKind::kUpdate).size(), 1U);  // But it is shown.
  const auto fork = ada_.Fork(ReplicaId{.value = 7});
  Send(early, UpdateFor(channel, ada_, "y"));
  EXPECT_EQ(LastError(early), ErrorCode::kForgedIdentity);
  Send(bridge, Named(channel, 7, "ada"));
  Peer& ada = Connect("ada");
  Join(ada, 7);
  Send(ada, UpdateFor(channel, *fork, "y"));
  EXPECT_FALSE(ada.closed);
}

TEST_F(RelayTest, OnlyWhoRelaysMaySayWhoseAnIdIs) {
  Peer& eve = Connect("eve");
  const Channel channel = Join(eve, 9);
  Send(eve, Named(channel, 7, "eve"));
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
  Peer& reader = Connect("reader", kMayRead | kMayRelay);
  Join(reader, 10);
  Send(reader, Named(channel, 7, "reader"));
  EXPECT_EQ(LastError(reader), ErrorCode::kForbidden);
  Peer& bad = Connect("bridge", kRelay);
  Join(bad, 11);
  Send(bad, Named(channel, 0, "nobody"));
  EXPECT_EQ(LastError(bad), ErrorCode::kInvalidId);
  Peer& long_name = Connect("bridge", kRelay);
  Join(long_name, 11);
  Send(long_name, Named(channel, 7, std::string(kUserNameMax + 1, 'x')));
  EXPECT_EQ(LastError(long_name), ErrorCode::kBadMessage);
}

TEST_F(RelayTest, WhatIsKnownOfAnIdStays) {
  Peer& ada = Connect("ada");
  const Channel channel = Join(ada, 7);
  Send(ada, UpdateFor(channel, ada_, "x"));
  Peer& bridge = Connect("bridge", kRelay);
  Join(bridge, 100);
  const uint64_t position = position_;
  Send(bridge, Named(channel, 7, "eve"));
  EXPECT_EQ(position_, position);
  EXPECT_FALSE(bridge.closed);
  Send(ada, UpdateFor(channel, ada_, "y"));
  EXPECT_FALSE(ada.closed);
}

// A name is not acknowledged; lost with the store, and not said again, it would leave what follows
// nobody's.
TEST_F(RelayTest, ARelayIsToldThatTheStoreFailedAlsoIfItHasOnlyNamedSomebody) {
  Peer& bridge = Connect("bridge", kRelay);
  const Channel channel = Join(bridge, 100);
  answers_ = false;
  Send(bridge, Named(channel, 7, "ada"));
  ASSERT_EQ(calls_.size(), 1U);
  FailStore({});
  EXPECT_EQ(LastError(bridge), ErrorCode::kStorageFailed);
  EXPECT_TRUE(NamesTold(bridge).empty());
}

// The store has answered with an error, and done it all the same.
TEST_F(RelayTest, WhatTheStoreKeptAfterAllIsTold) {
  Peer& bridge = Connect("bridge", kRelay);
  const Channel channel = Join(bridge, 100);
  StoredLog log;
  Record identity{.kind = RecordKind::kIdentity, .bytes = std::string(1, '\0')};
  identity.bytes += std::string(16, 'i');
  log.tail.push_back(identity);
  answers_ = false;
  Send(bridge, Named(channel, 7, "ada"));
  log.tail.push_back(std::get<HubAppend>(calls_.front().call).records.front());
  FailStore(log);
  EXPECT_EQ(NamesTold(bridge), (Names{{7, "ada"}}));
}

}  // namespace
}  // namespace cotext::sync
