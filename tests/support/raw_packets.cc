#include "tests/support/raw_packets.h"

#include <cstdint>

#include "document/varint.h"
#include "proto/cotext.pb.h"

// Only the function that is used is compiled, into this file.
// NOLINTBEGIN(readability-identifier-naming): the library's names.
#define XXH_INLINE_ALL
#define XXH_NO_XXH3
// NOLINTEND(readability-identifier-naming)
#include "xxhash.h"

namespace cotext {
namespace {

constexpr char kMessageTag = 0x2a;
constexpr char kChecksumTag = 0x25;

uint64_t Hash(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

void AppendLittleEndian(uint64_t number, unsigned bits, std::string& bytes) {
  for (unsigned shift = 0; shift < bits; shift += 8) {
    bytes.push_back(static_cast<char>(number >> shift));
  }
}

}  // namespace

proto::EncodedMessage RawMessage(std::string_view body) {
  proto::EncodedMessage message{.bytes = {kMessageTag}, .hash = Hash(body)};
  AppendVarint(message.bytes, body.size());
  message.bytes += body;
  return message;
}

std::string WithRightPacketChecksum(std::string_view bytes) {
  std::string repaired(bytes);
  proto::Packet packet;
  if (!packet.ParseFromString(repaired)) return repaired;
  std::string hashed;
  AppendLittleEndian(packet.first(), 64, hashed);
  AppendLittleEndian(packet.received(), 64, hashed);
  AppendLittleEndian(packet.again() ? 1 : 0, 64, hashed);
  for (const std::string& message : packet.messages()) {
    AppendLittleEndian(Hash(message), 64, hashed);
  }
  repaired.push_back(kChecksumTag);
  AppendLittleEndian(Hash(hashed), 32, repaired);
  return repaired;
}

}  // namespace cotext
