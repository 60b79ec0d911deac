#include "simulation/trace/trace_statistics.h"

#include <gtest/gtest.h>

#include "simulation/trace/trace.h"
#include "tests/simulation/parse_trace.h"

namespace cotext {
namespace {

TEST(TraceStatisticsTest, CountsCodePointsAndTheGraph) {
  const Trace trace =
      ParseConcurrentTrace(4,
                           R"({"parents":[],"agent":0,"patches":[[0,0,"äb"]]},)"
                           R"({"parents":[0],"agent":0,"patches":[[0,1,""],[0,0,"\ud83d\ude00"]]},)"
                           R"({"parents":[0],"agent":1,"patches":[[1,1,"xyz"]]},)"
                           R"({"parents":[],"agent":3,"patches":[[0,0,"q"]]},)"
                           R"({"parents":[1,2],"agent":0,"patches":[]})",
                           "é");
  const TraceStatistics statistics = ComputeStatistics(trace);
  EXPECT_EQ(statistics.agents, 3U);
  EXPECT_EQ(statistics.transactions, 5U);
  EXPECT_EQ(statistics.patches, 5U);
  EXPECT_EQ(statistics.inserted, 7U);
  EXPECT_EQ(statistics.deleted, 2U);
  EXPECT_EQ(statistics.events(), 9U);
  EXPECT_EQ(MeasureTrace(trace).transactions, 5U);
  EXPECT_EQ(MeasureTrace(trace).patches, 5U);
  EXPECT_EQ(MeasureTrace(trace).events, 9U);
  EXPECT_EQ(statistics.final_chars, 1U);
  // Unseen: none, none, transaction 1, all three, and transaction 3.
  EXPECT_DOUBLE_EQ(statistics.concurrency_mean, 1.0);
  EXPECT_EQ(statistics.concurrency_max, 3U);
  EXPECT_EQ(statistics.graph_runs, 4U);
  EXPECT_EQ(statistics.roots, 2U);
  EXPECT_EQ(statistics.heads, 2U);
  EXPECT_EQ(statistics.heads_max, 3U);
}

TEST(TraceStatisticsTest, AnEmptyTraceHasNothing) {
  const TraceStatistics statistics = ComputeStatistics(ParseConcurrentTrace(0, ""));
  EXPECT_EQ(statistics.transactions, 0U);
  EXPECT_EQ(statistics.concurrency_mean, 0.0);
  EXPECT_EQ(statistics.heads_max, 0U);
}

TEST(TraceStatisticsTest, ASequentialTraceIsOneRun) {
  const TraceStatistics statistics = ComputeStatistics(
      ParseRightTrace(R"({"endContent":"","txns":[{"patches":[]},{"patches":[]}]})"));
  EXPECT_EQ(statistics.graph_runs, 1U);
  EXPECT_EQ(statistics.roots, 1U);
  EXPECT_EQ(statistics.concurrency_max, 0U);
}

TEST(TraceStatisticsTest, AStartContentIsNoEdit) {
  const Trace trace = ParseRightTrace(
      R"({"startContent":"abc","endContent":"bc","txns":[{"patches":[[0,1,""]]}]})");
  const TraceStatistics statistics = ComputeStatistics(trace);
  EXPECT_EQ(statistics.transactions, 1U);
  EXPECT_EQ(statistics.patches, 1U);
  EXPECT_EQ(statistics.inserted, 0U);
  EXPECT_EQ(MeasureTrace(trace).transactions, 1U);
  EXPECT_EQ(MeasureTrace(trace).patches, 1U);
  EXPECT_EQ(MeasureTrace(trace).events, 1U);
}

}  // namespace
}  // namespace cotext
