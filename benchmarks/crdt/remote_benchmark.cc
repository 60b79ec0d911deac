// Integrating remote changes, from one author to a replica per operation: the time of an operation
// should grow with log n. See benchmarks/support/remote_cases.h for the cases.
#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/remote_cases.h"

int main(int argc, char** argv) {
  using namespace cotext;
  constexpr int64_t kSmallest = 1'000;
  constexpr int64_t kLarge = 100'000;
  constexpr int64_t kLargest = 1'000'000;
  RegisterCase("KeystrokesTyping", KeystrokesTyping, kSmallest, kLarge);
  RegisterCase("KeystrokesClustered", KeystrokesClustered, kSmallest, kLarge);
  RegisterCase("KeystrokesScattered", KeystrokesScattered, kSmallest, kLarge);
  RegisterCase("KeystrokesPrepending", KeystrokesPrepending, kSmallest, kLarge);
  RegisterCase("KeystrokesPingPong", KeystrokesPingPong, kSmallest, kLarge);
  RegisterCase("ObservedKeystrokes", ObservedKeystrokes, kSmallest, kLarge);
  RegisterCase("OneChangeClustered", OneChangeClustered, kSmallest, kLargest);
  RegisterCase("OneChangeScattered", OneChangeScattered, kSmallest, kLargest);
  RegisterCase("SiblingsEqualCounters", SiblingsEqualCounters, kSmallest, kLargest);
  RegisterCase("SiblingsDistinctCounters", SiblingsDistinctCounters, kSmallest, kLargest);
  RegisterCase("SpreadSiblings", SpreadSiblings, kSmallest, kLargest);
  RegisterCase("ReplicaChain", ReplicaChain, kSmallest, kLargest);
  RegisterCase("ReplicaCrowd", ReplicaCrowd, kSmallest, kLarge);
  RegisterCase("TwoBranches", TwoBranches, kSmallest, kLarge);
  RegisterCase("MergeBranch", MergeBranch, kSmallest, kLargest);
  RegisterCase("TwoCrowds", TwoCrowds, kSmallest, kLarge);
  return RunBenchmarks(argc, argv);
}
