#include "net/base/base64url.h"

#include <cstddef>
#include <cstdint>

namespace cotext::net {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint32_t kDigitBits = 6;
constexpr uint32_t kByteBits = 8;
constexpr uint32_t kDigitMask = 63;

}  // namespace

std::string ToBase64Url(std::string_view bytes) {
  std::string text;
  uint32_t bits = 0;
  uint32_t count = 0;
  for (const char byte : bytes) {
    bits = (bits << kByteBits) | static_cast<uint8_t>(byte);
    count += kByteBits;
    for (; count >= kDigitBits; count -= kDigitBits) {
      text += kDigits[(bits >> (count - kDigitBits)) & kDigitMask];
    }
  }
  if (count > 0) text += kDigits[(bits << (kDigitBits - count)) & kDigitMask];
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  uint32_t count = 0;
  for (const char digit : text) {
    const size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << kDigitBits) | static_cast<uint32_t>(value);
    count += kDigitBits;
    if (count < kByteBits) continue;
    count -= kByteBits;
    bytes += static_cast<char>(bits >> count);
    bits &= (1U << count) - 1;
  }
  // A digit too many, or bits that no byte has.
  if (count == kDigitBits || bits != 0) return std::nullopt;
  return bytes;
}

}  // namespace cotext::net
