#include "benchmarks/support/sample_text.h"

#include <string_view>

#include "document/random.h"

namespace cotext {

std::string MakeText(uint64_t length, Alphabet alphabet) {
  constexpr std::string_view kOthers[] = {"\u00e9", "\u0436", "\u4e2d", "\u0939", "\U0001f600"};
  Random random(1);
  std::string text;
  for (uint64_t i = 0; i < length; ++i) {
    if (random.Below(60) == 0) {
      text += '\n';
    } else if (alphabet == Alphabet::kMixed && random.Chance(40)) {
      text += kOthers[random.Below(5)];
    } else {
      text += static_cast<char>('a' + random.Below(26));
    }
  }
  return text;
}

}  // namespace cotext
