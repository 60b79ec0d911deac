// The seeded generator behind every random test, workload and simulation: the same seed gives the
// same numbers on any machine. Not for secrets, and not for replica ids.
//
// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
#ifndef COTEXT_DOCUMENT_RANDOM_H_
#define COTEXT_DOCUMENT_RANDOM_H_

#include <cstdint>

#include "document/check.h"

namespace cotext {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15U;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  // Returns a number in [0, bound). The modulo's bias is below bound / 2^64 and does not matter
  // here. REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) {
    COTEXT_DCHECK(bound > 0);
    return Next() % bound;
  }

  // Returns a number in [low, high].
  // REQUIRES: low <= high.
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }

  // Is true `percent` times in a hundred.
  bool Chance(uint64_t percent) { return Below(100) < percent; }

 private:
  uint64_t state_;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_RANDOM_H_
