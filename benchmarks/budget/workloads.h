// The workloads whose instructions are counted: each the hot path of something people wait for.
//
// A workload prepares its input, does its work inside cotext_count_instructions, once, and stops
// the program unless the result is the one that is known beforehand. It is the same on every
// machine: seeded, single-threaded, and it reads nothing. Its size is such that under callgrind,
// which is about fifty times slower, it takes a few seconds with all it prepares.
//
// Changing what a workload does is choosing another budget for it.
#ifndef COTEXT_BENCHMARKS_BUDGET_WORKLOADS_H_
#define COTEXT_BENCHMARKS_BUDGET_WORKLOADS_H_

#include <span>
#include <string_view>

namespace cotext {

struct Workload {
  std::string_view name;  // Lower case letters and underscores, the structure measured first.
  void (*run)();
};

// Returns the workloads of one folder's code.
std::span<const Workload> DocumentWorkloads();
std::span<const Workload> CrdtWorkloads();
std::span<const Workload> OtWorkloads();

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_BUDGET_WORKLOADS_H_
