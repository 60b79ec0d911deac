// A set of states by their hashes, 64 bits each, of which there may be some hundred millions.
//
// Some ten bytes a state: it is kept in many tables, of which one at a time grows, by a quarter.
// O(1) amortised.
#ifndef COTEXT_TESTS_SYNC_STATE_SET_H_
#define COTEXT_TESTS_SYNC_STATE_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cotext::sync {

class StateSet {
 public:
  // Returns whether it is new.
  bool Add(uint64_t hash) {
    const uint64_t key = hash == 0 ? 1 : hash;  // 0 is a place that is free.
    Table& table = tables_[key % kTables];
    if (table.size * 5 >= table.places.size() * 4) Grow(table);
    uint64_t& place = Find(table.places, key);
    if (place == key) return false;
    place = key;
    ++table.size;
    ++size_;
    return true;
  }

  uint64_t size() const { return size_; }

 private:
  static constexpr size_t kTables = 256;

  struct Table {
    std::vector<uint64_t> places;
    size_t size = 0;
  };

  // Returns where a key is, or is to be. The keys of a table have their lowest bits in common, so
  // the others say where.
  static uint64_t& Find(std::vector<uint64_t>& places, uint64_t key) {
    size_t at = static_cast<size_t>((key >> 32U) * places.size() >> 32U);
    while (places[at] != 0 && places[at] != key) at = at + 1 == places.size() ? 0 : at + 1;
    return places[at];
  }

  static void Grow(Table& table) {
    std::vector<uint64_t> places(table.places.size() * 5 / 4 + 64);
    for (const uint64_t key : table.places) {
      if (key != 0) Find(places, key) = key;
    }
    table.places = std::move(places);
  }

  std::array<Table, kTables> tables_;
  uint64_t size_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_STATE_SET_H_
