#include "ot/ot_anchor.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"

namespace cotext {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kBytesBetween = 1 + 2 * kNumberBytes;

void AppendNumber(std::string& bytes, uint64_t number) {
  for (size_t i = 0; i < kNumberBytes; ++i) bytes += static_cast<char>(number >> (8 * i));
}

uint64_t ReadNumber(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = kNumberBytes; i > 0; --i) {
    number = number << 8U | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

}  // namespace

Anchor EncodeOtAnchor(const OtAnchor& anchor) {
  std::string bytes(1, static_cast<char>(anchor.place));
  if (anchor.place == AnchorPlace::kBetween) {
    AppendNumber(bytes, anchor.number);
    AppendNumber(bytes, anchor.lean);
  }
  const Expected<Anchor> encoded = Anchor::FromBytes(bytes);
  COTEXT_CHECK(encoded.has_value());
  return *encoded;
}

std::optional<OtAnchor> DecodeOtAnchor(const Anchor& anchor) {
  const std::string_view bytes = anchor.bytes();
  if (bytes.empty()) return std::nullopt;
  const auto place = static_cast<unsigned char>(bytes.front());
  if (place > static_cast<unsigned char>(AnchorPlace::kBetween)) return std::nullopt;
  OtAnchor decoded{.place = static_cast<AnchorPlace>(place), .number = 0, .lean = 0};
  const bool between = decoded.place == AnchorPlace::kBetween;
  if (bytes.size() != (between ? kBytesBetween : 1)) return std::nullopt;
  if (!between) return decoded;
  decoded.number = ReadNumber(bytes.substr(1));
  decoded.lean = ReadNumber(bytes.substr(1 + kNumberBytes));
  if (decoded.lean > 2 * Delta::kMaxLength + 1) return std::nullopt;
  return decoded;
}

}  // namespace cotext
