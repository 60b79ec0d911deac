#include "simulation/world/world_statistics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "simulation/world/intent_recorder.h"
#include "simulation/world/world_record.h"

namespace cotext {
namespace {

constexpr uint64_t kQuietUs = 2000;  // Samples are 100 apart.

// Somebody typed a character between two others; 0: at an end of the text.
UserIntent Typed(uint64_t node, char32_t character, char32_t left, char32_t right) {
  return {.last = {},
          .inserted = {{.character = character, .left = left, .right = right, .node = node}}};
}

WorldStatistics Measure(const WorldRecord& record, const std::string& text) {
  return MeasureWorld(record, text, kQuietUs);
}

TEST(WorldStatisticsTest, ACharacterHasSpreadWhenTheLastOneSeesIt) {
  WorldRecord record;
  record.arrivals = {{.at_us = 1, .node = 1, .character = 'a', .is_own = true},
                     {.at_us = 5, .node = 2, .character = 'a'},
                     {.at_us = 21, .node = 3, .character = 'a'},
                     // A crash had taken it.
                     {.at_us = 90, .node = 2, .character = 'a'}};
  const WorldStatistics statistics = Measure(record, "a");
  EXPECT_EQ(statistics.spread_us.count(), 1U);
  EXPECT_EQ(statistics.spread_us.Quantile(1000), 20U);
}

TEST(WorldStatisticsTest, WhatIsTypedIsMissingUntilItArrives) {
  WorldRecord record;
  record.arrivals = {{.at_us = 150, .node = 1, .character = 'a', .is_own = true},
                     {.at_us = 250, .node = 2, .character = 'a'},
                     {.at_us = 450, .node = 3, .character = 'a'}};
  const WorldStatistics statistics = Measure(record, "a");
  EXPECT_EQ(statistics.missing[1], 0U);
  EXPECT_EQ(statistics.missing[2], 2U);
  EXPECT_EQ(statistics.missing[3], 1U);
  EXPECT_EQ(statistics.missing[4], 1U);
  EXPECT_EQ(statistics.missing[5], 0U);
}

TEST(WorldStatisticsTest, WhatArrivesAfterTheLastSampleIsMissingToTheEnd) {
  WorldRecord record;
  record.arrivals = {{.at_us = 2950, .node = 1, .character = 'a', .is_own = true},
                     {.at_us = 99'000, .node = 2, .character = 'a'}};
  const WorldStatistics statistics = Measure(record, "a");
  EXPECT_EQ(statistics.missing[kStalenessSamples - 2], 0U);
  EXPECT_EQ(statistics.missing[kStalenessSamples - 1], 1U);
}

TEST(WorldStatisticsTest, WhoTypesBetweenTwoThatHeSawTearsNothing) {
  WorldRecord record;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0), Typed(2, 'x', 'a', 'b'),
                    Typed(2, 'y', 'x', 'b')};
  const WorldStatistics statistics = Measure(record, "axyb");
  EXPECT_EQ(statistics.pairs, 2U);
  EXPECT_EQ(statistics.torn_pairs, 0U);
}

TEST(WorldStatisticsTest, WhoSawOnlyOneOfTwoTearsThemApart) {
  WorldRecord record;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0), Typed(2, 'x', 'a', 0)};
  EXPECT_EQ(Measure(record, "axb").torn_pairs, 1U);
  EXPECT_EQ(Measure(record, "abx").torn_pairs, 0U);
  // One that is gone is no pair.
  EXPECT_EQ(Measure(record, "ax").pairs, 0U);
}

TEST(WorldStatisticsTest, WhoeverSawOnlyTheRightOneTearsThemApartToo) {
  WorldRecord record;
  record.intents = {Typed(1, 'b', 0, 0), Typed(1, 'a', 0, 'b'), Typed(2, 'x', 0, 'b')};
  EXPECT_EQ(Measure(record, "axb").torn_pairs, 1U);
}

TEST(WorldStatisticsTest, WhoTypedAtOnePlaceTwiceTearsNothingOfHis) {
  WorldRecord record;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0), Typed(1, 'c', 'a', 0)};
  const WorldStatistics statistics = Measure(record, "acb");
  EXPECT_EQ(statistics.pairs, 2U);
  EXPECT_EQ(statistics.torn_pairs, 0U);
}

TEST(WorldStatisticsTest, TwoThatUndoTurnedRoundAreNotTorn) {
  WorldRecord record;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0), Typed(2, 'z', 0, 'b'),
                    Typed(2, 'x', 'b', 'a'), Typed(2, 'y', 'a', 0)};
  const WorldStatistics statistics = Measure(record, "zbxay");
  EXPECT_EQ(statistics.pairs, 1U);
  EXPECT_EQ(statistics.torn_pairs, 0U);
}

TEST(WorldStatisticsTest, WithoutTextThatIsUniqueNoPairsAreCounted) {
  WorldRecord record;
  record.has_unique_text = false;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0)};
  EXPECT_EQ(Measure(record, "ab").pairs, 0U);
}

TEST(WorldStatisticsTest, WhatNobodyElseSawHasNotSpread) {
  WorldRecord record;
  record.arrivals = {{.at_us = 1, .node = 1, .character = 'a', .is_own = true}};
  EXPECT_EQ(Measure(record, "a").spread_us.count(), 0U);
}

TEST(WorldStatisticsTest, WhatOneTypesBetweenHisOwnTearsNothing) {
  WorldRecord record;
  record.intents = {Typed(1, 'a', 0, 0), Typed(1, 'b', 'a', 0), Typed(1, 'c', 'a', 'b')};
  const WorldStatistics statistics = Measure(record, "acb");
  EXPECT_EQ(statistics.pairs, 3U);
  EXPECT_EQ(statistics.torn_pairs, 0U);
}

TEST(WorldStatisticsTest, TheDeepestBufferOfAllNodesIsTold) {
  WorldRecord record;
  record.NoteBuffer(1, "queue", 10, 1);
  record.NoteBuffer(2, "queue", 30, 2);
  record.NoteBuffer(2, "queue", 20, 3);
  record.NoteBuffer(3, "queue", 15, 4);
  EXPECT_EQ(Measure(record, "").buffers.at("queue"), 30U);
}

}  // namespace
}  // namespace cotext
