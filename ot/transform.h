// Transform: an edit rewritten for the text that a concurrent edit has left behind.
//
// In base coordinates a delta is a set of deleted base characters and a string for each gap between
// them. Transforming changes neither, only the coordinates: what the other one deletes too
// vanishes, what it inserts is retained. Where both insert into one gap, the left one's text comes
// first, so that for two deltas with one base
//
//     Compose(left, right') and Compose(right, left') make the same text      (TP1)
//
// for {left', right'} = TransformPair(left, right). Results are structurally those of
// ot-text-unicode. Nothing is promised about three concurrent deltas (TP2 does not hold), nor about
// compositions: over Compose(a, b) a delta may come out another than over a and then b, see
// docs/OT.md. Deletes keep their text where they have it; where deletes with and without text come
// to lie side by side they merge, and it is lost.
//
// Everything is linear in the bytes of both deltas. Errors: kDeltaMismatch if both delete the same
// characters with different texts, so that they cannot have one base; kTooLarge if a text that both
// apply to, with the inserts of both, could exceed Delta::kMaxLength.
#ifndef COTEXT_OT_TRANSFORM_H_
#define COTEXT_OT_TRANSFORM_H_

#include <cstdint>
#include <expected>

#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"

namespace cotext {

// Whose text comes first where two deltas insert into one gap: the left one's.
enum class Side : uint8_t { kLeft, kRight };

// Returns `delta` for the text after `over`, of the same base; `side` is that of `delta`.
Expected<Delta> Transform(const Delta& delta, const Delta& over, Side side);

struct TransformedPair {
  Delta left;   // For the text after the right one.
  Delta right;  // For the text after the left one.
  friend bool operator==(const TransformedPair&, const TransformedPair&) = default;
};

// Returns both deltas, each for the text after the other.
Expected<TransformedPair> TransformPair(const Delta& left, const Delta& right);

// A range of a text, half-open.
struct CodePointRange {
  CodePointOffset begin;
  CodePointOffset end;
  friend bool operator==(const CodePointRange&, const CodePointRange&) = default;
};

// Returns where a range of the base is found after `delta`. Text inserted at its ends stays
// outside, text inserted within comes in. An empty range is a caret, which moves as
// TransformPosition says. REQUIRES: range.begin <= range.end.
CodePointRange TransformRange(const Delta& delta, CodePointRange range, Bias caret_bias);

// Returns the error of transforming deltas of these lengths over each other, if their length alone
// forbids it. The longer base and both results together bound every length that can arise.
Expected<void> CheckTransformedLengths(uint64_t base_length, uint64_t target_length,
                                       const Delta& other);

// The error of two deltas that delete [begin, end) of their base, each with another text.
std::unexpected<Error> DeletesDiffer(uint64_t begin, uint64_t end);

}  // namespace cotext

#endif  // COTEXT_OT_TRANSFORM_H_
