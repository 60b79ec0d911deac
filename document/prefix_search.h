// Searches among at most 32 small numbers that are too many to look at one by one and too few for a
// tree: the children of a node, the runs of a leaf.
//
// The searches take no branch that depends on the numbers: a branch taken wrongly costs as much as
// adding up all of them. Sums of eight become vector additions where the machine has vectors, and
// plain ones (as in WebAssembly) where it has none.
#ifndef COTEXT_DOCUMENT_PREFIX_SEARCH_H_
#define COTEXT_DOCUMENT_PREFIX_SEARCH_H_

#include <cstdint>
#include <type_traits>

namespace cotext {

inline constexpr uint32_t kPrefixSearchMax = 32;

struct PrefixFound {
  uint32_t index;
  uint64_t rest;  // The target less everything before the index.
};

namespace prefix_search_internal {

inline constexpr uint32_t kBlock = 8;

template <typename NumberAt>
auto SumOfBlock(uint32_t first, const NumberAt& number_at) {
  std::common_type_t<uint32_t, decltype(number_at(first))> sum = 0;
  for (uint32_t i = 0; i < kBlock; ++i) sum += number_at(first + i);
  return sum;
}

// Returns, among `kCount` numbers from number `first` on, the one with which their sum exceeds the
// target. Sums do not wait for comparisons, which all go on beside them.
template <uint32_t kCount, typename NumberAt>
PrefixFound SearchFrom(uint32_t first, uint64_t target, const NumberAt& number_at) {
  uint64_t sum = 0;
  uint64_t before = 0;
  for (uint32_t i = 0; i + 1 < kCount; ++i) {
    sum += number_at(i);
    const bool passed = sum <= target;
    first += passed ? 1 : 0;
    before = passed ? sum : before;
  }
  return PrefixFound{.index = first, .rest = target - before};
}

}  // namespace prefix_search_internal

// Returns the first of the numbers number_at(0), ..., number_at(31) with which their sum exceeds
// `target`.
// REQUIRES: the sum of all does, and fits into the type of the numbers, or 32 bits.
template <typename NumberAt>
PrefixFound SearchPrefixSums(uint64_t target, const NumberAt& number_at) {
  namespace internal = prefix_search_internal;
  const PrefixFound block = internal::SearchFrom<kPrefixSearchMax / internal::kBlock>(
      0, target, [&](uint32_t i) { return internal::SumOfBlock(i * internal::kBlock, number_at); });
  const uint32_t first = block.index * internal::kBlock;
  return internal::SearchFrom<internal::kBlock>(first, block.rest,
                                                [&](uint32_t i) { return number_at(first + i); });
}

// Returns the one of the indexes 0 to 31 for which `matches` is true.
// REQUIRES: there is exactly one.
template <typename Matches>
uint32_t SearchOnly(const Matches& matches) {
  uint32_t index = 0;
  for (uint32_t i = 0; i < kPrefixSearchMax; ++i) index += matches(i) ? i : 0;
  return index;
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_PREFIX_SEARCH_H_
