#include "simulation/replay/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/local_edits.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"
#include "simulation/trace/trace_history.h"
#include "storage/compression.h"
#include "storage/file_encoding.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string Sequential(const std::string& end_content) {
  return R"({"startContent":"ab","endContent":")" + end_content +
         R"(","txns":[{"patches":[[1,1,"\u00e9"],[2,0,"c"]]},{"patches":[[0,1,""]]}]})";
}

constexpr std::array<ReplayMode, 3> kModes = {ReplayMode::kLocal, ReplayMode::kMerge,
                                              ReplayMode::kLoad};
constexpr std::array<Profile, 2> kProfiles = {Profile::kSmall, Profile::kFast};

TEST(ReplayTest, EveryModeAndProfileGivesTheTracesText) {
  const Trace trace = ParseRightTrace(Sequential("éc"));
  EXPECT_EQ(DefaultMode(trace), ReplayMode::kLocal);
  for (const ReplayMode mode : kModes) {
    for (const Profile profile : kProfiles) {
      const auto result = Replay(trace, {.mode = mode, .profile = profile});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok());
      EXPECT_EQ(result->text, "éc");
      EXPECT_EQ(result->final_chars, 2U);
    }
  }
}

TEST(ReplayTest, ADifferingTextIsAResultWithItsFirstDifference) {
  for (const ReplayMode mode : kModes) {
    const auto result = Replay(ParseRightTrace(Sequential("éd")), {.mode = mode, .repeat = 2});
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->ok());
    EXPECT_EQ(result->first_difference, 1U);
    EXPECT_EQ(result->text, "éc");
  }
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
  for (const ReplayMode mode : kModes) {
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
    for (const ReplayMode mode : kModes) EXPECT_FALSE(Replay(trace, {.mode = mode})) << patch;
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

TEST(ReplayTest, AMergeIsTimedInPartsToo) {
  const auto result = Replay(ParseRightTrace(Sequential("éc")), {.repeat = 3});
  ASSERT_TRUE(result);
  for (const auto& part : {result->decompress_ms, result->decode_ms, result->integrate_ms}) {
    ASSERT_EQ(part.size(), 3U);
    EXPECT_GE(std::ranges::min(part), 0);
  }
  EXPECT_GT(MedianOf(result->decode_ms), 0);
  EXPECT_GT(MedianOf(result->integrate_ms), 0);
  EXPECT_TRUE(result->editable_ms.empty());
}

TEST(ReplayTest, LoadingIsTimedToTheTextAndToAnEditableState) {
  const auto result =
      Replay(ParseRightTrace(Sequential("éc")), {.mode = ReplayMode::kLoad, .repeat = 3});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->ms.size(), 3U);
  EXPECT_EQ(result->editable_ms.size(), 3U);
  EXPECT_TRUE(result->decode_ms.empty());
  EXPECT_EQ(result->changes, 1U);
  EXPECT_EQ(result->operations, 4U);  // What continues is one.
}

TEST(ReplayTest, SizesAreThoseOfWhatAPeerEncodes) {
  const auto trace = Generate({.agents = 4, .transactions = 300, .delete_percent = 40});
  ASSERT_TRUE(trace);
  const auto peer = BuildPeer(*trace);
  ASSERT_TRUE(peer);
  const PackedUpdate update = peer->PackedSince({});
  for (const Profile profile : kProfiles) {
    FileEncoding encoding = EncodingFor(profile);
    const size_t history = EncodeUpdateFile(update, encoding).size();
    const size_t file = EncodeDocumentFile(*peer, DocumentId{}, encoding).size();
    encoding.drops_deleted_text = true;
    const size_t compact = EncodeUpdateFile(update, encoding).size();
    EXPECT_LT(compact, history);
    for (const ReplayMode mode : {ReplayMode::kMerge, ReplayMode::kLoad}) {
      const auto result = Replay(*trace, {.mode = mode, .profile = profile});
      ASSERT_TRUE(result);
      EXPECT_EQ(result->sizes.history, history);
      EXPECT_EQ(result->sizes.compact, compact);
      EXPECT_EQ(result->sizes.file, file);
      EXPECT_EQ(result->changes, update.changes.size());
      EXPECT_EQ(result->operations, update.operations.size());
    }
  }
}

TEST(ReplayTest, WhatOneAgentTypedHasTheSameSizesInEveryMode) {
  const Trace trace = ParseRightTrace(Sequential("éc"));
  const auto typed = Replay(trace, {.mode = ReplayMode::kLocal});
  const auto merged = Replay(trace, {.mode = ReplayMode::kMerge});
  ASSERT_TRUE(typed);
  ASSERT_TRUE(merged);
  EXPECT_GT(typed->sizes.history, typed->text.size());
  EXPECT_EQ(typed->sizes.history, merged->sizes.history);
  EXPECT_EQ(typed->sizes.compact, merged->sizes.compact);
  EXPECT_EQ(typed->sizes.file, merged->sizes.file);
}

// Steps of undo are what the two ways differ in.
TEST(ReplayTest, AllPatchesMayBeOneTransaction) {
  const Trace trace = ParseRightTrace(Sequential("éc"));
  const std::vector<LocalEdit> recorded = DecodePatches(trace);
  const std::vector<LocalEdit> whole = DecodePatches(trace, Transactions::kOne);
  ASSERT_EQ(whole.size(), recorded.size());
  const auto ends = [](const LocalEdit& edit) { return edit.ends_transaction; };
  EXPECT_GT(std::ranges::count_if(recorded, ends), 1);
  EXPECT_EQ(std::ranges::count_if(whole, ends), 1);
  EXPECT_TRUE(whole.back().ends_transaction);
  RgaDocument document(ReplicaId{1});
  ASSERT_TRUE(ApplyEdits(trace, whole, document));
  EXPECT_EQ(document.Text(), trace.end_content());
  EXPECT_TRUE(document.Undo());
  EXPECT_EQ(document.Text(), "");
  const auto result = Replay(trace, {.mode = ReplayMode::kLocal, .one_transaction = true});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok());
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

TEST(ReplayTest, LoadingMeasuresTheTextBesideTheReplica) {
  uint64_t live_calls = 0;
  uint64_t peak_calls = 0;
  const MemoryMeter meter{
      .live_bytes = [&] { return live_calls++ < 2 ? 1000U : 1250U; },
      .peak_bytes = [&] { return ++peak_calls == 1 ? uint64_t{1100} : uint64_t{1400}; },
      .reset_peak = [] {}};
  const auto result =
      Replay(ParseRightTrace(Sequential("éc")), {.mode = ReplayMode::kLoad, .memory = meter});
  ASSERT_TRUE(result);
  EXPECT_EQ(live_calls, 3U);
  EXPECT_EQ(result->text_peak_bytes, 100U);
  EXPECT_EQ(result->peak_bytes, 400U);
  EXPECT_EQ(result->steady_bytes, 250U);
}

TEST(ReplayTest, ProgressReachesTheEnd) {
  std::pair<uint64_t, uint64_t> last;
  ASSERT_TRUE(Replay(ParseRightTrace(Sequential("éc")),
                     {.repeat = 2, .progress = [&](uint64_t done, uint64_t total) {
                        EXPECT_GE(done, last.first);
                        last = {done, total};
                      }}));
  // Three transactions: building the peer, and each kind of run twice.
  EXPECT_EQ(last, std::pair(uint64_t{15}, uint64_t{15}));
}

TEST(ReplayTest, GeneratedTracesEndAsTheOracleSays) {
  ForEachSeed(300, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const Profile profile = kProfiles[random.Below(2)];
    for (const ReplayMode mode : {ReplayMode::kMerge, ReplayMode::kLoad}) {
      const auto result = Replay(trace, {.mode = mode, .profile = profile});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok()) << "first difference at " << *result->first_difference;
    }
  });
}

}  // namespace
}  // namespace cotext
