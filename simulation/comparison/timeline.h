// What happens when, in virtual time.
#ifndef COTEXT_SIMULATION_COMPARISON_TIMELINE_H_
#define COTEXT_SIMULATION_COMPARISON_TIMELINE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "simulation/world/event_queue.h"

namespace cotext {

// Events at one time happen in the order in which they were added.
class Timeline {
 public:
  using Event = std::function<void()>;

  // In microseconds.
  uint64_t now() const { return now_; }

  void After(uint64_t microseconds, Event event) {
    events_.Add(now_ + microseconds, std::move(event));
  }

  // Lets everything happen, also what events add.
  void Run() {
    while (!events_.empty()) {
      const auto next = events_.Take();
      now_ = next.at_us;
      next.event();
    }
  }

 private:
  uint64_t now_ = 0;
  EventQueue<Event> events_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_TIMELINE_H_
