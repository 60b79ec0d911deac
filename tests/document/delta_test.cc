#include "document/delta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random_delta.h"

namespace cotext {

// Reaches the parts that a test has to break.
class DeltaTestPeer {
 public:
  static auto& components(Delta& delta) { return delta.components_; }
  static auto& text(Delta& delta) { return delta.text_; }
  static uint64_t& base_length(Delta& delta) { return delta.base_length_; }
  static uint64_t& target_length(Delta& delta) { return delta.target_length_; }
};

namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

constexpr uint64_t kMax = Delta::kMaxLength;

std::vector<Component> Components(const Delta& delta) {
  std::vector<Component> components;
  for (const Component& component : delta) components.push_back(component);
  return components;
}

std::string MessageOf(const Error& error) {
  return std::string(ErrorName(error.code)) + ": " + error.message;
}

Delta Composed(const Delta& first, const Delta& then) {
  const Expected<Delta> composed = Compose(first, then);
  if (!composed) {
    ADD_FAILURE() << MessageOf(composed.error());
    return {};
  }
  composed->CheckInvariants();
  return *composed;
}

TEST(DeltaTest, NewDeltaIsTheIdentity) {
  const Delta delta;
  EXPECT_TRUE(delta.empty());
  EXPECT_EQ(delta.base_length(), 0U);
  EXPECT_EQ(delta.target_length(), 0U);
  EXPECT_EQ(Apply(delta, "text"), "text");
}

TEST(DeltaTest, BuilderMergesNeighboursOfOneKind) {
  const Delta delta = Delta().Retain(1).Retain(2).Insert("a").Insert("\u00e9").Delete(1).Delete(3);
  delta.CheckInvariants();
  EXPECT_EQ(Components(delta),
            (std::vector<Component>{
                {Kind::kRetain, 3}, {Kind::kInsert, 2, "a\u00e9"}, {Kind::kDelete, 4}}));
  EXPECT_EQ(delta.base_length(), 7U);
  EXPECT_EQ(delta.target_length(), 5U);
}

TEST(DeltaTest, BuilderDropsEmptyComponents) {
  const Delta delta = Delta().Insert("a").Retain(0).Delete(0).DeleteText("").Insert("").Insert("b");
  delta.CheckInvariants();
  EXPECT_EQ(Components(delta), (std::vector<Component>{{Kind::kInsert, 2, "ab"}}));
}

TEST(DeltaTest, BuilderTrimsTheLastRetain) {
  Delta delta = Delta().Insert("a").Retain(2);
  EXPECT_EQ(delta, Delta().Insert("a"));
  EXPECT_EQ(delta.size(), 1U);
  EXPECT_EQ(delta.base_length(), 0U);
  // But what follows goes behind it.
  delta.Retain(1).Delete(1);
  delta.CheckInvariants();
  EXPECT_EQ(
      Components(delta),
      (std::vector<Component>{{Kind::kInsert, 1, "a"}, {Kind::kRetain, 3}, {Kind::kDelete, 1}}));
  EXPECT_EQ(delta.base_length(), 4U);
  EXPECT_EQ(delta.target_length(), 4U);
}

TEST(DeltaTest, BuilderKeepsTheOrderOfInsertAndDelete) {
  const Delta insert_first = Delta().Insert("x").Delete(1);
  const Delta delete_first = Delta().Delete(1).Insert("x");
  EXPECT_NE(insert_first, delete_first);
  EXPECT_EQ(insert_first[0].kind, Kind::kInsert);
  EXPECT_EQ(delete_first[0].kind, Kind::kDelete);
}

TEST(DeltaTest, MergedDeletesKeepTheirTextIfBothHaveIt) {
  EXPECT_EQ(Delta().DeleteText("a").DeleteText("\u4e2d"), Delta().DeleteText("a\u4e2d"));
  EXPECT_EQ(Delta().DeleteText("ab").Delete(1), Delta().Delete(3));
  EXPECT_EQ(Delta().Delete(1).DeleteText("ab"), Delta().Delete(3));
  // The lost text leaves nothing behind that a later component would take for its own.
  const Delta delta = Delta().Insert("i").DeleteText("ab").Delete(1).Insert("j");
  delta.CheckInvariants();
  EXPECT_EQ(Components(delta),
            (std::vector<Component>{
                {Kind::kInsert, 1, "i"}, {Kind::kDelete, 3}, {Kind::kInsert, 1, "j"}}));
}

TEST(DeltaTest, EqualityComparesTexts) {
  EXPECT_EQ(Delta().Insert("ab"), Delta().Insert("a").Insert("b"));
  EXPECT_NE(Delta().Insert("ab"), Delta().Insert("ac"));
  EXPECT_NE(Delta().DeleteText("a"), Delta().DeleteText("b"));
  EXPECT_NE(Delta().DeleteText("a"), Delta().Delete(1));
  EXPECT_NE(Delta().Retain(1).Delete(1), Delta().Retain(2).Delete(1));
}

TEST(DeltaTest, LengthsReachTheLimitAndNotBeyond) {
  Delta delta = Delta().Retain(kMax - 1).Delete(1);
  delta.CheckInvariants();
  EXPECT_EQ(delta.base_length(), kMax);
  EXPECT_DEATH(delta.Delete(1), "kMaxLength");
  EXPECT_DEATH(Delta().Retain(kMax).Insert("a"), "kMaxLength");
  EXPECT_DEATH(Delta().Retain(kMax).Retain(1), "kMaxLength");
}

TEST(DeltaTest, CheckInvariantsSeesEveryBrokenOne) {
  const Delta sound = Delta().Retain(1).Insert("a\u00e9").DeleteText("b").Insert("c");
  const auto broken = [&sound](auto breakage, const char* failing_check) {
    Delta delta = sound;
    breakage(delta, DeltaTestPeer::components(delta), DeltaTestPeer::text(delta));
    EXPECT_DEATH(delta.CheckInvariants(), testing::HasSubstr(failing_check));
  };
  sound.CheckInvariants();
  broken([](auto&, auto& parts, auto&) { parts[3].kind = Kind::kRetain; }, "components_.back()");
  broken([](auto&, auto&, auto& text) { text[1] = 'x'; }, "IsValidUtf8");
  broken([](auto&, auto& parts, auto&) { parts[0].count = 0; }, "stored.count > 0");
  broken([](auto&, auto& parts, auto&) { parts[2].kind = Kind::kInsert; }, "components_[i - 1]");
  broken([](auto&, auto& parts, auto&) { parts[1].text_begin = 1; }, "text_begin == text_begin");
  broken([](auto&, auto& parts, auto&) { parts[3].text_bytes = 2; }, "text_begin <= text_.size()");
  broken([](auto&, auto& parts, auto&) { parts[3].text_bytes = 0; }, "kInsert || !text.empty()");
  broken([](auto&, auto& parts, auto&) { parts[0].text_bytes = 1; }, "kRetain || text.empty()");
  broken([](auto&, auto& parts, auto&) { parts[2].count = 2; }, "CountCodePoints(text)");
  broken([](auto&, auto&, auto& text) { text += 'x'; }, "text_begin == text_.size()");
  broken([](auto& delta, auto&, auto&) { ++DeltaTestPeer::base_length(delta); }, "base_length_");
  broken([](auto& delta, auto&, auto&) { --DeltaTestPeer::target_length(delta); },
         "target_length_");
}

TEST(DeltaTest, CursorGivesPiecesAndThenRetainsWithoutEnd) {
  const Delta delta = Delta().Insert("a\u4e2db").Delete(5);
  DeltaCursor cursor(delta);
  EXPECT_EQ(cursor.Take(2), (Component{Kind::kInsert, 2, "a\u4e2d"}));
  EXPECT_EQ(cursor.Peek(), (Component{Kind::kInsert, 1, "b"}));
  EXPECT_EQ(cursor.Take(9), (Component{Kind::kInsert, 1, "b"}));
  EXPECT_EQ(cursor.Take(2), (Component{Kind::kDelete, 2}));
  EXPECT_FALSE(cursor.AtEnd());
  EXPECT_EQ(cursor.Take(3), (Component{Kind::kDelete, 3}));
  EXPECT_TRUE(cursor.AtEnd());
  EXPECT_EQ(cursor.Take(7), (Component{Kind::kRetain, 7}));
  EXPECT_EQ(cursor.Peek(), (Component{Kind::kRetain, UINT64_MAX}));
}

TEST(DeltaTest, ApplyCountsCodePoints) {
  const Delta delta = Delta().Retain(2).Insert("\U0001f600").Delete(1);
  EXPECT_EQ(Apply(delta, "\u00e9\u4e2d\U0001f1ebz"), "\u00e9\u4e2d\U0001f600z");
}

TEST(DeltaTest, ApplyRefusesADeltaLongerThanTheText) {
  const Expected<std::string> result = Apply(Delta().Retain(2).Delete(2), "abc");
  ASSERT_FALSE(result);
  EXPECT_EQ(MessageOf(result.error()),
            "delta_mismatch: the delta reaches code point 4, the text ends at 3");
}

TEST(DeltaTest, ApplyRefusesOtherDeletedTextAndSaysWhere) {
  // The two Cyrillic letters begin with the same byte.
  const Delta delta = Delta().Retain(3).Insert("?").DeleteText("b\u0436");
  const Expected<std::string> result = Apply(delta, "aaab\u0437");
  ASSERT_FALSE(result);
  EXPECT_EQ(MessageOf(result.error()),
            "delta_mismatch: the deleted text differs from the text at code point 4");
  EXPECT_EQ(Apply(delta, "aaab\u0436"), "aaa?");
}

TEST(DeltaTest, ComposeInsertGoesBeforeDeletesAtItsBoundary) {
  EXPECT_EQ(Composed(Delta().Retain(1).Delete(2), Delta().Retain(1).Insert("x")),
            Delta().Retain(1).Insert("x").Delete(2));
  EXPECT_EQ(Composed(Delta().Delete(1), Delta().Insert("x")), Delta().Insert("x").Delete(1));
}

TEST(DeltaTest, ComposeInsertGoesBehindTheTextBeforeIt) {
  EXPECT_EQ(Composed(Delta().Delete(1).Insert("ab"), Delta().Retain(2).Insert("x")),
            Delta().Delete(1).Insert("abx"));
  EXPECT_EQ(Composed(Delta().Insert("ab").Delete(1), Delta().Retain(2).Insert("x")),
            Delta().Insert("abx").Delete(1));
}

TEST(DeltaTest, ComposeDeletesPassThroughInOrder) {
  const Delta first = Delta().DeleteText("a").Retain(1).DeleteText("c");
  EXPECT_EQ(Composed(first, Delta().DeleteText("b")), Delta().DeleteText("abc"));
  // A retain takes the deletes in front of its characters along, but none behind them.
  EXPECT_EQ(Composed(first, Delta().Retain(1).Insert("x")),
            Delta().DeleteText("a").Retain(1).Insert("x").DeleteText("c"));
}

TEST(DeltaTest, ComposeDeletingAnInsertCancelsIt) {
  const Delta insert = Delta().Retain(1).Insert("x\u4e2dy");
  EXPECT_EQ(Composed(insert, Delta().Retain(1).Delete(3)), Delta());
  EXPECT_EQ(Composed(insert, Delta().Retain(2).DeleteText("\u4e2d")),
            Delta().Retain(1).Insert("xy"));
}

TEST(DeltaTest, ComposeRefusesWrongTextAgainstAnInsertAndSaysWhere) {
  const Expected<Delta> result =
      Compose(Delta().Retain(3).Insert("xyz"), Delta().Retain(2).DeleteText("cxzz"));
  ASSERT_FALSE(result);
  EXPECT_EQ(MessageOf(result.error()),
            "delta_mismatch: the deleted text differs from the text at code point 4");
}

TEST(DeltaTest, ComposeRefusesMoreThanTheLimit) {
  const Delta first = Delta().Retain(kMax - 1).Delete(1);
  EXPECT_TRUE(Compose(first, Delta().Retain(kMax - 2).Delete(1)));
  const Expected<Delta> base = Compose(first, Delta().Retain(kMax - 1).Delete(1));
  ASSERT_FALSE(base);
  EXPECT_EQ(base.error().code, ErrorCode::kTooLarge);
  const Delta longest = Delta().Retain(kMax - 1).Insert("a");
  EXPECT_TRUE(Compose(longest, Delta().Insert("b").Delete(1)));
  const Expected<Delta> target = Compose(longest, Delta().Insert("b"));
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, ErrorCode::kTooLarge);
}

TEST(DeltaTest, ComposeAllOfNothingIsTheIdentity) { EXPECT_EQ(ComposeAll({}), Delta()); }

TEST(DeltaTest, ComposeAllReportsAnErrorFromEitherHalf) {
  const Delta insert = Delta().Insert("a");
  const Delta wrong = Delta().DeleteText("b");
  EXPECT_FALSE(ComposeAll(std::vector<Delta>{insert, wrong, insert, insert}));
  EXPECT_FALSE(ComposeAll(std::vector<Delta>{insert, insert, insert, wrong}));
  EXPECT_FALSE(ComposeAll(std::vector<Delta>{insert, wrong}));
}

TEST(DeltaTest, InvertTakesDeletedTextFromTheBase) {
  const Delta delta = Delta().Retain(1).Insert("x").Delete(2);
  EXPECT_EQ(Invert(delta, "a\u00e9\u4e2db"),
            Delta().Retain(1).DeleteText("x").Insert("\u00e9\u4e2d"));
  EXPECT_EQ(Invert(delta, "ab").error().code, ErrorCode::kDeltaMismatch);
  EXPECT_EQ(Invert(Delta().DeleteText("b"), "a").error().code, ErrorCode::kDeltaMismatch);
}

TEST(DeltaTest, InvertNeedsTheTextOfEveryDelete) {
  EXPECT_EQ(Invert(Delta().Retain(1).Insert("x").DeleteText("bc")),
            Delta().Retain(1).DeleteText("x").Insert("bc"));
  EXPECT_EQ(Invert(Delta().DeleteText("a").Retain(1).Delete(1)).error().code,
            ErrorCode::kInvalidDelta);
}

TEST(DeltaTest, WithoutDeletedTextKeepsEverythingElse) {
  EXPECT_EQ(WithoutDeletedText(Delta().Retain(1).Insert("x").DeleteText("\u4e2d").Insert("y")),
            Delta().Retain(1).Insert("x").Delete(1).Insert("y"));
}

uint64_t Moved(const Delta& delta, uint64_t position, Bias bias) {
  return TransformPosition(delta, CodePointOffset{position}, bias).value;
}

TEST(DeltaTest, BiasDecidesOnlyAtAnInsertExactlyThere) {
  const Delta delta = Delta().Retain(2).Insert("\u00e9\u4e2d");
  for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
    EXPECT_EQ(Moved(delta, 1, bias), 1U);
    EXPECT_EQ(Moved(delta, 3, bias), 5U);
  }
  EXPECT_EQ(Moved(delta, 2, Bias::kBefore), 2U);
  EXPECT_EQ(Moved(delta, 2, Bias::kAfter), 4U);
}

TEST(DeltaTest, DeleteAroundAPositionPullsItToTheStart) {
  const Delta delta = Delta().Retain(1).Delete(3);
  for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
    EXPECT_EQ(Moved(delta, 1, bias), 1U);
    EXPECT_EQ(Moved(delta, 2, bias), 1U);
    EXPECT_EQ(Moved(delta, 4, bias), 1U);
    EXPECT_EQ(Moved(delta, 6, bias), 3U);
  }
}

TEST(DeltaTest, PositionInADeletedRangeStaysBetweenInsertsAtItsEnds) {
  const Delta delta = Delta().Insert("x").Delete(2).Insert("y");
  for (const Bias bias : {Bias::kBefore, Bias::kAfter}) EXPECT_EQ(Moved(delta, 1, bias), 1U);
  EXPECT_EQ(Moved(delta, 0, Bias::kBefore), 0U);
  EXPECT_EQ(Moved(delta, 0, Bias::kAfter), 1U);
  EXPECT_EQ(Moved(delta, 2, Bias::kBefore), 1U);
  EXPECT_EQ(Moved(delta, 2, Bias::kAfter), 2U);
}

}  // namespace
}  // namespace cotext
