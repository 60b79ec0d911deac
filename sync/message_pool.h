// Messages that several queues hold at once, each kept once: what goes to a thousand sessions is
// one message, and is encoded once.
//
// A reference is a number; whoever holds one has it counted. Numbers are used again, serials are
// not. The room of messages that are gone is given back when most of it is free, unless one behind
// it is still there. O(1) on average. Thread-compatible.
#ifndef COTEXT_SYNC_MESSAGE_POOL_H_
#define COTEXT_SYNC_MESSAGE_POOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/shrink.h"
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
    ++size_;
    Shrink();
    Slot slot{.message = std::move(message), .holders = 1, .serial = next_serial_++};
    while (!free_.empty()) {
      const MessageRef ref = free_.back();
      free_.pop_back();
      if (ref >= slots_.size()) continue;
      slots_[ref] = std::move(slot);
      return ref;
    }
    slots_.push_back(std::move(slot));
    return static_cast<MessageRef>(slots_.size() - 1);
  }

  // REQUIRES, of all below: somebody holds the message.
  void Hold(MessageRef ref) { ++Used(ref).holders; }
  void Release(MessageRef ref) {
    Slot& slot = Used(ref);
    if (--slot.holders > 0) return;
    bytes_ -= CostOf(slot.message);
    slot.message = Message{};
    --size_;
    if (ref + 1 < slots_.size()) {
      free_.push_back(ref);
    } else {
      while (!slots_.empty() && slots_.back().holders == 0) slots_.pop_back();
    }
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
    return ref < slots_.size() && slots_[ref].holders > 0 && slots_[ref].serial == serial;
  }
  // Holds it if so; returns whether.
  bool HoldIfStillThere(MessageRef ref, uint64_t serial) {
    if (!IsStillThere(ref, serial)) return false;
    ++slots_[ref].holders;
    return true;
  }

  // How many messages there are, and what they cost (CostOf).
  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }
  // How many there is room for.
  size_t capacity() const { return slots_.capacity(); }

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

  // Moves the messages, so only Put may call it.
  void Shrink() {
    constexpr size_t kKept = 1024;
    if (slots_.capacity() <= kKept || slots_.size() >= slots_.capacity() / 8) return;
    std::vector<Slot> fewer;
    fewer.reserve(2 * slots_.size() + 1);
    fewer.assign(std::make_move_iterator(slots_.begin()), std::make_move_iterator(slots_.end()));
    slots_ = std::move(fewer);
    std::erase_if(free_, [this](MessageRef ref) { return ref >= slots_.size(); });
    cotext::Shrink(free_);
  }

  std::vector<Slot> slots_;       // The last one is held.
  std::vector<MessageRef> free_;  // Slots that are, and perhaps some that are not there any more.
  size_t size_ = 0;
  size_t bytes_ = 0;
  uint64_t next_serial_ = 1;
  Farewell farewell_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MESSAGE_POOL_H_
