// What clients of an OT document send, and what servers make of it.
//
// A revision counts the operations committed so far: the text at revision 0 is the empty one, or
// what the document was made with, and the operation committed as revision r makes the text at r of
// the one at r - 1. An OtClientId is a random nonzero integer below 2^53, exact in JavaScript. It
// names an author over all his connections and restarts, with one writer at a time; that author
// numbers his submissions 1, 2, 3, ... A number never stands for two operations, so a submission
// may be sent as often as one likes.
#ifndef COTEXT_OT_SUBMISSION_H_
#define COTEXT_OT_SUBMISSION_H_

#include <compare>
#include <cstdint>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

// Client ids and sequence numbers stay below this.
inline constexpr uint64_t kOtIdLimit = uint64_t{1} << 53U;
// What is counted on for a lifetime from a number of outside that is below this stays below half of
// kOtIdLimit, which leaves room for a flag beside it.
inline constexpr uint64_t kOtCountLimit = kOtIdLimit / 4;

struct OtClientId {
  uint64_t value = 0;
  friend constexpr auto operator<=>(OtClientId, OtClientId) = default;
};

constexpr bool IsValid(OtClientId client) { return client.value > 0 && client.value < kOtIdLimit; }

// An operation as its author sent it.
struct OtSubmission {
  OtClientId client;
  uint64_t seq = 0;   // From 1.
  uint64_t base = 0;  // The revision of the text that the operation is for.
  Delta operation;

  friend bool operator==(const OtSubmission&, const OtSubmission&) = default;
};

// An operation with its place in the order of the document.
struct OtCommit {
  uint64_t revision = 0;  // Of the text after it; it applies to the one before.
  OtClientId client;
  uint64_t seq = 0;
  Delta operation;

  friend bool operator==(const OtCommit&, const OtCommit&) = default;
};

// Returns whether a submission that was refused for this reason is decided: it will never be
// committed, and its author goes on with the next number. Otherwise he cannot go on under his id.
constexpr bool IsDecision(ErrorCode refusal) {
  return refusal == ErrorCode::kUnknownRevision || refusal == ErrorCode::kTooOld ||
         refusal == ErrorCode::kDeltaMismatch || refusal == ErrorCode::kTooLarge;
}

}  // namespace cotext

#endif  // COTEXT_OT_SUBMISSION_H_
