// LEB128 integers, and a reader that never runs past its bytes.
//
// A number takes 1 to 10 bytes, seven bits each, the lowest first. Reading accepts only the
// shortest form, so that every value has one encoding.
#ifndef COTEXT_DOCUMENT_VARINT_H_
#define COTEXT_DOCUMENT_VARINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "document/made_for_size.h"

namespace cotext {

inline void AppendVarint(std::string& bytes, uint64_t value) {
  while (value >= 0x80U) {
    bytes.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  bytes.push_back(static_cast<char>(value));
}

// Returns the number of bytes that a number takes.
constexpr size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }
  size_t remaining() const { return rest_.size(); }

  // Returns the bytes from here to where a copy of this reader got.
  std::string_view Until(const ByteReader& later) const {
    return rest_.substr(0, rest_.size() - later.rest_.size());
  }

  // Returns the next number, or nothing if the bytes end inside it or it is not in shortest form.
  std::optional<uint64_t> Varint() {
    if (!rest_.empty() && static_cast<unsigned char>(rest_[0]) < 0x80U) {
      const uint64_t value = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      return value;
    }
    return LongVarint();
  }

  // A number of one to three bytes, or none if `size` is 0.
  struct ShortNumber {
    uint32_t value;
    uint32_t size;
  };
  // Returns the next number if it is a short one, in shortest form, and not within three bytes of
  // the end, without moving on: where sizes are mixed, a branch on them could not be predicted.
  [[gnu::always_inline]] ShortNumber PeekShort() const {
    constexpr uint32_t kLast = 0x808080U;
    uint32_t word = kLast;
    if (rest_.size() >= sizeof(word)) [[likely]]
      std::memcpy(&word, rest_.data(), sizeof(word));
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    const uint32_t ends = ~word & kLast;
    const uint32_t upto = ends ^ (ends - 1);
    const uint32_t number = word & upto & 0x7f7f7fU;
    const uint32_t value = (number & 0x7fU) | (number & 0x7f00U) >> 1U | (number & 0x7f0000U) >> 2U;
    // 7, 15 or 23 if there is an end.
    const auto last = static_cast<uint32_t>(std::countr_zero(ends | 0x80000000U));
    // The last of several bytes is none of the number if it is 0.
    const bool is_short = (ends != 0) & ((last == 7) | ((number & ~(upto >> 8U)) != 0));
    return ShortNumber{.value = value, .size = is_short ? (last + 1) / 8 : 0};
  }
  // Returns the next number, as Varint does, without a branch on the size of a short one.
  [[gnu::always_inline]] std::optional<uint64_t> MixedVarint() {
    if constexpr (kMadeForSize) return Varint();
    const auto [value, size] = PeekShort();
    rest_.remove_prefix(size);
    if (size > 0) [[likely]]
      return value;
    return Varint();
  }
  // Moves on, past bytes that are there.
  void Skip(uint32_t size) { rest_.remove_prefix(size); }

  // Returns all that is left, without moving on.
  std::string_view Rest() const { return rest_; }

  // Returns the next `size` bytes, or nothing if there are fewer.
  std::optional<std::string_view> Bytes(uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view bytes = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(static_cast<size_t>(size));
    return bytes;
  }

 private:
  // A number of two bytes or more, nearly always two. How many more is hard to predict, so up to
  // eight are taken without a branch on it.
  std::optional<uint64_t> LongVarint() {
    if (rest_.size() >= 2 && static_cast<unsigned char>(rest_[1]) < 0x80U) {
      const auto low = static_cast<unsigned char>(rest_[0]);
      const auto high = static_cast<unsigned char>(rest_[1]);
      if (high == 0) return std::nullopt;
      rest_.remove_prefix(2);
      return (low & 0x7fU) | uint64_t{high} << 7U;
    }
    constexpr uint64_t kLast = 0x8080808080808080U;
    uint64_t word = 0;
    if (rest_.size() < sizeof(word)) return VarintByBytes();
    std::memcpy(&word, rest_.data(), sizeof(word));
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    const uint64_t ends = ~word & kLast;
    if (ends == 0) return VarintByBytes();
    const auto last = static_cast<unsigned>(std::countr_zero(ends)) / 8;
    word &= ends ^ (ends - 1);
    if (word >> (8 * last) == 0) return std::nullopt;
    rest_.remove_prefix(last + 1);
    // Pairs of bytes, then pairs of those, move together.
    word = (word & 0x007f007f007f007fU) | (word & 0x7f007f007f007f00U) >> 1U;
    word = (word & 0x00003fff00003fffU) | (word & 0x3fff00003fff0000U) >> 2U;
    return (word & 0x0fffffffU) | (word & 0x0fffffff00000000U) >> 4U;
  }

  std::optional<uint64_t> VarintByBytes() {
    uint64_t value = 0;
    for (unsigned i = 0; i < rest_.size() && i < 10; ++i) {
      const uint64_t byte = static_cast<unsigned char>(rest_[i]);
      if (i == 9 && byte > 1) return std::nullopt;
      value |= (byte & 0x7fU) << (7U * i);
      if (byte < 0x80U) {
        if (byte == 0 && i > 0) return std::nullopt;
        rest_.remove_prefix(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_VARINT_H_
