// Transforming and composing, at 10^3 to 10^6 edits: the time of an edit should grow with log n,
// but for the two ways that are there to compare with, which are quadratic. See ot_cases.h.
#include "benchmarks/ot/ot_cases.h"
#include "benchmarks/support/case_benchmark.h"

int main(int argc, char** argv) {
  using namespace cotext;
  constexpr int64_t kSmallest = 1'000;
  constexpr int64_t kLargestQuadratic = 10'000;
  constexpr int64_t kLargest = 1'000'000;
  RegisterCase("TransformLargePair", TransformLargePair, kSmallest, kLargest);
  RegisterCase("ComposeInTree", ComposeInTree, kSmallest, kLargest);
  RegisterCase("ComposeByHalves", ComposeByHalves, kSmallest, kLargest);
  RegisterCase("ComposeByFolding", ComposeByFolding, kSmallest, kLargestQuadratic);
  RegisterCase("ComposeTyping", ComposeTyping, kSmallest, kLargest);
  RegisterCase("StreamPastTree", StreamPastTree, kSmallest, kLargest);
  RegisterCase("StreamStepwise", StreamStepwise, kSmallest, kLargestQuadratic);
  RegisterCase("StreamAtOnePlace", StreamAtOnePlace, kSmallest, kLargest);
  RegisterCase("StreamDeletingAround", StreamDeletingAround, kSmallest, kLargest);
  RegisterCase("Reconnect", Reconnect, kSmallest, kLargest);
  return RunBenchmarks(argc, argv);
}
