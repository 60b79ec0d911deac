// What two sequences of numbers do not share: the least inserts and deletes that lead from one to
// the other, if they are found within a limit.
//
// The algorithm is Myers's with middle snakes: time O((N + M) D) and memory O(N + M) for N and M
// elements that differ by D deletes and inserts.
//
// E. W. Myers: "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1, 1986.
#ifndef COTEXT_DOCUMENT_SEQUENCE_DIFF_H_
#define COTEXT_DOCUMENT_SEQUENCE_DIFF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cotext {

// The elements [before_begin, before_end) of one sequence become [after_begin, after_end) of the
// other.
struct ReplacedRange {
  size_t before_begin = 0;
  size_t before_end = 0;
  size_t after_begin = 0;
  size_t after_end = 0;
  friend bool operator==(const ReplacedRange&, const ReplacedRange&) = default;
};

// Returns the ranges that differ, in order. What lies between two of them is equal and not empty.
//
// A step compares two elements or visits one diagonal of the search, in about a nanosecond. After
// `max_steps` of them, and at most one pass over both sequences more, what is not decided yet is
// replaced as a whole. With 2 (N + M)^2 steps the result is minimal.
std::vector<ReplacedRange> DiffSequences(std::span<const uint32_t> before,
                                         std::span<const uint32_t> after, uint64_t max_steps);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SEQUENCE_DIFF_H_
