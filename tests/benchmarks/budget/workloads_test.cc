#include "benchmarks/budget/workloads.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "benchmarks/budget/budgets.h"

namespace cotext {
namespace {

std::vector<Workload> AllWorkloads() {
  std::vector<Workload> all;
  for (const auto some : {DocumentWorkloads(), CrdtWorkloads(), OtWorkloads()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// A wrong result stops the program.
TEST(WorkloadsTest, EveryWorkloadGivesTheRightResult) {
  for (const Workload& workload : AllWorkloads()) {
    SCOPED_TRACE(workload.name);
    workload.run();
  }
}

TEST(WorkloadsTest, EveryWorkloadHasABudgetAndEveryBudgetAWorkload) {
  std::ifstream file("benchmarks/budget/budgets.txt");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto budgets = ParseCounts(text);
  ASSERT_TRUE(budgets) << budgets.error().message;
  for (const Workload& workload : AllWorkloads()) {
    EXPECT_EQ(budgets->erase(std::string(workload.name)), 1U) << workload.name;
  }
  EXPECT_TRUE(budgets->empty()) << budgets->begin()->first;
}

TEST(WorkloadsTest, TheBudgetsAreAsUpdateWritesThem) {
  std::ifstream file("benchmarks/budget/budgets.txt");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto budgets = ParseCounts(text);
  ASSERT_TRUE(budgets);
  EXPECT_EQ(FormatBudgets(*budgets), text);
}

}  // namespace
}  // namespace cotext
