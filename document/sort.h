// Sorting: std::ranges::sort natively. Where code is downloaded before it runs, in WebAssembly, one
// merge sort for all types instead, to which elements are bytes: each type of its own would have
// some two kilobytes of code, a tenth of the module.
//
// What compares equal may end up in any order, and in another one there: nothing may depend on it.
#ifndef COTEXT_DOCUMENT_SORT_H_
#define COTEXT_DOCUMENT_SORT_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <ranges>
#include <type_traits>
#include <utility>

#include "document/made_for_size.h"

namespace cotext {

// Whether one element comes before another.
using ElementsInOrder = bool (*)(const void* context, const void* left, const void* right);

// Sorts `count` elements of `size` bytes each, which may be moved as bytes. Equal ones keep their
// order. O(n log n) comparisons, n of what is sorted already; memory for another n.
void SortElements(void* elements, size_t count, size_t size, ElementsInOrder comes_before,
                  const void* context);

// Sorts by SortElements.
template <typename Range, typename Compare = std::ranges::less, typename Projection = std::identity>
void SortAsBytes(Range& range, Compare compare = {}, Projection projection = {}) {
  using Value = std::ranges::range_value_t<Range>;
  static_assert(std::ranges::contiguous_range<Range>);
  static_assert(std::is_trivially_copy_constructible_v<Value>);  // Of a pair that is all there is.
  static_assert(std::is_trivially_destructible_v<Value>);
  const auto comes_before = [&compare, &projection](const Value& left, const Value& right) {
    return static_cast<bool>(
        std::invoke(compare, std::invoke(projection, left), std::invoke(projection, right)));
  };
  SortElements(
      std::ranges::data(range), std::ranges::size(range), sizeof(Value),
      [](const void* context, const void* left, const void* right) {
        return (*static_cast<decltype(&comes_before)>(context))(*static_cast<const Value*>(left),
                                                                *static_cast<const Value*>(right));
      },
      &comes_before);
}

template <typename Range, typename Compare = std::ranges::less, typename Projection = std::identity>
void Sort(Range& range, Compare compare = {}, Projection projection = {}) {
  if constexpr (kMadeForSize) {
    SortAsBytes(range, std::move(compare), std::move(projection));
  } else {
    std::ranges::sort(range, std::move(compare), std::move(projection));
  }
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SORT_H_
