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
