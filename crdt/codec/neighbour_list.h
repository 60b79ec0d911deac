// What stands beside what, as far as an update alone can tell: the codec's guess at document order.
//
// People go on editing beside where they edited last. Encoder and decoder keep the same list of the
// visible elements, so a reference to a near one is a small number of steps, and a delete may run
// on from neighbour to neighbour. The list is exact while the update is by one replica from the
// beginning. Otherwise it is a guess: inserts go right behind their origin, what is from elsewhere
// is not in it, and a deleted element keeps the neighbours it had. It need only be the same on both
// sides. Without a list, the neighbours of an element are those numbered next to it.
//
// O(1) but for construction, O(elements). Memory: 8 bytes an element and a bit, nothing without a
// list.
#ifndef COTEXT_CRDT_CODEC_NEIGHBOUR_LIST_H_
#define COTEXT_CRDT_CODEC_NEIGHBOUR_LIST_H_

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "crdt/bit_ranges.h"

namespace cotext {

class NeighbourList {
 public:
  // Elements are places from 1 on here; the beginning of the text, the root, is place 0.
  static constexpr uint32_t kRootPlace = 0;
  static constexpr uint32_t kNowhere = ~uint32_t{0};

  static constexpr uint32_t PlaceOf(uint32_t element) { return element + 1; }
  static constexpr uint32_t ElementAt(uint32_t place) { return place - 1; }

  // For at most `elements` elements.
  NeighbourList(bool kept, uint32_t elements)
      : kept_(kept),
        deleted_(kept ? elements : 0),
        next_(kept ? size_t{elements} + 1 : 0),
        previous_(next_.size()) {
    if (!kept) return;
    // As in runs, where each element stands behind the one numbered before it.
    std::iota(next_.begin(), next_.end(), 1U);
    std::iota(previous_.begin(), previous_.end(), ~uint32_t{0});
    next_[kRootPlace] = kNowhere;
  }

  bool kept() const { return kept_; }

  // Return a place's neighbours, kNowhere if there is none.
  // REQUIRES: place is the root's, or that of an element that was inserted.
  uint32_t Next(uint32_t place) const {
    if (kept_) return next_[place];
    return place < count_ ? place + 1 : kNowhere;
  }
  uint32_t Previous(uint32_t place) const {
    if (kept_) return previous_[place];
    return place == kRootPlace ? kNowhere : place - 1;
  }

  // Returns the place so many steps to the right, or to the left if negative; kNowhere if it is too
  // far.
  uint32_t Walk(uint32_t place, int64_t steps) const {
    if (!kept_) {
      const int64_t to = int64_t{place} + steps;
      return to >= 0 && to <= int64_t{count_} ? static_cast<uint32_t>(to) : kNowhere;
    }
    for (; steps > 0 && place != kNowhere; --steps) place = next_[place];
    for (; steps < 0 && place != kNowhere; ++steps) place = previous_[place];
    return place;
  }

  // Returns whether an element was deleted.
  bool IsDeleted(uint32_t element) const { return deleted_.At(element); }

  // Returns the number of elements from `first` on, at most `limit`, each of which is the neighbour
  // of the one before and none of which was deleted. REQUIRES: kept().
  uint32_t RunFrom(uint32_t first, uint32_t limit) const {
    if (limit == 0 || IsDeleted(first)) return 0;
    uint32_t length = 1;
    const uint32_t alike = deleted_.AlikeFrom(first, limit);
    while (length < alike && next_[PlaceOf(first + length - 1)] == PlaceOf(first + length)) {
      ++length;
    }
    return length;
  }

  // Puts the next `length` elements right behind a place, or nowhere if that is from elsewhere.
  void Insert(uint32_t behind, uint32_t length) {
    const uint32_t first = count_ + 1;
    count_ += length;
    if (!kept_) return;
    previous_[first] = behind;
    uint32_t& end = next_[count_];
    end = kNowhere;
    if (behind == kNowhere) return;
    end = next_[behind];
    if (end != kNowhere) previous_[end] = count_;
    next_[behind] = first;
  }

  // Marks elements as deleted. Takes from the list all that stands from the first of them to the
  // last. Returns the place before.
  uint32_t Erase(uint32_t first, uint32_t length) {
    if (kept_) deleted_.Set(first, length);
    return Join(PlaceOf(first), PlaceOf(first + length - 1));
  }

  // Only marks them.
  void MarkDeleted(uint32_t first, uint32_t length) { deleted_.Set(first, length); }

  // Makes the place before `first` and the one behind `last` neighbours. Returns the former.
  uint32_t Join(uint32_t first, uint32_t last) {
    const uint32_t before = Previous(first);
    if (!kept_) return before;
    const uint32_t behind = next_[last];
    if (before != kNowhere) next_[before] = behind;
    if (behind != kNowhere) previous_[behind] = before;
    return before;
  }

 private:
  bool kept_;
  uint32_t count_ = 0;
  BitRanges deleted_;
  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_NEIGHBOUR_LIST_H_
