#include "bindings/c/message_view.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "bindings/c/arguments.h"
#include "sync/message.h"

namespace cotext::c {
namespace {

using sync::Message;
using sync::MessageKind;

static_assert(COTEXT_MESSAGE_NUMBERS == Message::kNumbers);
static_assert(COTEXT_MESSAGE_STRINGS == Message::kStrings);
static_assert(COTEXT_MESSAGE_BYTES_MAX == sync::kMessageBytesMax);

MessageKind KindOf(uint32_t number) {
  const auto kind = static_cast<MessageKind>(number & 0xffU);
  if (number > 0xffU) return MessageKind::kUnknown;
  switch (kind) {
    case MessageKind::kUnknown:
    case MessageKind::kHello:
    case MessageKind::kWelcome:
    case MessageKind::kLeave:
    case MessageKind::kGoingAway:
    case MessageKind::kPing:
    case MessageKind::kPong:
    case MessageKind::kError:
    case MessageKind::kOpen:
    case MessageKind::kOpened:
    case MessageKind::kClose:
    case MessageKind::kRights:
    case MessageKind::kAck:
    case MessageKind::kRequest:
    case MessageKind::kWriter:
    case MessageKind::kUpdate:
    case MessageKind::kVersion:
    case MessageKind::kSubmit:
    case MessageKind::kCommit:
    case MessageKind::kRefusal:
    case MessageKind::kSnapshot:
    case MessageKind::kBase:
    case MessageKind::kHash:
    case MessageKind::kJoin:
    case MessageKind::kPart:
    case MessageKind::kPresence:
    case MessageKind::kTyping: return kind;
  }
  return MessageKind::kUnknown;
}

Refusal CheckMessage(const cotext_message& message) {
  size_t left = COTEXT_MESSAGE_BYTES_MAX;
  for (const cotext_bytes& bytes : message.bytes) {
    if (const Refusal refusal = CheckBytes(bytes.data, bytes.size, left); !refusal.is_ok()) {
      return refusal;
    }
    left -= bytes.size;
  }
  return kAccepted;
}

Message FromC(const cotext_message& given) {
  Message message;
  message.kind = KindOf(given.kind);
  message.channel = given.channel;
  std::ranges::copy(given.numbers, message.numbers.begin());
  for (size_t i = 0; i < Message::kStrings; ++i) {
    message.bytes[i] = BytesOf(given.bytes[i].data, given.bytes[i].size);
  }
  return message;
}

cotext_message ToC(const Message& message) {
  cotext_message shown{};
  shown.kind = static_cast<uint32_t>(message.kind);
  shown.channel = message.channel;
  std::ranges::copy(message.numbers, shown.numbers);
  for (size_t i = 0; i < Message::kStrings; ++i) shown.bytes[i] = BytesFor(message.bytes[i]);
  return shown;
}

}  // namespace

Refusal CheckPacket(const cotext_packet* packet) {
  if (packet == nullptr) return kNull;
  if (const Refusal refusal =
          CheckArray(packet->messages, packet->count, COTEXT_PACKET_MESSAGES_MAX);
      !refusal.is_ok()) {
    return refusal;
  }
  for (const cotext_message& message : SpanOf(packet->messages, packet->count)) {
    if (const Refusal refusal = CheckMessage(message); !refusal.is_ok()) return refusal;
  }
  return kAccepted;
}

sync::Packet FromC(const cotext_packet& given) {
  sync::Packet packet;
  packet.head = {.first = given.first, .received = given.received, .again = given.again != 0};
  for (const cotext_message& message : SpanOf(given.messages, given.count)) {
    packet.messages.push_back(FromC(message));
  }
  return packet;
}

cotext_packet PacketView::Show(sync::Packet packet) {
  packet_ = std::move(packet);
  messages_.clear();
  for (const Message& message : packet_.messages) messages_.push_back(ToC(message));
  return {.first = packet_.head.first,
          .received = packet_.head.received,
          .again = packet_.head.again ? 1 : 0,
          .messages = messages_.data(),
          .count = messages_.size()};
}

}  // namespace cotext::c
