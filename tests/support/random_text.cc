#include "tests/support/random_text.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "document/utf8.h"

namespace cotext {
namespace {

// ASCII letters come from this range, so that two texts often share characters.
constexpr char32_t kFirstLetter = U'a';
constexpr uint64_t kLetters = 5;
constexpr uint64_t kLetterPercent = 50;

// Sequences that belong together for a reader but not for a text engine; a text may end inside one.
constexpr std::array<std::u32string_view, 20> kSequences = {
    U"\n",
    U"\r\n",
    U" ",
    U"\t",
    std::u32string_view(U"\0", 1),
    U"\u007f",
    U"\u0080",
    U"\u00e9",
    U"e\u0301",                                     // The same letter decomposed.
    U"\u0436",                                      // Cyrillic, two bytes.
    U"\u07ff\u0800",                                // The last of two bytes, the first of three.
    U"\u4e2d",                                      // Han, three bytes.
    U"\u1112\u1161\u11ab",                          // Hangul jamo that form one syllable.
    U"\u2028",                                      // A line separator, which is no line end here.
    U"\ufeff",                                      // A byte order mark inside the text.
    U"\uffff\U00010000",                            // The last of three bytes, the first of four.
    U"\U0001f600",                                  // An emoji.
    U"\U0001f469\u200d\U0001f469\u200d\U0001f467",  // A family: one glyph, five code points.
    U"\U0001f1eb\U0001f1f7",                        // A flag of two regional indicators.
    U"\U0010ffff",                                  // The last code point.
};

std::u32string RandomSequence(Random& random) {
  if (random.Chance(kLetterPercent)) {
    return {static_cast<char32_t>(kFirstLetter + random.Below(kLetters))};
  }
  return std::u32string(kSequences[random.Below(kSequences.size())]);
}

}  // namespace

std::string RandomText(Random& random, size_t max_code_points) {
  uint64_t missing = random.Between(0, max_code_points);
  std::string text;
  while (missing > 0) {
    for (const char32_t code_point : RandomSequence(random)) {
      if (missing == 0) break;
      text += EncodeCodePoint(code_point);
      --missing;
    }
  }
  return text;
}

uint64_t SeedFromEnvironment(uint64_t default_seed) {
  const char* const value = std::getenv("COTEXT_SEED");
  if (value == nullptr) return default_seed;
  const std::string_view digits(value);
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    ADD_FAILURE() << "COTEXT_SEED is no decimal number: " << digits;
    return default_seed;
  }
  return seed;
}

}  // namespace cotext
