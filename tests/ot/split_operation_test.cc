#include "ot/split_operation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "document/delta.h"
#include "ot/operation_codec.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

TEST(SplitOperationTest, WhatFitsStaysWhole) {
  const Delta operation = Delta().Retain(1).Insert("abc");
  const SplitDelta parts = SplitOperation(operation, OperationBytes(operation));
  EXPECT_EQ(parts.first, operation);
  EXPECT_TRUE(parts.rest.empty());
}

TEST(SplitOperationTest, ItIsCutInFrontOfARetain) {
  const SplitDelta parts =
      SplitOperation(Delta().Insert("ab").Delete(3).Retain(5).Insert("cd").Delete(1), 6);
  EXPECT_EQ(parts.first, Delta().Insert("ab").Delete(3));
  EXPECT_EQ(parts.rest, Delta().Retain(7).Insert("cd").Delete(1));
}

TEST(SplitOperationTest, ALongTextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "\u4e2d";
  const SplitDelta parts = SplitOperation(Delta().Retain(2).Insert(text).Delete(1), 30);
  EXPECT_EQ(parts.first, Delta().Retain(2).Insert(text.substr(0, 18)));
  EXPECT_EQ(parts.rest, Delta().Retain(8).Insert(text.substr(18)).Delete(1));
}

// It would go in front of the delete, where others' text may stand.
TEST(SplitOperationTest, AnInsertBehindADeleteIsNotLeftAlone) {
  const SplitDelta parts = SplitOperation(Delta().Delete(1).Insert("abc"), 1);
  EXPECT_EQ(parts.first, Delta().Delete(1).Insert("a"));
  EXPECT_EQ(parts.rest, Delta().Retain(1).Insert("bc"));
}

TEST(SplitOperationTest, ThePartsComposeToTheWhole) {
  uint64_t cut = 0;
  ForEachSeed(5000, [&cut](Random& random) {
    const Delta operation = RandomDelta(random, RandomText(random, 30), DeletedText::kSome);
    const uint64_t max_bytes = random.Below(40);
    const SplitDelta parts = SplitOperation(operation, max_bytes);
    parts.first.CheckInvariants();
    parts.rest.CheckInvariants();
    EXPECT_EQ(WithoutDeletedText(Compose(parts.first, parts.rest).value()),
              WithoutDeletedText(operation));
    EXPECT_EQ(parts.first.empty(), operation.empty());
    if (parts.rest.empty()) return;
    ++cut;
    // One character, what it may not part from, and the retain in front.
    EXPECT_LE(OperationBytes(parts.first), max_bytes + 12);
  });
  EXPECT_GT(cut, 1000U);
}

TEST(SplitOperationTest, CuttingOnComesToAnEnd) {
  ForEachSeed(500, [](Random& random) {
    const Delta operation = RandomDelta(random, RandomText(random, 60), DeletedText::kSome);
    const uint64_t max_bytes = random.Below(20);
    Delta composed;
    Delta rest = operation;
    for (int parts = 0; !rest.empty(); ++parts) {
      ASSERT_LT(parts, 500);
      SplitDelta split = SplitOperation(std::move(rest), max_bytes);
      composed = Compose(composed, split.first).value();
      rest = std::move(split.rest);
    }
    EXPECT_EQ(WithoutDeletedText(composed), WithoutDeletedText(operation));
  });
}

}  // namespace
}  // namespace cotext
