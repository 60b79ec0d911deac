// Messages in one piece on their way between the ends of a session, with the numbers that make
// their delivery exactly once and in order (link.h).
#ifndef COTEXT_SYNC_PACKET_H_
#define COTEXT_SYNC_PACKET_H_

#include <cstdint>
#include <vector>

#include "sync/message.h"

namespace cotext::sync {

struct PacketHead {
  // The number of the first message; the others follow. 0: messages without numbers, which are not
  // sent again and may be lost: Hello, Welcome, Leave, GoingAway, Ping, Pong and fatal errors.
  uint64_t first = 0;
  // How many numbered messages have come from the other end, without a gap.
  uint64_t received = 0;
  // Something was lost: what follows `received` is to be sent again.
  bool again = false;

  friend bool operator==(const PacketHead&, const PacketHead&) = default;
};

struct Packet {
  PacketHead head;
  std::vector<Message> messages;

  friend bool operator==(const Packet&, const Packet&) = default;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PACKET_H_
