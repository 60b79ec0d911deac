// Counts of instructions by workload, and the judgement of new ones by those that are checked in.
//
// The file is text: comments from `#` on, and one line `WORKLOAD INSTRUCTIONS` each, sorted by
// name. A workload may exceed its budget by kSlackPercent, which is room for a change that had
// another purpose; one that stays below it by more should have a lower budget, or the next loss
// goes unnoticed.
#ifndef COTEXT_BENCHMARKS_BUDGET_BUDGETS_H_
#define COTEXT_BENCHMARKS_BUDGET_BUDGETS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {

constexpr uint64_t kSlackPercent = 5;
// Of a count; callgrind would take days.
constexpr uint64_t kInstructionsMax = 1'000'000'000'000;

using InstructionCounts = std::map<std::string, uint64_t, std::less<>>;

// Reads counts in any order, as in the file. Errors: kOutOfRange with the line's number if a count
// is missing, no number, 0 (nothing was counted) or too large, or a workload has two.
Expected<InstructionCounts> ParseCounts(std::string_view text);

// Returns the file.
std::string FormatBudgets(const InstructionCounts& budgets);

// Returns what is in `counts` under one of the names; everything if there are no names.
InstructionCounts Select(const InstructionCounts& counts, std::span<const std::string_view> names);

struct Judgement {
  bool passed = false;
  std::string table;    // For people: a line per workload.
  std::string summary;  // One line.
};

// Compares what was counted with the budgets. Passes if every workload that either has is in both
// and none is over its budget by more than the slack, and if there are any.
Judgement Judge(const InstructionCounts& counted, const InstructionCounts& budgets);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_BUDGET_BUDGETS_H_
