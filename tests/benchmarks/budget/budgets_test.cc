#include "benchmarks/budget/budgets.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {
namespace {

bool Passes(uint64_t counted, uint64_t budget) {
  return Judge({{"typing", counted}}, {{"typing", budget}}).passed;
}

TEST(BudgetsTest, FivePercentOverABudgetPassAndOneInstructionMoreFails) {
  EXPECT_TRUE(Passes(1'000'000, 1'000'000));
  EXPECT_TRUE(Passes(1'050'000, 1'000'000));
  EXPECT_FALSE(Passes(1'050'001, 1'000'000));
  EXPECT_FALSE(Passes(2'000'000, 1'000'000));
  EXPECT_FALSE(Passes(kInstructionsMax, 1));
  EXPECT_TRUE(Passes(kInstructionsMax, kInstructionsMax));
}

TEST(BudgetsTest, BelowABudgetPassesAndFromFivePercentOnSaysSo) {
  const auto says_so = [](uint64_t counted) {
    const Judgement judgement = Judge({{"typing", counted}}, {{"typing", 1'000'000}});
    EXPECT_TRUE(judgement.passed);
    return judgement.table.find("lower the budget") != std::string::npos;
  };
  EXPECT_FALSE(says_so(950'000));
  EXPECT_TRUE(says_so(949'999));
  EXPECT_TRUE(says_so(1));
}

TEST(BudgetsTest, OneWorkloadOverItsBudgetFailsAll) {
  const InstructionCounts budgets = {{"merge", 100}, {"typing", 100}, {"undo", 100}};
  EXPECT_FALSE(Judge({{"merge", 90}, {"typing", 106}, {"undo", 90}}, budgets).passed);
}

TEST(BudgetsTest, AWorkloadWithoutABudgetFails) {
  const Judgement judgement = Judge({{"merge", 90}, {"typing", 90}}, {{"typing", 90}});
  EXPECT_FALSE(judgement.passed);
  EXPECT_NE(judgement.table.find("NO BUDGET"), std::string::npos);
}

TEST(BudgetsTest, ABudgetWhoseWorkloadWasNotCountedFails) {
  const Judgement judgement = Judge({{"typing", 90}}, {{"merge", 90}, {"typing", 90}});
  EXPECT_FALSE(judgement.passed);
  EXPECT_NE(judgement.table.find("NOT COUNTED"), std::string::npos);
  EXPECT_EQ(judgement.summary, "1 of 2 workloads failed");
}

TEST(BudgetsTest, NothingAtAllFails) { EXPECT_FALSE(Judge({}, {}).passed); }

TEST(BudgetsTest, TheTableShowsCountsBudgetsAndPercents) {
  const Judgement judgement = Judge({{"merge", 8'400}, {"typing", 12'345'678}, {"zero", 7}},
                                    {{"merge", 8'000}, {"typing", 10'000'000}});
  EXPECT_EQ(judgement.table,
            "workload                          counted         budget   percent\n"
            "merge                                8400           8000    105.00\n"
            "typing                           12345678       10000000    123.46  OVER BUDGET\n"
            "zero                                    7              -         -  NO BUDGET: see "
            "--update\n");
  EXPECT_EQ(judgement.summary, "2 of 3 workloads failed");
}

TEST(BudgetsTest, WhatIsWrittenReadsBackSorted) {
  const InstructionCounts budgets = {
      {"merge", 1}, {"a_name_of_more_than_26_letters", 12}, {"typing", kInstructionsMax}};
  const std::string file = FormatBudgets(budgets);
  EXPECT_EQ(ParseCounts(file), budgets);
  EXPECT_LT(file.find("\na_name"), file.find("\nmerge"));
  EXPECT_LT(file.find("\nmerge"), file.find("\ntyping"));
}

TEST(BudgetsTest, CountsAreReadInAnyOrderWithCommentsAndEmptyLines) {
  const InstructionCounts expected = {{"merge", 7}, {"typing", 12}};
  EXPECT_EQ(ParseCounts("# Budgets\n\ntyping\t 12 # Why.\n  merge 7"), expected);
  EXPECT_EQ(ParseCounts(""), InstructionCounts());
}

TEST(BudgetsTest, BrokenLinesAreErrorsWithTheirNumber) {
  for (const std::string line :
       {"typing", "typing x", "typing 1x", "typing 0", "typing -1", "typing 1.5", "typing 1 2",
        "typing 1000000000001", "typing 99999999999999999999", "merge 8"}) {
    const auto counts = ParseCounts("merge 7\n" + line + "\n");
    ASSERT_FALSE(counts) << line;
    EXPECT_EQ(counts.error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(counts.error().message.substr(0, 8), "line 2: ");
  }
}

TEST(BudgetsTest, SelectKeepsWhatIsNamed) {
  const InstructionCounts budgets = {{"merge", 1}, {"typing", 2}, {"undo", 3}};
  const std::array<std::string_view, 2> names = {"undo", "unknown"};
  EXPECT_EQ(Select(budgets, names), (InstructionCounts{{"undo", 3}}));
  EXPECT_EQ(Select(budgets, {}), budgets);
}

}  // namespace
}  // namespace cotext
