#include "simulation/replay/ot_replay.h"

#include <gtest/gtest.h>

#include <string>

#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/ot_file.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_edits.h"
#include "simulation/trace/trace_generator.h"
#include "storage/compression.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(OtReplayTest, RandomGraphsMergeToTheTracesText) {
  uint64_t by_jupiter = 0;
  uint64_t by_ttf = 0;
  ForEachSeed(300, [&](Random& random) {
    const Trace trace = RandomTrace(random);
    for (const ReplayMode mode : {ReplayMode::kMerge, ReplayMode::kLoad}) {
      const auto result = Replay(trace, {.engine = Engine::kOt, .mode = mode, .repeat = 2});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok());
      EXPECT_EQ(result->text, trace.end_content());
      EXPECT_EQ(result->ms.size(), 2U);
      EXPECT_EQ(result->integrate_ms.size(), mode == ReplayMode::kMerge ? 2U : 0U);
      (result->control == "ttf" ? by_ttf : by_jupiter) += mode == ReplayMode::kMerge ? 1 : 0;
    }
  });
  EXPECT_GT(by_jupiter, 20U);
  EXPECT_GT(by_ttf, 20U);
}

TEST(OtReplayTest, TracesFullOfTiesMergeToTheTracesText) {
  uint64_t by_jupiter = 0;
  uint64_t by_ttf = 0;
  ForEachSeed(200, [&](Random& random) {
    const auto trace = Generate({.seed = random.Next(),
                                 .agents = static_cast<uint32_t>(random.Between(2, 6)),
                                 .transactions = static_cast<uint32_t>(random.Between(2, 60)),
                                 .delete_percent = static_cast<uint32_t>(random.Below(50)),
                                 .merge_percent = static_cast<uint32_t>(random.Below(101)),
                                 .ties_percent = static_cast<uint32_t>(random.Between(60, 100))});
    ASSERT_TRUE(trace);
    for (const Engine engine : {Engine::kRga, Engine::kOt}) {
      const auto result = Replay(*trace, {.engine = engine});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok());
      by_jupiter += result->control == "jupiter" ? 1 : 0;
      by_ttf += result->control == "ttf" ? 1 : 0;
    }
  });
  EXPECT_GT(by_jupiter, 5U);
  EXPECT_GT(by_ttf, 20U);
}

TEST(OtReplayTest, ATextThatDiffersIsSeen) {
  const std::string json =
      R"({"startContent":"","endContent":"ab","txns":[{"patches":[[0,0,"ac"]]}]})";
  for (const ReplayMode mode : {ReplayMode::kLocal, ReplayMode::kMerge, ReplayMode::kLoad}) {
    const auto result = Replay(ParseRightTrace(json), {.engine = Engine::kOt, .mode = mode});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->first_difference, 1U);
  }
}

TEST(OtReplayTest, APositionOutOfRangeIsAnError) {
  const std::string json =
      R"({"startContent":"","endContent":"ab","txns":[{"patches":[[0,0,"ab"],[5,0,"c"]]}]})";
  for (const ReplayMode mode : {ReplayMode::kLocal, ReplayMode::kMerge, ReplayMode::kLoad}) {
    const auto result = Replay(ParseRightTrace(json), {.engine = Engine::kOt, .mode = mode});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidTrace);
    EXPECT_NE(result.error().message.find("position 5"), std::string::npos)
        << result.error().message;
  }
}

TEST(OtReplayTest, TransactionsThatOthersSawApartStayApart) {
  const Trace trace =
      ParseRightTrace(R"({"kind":"concurrent","endContent":"abc!","numAgents":2,"txns":[)"
                      R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                      R"({"parents":[0],"agent":0,"patches":[[1,0,"b"]]},)"
                      R"({"parents":[1],"agent":0,"patches":[[2,0,"c"]]},)"
                      R"({"parents":[1],"agent":1,"patches":[[2,0,"!"]]},)"
                      R"({"parents":[2,3],"agent":0,"patches":[]}]})");
  const EditHistory history = EditsOf(trace);
  EXPECT_EQ(history.change_count(), 4U);
  EXPECT_EQ(history.edit_count(), 3U);
}

TEST(OtFileTest, WhatIsWrittenIsRead) {
  ForEachSeed(100, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const EditHistory history = EditsOf(trace);
    for (const Profile profile : {Profile::kSmall, Profile::kFast}) {
      const Compressor compressor = CompressorFor(profile);
      const std::string file = EncodeOtFile(trace.end_content(), history, compressor);
      EXPECT_EQ(ReadOtText(file, NativeDecompressor()), trace.end_content());
      EXPECT_EQ(DecodeOtHistory(file, NativeDecompressor()), history);
      const std::string alone = EncodeOtHistory(history, compressor);
      EXPECT_EQ(DecodeOtHistory(alone, NativeDecompressor()), history);
      EXPECT_FALSE(ReadOtText(alone, NativeDecompressor()));
    }
  });
}

}  // namespace
}  // namespace cotext
