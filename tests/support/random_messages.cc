#include "tests/support/random_messages.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace cotext {
namespace {

using sync::Message;
using sync::MessageKind;

struct Use {
  MessageKind kind;
  size_t numbers;
  size_t strings;
};

constexpr std::array kUses = {
    Use{MessageKind::kHello, 4, 2},    Use{MessageKind::kWelcome, 6, 2},
    Use{MessageKind::kLeave, 0, 0},    Use{MessageKind::kGoingAway, 1, 0},
    Use{MessageKind::kPing, 1, 0},     Use{MessageKind::kPong, 1, 0},
    Use{MessageKind::kError, 3, 1},    Use{MessageKind::kOpen, 5, 2},
    Use{MessageKind::kOpened, 6, 1},   Use{MessageKind::kClose, 0, 0},
    Use{MessageKind::kRights, 1, 0},   Use{MessageKind::kAck, 4, 0},
    Use{MessageKind::kRequest, 0, 1},  Use{MessageKind::kUpdate, 0, 1},
    Use{MessageKind::kVersion, 0, 1},  Use{MessageKind::kSubmit, 3, 1},
    Use{MessageKind::kCommit, 3, 1},   Use{MessageKind::kRefusal, 5, 0},
    Use{MessageKind::kSnapshot, 3, 1}, Use{MessageKind::kHash, 2, 0},
    Use{MessageKind::kJoin, 1, 2},     Use{MessageKind::kPart, 1, 0},
    Use{MessageKind::kPresence, 1, 1}, Use{MessageKind::kTyping, 2, 0},
    Use{MessageKind::kWriter, 1, 1},   Use{MessageKind::kBase, 2, 1},
};

// The greatest value of a number that has less than 64 bits in the protocol.
std::optional<uint64_t> MaxOf(MessageKind kind, size_t number) {
  struct Narrow {
    MessageKind kind;
    size_t number;
    uint64_t max;
  };
  constexpr uint64_t kEnumMax = std::numeric_limits<int32_t>::max();
  constexpr uint64_t kCodeMax = std::numeric_limits<uint32_t>::max();
  constexpr std::array kNarrow = {
      Narrow{MessageKind::kError, 0, kCodeMax},   Narrow{MessageKind::kOpen, 1, kEnumMax},
      Narrow{MessageKind::kOpened, 1, kEnumMax},  Narrow{MessageKind::kAck, 0, kEnumMax},
      Narrow{MessageKind::kRefusal, 2, kCodeMax}, Narrow{MessageKind::kTyping, 1, 1},
  };
  for (const Narrow& narrow : kNarrow) {
    if (narrow.kind == kind && narrow.number == number) return narrow.max;
  }
  return std::nullopt;
}

// Every size of a number, and the ends of each, are likely.
uint64_t RandomNumber(Random& random, std::optional<uint64_t> max) {
  const uint64_t all = random.Chance(20) ? ~uint64_t{0} : random.Next();
  const uint64_t number = random.Chance(20) ? 0 : all >> random.Below(64);
  if (!max) return number;
  return random.Chance(20) ? *max : number & *max;
}

std::string RandomBytes(Random& random, size_t max) {
  std::string bytes(random.Chance(30) ? 0 : random.Below(max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

constexpr auto kKinds = [] {
  std::array<MessageKind, kUses.size()> kinds{};
  std::ranges::transform(kUses, kinds.begin(), &Use::kind);
  return kinds;
}();

}  // namespace

std::span<const MessageKind> AllMessageKinds() { return kKinds; }

MessageUse UseOf(MessageKind kind) {
  const auto use = std::ranges::find(kUses, kind, &Use::kind);
  if (use == kUses.end()) return {};
  return {.numbers = use->numbers, .strings = use->strings};
}

Message RandomMessage(Random& random, MessageKind kind, size_t string_max) {
  const MessageUse use = UseOf(kind);
  Message message;
  message.kind = kind;
  message.channel = RandomNumber(random, {});
  for (size_t i = 0; i < use.numbers; ++i) {
    message.numbers[i] = RandomNumber(random, MaxOf(kind, i));
  }
  for (size_t i = 0; i < use.strings; ++i) message.bytes[i] = RandomBytes(random, string_max);
  return message;
}

sync::Packet RandomPacket(Random& random, size_t messages_max, size_t string_max) {
  sync::Packet packet;
  packet.head.first = RandomNumber(random, {});
  packet.head.received = RandomNumber(random, {});
  packet.head.again = random.Chance(50);
  packet.messages.resize(random.Below(messages_max + 1));
  for (Message& message : packet.messages) {
    message = RandomMessage(random, kKinds[random.Below(kKinds.size())], string_max);
  }
  return packet;
}

}  // namespace cotext
