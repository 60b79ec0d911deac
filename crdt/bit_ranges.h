// A bit per number, set and searched by ranges: which elements are deleted, or visible.
//
// Set, Clear and AlikeFrom are O(count / 64), NextFrom O(distance / 64).
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

  // Sets [first, first + count), or unsets it.
  // REQUIRES: it is within the size, here and below.
  void Set(uint32_t first, uint32_t count) {
    ForEachWord(first, count, [](uint64_t& word, uint64_t ones) { word |= ones; });
  }
  void Clear(uint32_t first, uint32_t count) {
    ForEachWord(first, count, [](uint64_t& word, uint64_t ones) { word &= ~ones; });
  }
  void Set(uint32_t number) { words_[number / kBits] |= uint64_t{1} << number % kBits; }

  bool At(uint32_t number) const { return (words_[number / kBits] >> number % kBits & 1U) != 0; }

  // Returns how many numbers are set. O(size / 64).
  uint32_t Count() const {
    uint32_t count = 0;
    for (const uint64_t word : words_) count += static_cast<uint32_t>(std::popcount(word));
    return count;
  }

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

  // Returns the first set number from `first` on.
  // REQUIRES: there is one.
  uint32_t NextFrom(uint32_t first) const {
    size_t word = first / kBits;
    uint64_t bits = words_[word] >> first % kBits;
    if (bits != 0) return first + static_cast<uint32_t>(std::countr_zero(bits));
    do {
      bits = words_[++word];
    } while (bits == 0);
    return static_cast<uint32_t>(word * kBits) + static_cast<uint32_t>(std::countr_zero(bits));
  }

  // Calls visit(first, count) for every stretch of set numbers in [0, end), ascending.
  template <typename Visitor>
  void ForEachSet(uint32_t end, Visitor visit) const {
    for (uint64_t at = NextFrom(0, end, 0); at < end;) {
      const uint64_t first = at;
      at = NextFrom(at, end, ~uint64_t{0});
      visit(static_cast<uint32_t>(first), static_cast<uint32_t>(at - first));
      at = NextFrom(at, end, 0);
    }
  }

  // Sets every number at which a stretch of another begins, and every number behind a set one of
  // `ends`.
  // REQUIRES: all have the same size; this is as it began.
  void SetBegins(const BitRanges& of, const BitRanges& ends) {
    uint64_t of_before = 0;
    uint64_t end_before = 0;
    for (size_t word = 0; word < words_.size(); ++word) {
      const uint64_t changes = of.words_[word] ^ (of.words_[word] << 1U | of_before);
      words_[word] = changes | ends.words_[word] << 1U | end_before;
      of_before = of.words_[word] >> (kBits - 1);
      end_before = ends.words_[word] >> (kBits - 1);
    }
  }

 private:
  static constexpr size_t kBits = 64;

  // Returns the first number from `at` on that is set, or with all bits of `flip` set, that is not;
  // `end` if there is none before it.
  uint64_t NextFrom(uint64_t at, uint64_t end, uint64_t flip) const {
    while (at < end) {
      const uint64_t bits = (words_[static_cast<size_t>(at / kBits)] ^ flip) >> at % kBits;
      if (bits != 0) return std::min(end, at + static_cast<unsigned>(std::countr_zero(bits)));
      at = (at / kBits + 1) * kBits;
    }
    return end;
  }

  // Calls visit(word, ones) with the part of [first, first + count) that is in a word as ones.
  template <typename Visitor>
  void ForEachWord(uint32_t first, uint32_t count, Visitor visit) {
    size_t begin = first;
    const size_t end = begin + count;
    while (begin < end) {
      const size_t stop = std::min(end, (begin / kBits + 1) * kBits);
      const uint64_t ones = ~uint64_t{0} >> (kBits - (stop - begin));
      visit(words_[begin / kBits], ones << begin % kBits);
      begin = stop;
    }
  }

  std::vector<uint64_t> words_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_BIT_RANGES_H_
