#include "ot/replacement.h"

#include <utility>

namespace cotext {

std::vector<Replacement> ReplacementsOf(const Delta& delta) {
  std::vector<Replacement> replacements;
  uint64_t position = 0;  // In the text in which all of it up to here is done.
  Replacement next;
  uint64_t inserted = 0;
  const auto finish = [&] {
    if (next.erased == 0 && inserted == 0) return;
    next.position = position;
    position += inserted;
    inserted = 0;
    replacements.push_back(std::exchange(next, {}));
  };
  for (const Delta::Component component : delta) {
    switch (component.kind) {
      case Delta::Kind::kInsert:
        next.inserted += component.text;
        inserted += component.count;
        break;
      case Delta::Kind::kDelete: next.erased += component.count; break;
      case Delta::Kind::kRetain:
        finish();
        position += component.count;
        break;
    }
  }
  finish();
  return replacements;
}

}  // namespace cotext
