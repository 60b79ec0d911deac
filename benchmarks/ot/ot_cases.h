// The OT engine's algorithms as cases of n edits of a text of 8 n characters: three inserts of one
// to four characters to one delete, each at a random place, unless a case says otherwise.
//
// What comes out is compared with what the flat functions of Delta make of the same, or, where that
// would be quadratic, by the texts that both ways round lead to.
#ifndef COTEXT_BENCHMARKS_OT_OT_CASES_H_
#define COTEXT_BENCHMARKS_OT_OT_CASES_H_

#include <cstdint>

#include "benchmarks/support/timed_case.h"

namespace cotext {

// One TransformPair of two deltas, each of n edits.
Sample TransformLargePair(uint64_t n, uint64_t seed);

// n edits made one operation: in a tree, by halves, and one after the other.
Sample ComposeInTree(uint64_t n, uint64_t seed);
Sample ComposeByHalves(uint64_t n, uint64_t seed);
Sample ComposeByFolding(uint64_t n, uint64_t seed);
// The same in a tree for a text that is typed, with backspaces.
Sample ComposeTyping(uint64_t n, uint64_t seed);

// n edits transformed past an operation of n edits: in a tree, and by TransformPair one after the
// other.
Sample StreamPastTree(uint64_t n, uint64_t seed);
Sample StreamStepwise(uint64_t n, uint64_t seed);
// The same in a tree, where everybody inserts at one place, or deletes the whole text from its
// middle on.
Sample StreamAtOnePlace(uint64_t n, uint64_t seed);
Sample StreamDeletingAround(uint64_t n, uint64_t seed);

// A client with n edits of its own, composed one by one, and n revisions of the server that it has
// not seen: from the edits to its operation for the last revision, and to what it has to do to its
// text.
Sample Reconnect(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_OT_OT_CASES_H_
