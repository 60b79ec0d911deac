// Packets to bytes and back: golden ones, random ones, damaged ones, and ones that somebody made
// up.
#include "proto/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "proto/cotext.pb.h"
#include "sync/message.h"
#include "sync/packet.h"
#include "tests/proto/golden_frames.h"
#include "tests/support/allocated_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/message_meaning.h"
#include "tests/support/random_messages.h"
#include "tests/support/raw_packets.h"

namespace cotext::proto {
namespace {

using namespace std::string_literals;
using sync::MessageKind;

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4U]);
    hex.push_back(kDigits[static_cast<unsigned char>(byte) & 0x0fU]);
  }
  return hex;
}

sync::Message TextMessage(MessageKind kind, std::string first, std::string second = {}) {
  sync::Message message;
  message.kind = kind;
  message.channel = 5;
  message.bytes = {std::move(first), std::move(second)};
  return message;
}

// A packet around messages of any bytes.
std::string PacketOf(const std::vector<std::string>& bodies, const sync::PacketHead& head = {}) {
  std::vector<EncodedMessage> messages;
  messages.reserve(bodies.size());
  for (const std::string& body : bodies) messages.push_back(RawMessage(body));
  std::vector<const EncodedMessage*> pointers;
  pointers.reserve(bodies.size());
  for (const EncodedMessage& message : messages) pointers.push_back(&message);
  return EncodePacket(head, pointers);
}

void ExpectBad(std::string_view bytes, std::string_view why, const PacketLimits& limits = {}) {
  const auto packet = DecodePacket(bytes, limits);
  ASSERT_FALSE(packet.has_value()) << Hex(bytes);
  EXPECT_EQ(packet.error().code, ErrorCode::kBadMessage);
  EXPECT_EQ(packet.error().message, why) << Hex(bytes);
}

// The library's own reader finds the same parts in a packet.
void ExpectSameParts(const std::string& bytes) {
  Packet parsed;
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  const auto packet = DecodePacket(bytes);
  ASSERT_TRUE(packet.has_value()) << packet.error().message;
  EXPECT_EQ(parsed.first(), packet->head.first);
  EXPECT_EQ(parsed.received(), packet->head.received);
  EXPECT_EQ(parsed.again(), packet->head.again);
  ASSERT_EQ(static_cast<size_t>(parsed.messages_size()), packet->messages.size());
  for (size_t i = 0; i < packet->messages.size(); ++i) {
    Message message;
    ASSERT_TRUE(message.ParseFromString(parsed.messages(static_cast<int>(i))));
    EXPECT_EQ(static_cast<MessageKind>(message.kind_case()), packet->messages[i].kind);
    EXPECT_EQ(message.channel(), packet->messages[i].channel);
  }
}

TEST(WireTest, GoldenFramesAreWrittenAndReadAsTheFileSays) {
  for (const GoldenFrame& frame : ReadGoldenFrames()) {
    SCOPED_TRACE(frame.name);
    if (!frame.is_only_read) EXPECT_EQ(Hex(EncodePacket(frame.packet)), Hex(frame.bytes));
    const auto packet = DecodePacket(frame.bytes);
    ASSERT_TRUE(packet.has_value()) << packet.error().message;
    EXPECT_EQ(*packet, frame.packet);
    ExpectSameParts(frame.bytes);
  }
}

TEST(WireTest, GoldenFramesHaveEveryKind) {
  std::set<MessageKind> kinds;
  for (const GoldenFrame& frame : ReadGoldenFrames()) {
    for (const sync::Message& message : frame.packet.messages) kinds.insert(message.kind);
  }
  for (const MessageKind kind : AllMessageKinds()) {
    EXPECT_TRUE(kinds.contains(kind)) << static_cast<int>(kind);
  }
  EXPECT_TRUE(kinds.contains(MessageKind::kUnknown));
}

TEST(WireTest, MessagesOfEveryKindComeBack) {
  ForEachSeed(300, [](Random& random) {
    for (const MessageKind kind : AllMessageKinds()) {
      sync::Packet packet;
      packet.messages.push_back(RandomMessage(random, kind, 300));
      const auto decoded = DecodePacket(EncodePacket(packet));
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      ASSERT_EQ(*decoded, packet) << static_cast<int>(kind);
    }
  });
}

TEST(WireTest, PacketsComeBack) {
  ForEachSeed(1000, [](Random& random) {
    const sync::Packet packet = RandomPacket(random, 20, 200);
    const std::string bytes = EncodePacket(packet);
    const auto decoded = DecodePacket(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(*decoded, packet);
    ExpectSameParts(bytes);
  });
}

// Whatever a kind uses of the struct, by sync/messages.h, has a place in the protocol.
TEST(WireTest, NothingThatAKindUsesIsLeftOut) {
  for (const MessageKind kind : AllMessageKinds()) {
    sync::Message full = TextMessage(kind, "x", "y");
    full.numbers = {1, 1, 2, 3, 4, 5};
    if (kind == MessageKind::kBase) full.numbers[1] = 2;  // What it is a piece of has room for it.
    const auto used = WriteWhatIsRead(full);
    ASSERT_TRUE(used.has_value()) << static_cast<int>(kind) << used.error().message;
    sync::Packet packet;
    packet.messages.push_back(*used);
    EXPECT_EQ(DecodePacket(EncodePacket(packet)), packet) << static_cast<int>(kind);
  }
}

// Numbers that the protocol has less than 64 bits for do not turn into others that mean something.
TEST(WireTest, NumbersOutOfRangeStayOutOfRange) {
  constexpr uint64_t kNone = (uint64_t{1} << 32U) + 1;  // 1 in its lower half.
  for (const auto& [kind, number, read] : {std::tuple{MessageKind::kOpen, 1, 0x7fffffffU},
                                           {MessageKind::kOpened, 1, 0x7fffffffU},
                                           {MessageKind::kAck, 0, 0x7fffffffU},
                                           {MessageKind::kError, 0, 0xffffffffU},
                                           {MessageKind::kRefusal, 2, 0xffffffffU},
                                           {MessageKind::kTyping, 1, 1U}}) {
    sync::Packet packet;
    packet.messages.push_back(TextMessage(kind, ""));
    packet.messages[0].numbers[static_cast<size_t>(number)] = kNone;
    const auto decoded = DecodePacket(EncodePacket(packet));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->messages[0].numbers[static_cast<size_t>(number)], read);
  }
  // An engine of -1.
  const auto negative =
      DecodePacket(PacketOf({"\xa2\x01\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}));
  ASSERT_TRUE(negative.has_value()) << negative.error().message;
  EXPECT_EQ(negative->messages[0].kind, MessageKind::kOpen);
  EXPECT_EQ(negative->messages[0].numbers[1], 0x7fffffffU);
}

TEST(WireTest, OneEncodedMessageGoesToManyReceivers) {
  const EncodedMessage first = EncodeMessage(TextMessage(MessageKind::kUpdate, "abc"));
  const EncodedMessage second = EncodeMessage(TextMessage(MessageKind::kPresence, "state"));
  for (const uint64_t number : {uint64_t{1}, uint64_t{127}, ~uint64_t{0}}) {
    const sync::PacketHead head{.first = number, .received = number / 2, .again = number == 1};
    for (const auto& messages : {std::vector{&first}, std::vector{&first, &second},
                                 std::vector{&second, &first, &second}}) {
      const auto packet = DecodePacket(EncodePacket(head, messages));
      ASSERT_TRUE(packet.has_value()) << packet.error().message;
      EXPECT_EQ(packet->head, head);
      ASSERT_EQ(packet->messages.size(), messages.size());
      for (size_t i = 0; i < messages.size(); ++i) {
        EXPECT_EQ(packet->messages[i].bytes[0], messages[i] == &first ? "abc" : "state");
      }
    }
  }
}

TEST(WireTest, HeadroomStandsInFrontOfThePacket) {
  const EncodedMessage message = EncodeMessage(TextMessage(MessageKind::kUpdate, "abc"));
  const std::vector<const EncodedMessage*> messages = {&message};
  const sync::PacketHead head{.first = 3, .received = 4};
  const std::string bytes = EncodePacket(head, messages, 16);
  EXPECT_EQ(bytes.substr(16), EncodePacket(head, messages));
  EXPECT_EQ(EncodePacket({}, {}, 5).substr(5), EncodePacket({}, {}));
}

TEST(WireTest, EveryTruncationIsRefusedOrMeansTheSame) {
  for (const GoldenFrame& frame : ReadGoldenFrames()) {
    SCOPED_TRACE(frame.name);
    for (size_t size = 0; size < frame.bytes.size(); ++size) {
      // In a block of its own size, past the end of which a sanitizer sees every read.
      const std::vector<char> cut(frame.bytes.data(), frame.bytes.data() + size);
      const auto packet = DecodePacket({cut.data(), cut.size()});
      if (packet) {
        EXPECT_TRUE(frame.is_only_read) << size;
        EXPECT_EQ(*packet, frame.packet) << size;
      } else {
        EXPECT_EQ(packet.error().code, ErrorCode::kBadMessage);
      }
    }
  }
}

TEST(WireTest, EveryFlippedBitIsRefusedOrMeansTheSame) {
  size_t refused = 0;
  size_t flipped = 0;
  for (const GoldenFrame& frame : ReadGoldenFrames()) {
    SCOPED_TRACE(frame.name);
    for (size_t bit = 0; bit < 8 * frame.bytes.size(); ++bit) {
      std::string bytes = frame.bytes;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      const auto packet = DecodePacket(bytes);
      if (packet) ASSERT_EQ(*packet, frame.packet) << bit;
      refused += packet ? 0 : 1;
      ++flipped;
    }
  }
  // What means the same is in fields that nobody reads, and `again` in another form.
  EXPECT_GT(refused * 100, flipped * 95);
}

TEST(WireTest, AnyTwoDamagedBytesAreRefusedOrMeanTheSame) {
  const std::vector<GoldenFrame> frames = ReadGoldenFrames();
  ForEachSeed(20'000, [&frames](Random& random) {
    const GoldenFrame& frame = frames[random.Below(frames.size())];
    std::string bytes = frame.bytes;
    for (int i = 0; i < 2; ++i)
      bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
    const auto packet = DecodePacket(bytes);
    if (packet) ASSERT_EQ(*packet, frame.packet) << frame.name;
  });
}

TEST(WireTest, MessagesThatTradePlacesAreRefused) {
  const EncodedMessage first = EncodeMessage(TextMessage(MessageKind::kUpdate, "abc"));
  const EncodedMessage second = EncodeMessage(TextMessage(MessageKind::kUpdate, "abd"));
  const std::vector<const EncodedMessage*> messages = {&first, &second};
  std::string bytes = EncodePacket({.first = 1}, messages);
  bytes.resize(bytes.size() - first.bytes.size() - second.bytes.size());
  ExpectBad(bytes + second.bytes + first.bytes, "a packet has a wrong checksum");
  ExpectBad(bytes + first.bytes, "a packet has a wrong checksum");
  ExpectBad(bytes + first.bytes + second.bytes + second.bytes, "a packet has a wrong checksum");
}

TEST(WireTest, WhatIsNoPacketIsRefused) {
  const std::string head = EncodePacket(sync::Packet{});
  ExpectBad("", "a packet has a wrong checksum");
  ExpectBad("\x25", "a packet is malformed");
  for (const std::string& field :
       {"\x00"s,
        "\x02\x00"s,  // A field of number 0.
        "\x4b\x4c"s,
        "\x4c"s,
        "\x4e"s,  // A group, its end, and wire type 6.
        "\x08"s,
        "\x08\x80"s,
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // Numbers.
        "\x18\x80"s,
        "\x25\x00\x00\x00"s,
        "\x49\x00\x00\x00\x00\x00\x00\x00"s,
        "\x4d\x00\x00\x00"s,
        "\x48\x80"s,  // Fields that end early.
        "\x2a\x01"s,
        "\x2a\xff\xff\xff\xff\x07"s,  // Messages that end early,
        "\x2a\xff\xff\xff\xff\x0f"s,
        "\x2a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s,  // and huge ones.
        "\x88\x80\x80\x80\x80\x00\x00"s,
        "\x88\x80\x80\x80\x10\x00"s,      // Tags that are too long,
        "\x4a\x80\x80\x80\x80\x80\x00"s,  // and a length.
        "\x4a\x02\x00"s,
        "\x4a\xff\xff\xff\xff\x0f"s}) {
    ExpectBad(head + field, "a packet is malformed");
  }
}

TEST(WireTest, WhatIsNoMessageIsRefused) {
  for (const std::string& body : {
           "\x08"s, "\x0a"s, "\x0a\x05"s,   // No hello.
           "\x78"s, "\x78\x80"s,            // No channel.
           "\x00"s, "\x0b"s, "\x0e"s,       // No field.
           "\xc2\x02\x02\x0a\x01"s,         // An update that goes beyond its message.
           "\xc2\x02\x04\x0a\x7f\x61\x62"s  // One that goes beyond itself.
       }) {
    ExpectBad(PacketOf({body}), "a message is malformed");
  }
  // A document's id of 15, and of 17 bytes.
  ExpectBad(PacketOf({"\xa2\x01\x11\x22\x0f"s + std::string(15, 'x')}),
            "a document's id is not of 16 bytes");
  ExpectBad(PacketOf({"\xaa\x01\x13\x22\x11"s + std::string(17, 'x')}),
            "a document's id is not of 16 bytes");
  // A good message in front does not help.
  ExpectBad(PacketOf({"\xb2\x01\x00\x78\x05"s, "\x08"s}), "a message is malformed");
  ASSERT_TRUE(DecodePacket(PacketOf({"\xb2\x01\x00\x78\x05"s})).has_value());
}

// Protobuf takes the last of several values; so does the checksum.
TEST(WireTest, TheLastOfSeveralHeadsCounts) {
  const std::string bytes = WithRightPacketChecksum("\x08\x05\x10\x06\x18\x01\x08\x07\x18\x00"s);
  const auto packet = DecodePacket(bytes);
  ASSERT_TRUE(packet.has_value()) << packet.error().message;
  EXPECT_EQ(packet->head, (sync::PacketHead{.first = 7, .received = 6}));
}

TEST(WireTest, LimitsHoldToTheByte) {
  sync::Packet packet;
  packet.messages.push_back(TextMessage(MessageKind::kJoin, "user", std::string(96, 's')));
  const std::string bytes = EncodePacket(packet);
  EXPECT_TRUE(DecodePacket(bytes, {.packet_bytes = bytes.size(), .message_bytes = 100}));
  ExpectBad(bytes, "a packet is too long", {.packet_bytes = bytes.size() - 1});
  ExpectBad(bytes, "the strings of a message are too long", {.message_bytes = 99});

  packet.messages.resize(3);
  EXPECT_TRUE(DecodePacket(EncodePacket(packet), {.messages = 3}));
  ExpectBad(EncodePacket(packet), "a packet has too many messages", {.messages = 2});
}

TEST(WireTest, TheLargestMessageThatMayBeFits) {
  sync::Packet packet;
  packet.head = {.first = ~uint64_t{0}, .received = ~uint64_t{0}, .again = true};
  packet.messages.push_back(
      TextMessage(MessageKind::kHello, "", std::string(sync::kMessageBytesMax, 'x')));
  packet.messages[0].channel = ~uint64_t{0};
  packet.messages[0].numbers.fill(~uint64_t{0});
  packet.messages[0].numbers[4] = packet.messages[0].numbers[5] = 0;
  EXPECT_EQ(DecodePacket(EncodePacket(packet)), packet);
  packet.messages[0].bytes[0] = "y";
  ExpectBad(EncodePacket(packet), "the strings of a message are too long");
}

TEST(WireTest, UnknownFieldsHaveALimitToo) {
  const std::string unknown = "\x9a\x06"s + "\x80\x80\x04"s + std::string(1U << 16U, 'x');
  EXPECT_TRUE(DecodePacket(PacketOf({unknown})));
  ExpectBad(PacketOf({unknown}), "a message is too long", {.message_bytes = 1000});
}

// Two bytes a message would become a hundred each: they are counted first.
TEST(WireTest, RefusingTakesNoMemory) {
  const size_t count = (kPacketBytesMax - 10) / 2;
  std::string bytes = EncodePacket(sync::Packet{});
  for (size_t i = 0; i < count; ++i) bytes += "\x2a\x00"s;
  const std::string too_long(kPacketBytesMax + 1, '\0');
  const uint64_t before = allocated_bytes;
  ExpectBad(bytes, "a packet has too many messages");
  EXPECT_LT(allocated_bytes - before, 400U << 10U);
  const uint64_t middle = allocated_bytes;
  ExpectBad(too_long, "a packet is too long");
  EXPECT_LT(allocated_bytes - middle, 1U << 10U);
}

TEST(WireTest, WhatAPacketTakesIsBoundedByItsBytesAndMessages) {
  std::string bytes = PacketOf(std::vector<std::string>(kPacketMessagesMax));
  uint64_t before = allocated_bytes;
  ASSERT_TRUE(DecodePacket(bytes).has_value());
  EXPECT_LT(allocated_bytes - before, 512 * kPacketMessagesMax);

  sync::Packet packet;
  packet.messages.push_back(
      TextMessage(MessageKind::kUpdate, std::string(sync::kMessageBytesMax, 'x')));
  bytes = EncodePacket(packet);
  before = allocated_bytes;
  ASSERT_TRUE(DecodePacket(bytes).has_value());
  EXPECT_LT(allocated_bytes - before, 2 * bytes.size());
}

}  // namespace
}  // namespace cotext::proto
