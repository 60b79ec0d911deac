// What is going to happen, in order of virtual time; at the same time, in the order it was added.
//
// Virtual time is in microseconds from the beginning of a simulation. O(log n) per event.
#ifndef COTEXT_SIMULATION_WORLD_EVENT_QUEUE_H_
#define COTEXT_SIMULATION_WORLD_EVENT_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "document/check.h"

namespace cotext {

template <typename Event>
class EventQueue {
 public:
  struct Entry {
    uint64_t at_us;
    Event event;
  };

  void Add(uint64_t at_us, Event event) {
    heap_.push_back(Item{.at_us = at_us, .number = next_number_++, .event = std::move(event)});
    std::push_heap(heap_.begin(), heap_.end(), IsLater);
  }

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // When the next event happens; nothing if there is none.
  std::optional<uint64_t> NextTimeUs() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at_us;
  }

  // REQUIRES: not empty.
  Entry Take() {
    COTEXT_CHECK(!heap_.empty());
    std::pop_heap(heap_.begin(), heap_.end(), IsLater);
    Item item = std::move(heap_.back());
    heap_.pop_back();
    return Entry{.at_us = item.at_us, .event = std::move(item.event)};
  }

 private:
  struct Item {
    uint64_t at_us;
    uint64_t number;
    Event event;
  };

  static bool IsLater(const Item& left, const Item& right) {
    return std::pair(left.at_us, left.number) > std::pair(right.at_us, right.number);
  }

  std::vector<Item> heap_;
  uint64_t next_number_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_EVENT_QUEUE_H_
