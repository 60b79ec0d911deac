// A packet is written and read here field by field, since its messages are encoded already, or are
// to be counted and hashed before they are decoded; the messages by generated code.
#include "proto/wire.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "proto/cotext.pb.h"
#include "proto/mapping.h"

// Only the function that is used is compiled, into this file.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#define XXH_NO_XXH3     // NOLINT(readability-identifier-naming)
#include "xxhash.h"

namespace cotext::proto {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// How a field's value is written, the low three bits of its tag.
enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr unsigned kTypeBits = 3;

constexpr uint32_t Tag(int field, WireType type) {
  return static_cast<uint32_t>(field) << kTypeBits | type;
}

constexpr uint32_t kFirstTag = Tag(Packet::kFirstFieldNumber, kVarint);
constexpr uint32_t kReceivedTag = Tag(Packet::kReceivedFieldNumber, kVarint);
constexpr uint32_t kAgainTag = Tag(Packet::kAgainFieldNumber, kVarint);
constexpr uint32_t kChecksumTag = Tag(Packet::kChecksumFieldNumber, kFixed32);
constexpr uint32_t kMessageTag = Tag(Packet::kMessagesFieldNumber, kBytes);

// What stands in front of the messages takes no more: tags of one byte, two numbers of up to ten,
// one of one, and the checksum.
constexpr size_t kHeadBytesMax = (1 + 10) + (1 + 10) + (1 + 1) + (1 + 4);

// What the numbers and tags of a message take at most, and room for fields of later versions.
constexpr size_t kFrameBytesMax = size_t{1} << 14U;

uint64_t Hash(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

class Checksum {
 public:
  explicit Checksum(const sync::PacketHead& head) {
    XXH64_reset(&state_, 0);
    Add(head.first);
    Add(head.received);
    Add(head.again ? 1 : 0);
  }

  void Add(uint64_t number) {
    std::array<uint8_t, sizeof(number)> bytes{};
    CodedOutputStream::WriteLittleEndian64ToArray(number, bytes.data());
    XXH64_update(&state_, bytes.data(), bytes.size());
  }

  uint32_t Value() const { return static_cast<uint32_t>(XXH64_digest(&state_)); }

 private:
  XXH64_state_t state_;
};

std::unexpected<cotext::Error> Bad(std::string what) {
  return MakeError(ErrorCode::kBadMessage, std::move(what));
}

uint8_t* WriteNumber(uint32_t tag, uint64_t number, uint8_t* to) {
  to = CodedOutputStream::WriteTagToArray(tag, to);
  return CodedOutputStream::WriteVarint64ToArray(number, to);
}

// Returns where it ended.
uint8_t* WriteHead(const sync::PacketHead& head, uint32_t checksum, uint8_t* to) {
  if (head.first != 0) to = WriteNumber(kFirstTag, head.first, to);
  if (head.received != 0) to = WriteNumber(kReceivedTag, head.received, to);
  if (head.again) to = WriteNumber(kAgainTag, 1, to);
  to = CodedOutputStream::WriteTagToArray(kChecksumTag, to);
  return CodedOutputStream::WriteLittleEndian32ToArray(checksum, to);
}

// The bytes of a packet, by field.
struct Parts {
  sync::PacketHead head;
  std::optional<uint32_t> checksum;
  std::vector<std::string_view> messages;
};

// Reads a tag or a length, in no more bytes than protobuf's own readers take for one.
std::optional<uint32_t> ReadShort(CodedInputStream& input) {
  constexpr int kBytesMax = 5;
  const int begin = input.CurrentPosition();
  uint64_t number = 0;
  if (!input.ReadVarint64(&number) || input.CurrentPosition() - begin > kBytesMax ||
      number > std::numeric_limits<uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(number);
}

// Reads a field of bytes, of which `all` is the whole.
std::optional<std::string_view> ReadBytes(CodedInputStream& input, std::string_view all) {
  const std::optional<uint32_t> size = ReadShort(input);
  const auto rest = all.substr(static_cast<size_t>(input.CurrentPosition()));
  if (!size || *size > rest.size() || !input.Skip(static_cast<int>(*size))) return std::nullopt;
  return rest.substr(0, *size);
}

// Passes over a field that this version does not know. Groups are none: nobody writes them.
bool Skip(CodedInputStream& input, std::string_view all, uint32_t tag) {
  if (tag >> kTypeBits == 0) return false;
  uint64_t number = 0;
  switch (tag & ((1U << kTypeBits) - 1)) {
    case kVarint: return input.ReadVarint64(&number);
    case kFixed64: return input.Skip(8);
    case kBytes: return ReadBytes(input, all).has_value();
    case kFixed32: return input.Skip(4);
    default: return false;
  }
}

// Reads one field of a packet, of which `all` is the whole. Returns false if the bytes are none.
bool ReadField(CodedInputStream& input, std::string_view all, Parts& parts) {
  const std::optional<uint32_t> tag = ReadShort(input);
  if (!tag) return false;
  switch (*tag) {
    case kFirstTag: return input.ReadVarint64(&parts.head.first);
    case kReceivedTag: return input.ReadVarint64(&parts.head.received);
    case kAgainTag: {
      uint64_t again = 0;
      if (!input.ReadVarint64(&again)) return false;
      parts.head.again = again != 0;
      return true;
    }
    case kChecksumTag: return input.ReadLittleEndian32(&parts.checksum.emplace());
    case kMessageTag: {
      const std::optional<std::string_view> message = ReadBytes(input, all);
      if (message) parts.messages.push_back(*message);
      return message.has_value();
    }
    default: return Skip(input, all, *tag);
  }
}

// Finds the parts of a packet, and checks all that can be said before a message is decoded.
Expected<Parts> FindParts(std::string_view bytes, const PacketLimits& limits) {
  constexpr size_t kLargest = std::numeric_limits<int>::max();
  if (bytes.size() > std::min(limits.packet_bytes, kLargest)) return Bad("a packet is too long");
  const int size = static_cast<int>(bytes.size());
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()), size);
  Parts parts;
  while (input.CurrentPosition() < size) {
    if (!ReadField(input, bytes, parts)) return Bad("a packet is malformed");
    if (parts.messages.size() > limits.messages) return Bad("a packet has too many messages");
  }
  Checksum checksum(parts.head);
  for (const std::string_view message : parts.messages) checksum.Add(Hash(message));
  if (parts.checksum != checksum.Value()) return Bad("a packet has a wrong checksum");
  return parts;
}

Expected<sync::Message> DecodeMessage(std::string_view bytes, size_t strings_max) {
  // Compared this way, a limit of any size will do.
  if (bytes.size() > kFrameBytesMax && bytes.size() - kFrameBytesMax > strings_max) {
    return Bad("a message is too long");
  }
  Message frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Bad("a message is malformed");
  }
  Expected<sync::Message> message = ReadFrame(frame);
  if (message && message->bytes[0].size() + message->bytes[1].size() > strings_max) {
    return Bad("the strings of a message are too long");
  }
  return message;
}

}  // namespace

EncodedMessage EncodeMessage(const sync::Message& message) {
  Message frame;
  FillFrame(message, frame);
  const size_t size = frame.ByteSizeLong();
  constexpr size_t kSizeBytes = 1 + 5;
  std::string bytes(kSizeBytes + size, '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(bytes.data());
  uint8_t* const body = WriteNumber(kMessageTag, size, begin);
  uint8_t* const end = frame.SerializeWithCachedSizesToArray(body);
  const uint64_t hash = XXH64(body, size, 0);
  bytes.resize(static_cast<size_t>(end - begin));
  return EncodedMessage{.bytes = std::move(bytes), .hash = hash};
}

std::string EncodeHead(const sync::PacketHead& head,
                       std::span<const EncodedMessage* const> messages, size_t headroom) {
  Checksum checksum(head);
  for (const EncodedMessage* const message : messages) checksum.Add(message->hash);
  std::string bytes(headroom + kHeadBytesMax, '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(bytes.data());
  const uint8_t* const end = WriteHead(head, checksum.Value(), begin + headroom);
  bytes.resize(static_cast<size_t>(end - begin));
  return bytes;
}

std::string EncodePacket(const sync::PacketHead& head,
                         std::span<const EncodedMessage* const> messages, size_t headroom) {
  std::string packet = EncodeHead(head, messages, headroom);
  size_t size = packet.size();
  for (const EncodedMessage* const message : messages) size += message->bytes.size();
  packet.reserve(size);
  for (const EncodedMessage* const message : messages) packet += message->bytes;
  return packet;
}

std::string EncodePacket(const sync::Packet& packet) {
  std::vector<EncodedMessage> messages;
  messages.reserve(packet.messages.size());
  for (const sync::Message& message : packet.messages) messages.push_back(EncodeMessage(message));
  std::vector<const EncodedMessage*> pointers;
  pointers.reserve(messages.size());
  for (const EncodedMessage& message : messages) pointers.push_back(&message);
  return EncodePacket(packet.head, pointers);
}

Expected<sync::Packet> DecodePacket(std::string_view bytes, const PacketLimits& limits) {
  Expected<Parts> parts = FindParts(bytes, limits);
  if (!parts) return std::unexpected(std::move(parts.error()));
  sync::Packet packet{.head = parts->head, .messages = {}};
  packet.messages.reserve(parts->messages.size());
  for (const std::string_view body : parts->messages) {
    Expected<sync::Message> message = DecodeMessage(body, limits.message_bytes);
    if (!message) return std::unexpected(std::move(message.error()));
    packet.messages.push_back(*std::move(message));
  }
  return packet;
}

}  // namespace cotext::proto
