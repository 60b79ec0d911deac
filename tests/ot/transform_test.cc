#include "ot/transform.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

Delta Inserted(uint64_t at, std::string_view text) { return Delta().Retain(at).Insert(text); }
Delta Deleted(uint64_t at, uint64_t count) { return Delta().Retain(at).Delete(count); }

Delta Over(const Delta& delta, const Delta& over, Side side) {
  const Expected<Delta> result = Transform(delta, over, side);
  EXPECT_TRUE(result);
  if (result) result->CheckInvariants();
  return result.value_or(Delta());
}

ErrorCode CodeOf(const Expected<TransformedPair>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(TransformTest, TheLeftTextComesFirstInAGap) {
  EXPECT_EQ(Over(Inserted(2, "a"), Inserted(2, "bcd"), Side::kLeft), Inserted(2, "a"));
  EXPECT_EQ(Over(Inserted(2, "a"), Inserted(2, "bcd"), Side::kRight), Inserted(5, "a"));
}

TEST(TransformTest, PositionsAreCodePoints) {
  EXPECT_EQ(Over(Inserted(2, "a"), Inserted(1, "\U0001f600é"), Side::kRight), Inserted(4, "a"));
}

TEST(TransformTest, WhatBothDeleteVanishes) {
  EXPECT_EQ(Over(Deleted(1, 4), Deleted(3, 4), Side::kLeft), Deleted(1, 2));
  EXPECT_EQ(Over(Deleted(1, 4), Deleted(0, 9), Side::kLeft), Delta());
}

TEST(TransformTest, ADeleteGoesAroundWhatIsInsertedInIt) {
  EXPECT_EQ(Over(Deleted(1, 4), Inserted(3, "xy"), Side::kLeft),
            Delta().Retain(1).Delete(2).Retain(2).Delete(2));
}

TEST(TransformTest, InsertAndDeleteAtOnePlaceKeepTheirGaps) {
  const Delta before = Delta().Insert("x").Delete(1);
  const Delta behind = Delta().Delete(1).Insert("x");
  EXPECT_EQ(Over(before, Inserted(1, "y"), Side::kRight), before);
  EXPECT_EQ(Over(behind, Inserted(1, "y"), Side::kRight), Delta().Delete(1).Retain(1).Insert("x"));
}

TEST(TransformTest, DeletesKeepTheTextThatTheyStillDelete) {
  EXPECT_EQ(Over(Delta().DeleteText("aéb"), Deleted(0, 1), Side::kLeft), Delta().DeleteText("éb"));
  EXPECT_EQ(Over(Delta().DeleteText("aéb"), Deleted(1, 1), Side::kLeft), Delta().DeleteText("ab"));
}

TEST(TransformTest, DeletesWithAndWithoutTextThatMeetLoseIt) {
  const Delta delta = Delta().DeleteText("a").Retain(1).Delete(1);
  EXPECT_EQ(Over(delta, Deleted(1, 1), Side::kLeft), Deleted(0, 2));
}

TEST(TransformTest, DifferentDeletedTextsAreRefused) {
  const Delta left = Delta().Retain(1).DeleteText("abc");
  EXPECT_EQ(CodeOf(TransformPair(left, Delta().Retain(2).DeleteText("xc"))),
            ErrorCode::kDeltaMismatch);
  EXPECT_EQ(TransformPair(left, Delta().Retain(2).DeleteText("xc")).error().message,
            "both deltas delete the text from code point 2 to 4, with different texts");
  EXPECT_TRUE(TransformPair(left, Delta().Retain(2).DeleteText("bc")));
  EXPECT_TRUE(TransformPair(left, Delta().Retain(4).DeleteText("xc")));
  EXPECT_TRUE(TransformPair(left, Delta().Retain(2).Delete(2)));
}

TEST(TransformTest, WhatCouldNotBeCountedIsRefused) {
  constexpr uint64_t kMost = Delta::kMaxLength;
  EXPECT_EQ(CodeOf(TransformPair(Inserted(kMost - 1, "a"), Inserted(0, "bc"))),
            ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(TransformPair(Inserted(0, "bc"), Inserted(kMost - 1, "a"))),
            ErrorCode::kTooLarge);
  EXPECT_TRUE(TransformPair(Deleted(0, kMost), Deleted(0, kMost)));
  EXPECT_TRUE(TransformPair(Deleted(0, kMost - 10), Inserted(7, "abc")));
  EXPECT_EQ(CodeOf(TransformPair(Deleted(0, kMost), Inserted(0, "a"))), ErrorCode::kTooLarge);
}

TEST(TransformTest, ARangeTakesInWhatIsInsertedWithinOnly) {
  const auto range_after = [](const Delta& delta) {
    return TransformRange(delta, {{2}, {4}}, Bias::kBefore);
  };
  EXPECT_EQ(range_after(Inserted(2, "xy")), (CodePointRange{{4}, {6}}));
  EXPECT_EQ(range_after(Inserted(3, "xy")), (CodePointRange{{2}, {6}}));
  EXPECT_EQ(range_after(Inserted(4, "xy")), (CodePointRange{{2}, {4}}));
  EXPECT_EQ(range_after(Deleted(1, 9)), (CodePointRange{{1}, {1}}));
  EXPECT_EQ(range_after(Delta().Retain(2).Insert("x").Delete(2).Insert("y")),
            (CodePointRange{{3}, {3}}));
}

TEST(TransformTest, AnEmptyRangeStaysEmpty) {
  EXPECT_EQ(TransformRange(Inserted(2, "xy"), {{2}, {2}}, Bias::kBefore),
            (CodePointRange{{2}, {2}}));
  EXPECT_EQ(TransformRange(Inserted(2, "xy"), {{2}, {2}}, Bias::kAfter),
            (CodePointRange{{4}, {4}}));
}

// TP2 would make it no matter which of two concurrent edits a third is transformed over first. No
// transformation of plain deltas has it: once the deleted character is gone, nothing tells on which
// side of it an insert was.
TEST(TransformTest, Tp2DoesNotHold) {
  const Delta a = Inserted(1, "O");
  const Delta b = Inserted(0, "P");
  const Delta c = Deleted(0, 1);
  // In ties a is left. It is to pass over both b and c.
  const Delta b_after_c = Over(b, c, Side::kLeft);
  const Delta c_after_b = Over(c, b, Side::kRight);
  const Delta a_over_b_then_c = Over(Over(a, b, Side::kLeft), c_after_b, Side::kLeft);
  const Delta a_over_c_then_b = Over(Over(a, c, Side::kLeft), b_after_c, Side::kLeft);
  EXPECT_EQ(a_over_b_then_c, Inserted(1, "O"));
  EXPECT_EQ(a_over_c_then_b, Inserted(0, "O"));
}

// Deleting a character makes one gap of the two beside it, so what is then inserted there ties with
// an edit behind the character. In the composition of the two the gaps are apart.
TEST(TransformTest, OverAComposedHistoryAnEditMayComeOutAnother) {
  const Delta edit = Inserted(1, "y");
  const Delta first = Deleted(0, 1);
  const Delta then = Inserted(0, "x");
  const Expected<Delta> history = Compose(first, then);
  const std::string text = *Apply(*history, "a");
  EXPECT_EQ(*Apply(Over(Over(edit, first, Side::kLeft), then, Side::kLeft), text), "yx");
  EXPECT_EQ(*Apply(Over(edit, *history, Side::kLeft), text), "xy");
}

// A client that receives one update at a time, and an authority that composes them to rebase the
// client's edit, agree on every edit and yet part: each keeps TP1, with another history.
TEST(TransformTest, ComposingTheHistoryOnOneSideDiverges) {
  const std::string base = "ab";
  const Delta mine = Inserted(2, "x");  // Left, as a client's edits are.
  const Delta first = Deleted(1, 1);
  const Delta then = Inserted(1, "y");
  const TransformedPair past_first = *TransformPair(mine, first);
  const TransformedPair past_then = *TransformPair(past_first.left, then);
  const std::string at_client =
      *Apply(past_then.right, *Apply(past_first.right, *Apply(mine, base)));

  const Delta history = *Compose(first, then);
  const TransformedPair past_both = *TransformPair(mine, history);
  const std::string at_authority = *Apply(past_both.left, *Apply(history, base));
  EXPECT_EQ(at_client, "axy");
  EXPECT_EQ(at_authority, "ayx");
}

}  // namespace
}  // namespace cotext
