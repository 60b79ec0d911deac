#include "tests/support/random_delta.h"

#include <ostream>
#include <string>

#include "document/delta_json.h"
#include "document/utf8.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

constexpr uint64_t kMaxInserted = 4;

}  // namespace

Delta RandomDelta(Random& random, std::string_view base, DeletedText deleted_text) {
  // How often a retain ends a step; rare retains give dense deltas with long replaced ranges.
  const uint64_t retain_percent = random.Between(10, 70);
  uint64_t left = CountCodePoints(base);
  Delta delta;
  while (!random.Chance(10)) {
    if (left == 0 || random.Chance(40)) {
      delta.Insert(RandomText(random, kMaxInserted));
      continue;
    }
    const uint64_t count = random.Between(1, random.Chance(80) ? (left + 3) / 4 : left);
    const std::string_view covered = base.substr(0, ByteOfCodePoint(base, count));
    base.remove_prefix(covered.size());
    left -= count;
    if (random.Chance(retain_percent)) {
      delta.Retain(count);
    } else if (deleted_text == DeletedText::kAll ||
               (deleted_text == DeletedText::kSome && random.Chance(50))) {
      delta.DeleteText(covered);
    } else {
      delta.Delete(count);
    }
  }
  return delta;
}

void PrintTo(const Delta& delta, std::ostream* out) { *out << DeltaToJson(delta); }

}  // namespace cotext
