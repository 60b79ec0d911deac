#include "ot/ot_format.h"

#include <cstddef>

namespace cotext {
namespace {

constexpr unsigned kVersion = 1;
constexpr unsigned kVersionBits = 3;
constexpr unsigned kVersionMask = (1U << kVersionBits) - 1;

}  // namespace

void AppendOtHead(std::string& bytes, OtForm form) {
  bytes.push_back(static_cast<char>(static_cast<unsigned>(form) << kVersionBits | kVersion));
}

void AppendFixed64(std::string& bytes, uint64_t value) {
  for (unsigned i = 0; i < sizeof(value); ++i) {
    bytes.push_back(static_cast<char>(value >> (8U * i)));
  }
}

void AppendSized(std::string& bytes, std::string_view content) {
  AppendVarint(bytes, content.size());
  bytes += content;
}

std::unexpected<Error> OtReader::Malformed(std::string_view problem) const {
  return MakeError(malformed_, std::string(what_) + " " + std::string(problem));
}

Expected<OtForm> OtReader::Head() {
  const std::optional<std::string_view> byte = reader_.Bytes(1);
  if (!byte) return Malformed("has no bytes");
  const unsigned head = static_cast<unsigned char>((*byte)[0]);
  if ((head & kVersionMask) != kVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     std::string(what_) + " is of version " + std::to_string(head & kVersionMask));
  }
  return static_cast<OtForm>(head >> kVersionBits);
}

Expected<void> OtReader::Head(OtForm form) {
  COTEXT_OT_READ(found, Head());
  if (found != form) return Malformed("begins as something else");
  return {};
}

Expected<uint64_t> OtReader::Number() {
  const std::optional<uint64_t> number = reader_.Varint();
  if (!number) return Malformed("ends early or has a number in a longer form");
  if (*number >= kOtNumberLimit) return Malformed("has a number that is not below 2^53");
  return *number;
}

Expected<uint64_t> OtReader::Positive() {
  COTEXT_OT_READ(number, Number());
  if (number == 0) return Malformed("has a 0 where none may be");
  return number;
}

Expected<uint64_t> OtReader::Count(uint64_t least_bytes) {
  COTEXT_OT_READ(count, Number());
  if (count > reader_.remaining() / least_bytes) return Malformed("ends before all it counts");
  return count;
}

Expected<uint64_t> OtReader::Fixed64() {
  const std::optional<std::string_view> bytes = reader_.Bytes(sizeof(uint64_t));
  if (!bytes) return Malformed("ends early");
  uint64_t value = 0;
  for (size_t i = bytes->size(); i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>((*bytes)[i - 1]);
  }
  return value;
}

Expected<std::string_view> OtReader::Sized() {
  COTEXT_OT_READ(size, Number());
  const std::optional<std::string_view> bytes = reader_.Bytes(size);
  if (!bytes) return Malformed("ends early");
  return *bytes;
}

Expected<void> OtReader::End() {
  if (!reader_.done()) return Malformed("has bytes at the end");
  return {};
}

}  // namespace cotext
