// Strict UTF-8: validation, counting in every unit, and stepping by code points.
//
// Valid means Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF, no
// truncated sequence. Only IsValidUtf8 and MeasureIfValid take untrusted bytes; everything else
// requires valid text.
// All functions are linear in the bytes they read and allocate nothing.
#ifndef COTEXT_DOCUMENT_UTF8_H_
#define COTEXT_DOCUMENT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "document/offset.h"

namespace cotext {

namespace utf8_internal {
bool IsValidLongUtf8(std::string_view text);
std::optional<TextMetrics> MeasureLongIfValid(std::string_view text);
uint64_t CountLongCodePoints(std::string_view text);
TextMetrics MeasureLong(std::string_view text, uint64_t code_points);
}  // namespace utf8_internal

// Returns whether `text` is strict UTF-8.
[[nodiscard]] inline bool IsValidUtf8(std::string_view text) {
  // Keystrokes are not worth a call.
  if (text.size() == 1) return static_cast<unsigned char>(text[0]) < 0x80U;
  return text.empty() || utf8_internal::IsValidLongUtf8(text);
}

// Is true for a byte that continues a character, false for one that begins it.
inline bool IsContinuationByte(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

// Is true for the first byte of a character outside the Basic Multilingual Plane (4 bytes in UTF-8,
// two units in UTF-16).
inline bool IsAstralLead(char byte) { return static_cast<unsigned char>(byte) >= 0xf0U; }

// Returns the size in bytes of the character that `lead` begins.
inline size_t CharacterBytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80U) return 1;
  if (byte < 0xe0U) return 2;
  return byte < 0xf0U ? 3 : 4;
}

// Returns the number of code points in `text`.
inline uint64_t CountCodePoints(std::string_view text) {
  if (text.size() == 1) return IsContinuationByte(text[0]) ? 0 : 1;
  return text.empty() ? 0 : utf8_internal::CountLongCodePoints(text);
}

// Returns the size of `text` in every unit. With the number of its code points, if that is known,
// it costs half.
inline TextMetrics Measure(std::string_view text, uint64_t code_points) {
  if (text.size() != 1) return utf8_internal::MeasureLong(text, code_points);
  return TextMetrics{
      .bytes = 1, .code_points = 1, .utf16 = 1, .newlines = text[0] == '\n' ? 1U : 0U};
}
inline TextMetrics Measure(std::string_view text) { return Measure(text, CountCodePoints(text)); }

// Returns the same if `text` is strict UTF-8, in one pass over what an edit inserts.
inline std::optional<TextMetrics> MeasureIfValid(std::string_view text) {
  if (text.empty()) return TextMetrics{};
  if (text.size() > 1) return utf8_internal::MeasureLongIfValid(text);
  if (static_cast<unsigned char>(text[0]) >= 0x80U) return std::nullopt;
  return Measure(text, 1);
}

// Returns the byte at which code point number `count` begins; text.size() if there are `count` of
// them.
// REQUIRES: count <= CountCodePoints(text).
size_t ByteOfCodePoint(std::string_view text, uint64_t count);

// Returns the byte at which the character that holds UTF-16 unit number `count` begins; text.size()
// if there are `count` of them. REQUIRES: count is at most the size of the text in UTF-16.
size_t ByteOfUtf16(std::string_view text, uint64_t count);

// Returns the UTF-8 form of `code_point`.
// REQUIRES: code_point <= 0x10ffff and is no surrogate.
std::string EncodeCodePoint(char32_t code_point);

// Returns the code point that begins at `byte`.
// REQUIRES: byte < text.size() and a character begins there.
char32_t DecodeCodePoint(std::string_view text, size_t byte);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_UTF8_H_
