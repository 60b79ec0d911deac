#include "net/driver/server_driver.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "net/base/close_code.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/net/driver/driver_rig.h"

namespace cotext::net {
namespace {

using sync::Message;
using sync::MessageKind;
using sync::Packet;

// A client that greets, opens "doc" and acknowledges, by hand.
class Peer {
 public:
  Peer(DriverRig& rig, uint64_t replica, const std::string& token = {})
      : rig_(&rig),
        transport_(rig.Connect("user " + std::to_string(replica))),
        document_(ReplicaId{.value = replica}) {
    rig.SendControl(*transport_, ToMessage(sync::Hello{.received = 0, .token = token}));
    rig.Advance(20);
    const auto packets = rig.TakeAll(*transport_);
    EXPECT_EQ(packets.size(), 1U);
    welcome_ = *sync::ReadWelcome(packets.at(0).messages.at(0));
  }

  void Open() {
    Send(ToMessage(sync::Open{.request = 1, .writer = document_.replica().value, .name = "doc"}));
    rig_->Advance(20);
    for (const Message& message : Take()) {
      if (message.kind == MessageKind::kOpened) channel_ = message.channel;
    }
    EXPECT_NE(channel_, 0U);
  }

  void Send(const Message& message) {
    rig_->Send(*transport_,
               {.head = {.first = ++sent_, .received = received_}, .messages = {message}});
  }
  void Type(const std::string& text) {
    const Version before = document_.version();
    EXPECT_TRUE(document_.Insert(CodePointOffset(0), text));
    Send(ToMessage(
        sync::UpdateMessage{.channel = channel_, .update = *document_.EncodeSince(before)}));
  }
  // Acknowledges what it never took.
  void Acknowledge(uint64_t received) {
    rig_->Send(*transport_, {.head = {.received = received}, .messages = {}});
  }

  std::vector<Message> Take() {
    std::vector<Message> messages;
    for (const Packet& packet : rig_->TakeAll(*transport_)) {
      ++packets_;
      if (packet.head.first != 0) received_ += packet.messages.size();
      messages.insert(messages.end(), packet.messages.begin(), packet.messages.end());
    }
    return messages;
  }

  FakeTransport& transport() { return *transport_; }
  sync::ConnectionId connection() const { return transport_->connection; }
  const sync::Welcome& welcome() const { return welcome_; }
  int packets() const { return packets_; }
  uint64_t received() const { return received_; }

 private:
  DriverRig* rig_;
  std::unique_ptr<FakeTransport> transport_;
  RgaDocument document_;
  sync::Welcome welcome_;
  sync::Channel channel_ = 0;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  int packets_ = 0;
};

size_t Count(const std::vector<Message>& messages, MessageKind kind) {
  size_t count = 0;
  for (const Message& message : messages) count += message.kind == kind ? 1 : 0;
  return count;
}

// A hundred readers of one document, who have taken what came, and a writer.
struct Crowd {
  std::vector<std::unique_ptr<Peer>> readers;
  std::unique_ptr<Peer> writer;
};

Crowd MakeCrowd(DriverRig& rig) {
  Crowd crowd;
  for (uint64_t i = 0; i < 100; ++i) {
    crowd.readers.push_back(std::make_unique<Peer>(rig, 100 + i));
    crowd.readers.back()->Open();
  }
  crowd.writer = std::make_unique<Peer>(rig, 1);
  crowd.writer->Open();
  rig.Advance(1'000);
  for (auto& reader : crowd.readers) reader->Take();
  return crowd;
}

TEST(ServerDriverTest, ALoneClientNeverWaits) {
  DriverRig rig;
  Peer peer(rig, 1);
  for (uint64_t value = 1; value < 100; ++value) {
    rig.SendControl(peer.transport(), ToMessage(sync::Ping{.value = value}));
    EXPECT_EQ(rig.wake_at_ms(), rig.now_ms());
    rig.Turn();
    EXPECT_EQ(Count(peer.Take(), MessageKind::kPong), 1U) << value;
  }
}

TEST(ServerDriverTest, NothingIsSentInsideAnInput) {
  DriverRig rig;
  Peer peer(rig, 1);
  rig.SendControl(peer.transport(), ToMessage(sync::Ping{.value = 1}));
  const int told = peer.transport().told;
  EXPECT_FALSE(rig.Take(peer.transport()));
  rig.Turn();
  EXPECT_EQ(peer.transport().told, told + 1);
  EXPECT_TRUE(rig.Take(peer.transport()));
}

TEST(ServerDriverTest, AfterMuchWasSentWhatComesSharesPackets) {
  DriverRig rig(1, {.flush_us_per_packet = 100});
  Crowd crowd = MakeCrowd(rig);
  auto& readers = crowd.readers;
  Peer& writer = *crowd.writer;
  const int before = readers[0]->packets();
  size_t updates = 0;
  RgaDocument copy(ReplicaId{.value = 9});
  const auto take = [&] {
    for (const Message& message : readers[0]->Take()) {
      if (message.kind != MessageKind::kUpdate) continue;
      ++updates;
      EXPECT_TRUE(copy.Merge(sync::ReadUpdate(message)->update));
    }
  };
  for (int i = 0; i < 100; ++i) {
    writer.Type("x");
    rig.Advance(1);
    take();
  }
  rig.Advance(20);
  take();
  EXPECT_EQ(copy.Text(), std::string(100, 'x'));
  EXPECT_LE(updates, 13U) << "what came together is one update";
  EXPECT_LE(readers[0]->packets() - before, 13) << "10 ms apart";
  EXPECT_GE(readers[0]->packets() - before, 9) << "and no more";
}

// Pauses are of 7 ms here; the clock ticks every 50.
TEST(ServerDriverTest, ATickDoesNotEndAPause) {
  DriverRig rig(1, {.flush_us_per_packet = 70});
  Crowd crowd = MakeCrowd(rig);
  auto& readers = crowd.readers;
  Peer& writer = *crowd.writer;
  size_t updates = 0;
  for (int i = 0; i < 500; ++i) {
    writer.Type("x");
    rig.Advance(1);
    for (auto& reader : readers) {
      const size_t here = Count(reader->Take(), MessageKind::kUpdate);
      if (reader == readers[0]) updates += here;
    }
  }
  EXPECT_LE(updates, 500U / 7 + 1);
  EXPECT_GE(updates, 60U);
}

TEST(ServerDriverTest, WhatComesInAPauseIsDurableByItsEnd) {
  DriverRig rig(1, {.flush_us_per_packet = 100});
  Crowd crowd = MakeCrowd(rig);
  auto& readers = crowd.readers;
  Peer& writer = *crowd.writer;
  const auto wait_for_update = [&] {
    for (uint64_t ms = 0; ms < 100; ++ms) {
      if (Count(readers[0]->Take(), MessageKind::kUpdate) > 0) return ms;
      rig.Advance(1);
    }
    return uint64_t{100};
  };
  writer.Type("x");
  EXPECT_LE(wait_for_update(), 1U);
  // Early in the pause of 10 ms: the store, which is slow now, has answered when that ends.
  rig.store().SetFaults({.delay_min_ms = 5, .delay_max_ms = 5});
  writer.Type("y");
  rig.Advance(1);
  writer.Type("y");
  EXPECT_LE(wait_for_update(), 9U);
  rig.Advance(1);
  for (auto& reader : readers) reader->Take();
  EXPECT_EQ(wait_for_update(), 100U) << "all were in it";
}

TEST(ServerDriverTest, AMessageForManyIsEncodedOnce) {
  DriverRig rig;
  std::vector<std::unique_ptr<Peer>> readers;
  for (uint64_t i = 0; i < 50; ++i) {
    readers.push_back(std::make_unique<Peer>(rig, 100 + i));
    readers.back()->Open();
  }
  Peer writer(rig, 1);
  writer.Open();
  rig.Advance(1'000);
  for (auto& reader : readers) {
    reader->Take();
    reader->Acknowledge(reader->received());
  }
  rig.Advance(1'000);
  const uint64_t before = rig.driver().counters().encodings;
  writer.Type("hello");
  rig.Advance(50);
  size_t updates = 0;
  for (auto& reader : readers) updates += Count(reader->Take(), MessageKind::kUpdate);
  writer.Take();
  EXPECT_EQ(updates, 50U);
  EXPECT_LE(rig.driver().counters().encodings - before, 3U) << "the update, and acknowledgements";
}

TEST(ServerDriverTest, WhoAcknowledgesWhatItNeverTakesIsKilledAndNobodyElse) {
  DriverRig rig(1, {.waiting_bytes_max = 100'000});
  Peer reader(rig, 2);
  reader.Open();
  Peer slow(rig, 3);
  slow.Open();
  Peer writer(rig, 1);
  writer.Open();
  rig.Advance(1'000);
  reader.Take();
  const uint64_t taken = slow.received();
  for (uint64_t i = 1; !slow.transport().is_killed; ++i) {
    ASSERT_LT(i, 100U);
    writer.Type(std::string(5'000, 'x'));
    rig.Advance(20);
    EXPECT_LE(rig.driver().WaitingBytes(slow.connection()), 100'000U);
    // Two joined before the first update came.
    if (!slow.transport().is_killed) slow.Acknowledge(taken + 1 + i);
    EXPECT_GE(Count(reader.Take(), MessageKind::kUpdate), 1U);
    reader.Acknowledge(reader.received());
  }
  EXPECT_EQ(rig.driver().WaitingBytes(slow.connection()), 0U);
  EXPECT_EQ(rig.driver().counters().killed, 1U);
  EXPECT_FALSE(reader.transport().is_killed);
  EXPECT_EQ(rig.driver().server().session_count(), 3U) << "it may be taken up again";
  rig.driver().OnGone(slow.connection());
  EXPECT_EQ(rig.driver().connection_count(), 2U);
}

TEST(ServerDriverTest, WhoDoesNotFinishInTimeIsKilled) {
  DriverRig rig(1, {.close_ms = 3'000});
  Peer peer(rig, 1);
  rig.SendControl(peer.transport(), ToMessage(sync::Leave{}));
  rig.Advance(2'990);
  ASSERT_TRUE(peer.transport().finished);
  EXPECT_FALSE(peer.transport().is_killed);
  rig.Advance(50);
  EXPECT_TRUE(peer.transport().is_killed);
  rig.driver().OnGone(peer.connection());
}

TEST(ServerDriverTest, BytesThatAreNoPacketAreAnsweredAndFinishTheConnection) {
  DriverRig rig;
  Peer peer(rig, 1);
  rig.driver().OnBytes(peer.connection(), "garbage");
  rig.Advance(20);
  const auto messages = peer.Take();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(sync::ReadError(messages[0])->code, ErrorCode::kBadMessage);
  ASSERT_TRUE(peer.transport().finished);
  EXPECT_EQ(CloseCodeOf(*peer.transport().finished), 4560);
  EXPECT_EQ(rig.driver().counters().bad_packets, 1U);
}

TEST(ServerDriverTest, GrantsThatComeBeforeTheSessionHoldForIt) {
  DriverRig rig;
  auto transport = rig.Connect();
  rig.driver().SetGrants(transport->connection, {{.documents = "other", .rights = kAllButRelay}});
  rig.SendControl(*transport, ToMessage(sync::Hello{}));
  rig.Turn();
  rig.Send(*transport,
           {.head = {.first = 1},
            .messages = {ToMessage(sync::Open{.request = 1, .writer = 7, .name = "doc"})}});
  rig.Advance(20);
  const auto packets = rig.TakeAll(*transport);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(sync::ReadError(packets[1].messages.at(0))->code, ErrorCode::kForbidden);
}

TEST(ServerDriverTest, AConnectionThatIsEndedLeavesASessionWithoutRights) {
  DriverRig rig;
  Peer peer(rig, 1);
  peer.Open();
  rig.driver().End(peer.connection(),
                   {.error = {ErrorCode::kForbidden, "revoked"}, .may_retry = false});
  rig.Advance(20);
  ASSERT_TRUE(peer.transport().finished);
  EXPECT_EQ(CloseCodeOf(*peer.transport().finished), 4463);
  rig.driver().OnBytes(peer.connection(), "whatever it says is not heard");
  rig.Advance(20);
  const sync::Hub* const hub = rig.driver().server().FindHub("doc");
  EXPECT_TRUE(hub == nullptr || hub->Members().empty());
}

TEST(ServerDriverTest, AFormerConnectionSaysNothingOfTheSessionThatAnotherTookUp) {
  DriverRig rig;
  auto former = rig.Connect();
  rig.SendControl(*former, ToMessage(sync::Hello{}));
  rig.Advance(20);
  const auto welcome = sync::ReadWelcome(rig.TakeAll(*former).at(0).messages.at(0)).value();
  auto present = rig.Connect();
  rig.SendControl(*present, ToMessage(sync::Hello{.token = welcome.token}));
  rig.Advance(20);
  ASSERT_TRUE(former->finished) << "the session went to the other";
  // Its access ends before its socket does.
  rig.driver().End(former->connection, {.error = {ErrorCode::kUnauthenticated, "expired"}});
  rig.Send(*present,
           {.head = {.first = 1},
            .messages = {ToMessage(sync::Open{.request = 1, .writer = 7, .name = "doc"})}});
  rig.Advance(20);
  const auto packets = rig.TakeAll(*present);
  EXPECT_EQ(packets.back().messages.at(0).kind, sync::MessageKind::kOpened);
}

TEST(ServerDriverTest, ShuttingDownTellsAllAndIsDrainedWhenTheyAreGone) {
  DriverRig rig;
  rig.store().SetFaults({.delay_min_ms = 300, .delay_max_ms = 300});
  Peer greeted(rig, 1);
  auto silent = rig.Connect();
  rig.driver().ShutDown(1'234);
  for (FakeTransport* transport : {&greeted.transport(), silent.get()}) {
    const auto packets = rig.TakeAll(*transport);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(sync::ReadGoingAway(packets[0].messages.at(0))->retry_after_ms, 1'234U);
    ASSERT_TRUE(transport->finished);
    EXPECT_EQ(CloseCodeOf(*transport->finished), 1012);
    EXPECT_FALSE(rig.driver().is_drained());
    rig.driver().OnGone(transport->connection);
  }
  EXPECT_TRUE(rig.driver().is_drained());
  auto late = rig.Connect();
  rig.Advance(20);
  ASSERT_TRUE(late->finished);
  EXPECT_EQ(CloseCodeOf(*late->finished), 1012);
}

TEST(ServerDriverTest, IsNotDrainedWhileTheStoreHasSomethingToAnswer) {
  DriverRig rig;
  Peer peer(rig, 1);
  peer.Open();
  rig.store().SetFaults({.delay_min_ms = 300, .delay_max_ms = 300});
  peer.Type("late");
  rig.Advance(1);
  rig.driver().ShutDown(1'000);
  rig.driver().OnGone(peer.connection());
  EXPECT_FALSE(rig.driver().is_drained());
  rig.Advance(400);
  EXPECT_TRUE(rig.driver().is_drained());
}

TEST(ServerDriverTest, ASilentServerIsNotWokenForNothing) {
  DriverRig rig;
  Peer peer(rig, 1);
  rig.Advance(1'000);
  const uint64_t before = rig.driver().counters().flushes;
  rig.Advance(8'000);
  EXPECT_LE(rig.driver().counters().flushes - before, 2U) << "nothing is due before a ping";
}

}  // namespace
}  // namespace cotext::net
