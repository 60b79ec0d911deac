// The difference of two texts as a delta: the least inserted and deleted text, or nearly so.
//
// What is common at both ends is set aside. A long rest is compared by lines first, so that the
// text between two distant changes is kept however large they are; then every range of lines that
// differs, or all of a short rest, is compared by characters. A comparison that is not done after
// kDiffStepsPerByte steps for each byte of both texts, or kMaxExactDiffSteps, goes on greedily, and
// after kDiffStepsPerByte steps a byte more replaces what it has not decided as a whole; so the
// time is O(N log N) for N bytes in all. A rest of at most kDiffStepsPerByte / 2 characters gets a
// minimal difference.
#ifndef COTEXT_DOCUMENT_TEXT_DIFF_H_
#define COTEXT_DOCUMENT_TEXT_DIFF_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "document/delta.h"

namespace cotext {

// See DiffSequences for what a step is: two unrelated texts of a megabyte each, without line ends,
// take about a second.
inline constexpr size_t kDiffStepsPerByte = 256;

// The least difference of long texts is looked for no longer than about a twentieth of a second:
// what a greedy search finds is, for text edited at random, within a few percent of it.
inline constexpr uint64_t kMaxExactDiffSteps = uint64_t{1} << 25U;

// Two rests of more bytes than this in all are compared by lines first. Below, comparing characters
// takes about a millisecond at most, and may keep more.
inline constexpr size_t kDiffByLinesAboveBytes = 4096;

// Returns a delta that makes `after` of `before`. Its deletes carry their texts; where a text is
// replaced, the insert comes first. With `steps_max`, for whoever may not take long, no comparison
// of long texts gets more steps a byte than that many for all bytes together: four times as many at
// most in all, and what is not decided then is replaced.
// REQUIRES: both are valid UTF-8 of at most Delta::kMaxLength code points.
Delta DiffTexts(std::string_view before, std::string_view after, uint64_t steps_max = UINT64_MAX);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_TEXT_DIFF_H_
