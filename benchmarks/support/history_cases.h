// Looking into the past of documents of n edits; the time is that of one call, which is linear, so
// that per edit it may not grow beyond what caches cost.
#ifndef COTEXT_BENCHMARKS_SUPPORT_HISTORY_CASES_H_
#define COTEXT_BENCHMARKS_SUPPORT_HISTORY_CASES_H_

#include <cstdint>

#include "benchmarks/support/timed_case.h"

namespace cotext {

// Of n edits at random places, the text after half of them; what the others changed; who wrote it.
Sample CheckoutScattered(uint64_t n, uint64_t seed);
Sample DeltaScattered(uint64_t n, uint64_t seed);
Sample BlameScattered(uint64_t n, uint64_t seed);
// Of n replicas with one insert at the beginning each, none knowing another, the text that every
// other one makes.
Sample CheckoutCrowd(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_HISTORY_CASES_H_
