// Messages that several queues hold at once, each kept once: what goes to a thousand sessions is
// one message, and is encoded once.
//
// A reference is a number; whoever holds one has it counted. Numbers are used again, so that a
// pool takes as much room as it had messages at once; serials are not. O(1). Thread-compatible.
#ifndef COTEXT_SYNC_MESSAGE_POOL_H_
#define COTEXT_SYNC_MESSAGE_POOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "document/check.h"
#include "sync/message.h"

namespace cotext::sync {

using MessageRef = uint32_t;

class MessagePool {
 public:
  // Is called with the reference of a message that nobody holds any more, before it is used again.
  using Farewell = std::function<void(MessageRef)>;

  // For whoever keeps something for a message, such as its encoding. It must not call the pool, and
  // outlives it, or is taken off by an empty one.
  void SetFarewell(Farewell farewell) { farewell_ = std::move(farewell); }

  // Takes a message in, held once.
  MessageRef Put(Message message) {
    bytes_ += CostOf(message);
    Slot slot{.message = std::move(message), .holders = 1, .serial = next_serial_++};
    if (free_.empty()) {
      slots_.push_back(std::move(slot));
      return static_cast<MessageRef>(slots_.size() - 1);
    }
    const MessageRef ref = free_.back();
    free_.pop_back();
    slots_[ref] = std::move(slot);
    return ref;
  }

  // REQUIRES, of all below: somebody holds the message.
  void Hold(MessageRef ref) { ++Used(ref).holders; }
  void Release(MessageRef ref) {
    Slot& slot = Used(ref);
    if (--slot.holders > 0) return;
    bytes_ -= CostOf(slot.message);
    slot.message = Message{};
    free_.push_back(ref);
    if (farewell_) farewell_(ref);
  }
  // Valid until the next Put.
  const Message& Get(MessageRef ref) const {
    COTEXT_CHECK(ref < slots_.size() && slots_[ref].holders > 0);
    return slots_[ref].message;
  }
  uint64_t SerialOf(MessageRef ref) const {
    COTEXT_CHECK(ref < slots_.size() && slots_[ref].holders > 0);
    return slots_[ref].serial;
  }

  // Returns whether anybody holds the message that had that reference and serial.
  // REQUIRES: there was one.
  bool IsStillThere(MessageRef ref, uint64_t serial) const {
    COTEXT_CHECK(ref < slots_.size());
    return slots_[ref].holders > 0 && slots_[ref].serial == serial;
  }
  // Holds it if so; returns whether.
  bool HoldIfStillThere(MessageRef ref, uint64_t serial) {
    if (!IsStillThere(ref, serial)) return false;
    ++slots_[ref].holders;
    return true;
  }

  // How many messages there are, and what they cost (CostOf).
  size_t size() const { return slots_.size() - free_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Slot {
    Message message;
    uint32_t holders = 0;
    uint64_t serial = 0;
  };

  Slot& Used(MessageRef ref) {
    COTEXT_CHECK(ref < slots_.size() && slots_[ref].holders > 0);
    return slots_[ref];
  }

  std::vector<Slot> slots_;
  std::vector<MessageRef> free_;
  size_t bytes_ = 0;
  uint64_t next_serial_ = 1;
  Farewell farewell_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MESSAGE_POOL_H_
