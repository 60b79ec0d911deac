// A merge sort from the bottom up: runs of a few elements are sorted by insertion, then neighbours
// are merged, to and fro between the elements and a copy.
#include "document/sort.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace cotext {
namespace {

constexpr size_t kRun = 8;  // Below that, insertion takes fewer steps than merging.

// Elements seen as bytes.
struct Elements {
  size_t size;
  ElementsInOrder comes_before;
  const void* context;

  bool InOrder(const std::byte* left, const std::byte* right) const {
    return !comes_before(context, right, left);
  }

  // Returns how many elements in front are sorted already.
  size_t SortedPrefix(const std::byte* all, size_t count) const {
    size_t sorted = std::min<size_t>(count, 1);
    while (sorted < count && InOrder(all + (sorted - 1) * size, all + sorted * size)) ++sorted;
    return sorted;
  }

  // Sorts a run. `spare` has room for an element.
  void Insert(std::byte* run, size_t count, std::byte* spare) const {
    for (size_t i = 1; i < count; ++i) {
      std::byte* const from = run + i * size;
      size_t to = i;
      while (to > 0 && !InOrder(run + (to - 1) * size, from)) --to;
      if (to == i) continue;
      std::byte* const place = run + to * size;
      std::memcpy(spare, from, size);
      std::memmove(place + size, place, (i - to) * size);
      std::memcpy(place, spare, size);
    }
  }

  // Merges [from, middle) and [middle, end), which are sorted.
  void Merge(const std::byte* from, const std::byte* middle, const std::byte* end,
             std::byte* to) const {
    const std::byte* left = from;
    const std::byte* right = middle;
    while (left != middle && right != end) {
      const std::byte*& next = InOrder(left, right) ? left : right;
      std::memcpy(to, next, size);
      next += size;
      to += size;
    }
    const auto rest = static_cast<size_t>(middle - left);
    if (rest > 0) std::memcpy(to, left, rest);
    if (right != end) std::memcpy(to + rest, right, static_cast<size_t>(end - right));
  }
};

}  // namespace

void SortElements(void* elements, size_t count, size_t size, ElementsInOrder comes_before,
                  const void* context) {
  const Elements as{.size = size, .comes_before = comes_before, .context = context};
  auto* const all = static_cast<std::byte*>(elements);
  if (as.SortedPrefix(all, count) == count) return;
  // New memory is aligned for any type that is not over-aligned, which none here is.
  std::vector<std::byte> copy(count * size);
  for (size_t i = 0; i < count; i += kRun) {
    as.Insert(all + i * size, std::min(kRun, count - i), copy.data());
  }
  std::byte* from = all;
  std::byte* to = copy.data();
  for (size_t run = kRun; run < count; run *= 2) {
    for (size_t i = 0; i < count; i += 2 * run) {
      const size_t middle = std::min(i + run, count);
      const size_t end = std::min(i + 2 * run, count);
      as.Merge(from + i * size, from + middle * size, from + end * size, to + i * size);
    }
    std::swap(from, to);
  }
  if (from != all) std::memcpy(all, from, count * size);
}

}  // namespace cotext
