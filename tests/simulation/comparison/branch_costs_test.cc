#include "simulation/comparison/branch_costs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "ot/edit_history.h"
#include "simulation/comparison/branch_edits.h"
#include "simulation/comparison/cost_budget.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

constexpr std::initializer_list<BranchStyle> kStyles = {BranchStyle::kScattered,
                                                        BranchStyle::kTyped};

TEST(BranchEditsTest, EditsFitTheTextOneAfterTheOther) {
  ForEachSeed(50, [](Random& random) {
    for (const BranchStyle style : kStyles) {
      std::string text = MakeBranchBase(8 * 40);
      ASSERT_EQ(text.size(), 320U);
      const std::vector<TextEdit> edits = MakeBranchEdits(style, text.size(), 40, random);
      ASSERT_EQ(edits.size(), 40U);
      for (const TextEdit& edit : edits) {
        ASSERT_TRUE(edit.deleted > 0 || !edit.inserted.empty());
        const auto after = Apply(DeltaOf(edit), text);
        ASSERT_TRUE(after) << after.error().message;
        text = *after;
      }
    }
  });
}

TEST(BranchEditsTest, TypedEditsMostlyGoOnWhereTheLastOneEnded) {
  Random random(1);
  const auto adjoining = [&random](BranchStyle style) {
    const std::vector<TextEdit> edits = MakeBranchEdits(style, 8000, 1000, random);
    uint64_t count = 0;
    for (size_t i = 1; i < edits.size(); ++i) {
      const uint64_t end = edits[i - 1].position + edits[i - 1].inserted.size();
      count += edits[i].position + edits[i].deleted == end ? 1 : 0;
    }
    return count;
  };
  EXPECT_GT(adjoining(BranchStyle::kTyped), 850U);
  EXPECT_LT(adjoining(BranchStyle::kScattered), 50U);
}

TEST(BranchCostsTest, EverySizeIsMeasuredAndTheTextsAgree) {
  for (const BranchStyle style : kStyles) {
    const BranchOptions options{.length_max = 100, .branches_max = 8};
    const std::vector<MergeCost> merges = MeasureMerges(style, options);
    ASSERT_EQ(merges.size(), 6U);  // 2, 4, 8 branches of 10, 100.
    for (const MergeCost& cost : merges) {
      EXPECT_TRUE(cost.ok);
      EXPECT_GT(cost.rga_ms.value_or(0), 0);
      EXPECT_GT(cost.ot_ms.value_or(0), 0);
      EXPECT_GT(cost.compose_ms.value_or(0), 0);
      EXPECT_GT(cost.ttf_ms.value_or(0), 0);
    }
    EXPECT_EQ(merges.back().branches, 8U);
    EXPECT_EQ(merges.back().length, 100U);
    const std::vector<ReturnCost> returns = MeasureReturns(style, options);
    ASSERT_EQ(returns.size(),
              6U);  // One edit behind 1, 10, 100; 10 and 10; 100 and 100; 70 and 10.
    EXPECT_EQ(returns.back().live, 70U);
    for (const ReturnCost& cost : returns) {
      EXPECT_TRUE(cost.ok);
      EXPECT_GT(cost.rga_peer_ms.value_or(0), 0);
      EXPECT_GT(cost.ot_server_ms.value_or(0), 0);
      EXPECT_GT(cost.rga_client_ms.value_or(0), 0);
      EXPECT_GT(cost.ot_client_ms.value_or(0), 0);
    }
  }
}

TEST(BranchCostsTest, WhatIsOverTheBudgetIsLeftOutFromThereOn) {
  const std::vector<MergeCost> merges = MeasureMerges(
      BranchStyle::kScattered, {.length_max = 1000, .branches_max = 2, .budget_seconds = 1e-9});
  ASSERT_EQ(merges.size(), 3U);
  EXPECT_TRUE(merges[0].rga_ms);  // Nothing smaller to judge it by.
  for (size_t i = 1; i < merges.size(); ++i) {
    EXPECT_FALSE(merges[i].rga_ms);
    EXPECT_FALSE(merges[i].ot_ms);
    EXPECT_FALSE(merges[i].compose_ms);
    EXPECT_FALSE(merges[i].ttf_ms);
  }
}

TEST(CostBudgetTest, ASizeIsJudgedByTheSmallerOnes) {
  CostBudget budget(100);
  EXPECT_EQ(budget.Measure(2, 10, [] { return 7.0; }), 7.0);
  EXPECT_EQ(budget.Measure(2, 100, [] { return 8.0; }), 8.0);
  EXPECT_EQ(budget.Measure(4, 10, [] { return 9.0; }), 9.0);
  CostBudget none(0);
  EXPECT_TRUE(none.Measure(2, 10, [] { return 1.0; }));
  EXPECT_FALSE(none.Measure(2, 100, [] { return 1.0; }));
  EXPECT_FALSE(none.Measure(4, 10, [] { return 1.0; }));
  EXPECT_FALSE(none.Measure(4, 100, [] { return 1.0; }));
  EXPECT_TRUE(none.Measure(16, 1000, [] { return 1.0; }));
}

}  // namespace
}  // namespace cotext
