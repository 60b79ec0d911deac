// Messages that several queues hold at once, each kept once: what goes to a thousand sessions is
// one message, and is encoded once.
//
// A reference is a number; whoever holds one has it counted. Numbers are used again, so that a
// pool takes as much room as it had messages at once. O(1). Thread-compatible.
#ifndef COTEXT_SYNC_MESSAGE_POOL_H_
#define COTEXT_SYNC_MESSAGE_POOL_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "document/check.h"
#include "sync/message.h"

namespace cotext::sync {

using MessageRef = uint32_t;

class MessagePool {
 public:
  // Takes a message in, held once.
  MessageRef Put(Message message) {
    if (free_.empty()) {
      slots_.push_back(Slot{.message = std::move(message), .holders = 1});
      return static_cast<MessageRef>(slots_.size() - 1);
    }
    const MessageRef ref = free_.back();
    free_.pop_back();
    slots_[ref] = Slot{.message = std::move(message), .holders = 1};
    return ref;
  }

  // REQUIRES, of all below: somebody holds the message.
  void Hold(MessageRef ref) { ++Used(ref).holders; }
  void Release(MessageRef ref) {
    Slot& slot = Used(ref);
    if (--slot.holders > 0) return;
    slot.message = Message{};
    free_.push_back(ref);
  }
  // Valid until the next Put.
  const Message& Get(MessageRef ref) const {
    COTEXT_CHECK(ref < slots_.size() && slots_[ref].holders > 0);
    return slots_[ref].message;
  }

  // How many messages there are.
  size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    Message message;
    uint32_t holders = 0;
  };

  Slot& Used(MessageRef ref) {
    COTEXT_CHECK(ref < slots_.size() && slots_[ref].holders > 0);
    return slots_[ref];
  }

  std::vector<Slot> slots_;
  std::vector<MessageRef> free_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MESSAGE_POOL_H_
