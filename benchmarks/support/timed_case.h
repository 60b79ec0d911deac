// A case to be timed: it prepares its input, runs the clock over nothing but the operations in
// question, and compares the text with what it must be.
#ifndef COTEXT_BENCHMARKS_SUPPORT_TIMED_CASE_H_
#define COTEXT_BENCHMARKS_SUPPORT_TIMED_CASE_H_

#include <cstdint>

namespace cotext {

struct Sample {
  double seconds = 0;
  bool correct = false;
};

// Runs a case of `n` operations. The seed decides all that is random in it.
using TimedCase = Sample (*)(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_TIMED_CASE_H_
