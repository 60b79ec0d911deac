// Marks what a workload is measured by.
#ifndef COTEXT_BENCHMARKS_BUDGET_COUNT_INSTRUCTIONS_H_
#define COTEXT_BENCHMARKS_BUDGET_COUNT_INSTRUCTIONS_H_

#include <functional>

// Calls `work`. The C name is what callgrind is told to count inside of.
extern "C" void cotext_count_instructions(const std::function<void()>& work);

#endif  // COTEXT_BENCHMARKS_BUDGET_COUNT_INSTRUCTIONS_H_
