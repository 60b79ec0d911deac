// Inputs that are made to be slow, or to break, in sizes at which anything quadratic would not end.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "ot/pending_operation.h"
#include "ot/transform.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

// Compared with stepwise transforming and folding, which are quadratic.
constexpr uint64_t kFlat = 300;
// Beyond them: 10^10 steps would take minutes, n log n takes less than a second.
constexpr uint64_t kLarge = 100'000;

using Deltas = std::vector<Delta>;

PendingOperation Tree(const Delta& delta) {
  return PendingOperation(delta, {.fanout = 4, .small_components = 0});
}

// Transforms all others past `delta` in a tree and stepwise, on either side.
void ExpectStepwise(const Delta& delta, const Deltas& others) {
  for (const Side side : {Side::kLeft, Side::kRight}) {
    PendingOperation tree = Tree(delta);
    Delta flat = delta;
    for (const Delta& other : others) {
      TransformedPair pair =
          *(side == Side::kLeft ? TransformPair(flat, other) : TransformPair(other, flat));
      if (side == Side::kRight) std::swap(pair.left, pair.right);
      flat = std::move(pair.left);
      ASSERT_EQ(tree.TransformPast(other, side), pair.right);
      tree.CheckInvariants();
      ASSERT_EQ(tree.ToDelta(), flat);
    }
  }
}

void ExpectFold(const Delta& delta, const Deltas& others) {
  PendingOperation tree = Tree(delta);
  Delta flat = delta;
  for (const Delta& other : others) {
    flat = *Compose(flat, other);
    ASSERT_TRUE(tree.Compose(other));
    tree.CheckInvariants();
    ASSERT_EQ(tree.ToDelta(), flat);
  }
}

// An insert into every gap of `count` characters.
Delta InsertsEverywhere(uint64_t count) {
  Delta delta;
  for (uint64_t i = 0; i < count; ++i) delta.Insert("x").Retain(1);
  return delta.Insert("x");
}

// Every other of `count` characters deleted, with its text if it says so.
Delta AlternatingDeletes(uint64_t count, DeletedText deleted_text) {
  Delta delta;
  for (uint64_t i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      delta.Retain(1);
    } else if (deleted_text == DeletedText::kAll) {
      delta.DeleteText("y");
    } else {
      delta.Delete(1);
    }
  }
  return delta;
}

// Deltas that each take a character on either side of the middle of 2 * count.
Deltas DeletesAroundTheMiddle(uint64_t count) {
  Deltas deltas(count);
  for (uint64_t i = 0; i < count; ++i) deltas[i].Retain(count - 1 - i).Delete(2);
  return deltas;
}

Deltas InsertsAtOnePlace(uint64_t count, uint64_t at) {
  return Deltas(count, Delta().Retain(at).Insert("z"));
}

// A character is taken and another put in its place, further and further.
Deltas Replacements(uint64_t count) {
  Deltas deltas(count);
  for (uint64_t i = 0; i < count; ++i) deltas[i].Retain(i).Insert("r").Delete(1);
  return deltas;
}

TEST(PendingOperationLargeTest, AllInsertsAtOnePlace) {
  const Delta inserts = InsertsEverywhere(kFlat);
  ExpectStepwise(inserts, InsertsAtOnePlace(kFlat, kFlat / 2));
  ExpectStepwise(inserts, InsertsAtOnePlace(kFlat, 0));
  ExpectStepwise(inserts, InsertsAtOnePlace(kFlat, kFlat));
  ExpectStepwise(Delta().Delete(kFlat), InsertsAtOnePlace(kFlat, kFlat / 2));
  ExpectFold(inserts, InsertsAtOnePlace(kFlat, kFlat / 2));
}

TEST(PendingOperationLargeTest, DeletesCoverTheInserts) {
  const Delta inserts = InsertsEverywhere(2 * kFlat);
  ExpectStepwise(inserts, DeletesAroundTheMiddle(kFlat));
  ExpectStepwise(inserts, {Delta().Retain(1).Delete(2 * kFlat - 2), Delta().Retain(1).Insert("z")});
  ExpectFold(inserts, DeletesAroundTheMiddle(2 * kFlat));
  ExpectFold(inserts, {Delta().Retain(1).Delete(4 * kFlat - 2), Delta().Retain(1).Insert("z")});
}

TEST(PendingOperationLargeTest, AlternatingDeletes) {
  for (const DeletedText deleted_text : {DeletedText::kNone, DeletedText::kAll}) {
    const Delta deletes = AlternatingDeletes(2 * kFlat, deleted_text);
    ExpectStepwise(deletes, DeletesAroundTheMiddle(kFlat));
    ExpectStepwise(deletes, Replacements(kFlat));
    ExpectStepwise(deletes, {AlternatingDeletes(2 * kFlat - 1, deleted_text)});
    ExpectFold(deletes, DeletesAroundTheMiddle(kFlat / 2));
    ExpectFold(deletes, Replacements(kFlat));
  }
}

TEST(PendingOperationLargeTest, WhatDoesNothingChangesNothing) {
  ExpectStepwise(AlternatingDeletes(9, DeletedText::kNone), {Delta(), Delta()});
  ExpectStepwise(Delta(), Replacements(9));
  ExpectFold(Delta(), {Delta(), Delta()});
}

TEST(PendingOperationLargeTest, HugeCounts) {
  constexpr uint64_t kHuge = Delta::kMaxLength / 8;
  const Delta delta = Delta().Retain(kHuge).Insert("a").Delete(kHuge).Retain(kHuge).Insert("b");
  ExpectStepwise(delta, {Delta().Retain(kHuge + 7).Insert("c").Delete(2 * kHuge - 20),
                         Delta().Delete(kHuge), Delta().Retain(9).Insert("d")});
  ExpectFold(delta, {Delta().Retain(kHuge - 9).Insert("c").Delete(kHuge),
                     Delta().Retain(9).Delete(9), Delta().Retain(2 * kHuge).Insert("d")});
}

TEST(PendingOperationLargeTest, WhatWouldBeTooLongIsRefusedAndChangesNothing) {
  constexpr uint64_t kMost = Delta::kMaxLength;
  const Delta delta = Delta().Insert("a").Retain(5).Delete(9);
  PendingOperation tree = Tree(delta);
  const Delta far = Delta().Retain(kMost - 1).Insert("b");
  EXPECT_EQ(Compose(delta, far).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(tree.Compose(far).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(tree.TransformPast(far, Side::kLeft).error().code, ErrorCode::kTooLarge);
  tree.CheckInvariants();
  EXPECT_EQ(tree.ToDelta(), delta);
}

// Deltas of which most do not fit, because they delete other texts than there are.
TEST(PendingOperationLargeTest, ErrorsAreThoseOfDeltasAndChangeNothing) {
  uint64_t refused = 0;
  uint64_t accepted = 0;
  ForEachSeed(20'000, [&](Random& random) {
    const auto text = [&] { return std::string(random.Below(12), random.Chance(70) ? 'a' : 'b'); };
    const Delta delta = RandomDelta(random, text(), DeletedText::kSome);
    const Delta other = RandomDelta(random, text(), DeletedText::kSome);
    PendingOperation tree(delta, {.fanout = 2, .small_components = 0});

    const Expected<Delta> composed = Compose(delta, other);
    const Expected<void> in_tree = tree.Compose(other);
    tree.CheckInvariants();
    ASSERT_EQ(in_tree.has_value(), composed.has_value());
    EXPECT_EQ(tree.ToDelta(), composed ? *composed : delta);
    if (!composed) {
      EXPECT_EQ(in_tree.error().code, composed.error().code);
      EXPECT_EQ(in_tree.error().message, composed.error().message);
    }

    tree = PendingOperation(delta, {.fanout = 2, .small_components = 0});
    const Expected<TransformedPair> pair = TransformPair(delta, other);
    const Expected<Delta> passed = tree.TransformPast(other, Side::kLeft);
    tree.CheckInvariants();
    ASSERT_EQ(passed.has_value(), pair.has_value());
    EXPECT_EQ(tree.ToDelta(), pair ? pair->left : delta);
    if (!pair) EXPECT_EQ(passed.error().code, pair.error().code);
    (pair && composed ? accepted : refused) += 1;
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_GT(accepted, 1000U);
}

// The next tests would not end if each step passed over what lies around it.

TEST(PendingOperationLargeTest, ManyInsertsInOneGapAreNotWalkedOver) {
  PendingOperation pending(InsertsEverywhere(2 * kLarge));
  for (const Delta& other : DeletesAroundTheMiddle(kLarge)) {
    ASSERT_TRUE(pending.TransformPast(other, Side::kLeft));
  }
  EXPECT_EQ(pending.base_length(), 0U);
  EXPECT_EQ(pending.ToDelta(), Delta().Insert(std::string(2 * kLarge + 1, 'x')));
}

TEST(PendingOperationLargeTest, ManyDeletesAtOnePlaceAreNotWalkedOver) {
  // Texts that end apart, so that they stay pieces of their own.
  Delta first;
  for (uint64_t i = 0; i < kLarge; ++i) first.Retain(1).DeleteText("y").Insert("x");
  PendingOperation pending(first);
  const uint64_t target = first.target_length();
  for (uint64_t i = 0; i < target / 2; ++i) {
    ASSERT_TRUE(pending.Compose(Delta().Retain(target / 2 - 1 - i).Delete(2)));
  }
  EXPECT_EQ(pending.ToDelta(), Delta().Delete(2 * kLarge));
}

TEST(PendingOperationLargeTest, ALongTextIsCutFromItsNearerEnd) {
  // Of a text of two bytes a character, its end is deleted again and again, or its beginning.
  constexpr uint64_t kLong = 5 * kLarge;
  std::string text;
  for (uint64_t i = 0; i < kLong; ++i) text += "\u00e9";
  for (const bool from_end : {true, false}) {
    PendingOperation pending(Delta().Insert(text).Delete(1).Insert("x"));
    for (uint64_t left = kLong; left > 1; --left) {
      ASSERT_TRUE(pending.Compose(Delta().Retain(from_end ? left - 1 : 0).Delete(1)));
    }
    EXPECT_EQ(pending.target_length(), 2U);
  }
}

TEST(PendingOperationLargeTest, TypingInsideALongTextIsNoWorse) {
  PendingOperation pending(Delta().Insert(std::string(kLarge, 'x')).Delete(1));
  for (uint64_t i = 0; i < kLarge; ++i) {
    ASSERT_TRUE(pending.Compose(Delta().Retain(kLarge / 2 + i).Insert("z")));
  }
  const std::string half(kLarge / 2, 'x');
  EXPECT_EQ(pending.ToDelta(), Delta().Insert(half + std::string(kLarge, 'z') + half).Delete(1));
}

}  // namespace
}  // namespace cotext
