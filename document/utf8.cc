#include "document/utf8.h"

#include <bit>
#include <cstring>

#include "document/check.h"

namespace cotext {
namespace {

// Blocks this long are counted in 8-bit lanes that the compiler keeps in vector registers: 255
// would overflow a lane, 128 divides evenly.
constexpr size_t kCountBlock = 128;

// Returns the size of the valid character at the front of `text`, or 0 if there is none.
// REQUIRES: text is not empty.
size_t ValidCharacterBytes(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80U) return 1;
  if (lead < 0xc2U || lead > 0xf4U)
    return 0;  // Continuations, overlong two-byte forms, > U+10FFFF.
  const size_t size = CharacterBytes(text[0]);
  if (text.size() < size) return 0;
  // Only the second byte's range depends on the lead: E0 and F0 could be overlong, ED a surrogate,
  // F4 above U+10FFFF.
  const unsigned low = lead == 0xe0U ? 0xa0U : lead == 0xf0U ? 0x90U : 0x80U;
  const unsigned high = lead == 0xedU ? 0x9fU : lead == 0xf4U ? 0x8fU : 0xbfU;
  if (at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!IsContinuationByte(text[i])) return 0;
  }
  return size;
}

// Returns the next bytes, the first in the lowest lane.
template <typename Word>
Word Load(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::little ? word : std::byteswap(word);
}

uint64_t LoadWord(const char* bytes) { return Load<uint64_t>(bytes); }

constexpr uint64_t kHighBits = 0x8080808080808080U;

// Returns a word of a text of 1 to 7 bytes with continuation bytes behind it, which count as
// nothing.
uint64_t LoadTail(std::string_view text) {
  const auto byte = [text](size_t i) { return uint64_t{static_cast<unsigned char>(text[i])}; };
  const size_t size = text.size();
  const uint64_t padding = kHighBits << (8 * size);
  if (size < 4) {
    // Bytes that are read twice meet themselves.
    return padding | byte(0) | (byte(size / 2) << (8 * (size / 2))) |
           (byte(size - 1) << (8 * (size - 1)));
  }
  return padding | Load<uint32_t>(text.data()) |
         (uint64_t{Load<uint32_t>(text.data() + size - 4)} << (8 * (size - 4)));
}

bool IsAsciiWord(uint64_t word) { return (word & kHighBits) == 0; }

constexpr size_t kValidBlock = 64;

// Returns whether kValidBlock bytes are ASCII.
bool IsAsciiBlock(const char* bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < kValidBlock; i += sizeof(uint64_t)) bits |= LoadWord(bytes + i);
  return IsAsciiWord(bits);
}

// The next three mark bytes of a word by a 1 in their lane, and SumLanes adds the lanes up. Texts
// too short for a block, such as most edits, are counted in that way.
constexpr uint64_t kOnes = 0x0101010101010101U;

uint64_t LeadLanes(uint64_t word) { return (~(word >> 7U) | (word >> 6U)) & kOnes; }

uint64_t AstralLanes(uint64_t word) {
  return (word >> 7U) & (word >> 6U) & (word >> 5U) & (word >> 4U) & kOnes;
}

uint64_t NewlineLanes(uint64_t word) {
  const uint64_t difference = word ^ (kOnes * '\n');
  const uint64_t low_bits = difference & (kOnes * 0x7f);
  return (~((low_bits + kOnes * 0x7f) | difference) >> 7U) & kOnes;
}

// REQUIRES: the sum is below 256.
uint64_t SumLanes(uint64_t lanes) { return (lanes * kOnes) >> 56U; }

// Returns the first lane with which the sum of lanes exceeds `count`.
// REQUIRES: the sum of all does, and is below 128.
size_t LaneOf(uint64_t lanes, uint64_t count) {
  const uint64_t sums = lanes * kOnes;  // Each lane, and all below it.
  const uint64_t passed = (kOnes * (0x80U + count) - sums) >> 7U;
  return static_cast<size_t>(SumLanes(passed & kOnes));
}

// Counts the bytes for which `predicate` holds; `lanes` is its equal for words.
template <typename Predicate, typename Lanes>
uint64_t CountBytes(std::string_view text, Predicate predicate, Lanes lanes) {
  uint64_t count = 0;
  while (text.size() >= kCountBlock) {
    uint8_t in_block = 0;
    for (size_t i = 0; i < kCountBlock; ++i) {
      in_block = static_cast<uint8_t>(in_block + (predicate(text[i]) ? 1 : 0));
    }
    count += in_block;
    text.remove_prefix(kCountBlock);
  }
  uint64_t sums = 0;  // At most a block's bytes, one in a lane each.
  for (; text.size() >= sizeof(uint64_t); text.remove_prefix(sizeof(uint64_t))) {
    sums += lanes(LoadWord(text.data()));
  }
  if (!text.empty()) sums += lanes(LoadTail(text));
  return count + SumLanes(sums);
}

uint64_t CountAstral(std::string_view text) { return CountBytes(text, IsAstralLead, AstralLanes); }

// What ByteOfUnit needs to know about a unit.
struct CodePointSteps {
  static uint64_t Count(std::string_view text) { return CountCodePoints(text); }
  static uint64_t Lanes(uint64_t word) { return LeadLanes(word); }
};

struct Utf16Steps {
  static uint64_t Count(std::string_view text) { return CountCodePoints(text) + CountAstral(text); }
  static uint64_t Lanes(uint64_t word) { return LeadLanes(word) + AstralLanes(word); }
};

// Returns the last byte at which a character begins, or the text ends, with at most `count` units
// before it.
template <typename Steps>
size_t ByteOfUnit(std::string_view text, uint64_t count) {
  size_t byte = 0;
  for (; text.size() - byte >= kCountBlock; byte += kCountBlock) {
    const uint64_t here = Steps::Count(text.substr(byte, kCountBlock));
    if (here > count) break;
    count -= here;
  }
  for (; text.size() - byte >= sizeof(uint64_t); byte += sizeof(uint64_t)) {
    const uint64_t lanes = Steps::Lanes(LoadWord(text.data() + byte));
    if (SumLanes(lanes) > count) return byte + LaneOf(lanes, count);
    count -= SumLanes(lanes);
  }
  if (byte < text.size()) {
    const uint64_t lanes = Steps::Lanes(LoadTail(text.substr(byte)));
    if (SumLanes(lanes) > count) return byte + LaneOf(lanes, count);
    count -= SumLanes(lanes);
  }
  COTEXT_DCHECK(count == 0);
  return text.size();
}

}  // namespace

bool utf8_internal::IsValidLongUtf8(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= sizeof(uint64_t) && IsAsciiWord(LoadWord(text.data()))) {
      text.remove_prefix(sizeof(uint64_t));
      // Where there is some ASCII there is much: blocks are what vectors are good at.
      while (text.size() >= kValidBlock && IsAsciiBlock(text.data())) {
        text.remove_prefix(kValidBlock);
      }
      continue;
    }
    const size_t size = ValidCharacterBytes(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

// Long texts are counted faster in blocks, by themselves.
std::optional<TextMetrics> utf8_internal::MeasureLongIfValid(std::string_view text) {
  if (text.size() < kCountBlock) {
    uint64_t bits = 0;
    uint64_t newlines = 0;
    std::string_view rest = text;
    for (; rest.size() >= sizeof(uint64_t); rest.remove_prefix(sizeof(uint64_t))) {
      const uint64_t word = LoadWord(rest.data());
      bits |= word;
      newlines += NewlineLanes(word);
    }
    if (!rest.empty()) {
      const uint64_t word = LoadTail(rest);
      bits |= word & ~(kHighBits << (8 * rest.size()));
      newlines += NewlineLanes(word);
    }
    if (IsAsciiWord(bits)) {
      return TextMetrics{.bytes = text.size(),
                         .code_points = text.size(),
                         .utf16 = text.size(),
                         .newlines = SumLanes(newlines)};
    }
  }
  if (!IsValidUtf8(text)) return std::nullopt;
  return Measure(text);
}

uint64_t utf8_internal::CountLongCodePoints(std::string_view text) {
  return CountBytes(text, [](char byte) { return !IsContinuationByte(byte); }, LeadLanes);
}

TextMetrics utf8_internal::MeasureLong(std::string_view text, uint64_t code_points) {
  return TextMetrics{
      .bytes = text.size(),
      .code_points = code_points,
      .utf16 = code_points + (code_points == text.size() ? 0 : CountAstral(text)),
      .newlines = CountBytes(text, [](char byte) { return byte == '\n'; }, NewlineLanes)};
}

size_t ByteOfCodePoint(std::string_view text, uint64_t count) {
  return ByteOfUnit<CodePointSteps>(text, count);
}

size_t ByteOfUtf16(std::string_view text, uint64_t count) {
  return ByteOfUnit<Utf16Steps>(text, count);
}

std::string EncodeCodePoint(char32_t code_point) {
  COTEXT_DCHECK(code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff));
  const auto tail = [code_point](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3fU));
  };
  if (code_point < 0x80U) return {static_cast<char>(code_point)};
  if (code_point < 0x800U) return {static_cast<char>(0xc0U | (code_point >> 6U)), tail(0)};
  if (code_point < 0x10000U)
    return {static_cast<char>(0xe0U | (code_point >> 12U)), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | (code_point >> 18U)), tail(12), tail(6), tail(0)};
}

char32_t DecodeCodePoint(std::string_view text, size_t byte) {
  const size_t size = CharacterBytes(text[byte]);
  COTEXT_DCHECK(byte + size <= text.size());
  const auto lead = static_cast<unsigned char>(text[byte]);
  if (size == 1) return lead;
  char32_t code_point = lead & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    code_point = (code_point << 6U) | (static_cast<unsigned char>(text[byte + i]) & 0x3fU);
  }
  return code_point;
}

}  // namespace cotext
