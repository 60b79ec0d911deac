#include "simulation/comparison/trace_costs.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/trace.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(TraceCostsTest, EveryWayEndsInTheTracesText) {
  ForEachSeed(60, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto all = MeasureTraceCosts(trace, {.repeat = 2});
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2U);
    for (const TraceCosts& costs : *all) {
      EXPECT_TRUE(costs.ok);
      EXPECT_EQ(costs.transactions, trace.transaction_count());
      EXPECT_EQ(costs.times.server_ms.has_value(), costs.engine == Engine::kOt);
      EXPECT_GT(costs.times.merge_ms, 0);
      EXPECT_GT(costs.times.open_ms, 0);
      EXPECT_GT(costs.bytes.stored.file, 0U);
    }
    // Nobody submits a transaction that takes back all that it did; on the RGA it is history.
    EXPECT_GE((*all)[0].bytes.messages, (*all)[1].bytes.messages);
    EXPECT_EQ((*all)[0].bytes.wire_sent, (*all)[0].bytes.wire_heard);
  });
}

TEST(TraceCostsTest, AKeystrokeIsAMessageOfAFewBytes) {
  const Trace trace =
      ParseRightTrace(R"({"startContent":"","endContent":"abx","txns":[{"patches":[[0,0,"a"]]},)"
                      R"({"patches":[[1,0,"b"]]},{"patches":[[2,0,"x"]]}]})");
  const auto all = MeasureTraceCosts(trace, {.repeat = 1});
  ASSERT_TRUE(all);
  for (const TraceCosts& costs : *all) {
    EXPECT_EQ(costs.bytes.messages, 3U);
    EXPECT_GT(costs.bytes.wire_sent, 3U * 3U);
    EXPECT_LT(costs.bytes.wire_sent, 3U * 16U);
  }
  // A number, a revision, a retain but for the first, an insert and its letter.
  EXPECT_EQ((*all)[1].bytes.wire_sent, 4U + 5U + 5U);
}

TEST(TraceCostsTest, ATextThatDiffersIsSeenOnBothEngines) {
  const Trace trace =
      ParseRightTrace(R"({"startContent":"","endContent":"b","txns":[{"patches":[[0,0,"a"]]}]})");
  const auto all = MeasureTraceCosts(trace, {.repeat = 1});
  ASSERT_TRUE(all);
  EXPECT_FALSE((*all)[0].ok);
  EXPECT_FALSE((*all)[1].ok);
}

TEST(TraceCostsTest, APositionOutOfRangeIsAnError) {
  const Trace trace = ParseRightTrace(
      R"({"startContent":"","endContent":"a","txns":[{"patches":[[0,0,"a"],[5,0,"b"]]}]})");
  const auto all = MeasureTraceCosts(trace, {.repeat = 1});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::kInvalidTrace);
}

TEST(TraceCostsTest, MemoryIsAskedBeforeAndAfter) {
  Random random(3);
  const Trace trace = RandomTrace(random);
  uint64_t live = 1000;
  const MemoryMeter growing{.live_bytes = [&live] { return live += 10; },
                            .peak_bytes = [&live] { return live + 5; },
                            .reset_peak = [] {}};
  const auto all = MeasureTraceCosts(trace, {.repeat = 1, .memory = growing});
  ASSERT_TRUE(all);
  for (const TraceCosts& costs : *all) {
    EXPECT_GT(costs.memory.steady, 0U);
    EXPECT_EQ(costs.memory.text, 10U);  // Asked before and after.
  }
}

}  // namespace
}  // namespace cotext
