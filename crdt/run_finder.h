// Finds, among runs that tile the numbers from 0 on, the one that holds a number.
//
// The runs stand in a list of the owner's, each beginning where the one before ends. For every
// kPage numbers this remembers the run that the first of them is in; a search looks only between
// two of those.
//
// Add is O(1) amortised, Find O(log of the runs in kPage numbers). Memory: 4 / kPage bytes a
// number.
#ifndef COTEXT_CRDT_RUN_FINDER_H_
#define COTEXT_CRDT_RUN_FINDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/container/inlined_vector.h"

namespace cotext {

// Returns the last of the runs number `low` to `high` - 1 that begins at or before `at`.
// REQUIRES: the first of them does.
template <typename BeginOf>
uint32_t LastRunFrom(uint32_t at, uint32_t low, uint32_t high, BeginOf begin_of) {
  // Which half it is cannot be predicted, so there is no branch on it.
  for (uint32_t count = high - low; count > 1;) {
    const uint32_t half = count / 2;
    low += begin_of(low + half) <= at ? half : 0;
    count -= half;
  }
  return low;
}

class RunFinder {
 public:
  // A run is 10 to 20 numbers long in recorded editing: this is a search of two steps.
  static constexpr uint32_t kPage = 64;

  // Makes room for runs up to number `end`.
  void Reserve(uint32_t end) { hints_.reserve(end / kPage + 1); }

  // Says that the next run, number `run`, begins at `first`. A run may begin where the one before
  // does, which then is never found.
  void Add(uint32_t first, uint32_t run) {
    // Nearly all runs begin inside the last page.
    if (first >= end_ || first % kPage == 0) AddToPages(first, run);
  }

  // The same for runs number `run` to `runs` - 1.
  template <typename BeginOf>
  void AddAll(uint32_t run, uint32_t runs, BeginOf begin_of) {
    if (run == runs) return;
    // A page is told of every run that begins since the one before, without a branch: the last of
    // them holds its first number. It may be a page behind the last.
    const size_t old_pages = hints_.size();
    const size_t pages = begin_of(runs - 1) / kPage + 1;
    hints_.resize(pages + 1);
    const std::span<uint32_t> hints(hints_.data(), pages + 1);
    if (run > 0) hints[old_pages] = run - 1;
    for (; run < runs; ++run) {
      const uint32_t first = begin_of(run);
      hints[first / kPage + (first % kPage != 0 ? 1 : 0)] = run;
    }
    for (size_t page = std::max<size_t>(old_pages, 1); page < pages; ++page) {
      hints[page] = std::max(hints[page], hints[page - 1]);
    }
    hints_.resize(pages);
    end_ = uint64_t{pages} * kPage;
  }

  // Returns the last run that begins at or before `at`; `begin_of(run)` says where one begins.
  // REQUIRES: at is not before the first run; `runs` is their number.
  template <typename BeginOf>
  uint32_t Find(uint32_t at, uint32_t runs, BeginOf begin_of) const {
    const size_t page = at / kPage;
    // Behind the last page begins no run.
    if (page >= hints_.size()) return runs - 1;
    uint32_t low = hints_[page];
    const uint32_t high = page + 1 < hints_.size() ? hints_[page + 1] + 1 : runs;
    // Where all runs are of length 1, as what many replicas do at once, this is the one.
    const uint32_t guess = low + at % kPage;
    if (guess < high && begin_of(guess) == at && (guess + 1 == runs || begin_of(guess + 1) > at)) {
      return guess;
    }
    return LastRunFrom(at, low, high, begin_of);
  }

  uint64_t AllocatedBytes() const {
    return hints_.capacity() > kInlined ? hints_.capacity() * sizeof(uint32_t) : 0;
  }

 private:
  [[gnu::noinline]] void AddToPages(uint32_t first, uint32_t run) {
    if (first >= end_) {
      // The pages that begin before the run are in the one before it.
      while (hints_.size() <= first / kPage) hints_.push_back(run > 0 ? run - 1 : 0);
      end_ = (uint64_t{first} / kPage + 1) * kPage;
    }
    if (first % kPage == 0) hints_.back() = run;
  }

  static constexpr size_t kInlined = 4;

  absl::InlinedVector<uint32_t, kInlined> hints_;  // By page: the run that its first number is in.
  uint64_t end_ = 0;                               // Where the next page would begin.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RUN_FINDER_H_
