// A loop over what a predicate holds for, where that cannot be predicted.
//
// Whether an operation inserts or deletes, or a run is deleted, is as good as random to a
// processor, and each wrong guess costs as much as the rest of such a loop. So what the predicate
// holds for is found without a branch, some at a time. Where all is made for size, it is an `if`.
#ifndef COTEXT_DOCUMENT_FOR_EACH_WHERE_H_
#define COTEXT_DOCUMENT_FOR_EACH_WHERE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "document/made_for_size.h"

namespace cotext {

// Calls visit(i) for every i in [0, count) for which predicate(i) is true, ascending. The predicate
// is asked up to 64 ahead of the visits.
template <typename Predicate, typename Visit>
void ForEachWhere(size_t count, Predicate predicate, Visit visit) {
  constexpr size_t kBlock = 64;
  if constexpr (kMadeForSize) {
    for (size_t i = 0; i < count; ++i) {
      if (predicate(i)) visit(i);
    }
    return;
  }
  std::array<uint8_t, kBlock> found;
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t size = std::min(kBlock, count - begin);
    size_t found_size = 0;
    for (size_t i = 0; i < size; ++i) {
      found[found_size] = static_cast<uint8_t>(i);
      found_size += predicate(begin + i) ? 1 : 0;
    }
    for (size_t i = 0; i < found_size; ++i) visit(begin + found[i]);
  }
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_FOR_EACH_WHERE_H_
