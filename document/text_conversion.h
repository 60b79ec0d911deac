// Conversions between units for any text that can find a unit in its pieces.
//
// A Source offers
//   TextMetrics metrics() const;
//   FoundText Find(TextUnit unit, uint64_t number) const;   // number < the text's size in that
//   unit
// and every conversion is one search in the unit it starts from, then a scan of the piece found:
// O(log n + piece). Where a text has as many bytes or UTF-16 units as characters, offsets in the
// two are the same and nothing is searched. kOutOfRange names what is past the end; a byte offset
// inside a character, or a UTF-16 one inside a surrogate pair, is kInsideCharacter.
#ifndef COTEXT_DOCUMENT_TEXT_CONVERSION_H_
#define COTEXT_DOCUMENT_TEXT_CONVERSION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "document/check.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/utf8.h"

namespace cotext {

enum class TextUnit : uint8_t { kCodePoints, kBytes, kUtf16, kNewlines };

// Returns one of the sizes of a text.
inline uint64_t SizeIn(TextUnit unit, const TextMetrics& size) {
  switch (unit) {
    case TextUnit::kCodePoints: return size.code_points;
    case TextUnit::kBytes: return size.bytes;
    case TextUnit::kUtf16: return size.utf16;
    case TextUnit::kNewlines: return size.newlines;
  }
  COTEXT_CHECK(false);  // No such unit.
}

// A piece of a text that holds a wanted unit.
struct FoundText {
  std::string_view text;
  TextMetrics before;  // Everything before the piece.
  size_t rest;         // The wanted unit's number inside the piece.
};

namespace text_conversion_internal {

inline std::unexpected<Error> OutOfRange(const char* what, uint64_t offset, uint64_t limit) {
  return MakeError(ErrorCode::kOutOfRange, std::string(what) + " " + std::to_string(offset) +
                                               " is past the end at " + std::to_string(limit));
}

inline std::unexpected<Error> InsideCharacter(const char* what, uint64_t offset) {
  return MakeError(ErrorCode::kInsideCharacter,
                   std::string(what) + " " + std::to_string(offset) + " is inside a character");
}

// Returns the part of `text` before its UTF-16 unit number `units`; a surrogate pair that `units`
// would cut is left out.
inline std::string_view BeforeUtf16(std::string_view text, uint64_t units) {
  return text.substr(0, ByteOfUtf16(text, units));
}

// Returns `text` up to and with its newline number `number`.
inline std::string_view ThroughNewline(std::string_view text, uint64_t number) {
  size_t at = text.find('\n');
  for (; number > 0; --number) at = text.find('\n', at + 1);
  return text.substr(0, at + 1);
}

inline std::string_view BeforeCodePoint(const FoundText& found) {
  return found.text.substr(0, ByteOfCodePoint(found.text, found.rest));
}

}  // namespace text_conversion_internal

// Returns where line number `line` begins.
template <typename Source>
Expected<CodePointOffset> ConvertLineStart(const Source& source, uint64_t line) {
  namespace internal = text_conversion_internal;
  if (line == 0) return CodePointOffset{0};
  const uint64_t newlines = source.metrics().newlines;
  if (line > newlines) return internal::OutOfRange("line", line, newlines);
  const FoundText found = source.Find(TextUnit::kNewlines, line - 1);
  return CodePointOffset{found.before.code_points +
                         CountCodePoints(internal::ThroughNewline(found.text, found.rest))};
}

template <typename Source>
Expected<CodePointOffset> ConvertFromByte(const Source& source, ByteOffset at) {
  namespace internal = text_conversion_internal;
  const TextMetrics size = source.metrics();
  if (at.value > size.bytes) return internal::OutOfRange("byte", at.value, size.bytes);
  if (size.bytes == size.code_points) return CodePointOffset{at.value};
  if (at.value == size.bytes) return CodePointOffset{size.code_points};
  const FoundText found = source.Find(TextUnit::kBytes, at.value);
  if (IsContinuationByte(found.text[found.rest])) {
    return internal::InsideCharacter("byte", at.value);
  }
  return CodePointOffset{found.before.code_points +
                         CountCodePoints(found.text.substr(0, found.rest))};
}

template <typename Source>
Expected<CodePointOffset> ConvertFromUtf16(const Source& source, Utf16Offset at) {
  namespace internal = text_conversion_internal;
  const TextMetrics size = source.metrics();
  if (at.value > size.utf16) return internal::OutOfRange("UTF-16 unit", at.value, size.utf16);
  if (size.utf16 == size.code_points) return CodePointOffset{at.value};
  if (at.value == size.utf16) return CodePointOffset{size.code_points};
  const FoundText found = source.Find(TextUnit::kUtf16, at.value);
  const TextMetrics inside = Measure(internal::BeforeUtf16(found.text, found.rest));
  if (inside.utf16 != found.rest) return internal::InsideCharacter("UTF-16 unit", at.value);
  return CodePointOffset{found.before.code_points + inside.code_points};
}

// A column may be at most the length of its line without the newline.
template <typename Source>
Expected<CodePointOffset> ConvertFromPoint(const Source& source, Point point) {
  namespace internal = text_conversion_internal;
  const Expected<CodePointOffset> start = ConvertLineStart(source, point.line);
  if (!start) return start;
  const TextMetrics size = source.metrics();
  const uint64_t end = point.line == size.newlines
                           ? size.code_points
                           : ConvertLineStart(source, point.line + 1)->value - 1;
  if (point.column > end - start->value) {
    return internal::OutOfRange("column", point.column, end - start->value);
  }
  return CodePointOffset{start->value + point.column};
}

// Returns an offset in any unit as one in code points.
template <typename Source>
Expected<CodePointOffset> ConvertToCodePoint(const Source& source, const AnyOffset& at) {
  if (const auto* byte = std::get_if<ByteOffset>(&at)) return ConvertFromByte(source, *byte);
  if (const auto* utf16 = std::get_if<Utf16Offset>(&at)) return ConvertFromUtf16(source, *utf16);
  if (const auto* point = std::get_if<Point>(&at)) return ConvertFromPoint(source, *point);
  const CodePointOffset offset = *std::get_if<CodePointOffset>(&at);
  const uint64_t length = source.metrics().code_points;
  if (offset.value <= length) return offset;
  return text_conversion_internal::OutOfRange("position", offset.value, length);
}

// Returns the size in every unit of what is before a code point offset: its place in every unit.
template <typename Source>
Expected<TextMetrics> MeasureBefore(const Source& source, CodePointOffset at) {
  namespace internal = text_conversion_internal;
  const TextMetrics size = source.metrics();
  if (at.value > size.code_points) {
    return internal::OutOfRange("position", at.value, size.code_points);
  }
  if (at.value == size.code_points) return size;
  const FoundText found = source.Find(TextUnit::kCodePoints, at.value);
  return found.before + Measure(internal::BeforeCodePoint(found), found.rest);
}

// Returns the byte, or the UTF-16 unit, of a code point offset.
template <typename Source>
Expected<ByteOffset> ConvertToByte(const Source& source, CodePointOffset at) {
  const TextMetrics size = source.metrics();
  if (size.bytes == size.code_points && at.value <= size.bytes) return ByteOffset{at.value};
  const Expected<TextMetrics> before = MeasureBefore(source, at);
  if (!before) return std::unexpected(before.error());
  return ByteOffset{before->bytes};
}

template <typename Source>
Expected<Utf16Offset> ConvertToUtf16(const Source& source, CodePointOffset at) {
  const TextMetrics size = source.metrics();
  if (size.utf16 == size.code_points && at.value <= size.utf16) return Utf16Offset{at.value};
  const Expected<TextMetrics> before = MeasureBefore(source, at);
  if (!before) return std::unexpected(before.error());
  return Utf16Offset{before->utf16};
}

// Returns the line and column of a code point offset.
template <typename Source>
Expected<Point> ConvertToPoint(const Source& source, CodePointOffset at) {
  const Expected<TextMetrics> before = MeasureBefore(source, at);
  if (!before) return std::unexpected(before.error());
  return Point{.line = before->newlines,
               .column = at.value - ConvertLineStart(source, before->newlines)->value};
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_TEXT_CONVERSION_H_
