// Positions in a text, one type per unit, so that a count of bytes never passes for a count of
// characters.
//
// A *character* is a Unicode code point other than a surrogate. Offsets count the units before a
// position, from 0; a position lies between two characters. Lines end at U+000A only (a carriage
// return belongs to the line it stands on) and columns count code points.
#ifndef COTEXT_DOCUMENT_OFFSET_H_
#define COTEXT_DOCUMENT_OFFSET_H_

#include <compare>
#include <cstdint>
#include <variant>

namespace cotext {

template <typename Unit>
struct Offset {
  uint64_t value = 0;
  friend constexpr auto operator<=>(Offset, Offset) = default;
};

using ByteOffset = Offset<struct ByteUnit>;            // UTF-8 bytes.
using CodePointOffset = Offset<struct CodePointUnit>;  // Unicode code points.
using Utf16Offset = Offset<struct Utf16Unit>;          // UTF-16 code units.

// A line, and a column in code points on it, both from 0.
struct Point {
  uint64_t line = 0;
  uint64_t column = 0;
  friend constexpr auto operator<=>(Point, Point) = default;
};

// A position in whichever unit the caller has.
using AnyOffset = std::variant<CodePointOffset, ByteOffset, Utf16Offset, Point>;

// Sizes of a text in every unit.
struct TextMetrics {
  uint64_t bytes = 0;
  uint64_t code_points = 0;
  uint64_t utf16 = 0;
  uint64_t newlines = 0;
  friend constexpr bool operator==(const TextMetrics&, const TextMetrics&) = default;

  friend constexpr TextMetrics operator+(const TextMetrics& left, const TextMetrics& right) {
    return {left.bytes + right.bytes, left.code_points + right.code_points,
            left.utf16 + right.utf16, left.newlines + right.newlines};
  }
  // Wraps around where the right one is greater.
  friend constexpr TextMetrics operator-(const TextMetrics& left, const TextMetrics& right) {
    return {left.bytes - right.bytes, left.code_points - right.code_points,
            left.utf16 - right.utf16, left.newlines - right.newlines};
  }
};

// Which way a position between two characters leans when text is inserted exactly there: kBefore
// stays in front of the new text, kAfter ends up behind it.
enum class Bias : uint8_t { kBefore, kAfter };

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_OFFSET_H_
