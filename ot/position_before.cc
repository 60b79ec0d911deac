#include "ot/position_before.h"

#include <cstdint>

namespace cotext {

CodePointOffset PositionBefore(const Delta& delta, CodePointOffset position, Bias bias) {
  uint64_t base = 0;  // What is passed of both.
  uint64_t target = 0;
  for (const Delta::Component& component : delta) {
    if (position.value == target && bias == Bias::kBefore) break;
    const bool is_in_base = component.kind != Delta::Kind::kInsert;
    if (component.kind != Delta::Kind::kDelete) {
      if (position.value < target + component.count) {
        return CodePointOffset{is_in_base ? base + (position.value - target) : base};
      }
      target += component.count;
    }
    if (is_in_base) base += component.count;
  }
  return CodePointOffset{base + (position.value - target)};
}

}  // namespace cotext
