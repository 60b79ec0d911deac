// One end of the connection between two peers that have a document in common: edits both ways
// (peer_session.h), delivered once and in order (link.h), and what the other one shows.
//
//     Start -> Connect -> OnConnected -> edits and presence both ways
//                 ^                            |
//                 '-- after a wait (backoff.h) <-- disconnected, or silent for too long
//
// One of the two makes the connection, and makes it again as long as it takes; the other one waits
// for it. Each connection begins anew: messages have numbers from 1, and both ends say what they
// have and show. Presence goes no further than to the peer: it ends with the connection, and typing
// after kTypingMs unless it is said again.
//
// Use: as a Client (client.h). Times are in milliseconds of one clock that does not go back. The
// document is the application's and outlives this. Thread-compatible.
#ifndef COTEXT_SYNC_PEER_CONNECTION_H_
#define COTEXT_SYNC_PEER_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/error.h"
#include "sync/backoff.h"
#include "sync/client_event.h"
#include "sync/link.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/peer_session.h"

namespace cotext::sync {

struct PeerConnectionOptions {
  bool connects = false;        // This end makes the connection.
  uint64_t ping_ms = 15'000;    // After so long without a word, the other end is asked.
  uint64_t answer_ms = 10'000;  // It may take so long to answer that.
  PeerOptions session;
  BackoffOptions backoff;
  LinkOptions link;
};

// What a peer shows.
struct SeenPeer {
  std::string state;
  uint64_t typing_until_ms = 0;  // 0: does not type.

  bool is_typing() const { return typing_until_ms != 0; }
};

class PeerConnection {
 public:
  static constexpr uint64_t kTellEveryMs = 50;
  static constexpr uint64_t kTypingMs = 5000;

  // Any random bits: for the waits.
  using RandomBits = std::function<uint64_t()>;

  // `channel` is what both ends call the document between them.
  PeerConnection(RgaDocument& document, Channel channel, RandomBits random,
                 const PeerConnectionOptions& options);

  // What the other end sees of this one. kTooLarge past kPresenceStateMax.
  Expected<void> SetPresence(std::string state);
  void SetTyping(bool is_typing);

  void Start(uint64_t now_ms);
  // There is a connection, in place of any before it.
  void OnConnected(uint64_t now_ms);
  void OnPacket(const Packet& packet, size_t bytes, uint64_t now_ms);
  void OnDisconnected(uint64_t now_ms);
  void OnTick(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs() const;

  // Returns what is to be done, edits since the last time included.
  std::vector<ClientAction> TakeActions(uint64_t now_ms);

  bool is_connected() const { return phase_ == Phase::kConnected; }
  // Whether the other end has said that it has all that is here, and nothing else.
  bool is_in_step() const { return is_connected() && session_.is_in_step(); }
  size_t queued_bytes() const { return link_ ? link_->queued_bytes() : 0; }
  // Why the two cannot go on with each other; nothing as long as they can.
  const std::optional<Error>& failure() const { return failure_; }

  // What the other end shows; nothing until it has said so on this connection.
  const std::optional<SeenPeer>& seen() const { return seen_; }

 private:
  enum class Phase : uint8_t { kStopped, kWaiting, kConnecting, kConnected };

  void Lose(uint64_t now_ms);
  void Fail(Error error);
  void OnControl(const Message& message);
  Expected<void> OnMessage(const Message& message, uint64_t now_ms);
  Expected<void> QueueMessages(uint64_t now_ms);
  void QueuePresence(uint64_t now_ms);
  bool has_presence_to_send() const { return has_state_to_send_ || has_typing_to_send_; }
  bool has_room() const { return link_->queued_bytes() <= options_.link.window_bytes; }
  void SendControl(Message message);

  Channel channel_;
  RandomBits random_;
  PeerConnectionOptions options_;
  PeerSession session_;
  MessagePool pool_;  // Outlives the link.
  std::optional<Link> link_;
  Phase phase_ = Phase::kStopped;
  Backoff backoff_;
  std::optional<uint64_t> retry_at_ms_;
  uint64_t heard_at_ms_ = 0;
  std::optional<uint64_t> pinged_at_ms_;
  std::optional<Error> failure_;

  std::string state_;
  bool is_typing_ = false;
  bool has_state_to_send_ = false;
  bool has_typing_to_send_ = false;
  uint64_t presence_due_ms_ = 0;  // Not before.
  std::optional<SeenPeer> seen_;

  std::vector<ClientAction> actions_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PEER_CONNECTION_H_
