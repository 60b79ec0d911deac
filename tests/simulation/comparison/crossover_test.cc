#include "simulation/comparison/crossover.h"

#include <gtest/gtest.h>

namespace cotext {
namespace {

TEST(CrossoverTest, LinesOnLogarithmicAxesCrossWhereTheyMeet) {
  // x and 100 meet at 100; as powers of x both are straight.
  const auto found = FindCrossovers({{10, 10, 100}, {1000, 1000, 100}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].at, 100, 1e-9);
  EXPECT_EQ(found[0].after, 10);
  EXPECT_EQ(found[0].before, 1000);
  EXPECT_TRUE(found[0].first_was_cheaper);
}

TEST(CrossoverTest, WhoeverStaysCheaperCrossesNothing) {
  EXPECT_TRUE(FindCrossovers({{1, 1, 2}, {10, 1, 2}, {100, 5, 6}}).empty());
  EXPECT_TRUE(FindCrossovers({}).empty());
  EXPECT_TRUE(FindCrossovers({{1, 2, 1}}).empty());
}

TEST(CrossoverTest, AllCrossingsAreFound) {
  const auto found = FindCrossovers({{1, 1, 2}, {10, 2, 1}, {100, 1, 2}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].first_was_cheaper);
  EXPECT_FALSE(found[1].first_was_cheaper);
  EXPECT_LT(found[0].at, 10);
  EXPECT_GT(found[1].at, 10);
}

TEST(CrossoverTest, LessThanATenthIsNoDifference) {
  EXPECT_EQ(CheaperOf({.x = 1, .first = 100, .second = 109}), Cheaper::kNeither);
  EXPECT_EQ(CheaperOf({.x = 1, .first = 109, .second = 100}), Cheaper::kNeither);
  EXPECT_EQ(CheaperOf({.x = 1, .first = 100, .second = 111}), Cheaper::kFirst);
  EXPECT_EQ(CheaperOf({.x = 1, .first = 111, .second = 100}), Cheaper::kSecond);
  EXPECT_TRUE(FindCrossovers({{1, 100, 200}, {10, 105, 100}, {100, 100, 200}}).empty());
}

TEST(CrossoverTest, MeetingIsNoCrossing) {
  EXPECT_TRUE(FindCrossovers({{1, 1, 2}, {10, 2, 2}, {100, 1, 2}}).empty());
  EXPECT_EQ(FindCrossovers({{1, 1, 2}, {10, 2, 2}, {100, 2, 1}}).size(), 1U);
}

}  // namespace
}  // namespace cotext
