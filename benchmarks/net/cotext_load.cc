#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "benchmarks/net/load_protocol.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/offset.h"
#include "proto/wire.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext {
namespace {

// A packet without what stands in front: the messages, which are the same for all receivers.
struct Split {
  uint64_t first = 0;
  std::string_view messages;
};

// Reads fields 1 to 4 of Packet in cotext.proto.
Split SplitPacket(std::string_view packet) {
  constexpr char kFirst = 1 << 3;
  constexpr char kChecksum = 4 << 3 | 5;
  constexpr char kMessage = 5 << 3 | 2;
  Split split;
  while (!packet.empty() && packet[0] != kMessage) {
    const char tag = packet[0];
    packet.remove_prefix(1);
    if (tag == kChecksum) {
      packet.remove_prefix(4);
      continue;
    }
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(packet[0]);
      packet.remove_prefix(1);
      number |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    if (tag == kFirst) split.first = number;
  }
  split.messages = packet;
  return split;
}

// What messages say, for all receivers: reading them a thousand times would cost more than the
// server does.
struct Meaning {
  uint64_t messages = 0;
  sync::Channel channel = 0;  // Of a document that was opened.
  std::vector<uint64_t> pings = {};
  std::vector<LoadProtocol::Heard> heard = {};
};

void AddMeaning(const sync::Message& message, Meaning& meaning) {
  COTEXT_CHECK(message.kind != sync::MessageKind::kError);
  ++meaning.messages;
  if (message.kind == sync::MessageKind::kOpened) {
    meaning.channel = message.channel;
  } else if (message.kind == sync::MessageKind::kPing) {
    meaning.pings.push_back(message.numbers[0]);
  } else if (message.kind == sync::MessageKind::kUpdate) {
    const auto range = RangeOfUpdate(sync::ReadUpdate(message)->update);
    COTEXT_CHECK(range.has_value());
    // A counter for each letter, from 1.
    for (const VersionVector::Entry& entry : range->reaches.entries()) {
      meaning.heard.push_back({.writer = entry.replica.value, .edits = entry.counter});
    }
  }
}

// The packet is one with those messages.
const Meaning& MeaningOf(std::string_view messages, std::string_view packet) {
  constexpr size_t kKept = 256;
  static std::unordered_map<std::string, Meaning> known;
  if (const auto found = known.find(std::string(messages)); found != known.end()) {
    return found->second;
  }
  const auto decoded = proto::DecodePacket(packet);
  COTEXT_CHECK(decoded.has_value());
  Meaning meaning;
  for (const sync::Message& message : decoded->messages) AddMeaning(message, meaning);
  if (known.size() >= kKept) known.clear();
  return known.emplace(messages, std::move(meaning)).first->second;
}

class CotextLoad final : public LoadProtocol {
 public:
  CotextLoad(uint64_t writer, std::string_view name)
      : writer_(writer), name_(name), document_(ReplicaId{.value = writer}) {}

  std::vector<std::string> Begin() override {
    return {Control(ToMessage(sync::Hello{})),
            Numbered(ToMessage(sync::Open{.request = 1, .writer = writer_, .name = name_}))};
  }

  Answer OnMessage(std::string_view message) override {
    const Split split = SplitPacket(message);
    const Meaning& meaning = MeaningOf(split.messages, message);
    Answer answer{.heard = meaning.heard, .replies = {}};
    if (meaning.channel != 0) channel_ = meaning.channel;
    for (const uint64_t value : meaning.pings) {
      answer.replies.push_back(Control(ToMessage(sync::Pong{.value = value})));
    }
    if (split.first == 0) return answer;
    COTEXT_CHECK(split.first == received_ + 1);
    received_ += meaning.messages;
    unacknowledged_ += message.size();
    // As clients do: when a quarter of the window has come. Here also while little does.
    constexpr size_t kQuarter = size_t{1} << 16U;
    constexpr uint64_t kMessages = 128;
    if (unacknowledged_ >= kQuarter || received_ - acknowledged_ >= kMessages) {
      answer.replies.push_back(
          proto::EncodePacket({.head = {.received = received_}, .messages = {}}));
      acknowledged_ = received_;
      unacknowledged_ = 0;
    }
    return answer;
  }

  bool IsReady() const override { return channel_ != 0; }

  std::string Edit() override {
    const Version before = document_.version();
    COTEXT_CHECK(document_.Insert(CodePointOffset(edits_++), "x").has_value());
    auto update = document_.EncodeSince(before);
    COTEXT_CHECK(update.has_value());
    return Numbered(
        ToMessage(sync::UpdateMessage{.channel = channel_, .update = *std::move(update)}));
  }

 private:
  static std::string Control(const sync::Message& message) {
    return proto::EncodePacket({.head = {}, .messages = {message}});
  }
  std::string Numbered(const sync::Message& message) {
    acknowledged_ = received_;
    unacknowledged_ = 0;
    return proto::EncodePacket(
        {.head = {.first = ++sent_, .received = received_}, .messages = {message}});
  }

  uint64_t writer_;
  std::string name_;
  RgaDocument document_;
  size_t edits_ = 0;
  sync::Channel channel_ = 0;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  uint64_t acknowledged_ = 0;
  size_t unacknowledged_ = 0;
};

}  // namespace

std::unique_ptr<LoadProtocol> MakeCotextLoad(uint64_t writer, std::string_view document) {
  return std::make_unique<CotextLoad>(writer, document);
}

}  // namespace cotext
