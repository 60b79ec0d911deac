// Maps of positions, against single steps and against TransformPosition.
#include "ot/position_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/delta.h"
#include "document/random.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {

// Corrupts maps.
struct PositionMapPeer {
  static void SwapPieces(PositionMap& map) { std::swap(map.pieces_[0], map.pieces_[1]); }
  static void LowerValue(PositionMap& map) { map.pieces_.back().to = 0; }
  static void RepeatPiece(PositionMap& map) {
    PositionMap::Piece piece = map.pieces_.back();
    ++piece.from;
    ++piece.to;
    map.pieces_.push_back(piece);
  }
};

namespace {

constexpr uint64_t kLeans = 60;  // More than any position here.

TEST(PositionMapTest, LeanPositionsArePositionsWithABias) {
  static_assert(LeanPosition(ToLean(7, Bias::kAfter)) == 7);
  static_assert(LeanPosition(ToLean(7, Bias::kBefore)) == 7);
  static_assert(LeanBias(ToLean(7, Bias::kAfter)) == Bias::kAfter);
  static_assert(LeanBias(ToLean(7, Bias::kBefore)) == Bias::kBefore);
  static_assert(ToLean(7, Bias::kAfter) < ToLean(8, Bias::kBefore));
}

TEST(PositionMapTest, MapsOfStepsAreTheSteps) {
  for (uint64_t position = 0; position < 5; ++position) {
    for (uint64_t count = 1; count < 4; ++count) {
      const PositionMap insert = PositionMap::OfInsert(position, count);
      const PositionMap erase = PositionMap::OfDelete(position, count);
      insert.CheckInvariants();
      erase.CheckInvariants();
      for (uint64_t lean = 0; lean < kLeans; ++lean) {
        EXPECT_EQ(insert(lean), LeanAfterInsert(lean, position, count));
        EXPECT_EQ(erase(lean), LeanAfterDelete(lean, position, count));
      }
    }
  }
}

TEST(PositionMapTest, WhatFallsLiesBehindLaterText) {
  EXPECT_EQ(LeanAfterDelete(ToLean(2, Bias::kBefore), 1, 2), ToLean(1, Bias::kAfter));
  EXPECT_EQ(LeanAfterDelete(ToLean(1, Bias::kBefore), 1, 2), ToLean(1, Bias::kBefore));
  EXPECT_EQ(LeanAfterDelete(ToLean(3, Bias::kBefore), 1, 2), ToLean(1, Bias::kAfter));
  EXPECT_EQ(LeanAfterDelete(ToLean(3, Bias::kAfter), 1, 2), ToLean(1, Bias::kAfter));
  EXPECT_EQ(LeanAfterDelete(ToLean(4, Bias::kBefore), 1, 2), ToLean(2, Bias::kBefore));
}

TEST(PositionMapTest, TheMapOfADeltaIsTransformPosition) {
  ForEachSeed(2000, [](Random& random) {
    const std::string text = RandomText(random, 10);
    const Delta delta = RandomDelta(random, text, DeletedText::kNone);
    const PositionMap map = PositionMap::Of(delta);
    map.CheckInvariants();
    for (uint64_t at = 0; at <= CountCodePoints(text); ++at) {
      for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
        ASSERT_EQ(LeanPosition(map(ToLean(at, bias))),
                  TransformPosition(delta, CodePointOffset{at}, bias).value);
      }
    }
  });
}

TEST(PositionMapTest, ComposedMapsGoOneAfterTheOther) {
  ForEachSeed(1000, [](Random& random) {
    PositionMap maps[3];
    for (PositionMap& map : maps) {
      for (uint64_t steps = random.Below(6); steps > 0; --steps) {
        const uint64_t position = random.Below(12);
        const uint64_t count = random.Between(1, 4);
        map = map.Then(random.Chance(50) ? PositionMap::OfInsert(position, count)
                                         : PositionMap::OfDelete(position, count));
        map.CheckInvariants();
        ASSERT_LE(map.size(), 12U);
      }
    }
    const PositionMap left = maps[0].Then(maps[1]).Then(maps[2]);
    const PositionMap right = maps[0].Then(maps[1].Then(maps[2]));
    ASSERT_EQ(left.size(), right.size());
    for (uint64_t lean = 0; lean < kLeans; ++lean) {
      ASSERT_EQ(left(lean), maps[2](maps[1](maps[0](lean))));
      ASSERT_EQ(right(lean), left(lean));
    }
  });
}

TEST(PositionMapTest, TypingIsOnePiece) {
  PositionMap map;
  for (uint64_t at = 5; at < 100; ++at) map = map.Then(PositionMap::OfInsert(at, 1));
  EXPECT_EQ(map.size(), 1U);
}

TEST(PositionMapDeathTest, TheCheckerSeesBrokenPieces) {
  const PositionMap good = PositionMap::OfDelete(3, 2).Then(PositionMap::OfInsert(1, 4));
  good.CheckInvariants();
  for (const auto corrupt :
       {PositionMapPeer::SwapPieces, PositionMapPeer::LowerValue, PositionMapPeer::RepeatPiece}) {
    PositionMap bad = good;
    corrupt(bad);
    EXPECT_DEATH(bad.CheckInvariants(), "");
  }
}

}  // namespace
}  // namespace cotext
