// A server with connections that a test plays.
#ifndef COTEXT_TESTS_SYNC_SERVER_FIXTURE_H_
#define COTEXT_TESTS_SYNC_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/messages.h"
#include "sync/server.h"
#include "sync/store.h"

namespace cotext::sync {

inline constexpr Rights kWriter = kMayRead | kMayWrite | kMayShow;

class ServerTest : public testing::Test {
 protected:
  struct Peer {
    ConnectionId connection = 0;
    std::vector<Message> got;  // Numbered ones and others, in order.
    std::optional<CloseConnection> closed;
    uint64_t sent = 0;
    uint64_t received = 0;
    uint64_t acknowledged = 0;  // By the server.
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
    peer.acknowledged = std::max(peer.acknowledged, packet.head.received);
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
      } else if (std::holds_alternative<HubLoad>(call.call) && stored_.position() > 0) {
        answer.log = stored_;
        answer.position = position_ = stored_.position();
      } else if (const auto* const compact = std::get_if<HubCompact>(&call.call)) {
        compacted_ = compact->snapshot;
        ++compactions_;
        if (snapshot_failure_) answer.position = std::unexpected(*snapshot_failure_);
      }
      if (std::holds_alternative<HubLoad>(call.call)) ++loads_;
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
  StoredLog stored_;                       // What is loaded, if it is anything.
  std::vector<Record> compacted_;          // The last snapshot that the store was given.
  std::optional<Error> snapshot_failure_;  // What becomes of snapshots.
  int compactions_ = 0;                    // Asked for.
  int loads_ = 0;
  std::vector<MessageRef> refs_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SERVER_FIXTURE_H_
