// Which elements are visible at a version, from the operations that it has.
#ifndef COTEXT_CRDT_VISIBLE_ELEMENTS_H_
#define COTEXT_CRDT_VISIBLE_ELEMENTS_H_

#include <utility>

#include "crdt/bit_ranges.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"

namespace cotext {

// Operations are applied in the order of arrival: a delete comes after the insert of what it
// deletes. O(entries + elements / 64).
class VisibleElements {
 public:
  // Begins with the base.
  explicit VisibleElements(const OpLog& log) : log_(log), visible_(log.element_end().value) {
    visible_.Set(0, log.base_end().value);
  }

  // Applies the operations [first, first + length).
  void Apply(OpIndex first, uint32_t length) {
    log_.ForEachIn(first, length, [this](const OpLog::Run& run) {
      if (run.is_insert) {
        visible_.Set(run.element.value, run.length);
      } else {
        const Lv low = run.backward ? run.reference - (run.length - 1) : run.reference;
        visible_.Clear(low.value, run.length);
      }
    });
  }

  // Returns a bit per element.
  BitRanges Take() { return std::move(visible_); }

 private:
  const OpLog& log_;
  BitRanges visible_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_VISIBLE_ELEMENTS_H_
