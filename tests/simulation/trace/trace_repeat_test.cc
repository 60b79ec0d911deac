#include "simulation/trace/trace_repeat.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_writer.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(TraceRepeatTest, RootsOfACopyFollowTheHeadsOfTheOneBefore) {
  const Trace trace = ParseConcurrentTrace(2,
                                           R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                                           R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]},)"
                                           R"({"parents":[0],"agent":0,"patches":[[0,1,"c"]]})",
                                           "cb");
  const auto repeated = Repeat(trace, 3);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(SerializeTrace(*repeated),
            "{\"kind\":\"concurrent\",\"numAgents\":2,\"endContent\":\"cbcbcb\",\"txns\":[\n"
            "{\"parents\":[],\"agent\":0,\"patches\":[[0,0,\"a\"]]},\n"
            "{\"parents\":[],\"agent\":1,\"patches\":[[0,0,\"b\"]]},\n"
            "{\"parents\":[0],\"agent\":0,\"patches\":[[0,1,\"c\"]]},\n"
            "{\"parents\":[1,2],\"agent\":0,\"patches\":[[0,0,\"a\"]]},\n"
            "{\"parents\":[1,2],\"agent\":1,\"patches\":[[0,0,\"b\"]]},\n"
            "{\"parents\":[3],\"agent\":0,\"patches\":[[0,1,\"c\"]]},\n"
            "{\"parents\":[4,5],\"agent\":0,\"patches\":[[0,0,\"a\"]]},\n"
            "{\"parents\":[4,5],\"agent\":1,\"patches\":[[0,0,\"b\"]]},\n"
            "{\"parents\":[6],\"agent\":0,\"patches\":[[0,1,\"c\"]]}\n"
            "]}\n");
}

TEST(TraceRepeatTest, EndsInTheRepeatedText) {
  ForEachSeed(40, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto repeated = Repeat(trace, 3);
    ASSERT_TRUE(repeated);
    NaiveRga rga(repeated->agent_count());
    while (rga.transaction_count() < repeated->transaction_count()) {
      ASSERT_TRUE(rga.Apply(*repeated));
    }
    EXPECT_EQ(rga.TextOf(rga.CheckoutAll()),
              trace.end_content() + trace.end_content() + trace.end_content());
  });
}

TEST(TraceRepeatTest, ASequentialTraceBringsItsStartContentAlong) {
  const Trace trace =
      ParseRightTrace(R"({"startContent":"ab","endContent":"b","txns":[{"patches":[[0,1,""]]}]})");
  const auto repeated = Repeat(trace, 2);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->kind(), Trace::Kind::kSequential);
  EXPECT_EQ(repeated->end_content(), "bb");
  EXPECT_EQ(repeated->transaction_count(), 4U);
  EXPECT_TRUE(IsLinear(*repeated));
  EXPECT_TRUE(repeated->has_start_content());
}

TEST(TraceRepeatTest, OnceIsTheSame) {
  const Trace trace = ParseRightTrace(R"({"endContent":"a","txns":[{"patches":[[0,0,"a"]]}]})");
  EXPECT_EQ(SerializeTrace(*Repeat(trace, 1)), SerializeTrace(trace));
}

TEST(TraceRepeatTest, RefusesWhatHasNoRoom) {
  const Trace trace = ParseRightTrace(R"({"endContent":"ab","txns":[{"patches":[[0,0,"ab"]]}]})");
  const auto repeated = Repeat(trace, uint64_t{1} << 31U);
  ASSERT_FALSE(repeated);
  EXPECT_EQ(ErrorName(repeated.error().code), "too_large");
  EXPECT_EQ(repeated.error().message, "test.json: too large to be repeated 2147483648 times");
}

}  // namespace
}  // namespace cotext
