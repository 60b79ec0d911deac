#include "simulation/comparison/ot_message.h"

#include <cstddef>
#include <optional>

#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

constexpr uint64_t kKinds = 3;

// Returns the next `count` characters, or nothing if there are fewer.
std::optional<std::string_view> ReadCharacters(ByteReader& reader, uint64_t count) {
  const std::string_view rest = reader.Rest();
  size_t end = 0;
  for (; count > 0 && end < rest.size(); --count) end += CharacterBytes(rest[end]);
  if (count > 0) return std::nullopt;
  return reader.Bytes(end);
}

}  // namespace

std::string EncodeOtMessage(const OtMessage& message) {
  std::string bytes;
  AppendVarint(bytes, message.number);
  AppendVarint(bytes, message.revision);
  for (const Delta::Component component : message.operation) {
    AppendVarint(bytes, kKinds * (component.count - 1) + static_cast<uint64_t>(component.kind));
    if (component.kind == Delta::Kind::kInsert) bytes += component.text;
  }
  return bytes;
}

Expected<OtMessage> DecodeOtMessage(std::string_view bytes) {
  const auto malformed = [] { return MakeError(ErrorCode::kMalformedUpdate, "no OT message"); };
  ByteReader reader(bytes);
  const std::optional<uint64_t> number = reader.Varint();
  const std::optional<uint64_t> revision = reader.Varint();
  if (!number || !revision) return malformed();
  OtMessage message{.number = *number, .revision = *revision, .operation = {}};
  uint64_t length = 0;
  while (!reader.done()) {
    const std::optional<uint64_t> head = reader.Varint();
    if (!head || *head / kKinds >= Delta::kMaxLength - length) return malformed();
    Delta::Component component{.kind = static_cast<Delta::Kind>(*head % kKinds),
                               .count = *head / kKinds + 1};
    length += component.count;
    if (component.kind == Delta::Kind::kInsert) {
      const auto text = ReadCharacters(reader, component.count);
      if (!text || !IsValidUtf8(*text) || CountCodePoints(*text) != component.count) {
        return malformed();
      }
      component.text = *text;
    }
    message.operation.Append(component);
  }
  return message;
}

}  // namespace cotext
