#include "benchmarks/budget/budgets.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iomanip>
#include <ios>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

namespace cotext {
namespace {

constexpr const char* kHead =
    "# What each workload of benchmarks/budget takes, in instructions. ./dev budget compares and\n"
    "# ./dev budget --update writes this. It holds for x86-64 and Debian 12's compiler and "
    "libraries:\n"
    "# others count otherwise.\n";

// The columns of a table, and of the file.
constexpr int kNameWidth = 26;
constexpr int kCountWidth = 15;
constexpr int kPercentWidth = 10;

std::unexpected<Error> LineError(size_t number, const std::string& what) {
  return MakeError(ErrorCode::kOutOfRange, "line " + std::to_string(number) + ": " + what);
}

std::optional<uint64_t> ParseCount(std::string_view word) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (count == 0 || count > kInstructionsMax) return std::nullopt;
  return count;
}

std::optional<uint64_t> CountOf(const InstructionCounts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? std::nullopt : std::optional(found->second);
}

struct Verdict {
  bool passed;
  const char* words;
};

Verdict Compare(std::optional<uint64_t> counted, std::optional<uint64_t> budget) {
  if (!counted) return {.passed = false, .words = "NOT COUNTED: it failed, or there is none"};
  if (!budget) return {.passed = false, .words = "NO BUDGET: see --update"};
  if (*counted * 100 > *budget * (100 + kSlackPercent)) {
    return {.passed = false, .words = "OVER BUDGET"};
  }
  if (*counted * 100 < *budget * (100 - kSlackPercent)) {
    return {.passed = true, .words = "lower the budget: see --update"};
  }
  return {.passed = true, .words = ""};
}

// One workload in the table.
struct Row {
  std::string name;
  std::optional<uint64_t> counted;
  std::optional<uint64_t> budget;
  std::string verdict;
};

void WriteCount(std::ostream& out, std::optional<uint64_t> count) {
  out << std::setw(kCountWidth) << (count ? std::to_string(*count) : "-");
}

void WriteRow(std::ostream& out, const Row& row) {
  out << std::left << std::setw(kNameWidth) << row.name << std::right;
  WriteCount(out, row.counted);
  WriteCount(out, row.budget);
  std::ostringstream percent;
  if (row.counted && row.budget) {
    percent << std::fixed << std::setprecision(2)
            << 100 * static_cast<double>(*row.counted) / static_cast<double>(*row.budget);
  }
  out << std::setw(kPercentWidth) << (percent.view().empty() ? "-" : percent.view());
  if (!row.verdict.empty()) out << "  " << row.verdict;
  out << '\n';
}

}  // namespace

Expected<InstructionCounts> ParseCounts(std::string_view text) {
  InstructionCounts counts;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    std::string count_word;
    std::string rest;
    if (!(words >> name)) continue;
    words >> count_word;
    const std::optional<uint64_t> count = ParseCount(count_word);
    if (!count) return LineError(number, name + " needs a number of instructions above 0");
    if (words >> rest) return LineError(number, "what is \"" + rest + "\"?");
    if (!counts.emplace(name, *count).second) return LineError(number, name + " is there twice");
  }
  return counts;
}

std::string FormatBudgets(const InstructionCounts& budgets) {
  std::ostringstream out;
  out << kHead;
  for (const auto& [name, count] : budgets) {
    out << std::left << std::setw(kNameWidth) << name << std::right << std::setw(kCountWidth)
        << count << '\n';
  }
  return out.str();
}

InstructionCounts Select(const InstructionCounts& counts, std::span<const std::string_view> names) {
  if (names.empty()) return counts;
  InstructionCounts selected = counts;
  std::erase_if(selected, [&](const auto& count) {
    return std::ranges::find(names, count.first) == names.end();
  });
  return selected;
}

Judgement Judge(const InstructionCounts& counted, const InstructionCounts& budgets) {
  std::set<std::string> names;
  for (const auto& [name, count] : counted) names.insert(name);
  for (const auto& [name, count] : budgets) names.insert(name);

  std::ostringstream table;
  table << std::left << std::setw(kNameWidth) << "workload" << std::right << std::setw(kCountWidth)
        << "counted" << std::setw(kCountWidth) << "budget" << std::setw(kPercentWidth) << "percent"
        << '\n';
  size_t failed = 0;
  for (const std::string& name : names) {
    const auto count = CountOf(counted, name);
    const auto budget = CountOf(budgets, name);
    const Verdict verdict = Compare(count, budget);
    if (!verdict.passed) ++failed;
    WriteRow(table, {name, count, budget, verdict.words});
  }

  const std::string all = std::to_string(names.size());
  const bool passed = failed == 0 && !names.empty();
  return Judgement{.passed = passed,
                   .table = table.str(),
                   .summary = passed ? "all " + all + " workloads are within their budgets"
                                     : std::to_string(failed) + " of " + all + " workloads failed"};
}

}  // namespace cotext
