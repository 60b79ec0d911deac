// Packets as bytes, in the protobuf of cotext.proto.
//
// What a packet says to its receiver alone stands in front; behind it are its messages, each
// encoded and hashed once for all receivers:
//
//     first, received, again, checksum | message | message | ...
//
// The checksum is over the first three and the hashes of the messages, see Packet in cotext.proto:
// what was damaged on its way is refused as a whole, and never taken for something else.
//
// A message of a kind that this version does not know is read as MessageKind::kUnknown.
//
// Decoding is total: whatever the bytes, it gives a packet or kBadMessage. It takes memory for what
// it has counted and measured before, and not for what bytes claim. Linear in the bytes.
#ifndef COTEXT_PROTO_WIRE_H_
#define COTEXT_PROTO_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "document/error.h"
#include "sync/message.h"
#include "sync/packet.h"

namespace cotext::proto {

// The strings of one message as large as may be, and whatever else is in a packet.
inline constexpr size_t kPacketBytesMax = sync::kMessageBytesMax + (size_t{1} << 16U);
// Twice as many as a link puts in one (LinkOptions::packet_bytes, by CostOf). In memory a message
// is some seventy times as large as the two bytes that a hostile one takes.
inline constexpr size_t kPacketMessagesMax = 4096;

struct PacketLimits {
  size_t packet_bytes = kPacketBytesMax;
  size_t messages = kPacketMessagesMax;
  size_t message_bytes = sync::kMessageBytesMax;  // Of the strings of a message.
};

// A message for any number of packets.
struct EncodedMessage {
  std::string bytes;  // As they stand in a packet.
  uint64_t hash = 0;
};

// Fields that the message's kind does not use are left out.
EncodedMessage EncodeMessage(const sync::Message& message);

// Returns what stands in front of the messages in a packet, behind `headroom` bytes. Whoever can
// send several pieces of memory as one sends this and the bytes of each message, and copies none.
std::string EncodeHead(const sync::PacketHead& head,
                       std::span<const EncodedMessage* const> messages, size_t headroom = 0);

// Leaves `headroom` bytes in front of the packet, for the frame of whatever carries it.
std::string EncodePacket(const sync::PacketHead& head,
                         std::span<const EncodedMessage* const> messages, size_t headroom = 0);

std::string EncodePacket(const sync::Packet& packet);

Expected<sync::Packet> DecodePacket(std::string_view bytes, const PacketLimits& limits = {});

}  // namespace cotext::proto

#endif  // COTEXT_PROTO_WIRE_H_
