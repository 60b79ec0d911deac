#include "proto/encoded_messages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/offset.h"
#include "proto/wire.h"
#include "sync/messages.h"
#include "sync/server.h"

namespace cotext::proto {
namespace {

// A thousand connections of one server, written as a network would.
class EncodedMessagesTest : public testing::Test {
 protected:
  EncodedMessagesTest() {
    server_.SetFarewell([this](sync::MessageRef ref) { encoded_.Drop(ref); });
  }

  void Take() {
    for (bool has_more = true; has_more;) {
      has_more = false;
      std::vector<sync::StoreAnswer> answers;
      for (const sync::ServerAction& action : server_.TakeActions(1000)) {
        has_more = true;
        if (const auto* const packet = std::get_if<sync::SendPacket>(&action)) Write(*packet);
        if (const auto* const call = std::get_if<sync::CallStore>(&action)) {
          answers.push_back({.ticket = call->ticket, .position = ++position_});
        }
      }
      for (sync::StoreAnswer& answer : answers) server_.OnStoreAnswer(std::move(answer), 1000);
    }
  }

  void Write(const sync::SendPacket& send) {
    std::vector<const EncodedMessage*> messages;
    for (const sync::MessageRef ref : send.messages) {
      messages.push_back(&encoded_.Of(ref, server_.message(ref)));
    }
    std::string bytes = EncodeHead(send.head, messages);
    for (const EncodedMessage* const message : messages) bytes += message->bytes;
    const auto packet = DecodePacket(bytes);
    ASSERT_TRUE(packet.has_value());
    ASSERT_EQ(packet->messages.size(), send.messages.size());
    for (size_t i = 0; i < packet->messages.size(); ++i) {
      ASSERT_EQ(packet->messages[i].kind, server_.message(send.messages[i]).kind);
      ASSERT_EQ(packet->messages[i].bytes, server_.message(send.messages[i]).bytes);
      if (packet->messages[i].kind == sync::MessageKind::kUpdate) ++updates_;
      if (packet->messages[i].kind == sync::MessageKind::kOpened) {
        channel_ = packet->messages[i].channel;
      }
    }
    if (send.head.first != 0) {
      received_[send.connection] = send.head.first + send.messages.size() - 1;
    }
  }

  void Say(uint64_t connection, uint64_t first, sync::Message message) {
    server_.OnPacket(connection,
                     {.head = {.first = first, .received = received_[connection]},
                      .messages = {std::move(message)}},
                     50, 1000);
    Take();
  }

  void AcknowledgeAll() {
    for (const auto& [connection, received] : received_) {
      server_.OnPacket(connection, {.head = {.received = received}, .messages = {}}, 10, 1000);
    }
    Take();
    Take();
  }

  uint64_t random_ = 0;
  EncodedMessages encoded_;  // Outlives the server.
  sync::Server server_{[this] { return ++random_; }};
  std::map<uint64_t, uint64_t> received_;
  uint64_t position_ = 0;
  uint64_t updates_ = 0;
  uint64_t channel_ = 0;
};

TEST_F(EncodedMessagesTest, WhatGoesToAThousandIsEncodedOnceAndLetGoOf) {
  constexpr uint64_t kConnections = 1000;
  for (uint64_t connection = 1; connection <= kConnections; ++connection) {
    // Who is not seen is not told of, so that there is nothing else to send.
    server_.OnConnect(
        connection,
        {.user = "ann", .grants = {{.documents = "*", .rights = sync::kMayRead | sync::kMayWrite}}},
        1000);
    Say(connection, 0, ToMessage(sync::Hello{}));
    Say(connection, 1, ToMessage(sync::Open{.request = 1, .writer = connection, .name = "doc"}));
  }
  AcknowledgeAll();
  EXPECT_EQ(encoded_.size(), 0U);
  const uint64_t before = encoded_.encodings();
  RgaDocument document(ReplicaId{.value = 1});
  ASSERT_TRUE(document.Insert(CodePointOffset(0), std::string(5000, 'x')).has_value());
  Say(1, 2,
      ToMessage(sync::UpdateMessage{.channel = channel_,
                                    .update = *document.EncodeSince(VersionVector(), 10'000)}));
  EXPECT_EQ(updates_, kConnections - 1);
  // The update, and the acknowledgement of it.
  EXPECT_EQ(encoded_.encodings() - before, 2U);
  EXPECT_EQ(encoded_.size(), 2U);
  AcknowledgeAll();
  EXPECT_EQ(encoded_.size(), 0U);
  server_.SetFarewell(nullptr);
}

TEST_F(EncodedMessagesTest, AReferenceThatIsUsedAgainStandsForAnotherMessage) {
  sync::MessagePool pool;
  EncodedMessages encoded;
  pool.SetFarewell([&](sync::MessageRef ref) { encoded.Drop(ref); });
  const sync::MessageRef one = pool.Put(ToMessage(sync::Ping{.value = 1}));
  const std::string first = encoded.Of(one, pool.Get(one)).bytes;
  EXPECT_EQ(encoded.Of(one, pool.Get(one)).bytes, first);
  EXPECT_EQ(encoded.encodings(), 1U);
  pool.Release(one);
  const sync::MessageRef two = pool.Put(ToMessage(sync::Ping{.value = 2}));
  ASSERT_EQ(two, one);
  EXPECT_NE(encoded.Of(two, pool.Get(two)).bytes, first);
  EXPECT_EQ(encoded.encodings(), 2U);
}

}  // namespace
}  // namespace cotext::proto
