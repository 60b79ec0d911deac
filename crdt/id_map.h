// A hash table from ids, which are never 0, to small numbers: open addressing, linear probing.
//
// The core has no compiled dependency, and the standard library's table takes a node and two or
// three cache misses an entry: felt with a million replicas. Ids are random in real life; here they
// are mixed all the same (Knuth, "The Art of Computer Programming" vol. 3, 6.4: multiplication by
// the golden ratio). At most half of the slots are used. A few ids are looked at one by one, inside
// the object: most updates name one or two replicas.
//
// Find and insertion O(1) expected. Memory: 24 to 48 bytes an entry; nothing while there are few.
#ifndef COTEXT_CRDT_ID_MAP_H_
#define COTEXT_CRDT_ID_MAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "document/check.h"

namespace cotext {

class IdMap {
 public:
  size_t size() const { return size_; }

  // Returns the number of an id, null if it has none. Good until the next insertion.
  const uint32_t* Find(uint64_t id) const {
    if (slots_.empty()) {
      for (size_t i = 0; i < size_; ++i) {
        if (few_[i].id == id) return &few_[i].number;
      }
      return nullptr;
    }
    const Slot& slot = slots_[SlotOf(id)];
    return slot.id == id ? &slot.number : nullptr;
  }

  // Returns the number of an id, 0 if it had none before.
  // REQUIRES: id is not 0.
  uint32_t& operator[](uint64_t id) {
    COTEXT_DCHECK(id != 0);
    if (slots_.empty()) {
      for (size_t i = 0; i < size_; ++i) {
        if (few_[i].id == id) return few_[i].number;
      }
      if (size_ < kFew) {
        few_[size_].id = id;
        return few_[size_++].number;
      }
    }
    if (2 * (size_ + 1) > slots_.size()) Grow();
    Slot& slot = slots_[SlotOf(id)];
    if (slot.id == 0) {
      slot.id = id;
      ++size_;
    }
    return slot.number;
  }

  uint64_t AllocatedBytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t id = 0;
    uint32_t number = 0;
  };

  static constexpr size_t kFew = 4;
  static constexpr size_t kFirstSlots = 16;

  // Returns the slot that holds an id, or the free one where it belongs.
  size_t SlotOf(uint64_t id) const {
    const auto bits = static_cast<unsigned>(std::countr_zero(slots_.size()));
    auto at = static_cast<size_t>((id * 0x9e3779b97f4a7c15U) >> (64U - bits));
    while (slots_[at].id != id && slots_[at].id != 0) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  void Grow() {
    const bool had_few = slots_.empty();
    std::vector<Slot> old(had_few ? kFirstSlots : 2 * slots_.size());
    std::swap(old, slots_);
    for (const Slot& slot : had_few ? std::span<const Slot>(few_) : std::span<const Slot>(old)) {
      if (slot.id != 0) slots_[SlotOf(slot.id)] = slot;
    }
  }

  std::array<Slot, kFew> few_{};  // In the order in which they came, until there are more.
  std::vector<Slot> slots_;       // A power of two of them.
  size_t size_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_ID_MAP_H_
