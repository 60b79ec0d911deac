// What ./dev budget runs.
//
//   budget list [WORKLOAD...]                 prints the names of the workloads, all or those named
//   budget run WORKLOAD                       runs one, to be looked at by callgrind
//   budget check FILE [WORKLOAD...] < COUNTS  judges counts, lines `WORKLOAD INSTRUCTIONS`, by the
//                                             budgets in a file, all or those named
//   budget update FILE [WORKLOAD...] < COUNTS writes the budgets, all or those named
//
// Exit code 0: done. 1: a count is not within its budget. 2: wrong usage or unreadable input.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/budget/budgets.h"
#include "benchmarks/budget/workloads.h"

namespace cotext {
namespace {

constexpr int kDone = 0;
constexpr int kNotWithin = 1;
constexpr int kBadInput = 2;

int Fail(std::string_view what) {
  std::cerr << "budget: " << what << '\n';
  return kBadInput;
}

std::string ReadAll(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<Workload> AllWorkloads() {
  std::vector<Workload> all;
  for (const std::span<const Workload> some :
       {CrdtWorkloads(), DocumentWorkloads(), OtWorkloads()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

const Workload* Find(std::span<const Workload> workloads, std::string_view name) {
  const auto found = std::ranges::find(workloads, name, &Workload::name);
  return found == workloads.end() ? nullptr : &*found;
}

int Unknown(std::string_view name) { return Fail("there is no workload " + std::string(name)); }

int List(std::span<const std::string_view> names) {
  const std::vector<Workload> workloads = AllWorkloads();
  for (const std::string_view name : names) {
    if (Find(workloads, name) == nullptr) return Unknown(name);
  }
  for (const Workload& workload : workloads) {
    const bool is_named = std::ranges::find(names, workload.name) != names.end();
    if (names.empty() || is_named) std::cout << workload.name << '\n';
  }
  return kDone;
}

int Run(std::string_view name) {
  const std::vector<Workload> workloads = AllWorkloads();
  const Workload* const workload = Find(workloads, name);
  if (workload == nullptr) return Unknown(name);
  workload->run();
  return kDone;
}

// Reads the budgets; a file that is not there has none.
Expected<InstructionCounts> ReadBudgets(const std::string& path) {
  std::ifstream file(path);
  return ParseCounts(ReadAll(file));
}

int Check(const std::string& path, std::span<const std::string_view> names) {
  const auto budgets = ReadBudgets(path);
  if (!budgets) return Fail(path + ": " + budgets.error().message);
  const auto counted = ParseCounts(ReadAll(std::cin));
  if (!counted) return Fail("counts: " + counted.error().message);
  const Judgement judgement = Judge(*counted, Select(*budgets, names));
  std::cout << judgement.table << "budget: " << judgement.summary << '\n';
  return judgement.passed ? kDone : kNotWithin;
}

int Update(const std::string& path, std::span<const std::string_view> names) {
  const auto old = ReadBudgets(path);
  if (!old) return Fail(path + ": " + old.error().message);
  auto budgets = ParseCounts(ReadAll(std::cin));
  if (!budgets) return Fail("counts: " + budgets.error().message);
  if (budgets->empty()) return Fail("nothing was counted");
  std::cout << Judge(*budgets, Select(*old, names)).table;
  if (!names.empty()) budgets->insert(old->begin(), old->end());  // Not over what was counted.
  std::ofstream file(path);
  file << FormatBudgets(*budgets);
  if (!file.flush()) return Fail("cannot write " + path);
  std::cout << "budget: these are the budgets now\n";
  return kDone;
}

int Main(std::span<const std::string_view> words) {
  const std::string_view verb = words.empty() ? "" : words[0];
  if (verb == "list") return List(words.subspan(1));
  if (verb == "run" && words.size() == 2) return Run(words[1]);
  if (verb == "check" && words.size() >= 2) return Check(std::string(words[1]), words.subspan(2));
  if (verb == "update" && words.size() >= 2) {
    return Update(std::string(words[1]), words.subspan(2));
  }
  return Fail("usage: budget list [WORKLOAD...] | run WORKLOAD | check|update FILE [WORKLOAD...]");
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  return cotext::Main(words);
}
