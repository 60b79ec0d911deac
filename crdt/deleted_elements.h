// Which elements of a history were deleted.
#ifndef COTEXT_CRDT_DELETED_ELEMENTS_H_
#define COTEXT_CRDT_DELETED_ELEMENTS_H_

#include "crdt/bit_ranges.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"

namespace cotext {

// O(entries + elements / 64).
inline BitRanges DeletedElements(const OpLog& log) {
  BitRanges deleted(log.element_end().value);
  log.ForEachDelete([&deleted](const OpLog::Run& run) {
    const Lv first = run.backward ? run.reference - (run.length - 1) : run.reference;
    deleted.Set(first.value, run.length);
  });
  return deleted;
}

}  // namespace cotext

#endif  // COTEXT_CRDT_DELETED_ELEMENTS_H_
