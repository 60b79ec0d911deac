#include "simulation/comparison/anomalies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/random.h"
#include "document/utf8.h"
#include "simulation/comparison/edit_round.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string TextOf(const std::vector<uint32_t>& numbers) {
  std::string text;
  for (const uint32_t number : numbers) text += EncodeCodePoint(EditRound::kFirst + number);
  return text;
}

// Of the first text, characters 0 and 1. Author 1 typed 2 and 3 between them and author 2 4 and 5;
// author 2 typed 6 at the end.
EditRound SmallRound() {
  EditRound round{.trace = Trace("round", Trace::Kind::kConcurrent, 3), .characters = {}};
  round.characters = {
      {.author = 0, .passage = 0, .low = 1, .high = 1, .rank = 0},
      {.author = 0, .passage = 0, .low = 2, .high = 2, .rank = 1},
      {.author = 1, .passage = 1, .low = 1, .high = 2, .rank = 1},
      {.author = 1, .passage = 1, .low = 1, .high = 2, .rank = 2},
      {.author = 2, .passage = 1, .low = 1, .high = 2, .rank = 1},
      {.author = 2, .passage = 1, .low = 1, .high = 2, .rank = 2},
      {.author = 2, .passage = 2, .low = 2, .high = 3, .rank = 4},
  };
  return round;
}

AnomalyCount CountOf(const std::vector<uint32_t>& text) {
  AnomalyCount count;
  CountIn(SmallRound(), TextOf(text), TextOf({0, 2, 3, 4, 5, 1, 6}), count);
  return count;
}

TEST(AnomaliesTest, TheOraclesOwnTextHasNone) {
  const AnomalyCount count = CountOf({0, 2, 3, 4, 5, 1, 6});
  EXPECT_EQ(count.rounds, 1U);
  EXPECT_EQ(count.passages, 2U);  // One is a single character.
  EXPECT_EQ(count.interleaved, 0U);
  EXPECT_EQ(count.tied_pairs, 4U);
  EXPECT_EQ(count.fixed_pairs, 17U);
  EXPECT_EQ(count.order_anomalies + count.other_ties + count.lost, 0U);
}

TEST(AnomaliesTest, TheOtherOrderOfATieIsNoAnomaly) {
  const AnomalyCount count = CountOf({0, 4, 5, 2, 3, 1, 6});
  EXPECT_EQ(count.other_ties, 4U);
  EXPECT_EQ(count.order_anomalies, 0U);
  EXPECT_EQ(count.interleaved, 0U);
}

TEST(AnomaliesTest, ForeignCharactersInsideAPassageInterleaveIt) {
  EXPECT_EQ(CountOf({0, 2, 4, 5, 3, 1, 6}).interleaved, 1U);
  EXPECT_EQ(CountOf({0, 2, 4, 3, 5, 1, 6}).interleaved, 2U);
}

TEST(AnomaliesTest, WhatStandsOnTheWrongSideOfACharacterOfTheFirstTextIsOutOfOrder) {
  const AnomalyCount count = CountOf({0, 2, 3, 6, 4, 5, 1});
  EXPECT_EQ(count.order_anomalies, 3U);  // 6 in front of 4, 5 and 1.
  EXPECT_EQ(count.rounds_with_order_anomaly, 1U);
}

TEST(AnomaliesTest, CharactersOfOneAuthorKeepTheirOrder) {
  EXPECT_EQ(CountOf({0, 3, 2, 4, 5, 1, 6}).order_anomalies, 1U);
}

TEST(AnomaliesTest, ADeletedCharacterStillFixesTheOrder) {
  AnomalyCount count;
  CountIn(SmallRound(), TextOf({0, 6, 2}), TextOf({0, 2, 6}), count);
  EXPECT_EQ(count.order_anomalies, 1U);
}

TEST(AnomaliesTest, LostAndDoubledCharactersAreCounted) {
  EXPECT_EQ(CountOf({0, 2, 3, 4, 5, 1}).lost, 1U);
  EXPECT_EQ(CountOf({0, 2, 3, 4, 5, 1, 6, 6}).lost, 1U);
  EXPECT_EQ(CountOf({0, 2, 3, 4, 5, 6, 6}).lost, 2U);
}

TEST(EditRoundTest, TheOraclesTextAgreesWithWhatIsFixed) {
  ForEachSeed(300, [](Random& random) {
    for (const RoundShape& shape : UsualShapes()) {
      const EditRound round = MakeRound(shape, random);
      NaiveRga oracle(round.trace.agent_count());
      while (oracle.transaction_count() < round.trace.transaction_count()) {
        ASSERT_TRUE(oracle.Apply(round.trace));
      }
      const std::string text = oracle.TextOf(oracle.CheckoutAll());
      AnomalyCount count;
      CountIn(round, text, text, count);
      EXPECT_EQ(count.order_anomalies, 0U) << shape.name;
      EXPECT_GT(count.fixed_pairs, 0U);
    }
  });
}

TEST(AnomaliesTest, TombstonesKeepEveryOrderAndOtLosesSomeButNoCharacter) {
  const auto counts = CountAnomalies(UsualShapes(), {.rounds = 300});
  ASSERT_EQ(counts.size(), 4 * UsualShapes().size());
  uint64_t of_ot = 0;
  for (const AnomalyCount& count : counts) {
    EXPECT_EQ(count.rounds, 300U);
    EXPECT_EQ(count.lost, 0U);
    if (count.control == "rga" || count.control == "ttf") {
      EXPECT_EQ(count.order_anomalies, 0U) << count.shape;
      EXPECT_EQ(count.other_ties, 0U) << count.shape;
    } else {
      of_ot += count.order_anomalies;
      EXPECT_GT(count.other_ties, 0U) << count.shape << count.control;
    }
  }
  EXPECT_GT(of_ot, 0U);
}

TEST(AnomaliesTest, TheSameSeedGivesTheSame) {
  const AnomalyOptions options{.rounds = 50, .seed = 7};
  EXPECT_EQ(CountAnomalies(UsualShapes(), options), CountAnomalies(UsualShapes(), options));
  EXPECT_NE(CountAnomalies(UsualShapes(), options),
            CountAnomalies(UsualShapes(), {.rounds = 50, .seed = 8}));
}

}  // namespace
}  // namespace cotext
