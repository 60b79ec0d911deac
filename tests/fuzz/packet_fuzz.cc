// Bytes as a packet of the protocol, checksum put right.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "proto/cotext.pb.h"
#include "proto/wire.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/message_meaning.h"
#include "tests/support/raw_packets.h"

namespace cotext {
namespace {

using sync::Message;
using sync::MessageKind;

// Messages of the session, and the question for a document, have no channel.
bool UsesChannel(MessageKind kind) {
  return kind == MessageKind::kError || kind > MessageKind::kOpen;
}

// What is read of a message says all that is in it.
void CheckMeaning(const Message& message) {
  const Expected<Message> meaning = WriteWhatIsRead(message);
  if (!meaning) {
    COTEXT_CHECK(meaning.error().code == ErrorCode::kBadMessage ||
                 meaning.error().code == ErrorCode::kInvalidId);
    return;
  }
  Message expected = message;
  if (!UsesChannel(message.kind)) expected.channel = meaning->channel;
  // Codes that this version cannot know are all the same to it.
  constexpr uint64_t kCodeMax = 255;
  if (message.kind == MessageKind::kError || message.kind == MessageKind::kRefusal) {
    uint64_t& code = expected.numbers[message.kind == MessageKind::kError ? 0 : 2];
    code = std::min(code, kCodeMax);
  }
  // Nobody is sent away for longer than that.
  if (message.kind == MessageKind::kError || message.kind == MessageKind::kGoingAway) {
    uint64_t& wait_ms = expected.numbers[message.kind == MessageKind::kError ? 2 : 0];
    wait_ms = std::min(wait_ms, sync::kRetryMsMax);
  }
  COTEXT_CHECK(*meaning == expected);
}

// The library's own reader sees the same packet.
void CheckParts(const std::string& bytes, const sync::Packet& packet) {
  proto::Packet parsed;
  COTEXT_CHECK(parsed.ParseFromString(bytes));
  COTEXT_CHECK(parsed.first() == packet.head.first);
  COTEXT_CHECK(parsed.received() == packet.head.received);
  COTEXT_CHECK(parsed.again() == packet.head.again);
  COTEXT_CHECK(static_cast<size_t>(parsed.messages_size()) == packet.messages.size());
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const std::string bytes = WithRightPacketChecksum(input);
  const Expected<sync::Packet> packet = proto::DecodePacket(bytes);
  const Expected<sync::Packet> as_it_came = proto::DecodePacket(input);
  if (!packet) {
    COTEXT_CHECK(packet.error().code == ErrorCode::kBadMessage);
    COTEXT_CHECK(!as_it_came);
    return false;
  }
  COTEXT_CHECK(!as_it_came || *as_it_came == *packet);
  CheckParts(bytes, *packet);
  const Expected<sync::Packet> again = proto::DecodePacket(proto::EncodePacket(*packet));
  COTEXT_CHECK(again && *again == *packet);
  for (const Message& message : packet->messages) CheckMeaning(message);
  return true;
}

}  // namespace cotext
