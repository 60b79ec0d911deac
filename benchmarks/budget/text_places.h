// Random places of a text in every unit, found by reading it from its beginning: what conversions
// must give.
#ifndef COTEXT_BENCHMARKS_BUDGET_TEXT_PLACES_H_
#define COTEXT_BENCHMARKS_BUDGET_TEXT_PLACES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "document/check.h"
#include "document/offset.h"

namespace cotext {

struct TextPlace {
  CodePointOffset code_point;
  ByteOffset byte;
  Utf16Offset utf16;
  Point point;
};

// Returns `count` places, the same ones for the same text. REQUIRES: text is valid UTF-8.
std::vector<TextPlace> RandomPlaces(std::string_view text, uint64_t count);

// Converts every place from each unit to each other by way of code points.
template <typename Text>
void ConvertPlaces(const Text& text, const std::vector<TextPlace>& places) {
  for (const TextPlace& place : places) {
    COTEXT_CHECK(text.ToByte(place.code_point) == place.byte);
    COTEXT_CHECK(text.ToUtf16(place.code_point) == place.utf16);
    COTEXT_CHECK(text.ToPoint(place.code_point) == place.point);
    COTEXT_CHECK(text.ToCodePoint(place.byte) == place.code_point);
    COTEXT_CHECK(text.ToCodePoint(place.utf16) == place.code_point);
    COTEXT_CHECK(text.ToCodePoint(place.point) == place.code_point);
  }
}

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_BUDGET_TEXT_PLACES_H_
