// A bit per number, set and searched by ranges: which elements are deleted.
//
// Set and AlikeFrom are O(count / 64).
#ifndef COTEXT_CRDT_BIT_RANGES_H_
#define COTEXT_CRDT_BIT_RANGES_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cotext {

class BitRanges {
 public:
  // All of [0, size) begin unset.
  explicit BitRanges(uint32_t size) : words_(size_t{size} / kBits + 1) {}

  // Sets [first, first + count).
  // REQUIRES: it is within the size, here and below.
  void Set(uint32_t first, uint32_t count) {
    size_t begin = first;
    const size_t end = begin + count;
    while (begin < end) {
      const size_t stop = std::min(end, (begin / kBits + 1) * kBits);
      const uint64_t ones = ~uint64_t{0} >> (kBits - (stop - begin));
      words_[begin / kBits] |= ones << begin % kBits;
      begin = stop;
    }
  }

  bool At(uint32_t number) const { return (words_[number / kBits] >> number % kBits & 1U) != 0; }

  // Returns how many numbers from `first` on, at most `limit`, are alike.
  uint32_t AlikeFrom(uint32_t first, uint32_t limit) const {
    const uint64_t flip = At(first) ? ~uint64_t{0} : 0;
    size_t at = first;
    const size_t end = at + limit;
    while (at < end) {
      const uint64_t unlike = (words_[at / kBits] ^ flip) >> at % kBits;
      if (unlike != 0) {
        at += static_cast<size_t>(std::countr_zero(unlike));
        break;
      }
      at = (at / kBits + 1) * kBits;
    }
    return static_cast<uint32_t>(std::min(at, end) - first);
  }

  // Calls visit(first, count) for every stretch of set numbers in [0, end), ascending.
  template <typename Visitor>
  void ForEachSet(uint32_t end, Visitor visit) const {
    for (uint32_t at = 0; at < end;) {
      const uint32_t count = AlikeFrom(at, end - at);
      if (At(at)) visit(at, count);
      at += count;
    }
  }

 private:
  static constexpr size_t kBits = 64;
  std::vector<uint64_t> words_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_BIT_RANGES_H_
