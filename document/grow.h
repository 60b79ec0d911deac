// Makes room in a vector by steps of half of it.
//
// A document is a few large vectors. One that doubles is over a quarter empty on average, and while
// it moves there is three times what it holds; so less memory is kept, and less at most, for
// elements that move twice in the long run instead of once.
#ifndef COTEXT_DOCUMENT_GROW_H_
#define COTEXT_DOCUMENT_GROW_H_

#include <algorithm>
#include <cstddef>

#include "document/made_for_size.h"

namespace cotext {

// Makes room for `more` elements behind those of `vector`. Amortised O(more).
template <typename Vector>
[[gnu::always_inline]] inline void MakeRoomFor(Vector& vector, size_t more) {
  const size_t size = vector.size();
  // This is a hundred bytes for every vector: where they are too many, it doubles.
  if (kMadeForSize && more == 1) return;
  const size_t step = kMadeForSize ? size : size / 2;
  if (vector.capacity() - size < more) [[unlikely]] {
    vector.reserve(size + std::max(more, step));
  }
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_GROW_H_
