#include "benchmarks/budget/text_places.h"

#include <cstddef>

#include "document/random.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Returns the place in front of every character, and the end.
std::vector<TextPlace> AllPlaces(std::string_view text) {
  std::vector<TextPlace> places;
  TextPlace place;
  for (size_t byte = 0; byte < text.size();) {
    places.push_back(place);
    const size_t bytes = CharacterBytes(text[byte]);
    place.code_point.value += 1;
    place.byte.value += bytes;
    place.utf16.value += IsAstralLead(text[byte]) ? 2 : 1;
    place.point = text[byte] == '\n' ? Point{.line = place.point.line + 1, .column = 0}
                                     : Point{place.point.line, place.point.column + 1};
    byte += bytes;
  }
  places.push_back(place);
  return places;
}

}  // namespace

std::vector<TextPlace> RandomPlaces(std::string_view text, uint64_t count) {
  const std::vector<TextPlace> all = AllPlaces(text);
  Random random(1);
  std::vector<TextPlace> places(count);
  for (TextPlace& place : places) place = all[random.Below(all.size())];
  return places;
}

}  // namespace cotext
