// One end of a session: messages go to the other end exactly once and in order, whatever the
// connections between them lose, repeat or reorder, and over any number of connections.
//
//     Push -> [ waiting | sent, not acknowledged ] -> packets -> Accept at the other end
//
// Messages are numbered from 1. A packet says how many have come from the other end, which lets go
// of those. What comes ahead of its turn is dropped and asked for again; so is, on connections that
// lose packets, what is not acknowledged for resend_ms and as long as a slow line takes for a
// packet of it (slow_line.h). No more than window_bytes are on their way at once, so that a slow
// end slows the other one down: its queue grows, and queued_bytes() tells.
//
// Invariants: (1) acknowledged <= sent <= ever sent <= pushed. (2) What is queued has the numbers
// acknowledged + 1 .. pushed.
//
// Complexity: O(1) a message. Times are in milliseconds of any clock that does not go back.
// Pure but for the pool, which outlives it; thread-compatible.
#ifndef COTEXT_SYNC_LINK_H_
#define COTEXT_SYNC_LINK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "document/error.h"
#include "sync/description.h"
#include "sync/message_pool.h"
#include "sync/packet.h"

namespace cotext::sync {

struct LinkOptions {
  size_t window_bytes = size_t{1} << 18U;
  // One packet has one message, or no more than this: what a slow line takes some seconds for, as
  // nothing is acknowledged of a packet before all of it is there.
  size_t packet_bytes = size_t{1} << 14U;
  uint64_t ack_delay_ms = 500;  // How long an acknowledgement may wait for a ride.
  uint64_t resend_ms = 0;       // 0: connections lose nothing as long as they last.
};

class Link {
 public:
  explicit Link(MessagePool& pool, const LinkOptions& options = {})
      : pool_(&pool), options_(options) {}
  Link(Link&& other) noexcept;
  Link& operator=(Link&&) = delete;
  ~Link();  // Lets go of what is queued.

  // Queues a message, which the caller held and the link holds now.
  void Push(MessageRef ref);
  void Push(Message message) { Push(pool_->Put(std::move(message))); }

  // Takes what a packet says of numbers. Returns where in it the messages begin that are new, to
  // be handled in order, all of them; the number of its messages if none is. kBadMessage if it
  // acknowledges what was never sent.
  Expected<size_t> Accept(const PacketHead& head, size_t messages, size_t bytes, uint64_t now_ms);

  // A new connection has taken the place of the one before; the other end has got so many.
  // Returns whether it can go on from there: what is acknowledged is gone.
  bool Resume(uint64_t received);

  // What came from now on is not acknowledged before: the other end, once its window is full,
  // waits.
  void HoldAcknowledgements(uint64_t until_ms) { held_until_ms_ = until_ms; }

  // A packet that is to be sent now. Its messages stay queued.
  struct Outgoing {
    PacketHead head;
    std::vector<MessageRef> messages;
  };
  std::optional<Outgoing> TakePacket(uint64_t now_ms);

  // When TakePacket may have something without any input; nothing if never.
  std::optional<uint64_t> NextTimeMs() const;

  uint64_t received() const { return received_; }
  uint64_t acknowledged() const { return acknowledged_; }
  // What is not acknowledged, sent or not.
  size_t queued_bytes() const { return queued_bytes_; }
  size_t queued_messages() const { return queue_.size(); }
  // What has to come to the other end, of what is on its way, before it acknowledges any.
  size_t next_packet_bytes() const;
  // Since when the other end has acknowledged nothing of what was sent, however often it was sent
  // again; nothing if nothing is on its way. A new connection begins anew.
  std::optional<uint64_t> waiting_since_ms() const { return waiting_since_ms_; }

  void CheckInvariants() const;

  // Adds what it is but for waiting_since_ms(): what that means knows who asks for it.
  void Describe(Description& to) const;

 private:
  struct Queued {
    MessageRef ref;
    size_t cost;
  };

  void Acknowledge(uint64_t received, uint64_t now_ms);
  void SendAgain();
  uint64_t OverdueMs() const;
  PacketHead Head(uint64_t now_ms);

  MessagePool* pool_;
  LinkOptions options_;
  std::deque<Queued> queue_;   // Numbers acknowledged_ + 1 ...
  uint64_t acknowledged_ = 0;  // By the other end.
  uint64_t ever_sent_ = 0;     // The greatest number, also if it is to be sent again.
  size_t sent_ = 0;            // How many of queue_.
  size_t sent_bytes_ = 0;
  size_t queued_bytes_ = 0;
  uint64_t resend_wait_ms_ = 0;
  std::optional<uint64_t> sent_at_ms_;  // Since when the wait for sending again runs.
  std::optional<uint64_t> waiting_since_ms_;

  uint64_t received_ = 0;
  uint64_t told_received_ = 0;          // What of it was acknowledged.
  uint64_t held_until_ms_ = 0;          // No more is, before.
  size_t unacknowledged_bytes_ = 0;     // Of what came.
  std::optional<uint64_t> ack_due_ms_;  // When to acknowledge at the latest.
  bool ask_again_ = false;
  // Where the other end last asked for all again, which is done once: it is a whole window.
  std::optional<uint64_t> answered_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_LINK_H_
