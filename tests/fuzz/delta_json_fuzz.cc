// Text as a delta in JSON: written, read, applied, inverted.
#include <cstdint>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/delta_json.h"
#include "document/error.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

// A delta of a few bytes may ask for a text of 2^53 characters.
constexpr uint64_t kBaseLengthMax = 10000;

void CheckRoundTrip(const Delta& delta) {
  const Expected<Delta> again = DeltaFromJson(DeltaToJson(delta));
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(*again == delta);
}

void CheckInverse(const Delta& delta) {
  if (delta.base_length() > kBaseLengthMax) return;
  const std::string base(delta.base_length(), 'x');
  const Expected<std::string> edited = Apply(delta, base);
  const Expected<Delta> inverse = Invert(delta, base);
  COTEXT_CHECK(edited.has_value() == inverse.has_value());
  if (!edited) return;
  CheckRoundTrip(*inverse);
  const Expected<std::string> restored = Apply(*inverse, *edited);
  COTEXT_CHECK(restored.has_value());
  COTEXT_CHECK(*restored == base);
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const Expected<Delta> delta = DeltaFromJson(input);
  if (!delta) return false;
  delta->CheckInvariants();
  CheckRoundTrip(*delta);
  CheckInverse(*delta);
  return true;
}

}  // namespace cotext
