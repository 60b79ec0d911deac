// What two sequences of numbers do not share: the least inserts and deletes that lead from one to
// the other, if they are found within a limit, or else few.
//
// The algorithm is Myers's with middle snakes: time O((N + M) D) and memory O(N + M) for N and M
// elements that differ by D deletes and inserts. Past the limit a search ends after a few paid
// steps and takes the walk that got furthest, as GNU diff does where it is "too expensive": what
// was changed here and there is still found, at a cost that does not grow with D.
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

// How long to look. A step compares two elements or visits one diagonal of the search, in about a
// nanosecond.
struct DiffEffort {
  uint64_t exact_steps = 0;   // For the least difference; 2 (N + M)^2 always suffice.
  uint64_t greedy_steps = 0;  // For what is not decided then; some 256 (N + M) mostly suffice.
};

// Returns the ranges that differ, in order. What lies between two of them is equal and not empty.
// After all steps, and at most one pass over both sequences more, what is not decided yet is
// replaced as a whole.
std::vector<ReplacedRange> DiffSequences(std::span<const uint32_t> before,
                                         std::span<const uint32_t> after, DiffEffort effort);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SEQUENCE_DIFF_H_
