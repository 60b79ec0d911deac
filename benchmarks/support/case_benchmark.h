// Cases (timed_case.h) as Google Benchmarks.
#ifndef COTEXT_BENCHMARKS_SUPPORT_CASE_BENCHMARK_H_
#define COTEXT_BENCHMARKS_SUPPORT_CASE_BENCHMARK_H_

#include <benchmark/benchmark.h>

#include <cstdint>

#include "benchmarks/support/timed_case.h"
#include "document/check.h"
#include "tools/freed_memory.h"

namespace cotext {

// Runs a case of state.range(0) operations, by the case's own clock.
inline void TimeCase(benchmark::State& state, TimedCase run) {
  const auto n = static_cast<uint64_t>(state.range(0));
  double seconds = 0;
  uint64_t seed = 0;
  for (auto _ : state) {
    const Sample sample = run(n, ++seed);
    COTEXT_CHECK(sample.correct);
    state.SetIterationTime(sample.seconds);
    seconds += sample.seconds;
  }
  state.counters["ns_per_op"] = seconds * 1e9 / static_cast<double>(seed * n);
}

// Registers a case at powers of ten in [smallest, largest].
inline void RegisterCase(const char* name, TimedCase run, int64_t smallest, int64_t largest) {
  benchmark::RegisterBenchmark(name, TimeCase, run)
      ->RangeMultiplier(10)
      ->Range(smallest, largest)
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime();
}

// What a main function does once the benchmarks are registered.
inline int RunBenchmarks(int argc, char** argv) {
  KeepFreedMemory();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_CASE_BENCHMARK_H_
