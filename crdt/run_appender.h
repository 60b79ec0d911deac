// Collects elements in document order as runs (ElementRun) of a limited length.
#ifndef COTEXT_CRDT_RUN_APPENDER_H_
#define COTEXT_CRDT_RUN_APPENDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/local_index.h"

namespace cotext {

class RunAppender {
 public:
  explicit RunAppender(uint32_t max_length) : max_length_(max_length) {}

  void Reserve(size_t runs) { runs_.reserve(runs); }

  // Returns the element numbered next to the last one; element 0 if there is none.
  Lv end() const { return runs_.empty() ? Lv{0} : runs_.back().first + runs_.back().length; }

  // Adds elements with consecutive Lvs. `chained`: the first has the one numbered before it as its
  // origin, so that they may go on in the last run if that ends there.
  void Add(Lv first, uint32_t length, bool deleted, bool chained) {
    if (chained && !runs_.empty()) {
      ElementRun& last = runs_.back();
      if (last.first + last.length == first && last.deleted == deleted) {
        const uint32_t taken = std::min(length, max_length_ - last.length);
        last.length += taken;
        first = first + taken;
        length -= taken;
      }
    }
    while (length > 0) {
      const uint32_t taken = std::min(length, max_length_);
      ElementRun& run = runs_.emplace_back();
      run.first = first;
      run.length = taken;
      run.deleted = deleted;
      first = first + taken;
      length -= taken;
    }
  }

  std::vector<ElementRun> Take() { return std::move(runs_); }

 private:
  uint32_t max_length_;
  std::vector<ElementRun> runs_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RUN_APPENDER_H_
