// Who wrote what: the author of every character of a text, by ranges.
//
// An element never changes hands, so this is the ids of the visible elements in document order,
// with consecutive ones joined. Undo is an edit like any other: text that it brought back was
// written by whoever undid.
//
// O(log n) + O(1) per run of the range and per author within it; of a checkout, O(runs).
#ifndef COTEXT_CRDT_BLAME_H_
#define COTEXT_CRDT_BLAME_H_

#include <cstdint>
#include <vector>

#include "crdt/checkout.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/offset.h"

namespace cotext {

// Characters that one replica wrote with consecutive counters.
struct BlameRange {
  CodePointOffset begin;
  uint64_t length;
  OpId first;  // Of the first character; each of the others has the next counter.

  // Returns the id of the last character. As a frontier, it is the version that wrote the range.
  OpId last() const {
    return OpId{.counter = first.counter + length - 1, .replica = first.replica};
  }
  friend bool operator==(const BlameRange&, const BlameRange&) = default;
};

// Returns the ranges of the text in [begin, end), as few as there can be, from the first on. They
// tile it.
// REQUIRES: begin <= end, which is at most the length of the text.
std::vector<BlameRange> Blame(const Rga& rga, CodePointOffset begin, CodePointOffset end);

// Returns those of the whole text of a checkout of `rga`.
std::vector<BlameRange> Blame(const Rga& rga, const Checkout& checkout);

}  // namespace cotext

#endif  // COTEXT_CRDT_BLAME_H_
