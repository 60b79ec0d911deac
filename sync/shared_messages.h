// Messages that were made not long ago and that some queue holds still, by what they are: so that
// many who need the same, one after the other, get one message, encoded once.
//
// Nothing is kept for this but keys, of which there are at most kKeysMax; of more, the earliest is
// forgotten. The pool outlives it. O(keys) each. Thread-compatible.
#ifndef COTEXT_SYNC_SHARED_MESSAGES_H_
#define COTEXT_SYNC_SHARED_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/description.h"
#include "sync/message_pool.h"

namespace cotext::sync {

class SharedMessages {
 public:
  static constexpr size_t kKeysMax = 16;

  explicit SharedMessages(MessagePool& pool) : pool_(&pool) {}

  // Returns the message that was made for a key, if anybody holds it still: once more for the
  // caller.
  std::optional<MessageRef> Find(std::string_view key) {
    for (const Entry& entry : entries_) {
      if (entry.key != key) continue;
      if (pool_->HoldIfStillThere(entry.ref, entry.serial)) return entry.ref;
    }
    return std::nullopt;
  }

  // Takes in what was made for a key; the caller holds it.
  MessageRef Put(std::string key, Message message) {
    const MessageRef ref = pool_->Put(std::move(message));
    Entry entry{.key = std::move(key), .ref = ref, .serial = pool_->SerialOf(ref)};
    if (entries_.size() < kKeysMax) {
      entries_.push_back(std::move(entry));
    } else {
      entries_[next_] = std::move(entry);
      next_ = (next_ + 1) % kKeysMax;
    }
    return ref;
  }

  // Adds those that are held still. What else is kept only takes up room.
  void Describe(Description& to) const {
    const bool is_full = entries_.size() == kKeysMax;
    to.Room(kKeysMax - entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[is_full ? (next_ + i) % kKeysMax : i];
      const bool is_held = pool_->IsStillThere(entry.ref, entry.serial);
      if (is_full || is_held) to.Bytes(is_held ? entry.key : std::string());
      if (is_held) to.Add(pool_->Get(entry.ref));
    }
  }

 private:
  struct Entry {
    std::string key;
    MessageRef ref = 0;
    uint64_t serial = 0;
  };

  MessagePool* pool_;
  std::vector<Entry> entries_;
  size_t next_ = 0;  // To be replaced, once there are as many as may be.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SHARED_MESSAGES_H_
