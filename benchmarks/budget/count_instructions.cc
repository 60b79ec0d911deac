#include "benchmarks/budget/count_instructions.h"

// Never inlined, even if a compiler sees the whole program: callgrind counts between its entry and
// its return.
[[gnu::noinline]] void cotext_count_instructions(const std::function<void()>& work) { work(); }
