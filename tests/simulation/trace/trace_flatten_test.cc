#include "simulation/trace/trace_flatten.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

Trace Flat(const Trace& trace) {
  const auto history = BuildHistory(trace);
  const auto edits = AsReceived(trace, history->changes);
  return AsTyped(trace, *edits);
}

TEST(TraceFlattenTest, RandomGraphsTypedFlatEndInTheSameText) {
  ForEachSeed(300, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const Trace flat = Flat(trace);
    EXPECT_TRUE(IsLinear(flat));
    EXPECT_EQ(flat.end_content(), trace.end_content());
    const auto result = Replay(flat, {.mode = ReplayMode::kLocal});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->ok());
  });
}

TEST(TraceFlattenTest, EditsAreWhereAReaderSeesThem) {
  const Trace trace =
      ParseRightTrace(R"({"kind":"concurrent","endContent":"xbY","numAgents":2,"txns":[)"
                      R"({"parents":[],"agent":0,"patches":[[0,0,"ab"]]},)"
                      R"({"parents":[0],"agent":0,"patches":[[0,1,"x"]]},)"
                      R"({"parents":[0],"agent":1,"patches":[[2,0,"y"],[2,1,"Y"]]},)"
                      R"({"parents":[1,2],"agent":0,"patches":[]}]})");
  const Trace flat = Flat(trace);
  ASSERT_EQ(flat.transaction_count(), 3U);
  EXPECT_EQ(flat.patches(1).ToVector(),
            (std::vector<TracePatch>{{.position = 0, .deleted = 1, .inserted = "x"}}));
  EXPECT_EQ(flat.patches(2).ToVector(),
            (std::vector<TracePatch>{{.position = 2, .deleted = 0, .inserted = "Y"}}));
}

TEST(TraceFlattenTest, TwoInsertsAroundADeleteAreTwoPatches) {
  std::vector<Delta> edits(2);
  edits[0].Insert("abc");
  edits[1].Insert("x").Delete(2).Insert("y").Retain(1).Delete(0).Insert("z");
  const Trace typed = AsTyped(Trace("t", Trace::Kind::kConcurrent, 1), edits);
  EXPECT_EQ(typed.end_content(), "xycz");
  EXPECT_EQ(typed.patches(1).ToVector(),
            (std::vector<TracePatch>{{.position = 0, .deleted = 2, .inserted = "x"},
                                     {.position = 1, .deleted = 0, .inserted = "y"},
                                     {.position = 3, .deleted = 0, .inserted = "z"}}));
  const auto result = Replay(typed, {.mode = ReplayMode::kLocal});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok());
}

}  // namespace
}  // namespace cotext
