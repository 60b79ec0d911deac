// A sequence that grows and shrinks at both ends, in one piece of memory that goes round.
//
// Where things come in at one end and leave at the other for a long time, as the oldest steps of
// undo do, it allocates nothing; a std::deque would allocate and free all along.
//
// AddBack is O(1) amortised, everything else O(1). Memory: up to half more than the most
// elements there were.
#ifndef COTEXT_DOCUMENT_RING_H_
#define COTEXT_DOCUMENT_RING_H_

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/grow.h"

namespace cotext {

template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // REQUIRES: index < size().
  T& operator[](size_t index) { return slots_[SlotOf(index)]; }
  const T& operator[](size_t index) const { return slots_[SlotOf(index)]; }

  // REQUIRES: not empty, here and below.
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  // Adds a T() behind all others, to be filled in: less work than moving one there.
  T& AddBack() {
    if (is_full()) [[unlikely]] {
      Grow();
    }
    T& added = slots_[end_];
    end_ = SlotAfter(end_);
    ++size_;
    return added;
  }
  // Whether AddBack will allocate.
  bool is_full() const { return size_ == slots_.size(); }

  T PopBack() {
    COTEXT_DCHECK(size_ > 0);
    end_ = SlotOf(--size_);
    T value = std::exchange(slots_[end_], T());
    return value;
  }

  void DropFront() {
    COTEXT_DCHECK(size_ > 0);
    if constexpr (!std::is_trivially_destructible_v<T>) front() = T();
    first_ = SlotAfter(first_);
    --size_;
  }

 private:
  static constexpr size_t kLeastStep = 8;

  size_t SlotOf(size_t index) const {
    const size_t slot = first_ + index;
    return slot < slots_.size() ? slot : slot - slots_.size();
  }
  size_t SlotAfter(size_t slot) const { return slot + 1 < slots_.size() ? slot + 1 : 0; }

  // Out of the way of AddBack, which is small then.
  [[gnu::noinline]] void Grow() {
    std::rotate(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(first_), slots_.end());
    first_ = 0;
    end_ = size_;
    MakeRoomFor(slots_, 1);
    slots_.resize(size_ + std::max(size_ / 2, kLeastStep));
  }

  std::vector<T> slots_;
  size_t first_ = 0;
  size_t end_ = 0;  // Where the next one comes: first_ if it is full.
  size_t size_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_RING_H_
