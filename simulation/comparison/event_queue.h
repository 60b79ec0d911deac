// What happens when, in virtual time.
#ifndef COTEXT_SIMULATION_COMPARISON_EVENT_QUEUE_H_
#define COTEXT_SIMULATION_COMPARISON_EVENT_QUEUE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace cotext {

// Events at one time happen in the order in which they were added.
class EventQueue {
 public:
  using Event = std::function<void()>;

  // In microseconds.
  uint64_t now() const { return now_; }

  void After(uint64_t microseconds, Event event) {
    events_.emplace(std::pair(now_ + microseconds, next_++), std::move(event));
  }

  // Lets everything happen, also what events add.
  void Run() {
    while (!events_.empty()) {
      const auto node = events_.extract(events_.begin());
      now_ = node.key().first;
      node.mapped()();
    }
  }

 private:
  uint64_t now_ = 0;
  uint64_t next_ = 0;
  std::map<std::pair<uint64_t, uint64_t>, Event> events_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_EVENT_QUEUE_H_
