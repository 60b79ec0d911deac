// Elements with consecutive Lvs.
#ifndef COTEXT_CRDT_ELEMENT_RANGE_H_
#define COTEXT_CRDT_ELEMENT_RANGE_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "crdt/local_index.h"

namespace cotext {

struct ElementRange {
  Lv first;
  uint32_t length;
  friend bool operator==(const ElementRange&, const ElementRange&) = default;
};

// Elements with consecutive Lvs that are neighbours in the document, all deleted or none.
struct ElementRun {
  Lv first;
  uint32_t length;
  bool deleted;
  friend bool operator==(const ElementRun&, const ElementRun&) = default;
};

// What one edit touches is nearly always one range.
using ElementRanges = absl::InlinedVector<ElementRange, 4>;

}  // namespace cotext

#endif  // COTEXT_CRDT_ELEMENT_RANGE_H_
