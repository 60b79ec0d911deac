#include "ot/restored_states.h"

#include <utility>

namespace cotext {

void RestoredStates::Add(uint64_t from, uint64_t to, PositionMap others) {
  leaps_.insert_or_assign(from, Leap{.to = to, .others = std::move(others)});
  added_.AddBack() = from;
  if (added_.size() <= kMaxLeaps) return;
  leaps_.erase(added_.front());
  added_.DropFront();
}

uint64_t RestoredStates::Map(const PositionLog& log, uint64_t lean, uint64_t from) const {
  for (size_t chain = 0; chain < kMaxChain; ++chain) {
    // The first of all steps to come: those inside it it leaps over.
    const auto leap = leaps_.lower_bound(from);
    if (leap == leaps_.end()) break;
    lean = leap->second.others(log.Map(lean, from, leap->first));
    from = leap->second.to;
  }
  return log.Map(lean, from, log.number());
}

}  // namespace cotext
