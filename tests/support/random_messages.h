// Messages of all kinds, each with what its kind uses and nothing else.
#ifndef COTEXT_TESTS_SUPPORT_RANDOM_MESSAGES_H_
#define COTEXT_TESTS_SUPPORT_RANDOM_MESSAGES_H_

#include <cstddef>
#include <span>

#include "document/random.h"
#include "sync/message.h"
#include "sync/packet.h"

namespace cotext {

std::span<const sync::MessageKind> AllMessageKinds();

// How many numbers and strings of the struct a kind uses, from the first on.
struct MessageUse {
  size_t numbers = 0;
  size_t strings = 0;
};
// A kind that is not known uses none.
MessageUse UseOf(sync::MessageKind kind);

// Returns a message that some encoder could make, though not always one that makes sense: numbers
// are of any size that their place in the protocol has, strings of at most `string_max` bytes.
sync::Message RandomMessage(Random& random, sync::MessageKind kind, size_t string_max);

// Returns a packet of at most `messages_max` messages.
sync::Packet RandomPacket(Random& random, size_t messages_max, size_t string_max);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RANDOM_MESSAGES_H_
