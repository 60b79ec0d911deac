// The encodings of messages that are on their way to several receivers: each is made once, however
// many packets it is in, and goes when nobody holds the message any more.
//
//     EncodedMessages encoded;
//     server.SetFarewell([&](MessageRef ref) { encoded.Drop(ref); });
//     ... for each SendPacket: EncodeHead, then encoded.Of(ref, server.message(ref)) for each.
//
// Outlives the server. O(1) each, but for what is encoded. Memory: the bytes of what is held, about
// what the messages themselves take. Thread-compatible.
#ifndef COTEXT_PROTO_ENCODED_MESSAGES_H_
#define COTEXT_PROTO_ENCODED_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "proto/wire.h"
#include "sync/message.h"
#include "sync/message_pool.h"

namespace cotext::proto {

class EncodedMessages {
 public:
  // Returns the encoding of the message that a reference stands for; it stays where it is until
  // Drop.
  const EncodedMessage& Of(sync::MessageRef ref, const sync::Message& message) {
    const auto [at, is_new] = encoded_.try_emplace(ref);
    if (is_new) {
      at->second = EncodeMessage(message);
      ++encodings_;
    }
    return at->second;
  }

  void Drop(sync::MessageRef ref) {
    encoded_.erase(ref);
    // The table itself keeps the size that it once needed.
    constexpr size_t kKept = 4096;
    if (encoded_.bucket_count() > kKept && encoded_.size() < encoded_.bucket_count() / 8) {
      encoded_.rehash(2 * encoded_.size());
    }
  }

  size_t size() const { return encoded_.size(); }
  // How many were made, ever.
  uint64_t encodings() const { return encodings_; }

 private:
  std::unordered_map<sync::MessageRef, EncodedMessage> encoded_;
  uint64_t encodings_ = 0;
};

}  // namespace cotext::proto

#endif  // COTEXT_PROTO_ENCODED_MESSAGES_H_
