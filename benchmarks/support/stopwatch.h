// Times one call, by the clock that never goes backwards.
#ifndef COTEXT_BENCHMARKS_SUPPORT_STOPWATCH_H_
#define COTEXT_BENCHMARKS_SUPPORT_STOPWATCH_H_

#include <chrono>

namespace cotext {

// Returns how many seconds `work` took.
template <typename Work>
double Seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_STOPWATCH_H_
