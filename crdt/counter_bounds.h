// An upper bound of the counter of any element, without looking its id up: elements arrive in the
// order of their numbers, so a page of them is by few writers, and most pages are old.
//
// Add is O(length / kPage), the rest O(1 + length / kPage). Memory: 8 / kPage bytes an element.
#ifndef COTEXT_CRDT_COUNTER_BOUNDS_H_
#define COTEXT_CRDT_COUNTER_BOUNDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cotext {

class CounterBounds {
 public:
  // Says that the counters of elements [first, first + length) are at most `counter`.
  // REQUIRES: length > 0; first is the end of what was added before.
  void Add(uint32_t first, uint32_t length, uint64_t counter) {
    const size_t last = (first + length - 1) / kPage;
    if (last >= greatest_.size()) {
      if (first % kPage != 0) greatest_.back() = std::max(greatest_.back(), counter);
      greatest_.resize(last + 1, counter);
    } else {
      greatest_.back() = std::max(greatest_.back(), counter);
    }
  }

  // Returns a number that none of the counters of [first, first + length) exceeds.
  // REQUIRES: they were added; length > 0.
  uint64_t Of(uint32_t first, uint32_t length = 1) const {
    const size_t last = (first + length - 1) / kPage;
    uint64_t greatest = 0;
    for (size_t page = first / kPage; page <= last; ++page) {
      greatest = std::max(greatest, greatest_[page]);
    }
    return greatest;
  }

 private:
  static constexpr uint32_t kPage = 64;

  std::vector<uint64_t> greatest_;  // By page.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_COUNTER_BOUNDS_H_
