// Integration of remote changes, in causal order, as cases of n operations of one character.
//
// A receiver that has what the others began with gets one change after another, as from a live
// session, unless a case says that they come as one update.
#ifndef COTEXT_BENCHMARKS_SUPPORT_REMOTE_CASES_H_
#define COTEXT_BENCHMARKS_SUPPORT_REMOTE_CASES_H_

#include <cstdint>

#include "benchmarks/support/timed_case.h"

namespace cotext {

// One remote author; scripts as in edit_script.h.
Sample KeystrokesTyping(uint64_t n, uint64_t seed);
Sample KeystrokesClustered(uint64_t n, uint64_t seed);
Sample KeystrokesScattered(uint64_t n, uint64_t seed);
Sample KeystrokesPrepending(uint64_t n, uint64_t seed);
Sample KeystrokesPingPong(uint64_t n, uint64_t seed);
// Somebody listens to the receiver's deltas.
Sample ObservedKeystrokes(uint64_t n, uint64_t seed);
// The same edits as one change.
Sample OneChangeClustered(uint64_t n, uint64_t seed);
Sample OneChangeScattered(uint64_t n, uint64_t seed);

// Concurrent inserts, one by each of n replicas; see concurrent_history.h.
Sample SiblingsEqualCounters(uint64_t n, uint64_t seed);
Sample SiblingsDistinctCounters(uint64_t n, uint64_t seed);
Sample SpreadSiblings(uint64_t n, uint64_t seed);

// n replicas with one operation each, every one of which knows all before it: appended, or at
// random places.
Sample ReplicaChain(uint64_t n, uint64_t seed);
Sample ReplicaCrowd(uint64_t n, uint64_t seed);

// Two branches from a text of 10,000 characters, n / 2 edits each: both received in turns; or one
// received as an update by the author of the other.
Sample TwoBranches(uint64_t n, uint64_t seed);
Sample MergeBranch(uint64_t n, uint64_t seed);
// Two branches received in turns, and every edit of them by one of n / 20 authors who share the
// branch: the replica's previous operation is far behind its change's parent.
Sample TwoCrowds(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_REMOTE_CASES_H_
