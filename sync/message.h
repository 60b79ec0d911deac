// What travels between a client and a server, or between two peers: one flat value for every kind
// of message, so that each encoding (protobuf, the C ABI, JavaScript) maps one struct and nothing
// else. What the fields of a kind mean, and which values are legal: messages.h.
//
// Version vectors, updates, operations, anchors and presence states are opaque bytes here.
#ifndef COTEXT_SYNC_MESSAGE_H_
#define COTEXT_SYNC_MESSAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cotext::sync {

// Numbers go over the wire: never renumbered or reused. An even tens digit says what it is about.
enum class MessageKind : uint8_t {
  // Of a later version of the protocol: counted, and passed over.
  kUnknown = 0,
  // The session.
  kHello = 1,
  kWelcome = 2,
  kLeave = 3,
  kGoingAway = 4,
  kPing = 5,
  kPong = 6,
  kError = 7,
  // Documents.
  kOpen = 20,
  kOpened = 21,
  kClose = 22,
  kRights = 23,
  kAck = 24,
  kRequest = 25,
  kWriter = 26,
  // Edits of an RGA document.
  kUpdate = 40,
  kVersion = 41,
  kBase = 42,
  // Edits of an OT document.
  kSubmit = 60,
  kCommit = 61,
  kRefusal = 62,
  kSnapshot = 63,
  kHash = 64,
  // Who is there.
  kJoin = 80,
  kPart = 81,
  kPresence = 82,
  kTyping = 83,
};

struct Message {
  static constexpr size_t kNumbers = 6;
  static constexpr size_t kStrings = 2;

  MessageKind kind = MessageKind::kPing;
  uint64_t channel = 0;  // The server's number of a document; 0 for what is of the session.
  std::array<uint64_t, kNumbers> numbers{};
  std::array<std::string, kStrings> bytes;

  friend bool operator==(const Message&, const Message&) = default;
};

// Returns about how many bytes a message takes, in memory and on the wire: what queues count.
inline size_t CostOf(const Message& message) {
  constexpr size_t kFrame = 64;
  return kFrame + message.bytes[0].size() + message.bytes[1].size();
}

// What both ends hold each other to.
inline constexpr size_t kMessageBytesMax = size_t{1} << 20U;  // Of the strings of a message.
// Updates and texts travel in pieces of at most this, so that none delays others for long.
inline constexpr size_t kPieceBytesMax = size_t{1} << 16U;
inline constexpr size_t kDocumentNameMax = 512;
inline constexpr size_t kUserNameMax = 512;
inline constexpr size_t kPresenceStateMax = 4096;
inline constexpr size_t kTokenMax = 64;
inline constexpr size_t kErrorTextMax = 1024;

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MESSAGE_H_
