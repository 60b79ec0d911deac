#include "simulation/replay.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/trace.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string Sequential(const std::string& end_content) {
  return R"({"startContent":"ab","endContent":")" + end_content +
         R"(","txns":[{"patches":[[1,1,"\u00e9"],[2,0,"c"]]},{"patches":[[0,1,""]]}]})";
}

TEST(ReplayTest, LocalAndMergeGiveTheTracesText) {
  const Trace trace = ParseRightTrace(Sequential("éc"));
  EXPECT_EQ(DefaultMode(trace), ReplayMode::kLocal);
  for (const ReplayMode mode : {ReplayMode::kLocal, ReplayMode::kMerge}) {
    const auto result = Replay(trace, {.mode = mode});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->ok());
    EXPECT_EQ(result->text, "éc");
    EXPECT_EQ(result->final_chars, 2U);
  }
}

TEST(ReplayTest, ADifferingTextIsAResultWithItsFirstDifference) {
  const auto result = Replay(ParseRightTrace(Sequential("éd")), {.mode = ReplayMode::kLocal});
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->first_difference, 1U);
  EXPECT_EQ(result->text, "éc");
}

TEST(ReplayTest, FirstDifferencesCountCodePoints) {
  EXPECT_EQ(FirstDifference("", ""), std::nullopt);
  EXPECT_EQ(FirstDifference("abc", "abc"), std::nullopt);
  EXPECT_EQ(FirstDifference("abc", "ab"), 2U);
  EXPECT_EQ(FirstDifference("", "x"), 0U);
  EXPECT_EQ(FirstDifference("äé", "äè"), 1U);  // Which share their first byte.
  EXPECT_EQ(FirstDifference("\U0001f600x", "\U0001f600y"), 1U);
}

TEST(ReplayTest, PositionsOutOfRangeAreErrorsWithTheFilesOwnIndex) {
  const std::string json =
      R"({"startContent":"ab","endContent":"","txns":[{"patches":[]},{"patches":[[0,2,""],[1,0,"x"]]}]})";
  const Trace trace = ParseRightTrace(json);
  for (const ReplayMode mode : {ReplayMode::kLocal, ReplayMode::kMerge}) {
    const auto result = Replay(trace, {.mode = mode});
    ASSERT_FALSE(result);
    EXPECT_EQ(ErrorName(result.error().code), "invalid_trace");
    EXPECT_EQ(
        result.error().message,
        "test.json: transaction 1: patch 1: position 1 is out of range of a text of 0 code points");
  }
}

TEST(ReplayTest, PositionsAreNeverClampedAtTheEnd) {
  for (const std::string& patch : {R"([3,0,""])", R"([3,0,"x"])", R"([2,1,""])", R"([0,3,""])",
                                   "[4294967295,4294967295,\"\"]"}) {
    const Trace trace =
        ParseConcurrentTrace(1, R"({"parents":[],"agent":0,"patches":[[0,0,"ab"],)" + patch + "]}");
    EXPECT_FALSE(Replay(trace, {.mode = ReplayMode::kLocal})) << patch;
    EXPECT_FALSE(Replay(trace, {.mode = ReplayMode::kMerge})) << patch;
  }
}

TEST(ReplayTest, OnlyWhoHasSeenEverythingCanReplayLocally) {
  const Trace concurrent = ParseConcurrentTrace(
      2, R"({"parents":[],"agent":0,"patches":[]},{"parents":[],"agent":1,"patches":[]})");
  EXPECT_EQ(DefaultMode(concurrent), ReplayMode::kMerge);
  const auto refused = Replay(concurrent, {.mode = ReplayMode::kLocal});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "test.json: a concurrent trace cannot be replayed as local edits");
  const Trace linear = ParseConcurrentTrace(
      2,
      R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},{"parents":[0],"agent":1,"patches":[[1,0,"b"]]})",
      "ab");
  EXPECT_TRUE(Replay(linear, {.mode = ReplayMode::kLocal})->ok());
}

TEST(ReplayTest, EveryRunIsTimed) {
  const auto result = Replay(ParseRightTrace(Sequential("éc")), {.repeat = 5});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->ms.size(), 5U);
  EXPECT_LE(result->MinMs(), result->MedianMs());
}

TEST(ReplayTest, TheMedianIsInTheMiddle) {
  ReplayResult result;
  result.ms = {5, 1, 3};
  EXPECT_EQ(result.MedianMs(), 3);
  EXPECT_EQ(result.MinMs(), 1);
  result.ms = {4, 1, 3, 9};
  EXPECT_EQ(result.MedianMs(), 3.5);
}

TEST(ReplayTest, MemoryIsWhatComesOnTopOfWhatWasThere) {
  uint64_t calls = 0;
  const MemoryMeter meter{.live_bytes = [&calls] { return ++calls % 2 == 1 ? 1000U : 1250U; },
                          .peak_bytes = [] { return uint64_t{1400}; },
                          .reset_peak = [] {}};
  const auto result = Replay(ParseRightTrace(Sequential("éc")), {.repeat = 2, .memory = meter});
  ASSERT_TRUE(result);
  EXPECT_EQ(calls, 4U);
  EXPECT_EQ(result->steady_bytes, 250U);
  EXPECT_EQ(result->peak_bytes, 400U);
}

TEST(ReplayTest, ProgressReachesTheEnd) {
  std::pair<uint64_t, uint64_t> last;
  ASSERT_TRUE(Replay(ParseRightTrace(Sequential("éc")),
                     {.repeat = 2, .progress = [&](uint64_t done, uint64_t total) {
                        EXPECT_GE(done, last.first);
                        last = {done, total};
                      }}));
  EXPECT_EQ(last, std::pair(uint64_t{9}, uint64_t{9}));
}

TEST(ReplayTest, GeneratedTracesEndAsTheOracleSays) {
  ForEachSeed(300, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto result = Replay(trace, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->ok()) << "first difference at " << *result->first_difference;
  });
}

}  // namespace
}  // namespace cotext
