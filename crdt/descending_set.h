// A set of numbers that are taken out from the greatest on, while lesser ones are still added: the
// walk from a version into its past, which must not visit anything twice.
//
// Numbers just below the last one taken are bits in a window of words, those further below wait in
// a heap. Add and Take are O(1) near each other, O(log n) otherwise; nothing depends on how far
// apart the numbers are.
#ifndef COTEXT_CRDT_DESCENDING_SET_H_
#define COTEXT_CRDT_DESCENDING_SET_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cotext {

class DescendingSet {
 public:
  // The numbers are below `limit`.
  explicit DescendingSet(uint32_t limit) : top_(limit) {}

  // Adds a number, which may be there already.
  // REQUIRES: it is less than the last one taken, and Take has not come to the end.
  void Add(uint32_t number) {
    const uint32_t offset = top_ - number;
    if (offset < kWindow) {
      window_[offset / kBits] |= uint64_t{1} << offset % kBits;
    } else {
      AddFar(number);
    }
  }

  // Takes the greatest number out; nothing if there is none.
  std::optional<uint32_t> Take() {
    while (true) {
      for (; word_ < window_.size(); ++word_) {
        if (window_[word_] == 0) continue;
        const auto bit = static_cast<uint32_t>(std::countr_zero(window_[word_]));
        window_[word_] &= window_[word_] - 1;
        return top_ - (static_cast<uint32_t>(word_) * kBits + bit);
      }
      if (far_.empty()) return std::nullopt;
      MoveWindow();
    }
  }

 private:
  static constexpr uint32_t kBits = 64;
  // Walks in recorded histories take steps of a few numbers; a long window costs to clear and to
  // scan.
  static constexpr uint32_t kWindow = 8 * kBits;

  // Rare, and so not part of the walks.
  [[gnu::noinline]] void AddFar(uint32_t number) {
    far_.push_back(number);
    std::ranges::push_heap(far_);
  }

  // Puts the empty window where the greatest of the far numbers is.
  void MoveWindow() {
    top_ = far_.front();
    word_ = 0;
    while (!far_.empty() && top_ - far_.front() < kWindow) {
      const uint32_t number = far_.front();
      std::ranges::pop_heap(far_);
      far_.pop_back();
      Add(number);
    }
  }

  std::array<uint64_t, kWindow / kBits> window_{};  // Bit i, from the first word on, is top_ - i.
  uint32_t top_;
  size_t word_ = 0;  // The words before it are empty.
  std::vector<uint32_t> far_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_DESCENDING_SET_H_
