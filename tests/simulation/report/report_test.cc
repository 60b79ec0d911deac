#include "simulation/report/report.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/report/sample_report.h"

namespace cotext {
namespace {

TEST(ReportTest, PeopleReadFourDigitsAndThousandsApart) {
  EXPECT_EQ(ForPeople({}), "\u2013");
  EXPECT_EQ(ForPeople(std::string("a")), "a");
  EXPECT_EQ(ForPeople(true), "yes");
  EXPECT_EQ(ForPeople(uint64_t{999}), "999");
  EXPECT_EQ(ForPeople(uint64_t{1000}), "1,000");
  EXPECT_EQ(ForPeople(uint64_t{1234567}), "1,234,567");
  EXPECT_EQ(ForPeople(1234567.8), "1,234,568");
  EXPECT_EQ(ForPeople(-1234.0), "-1,234");
  EXPECT_EQ(ForPeople(12.34567), "12.35");
  EXPECT_EQ(ForPeople(0.0), "0");
  EXPECT_EQ(ForPeople(0.000012345), "1.2e-05");
}

TEST(ReportTest, AChartHasASeriesForEachLabelAscending) {
  const ReportTable table = SampleTable();
  const ReportChart chart = ChartOf(table, {.x = "n", .y = {"ms"}, .label = {"engine"}}, "T", "ms");
  EXPECT_EQ(chart.table, "sample");
  EXPECT_EQ(chart.x_title, "Number");
  EXPECT_TRUE(chart.categories.empty());
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].label, "rga");
  EXPECT_EQ(chart.series[0].points, (std::vector<ChartPoint>{{1, 0.5}, {10, 5.25}}));
  EXPECT_EQ(chart.series[1].label, "ot");
  EXPECT_EQ(chart.series[1].points, (std::vector<ChartPoint>{{1, 0.25}}));
}

TEST(ReportTest, TextsAlongXAreCategories) {
  const ReportChart chart =
      ChartOf(SampleTable(), {.x = "engine", .y = {"ms", "n"}}, "T", "ms and number");
  EXPECT_EQ(chart.categories, (std::vector<std::string>{"rga", "ot"}));
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].label, "Time, <ms>");
  EXPECT_EQ(chart.series[1].label, "Number");
  EXPECT_EQ(chart.series[1].points, (std::vector<ChartPoint>{{0, 1}, {0, 10}, {1, 1}, {1, 10}}));
}

TEST(ReportTest, OnlyRowsThatAreAskedForAreShown) {
  const ReportChart chart = ChartOf(
      SampleTable(), {.x = "n", .y = {"ms"}, .where = {{"engine", "rga"}, {"n", "10"}}}, "", "");
  ASSERT_EQ(chart.series.size(), 1U);
  EXPECT_EQ(chart.series[0].points, (std::vector<ChartPoint>{{10, 5.25}}));
}

}  // namespace
}  // namespace cotext
