// Own edits among those of others, and those of others: against texts, and how their cost grows.
#include "ot/own_edits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "document/utf8.h"
#include "ot/foreign_edits.h"
#include "ot/replacement.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"

namespace cotext {

// Looks at and corrupts what others did.
struct ForeignEditsPeer {
  static Delta Whole(const ForeignEdits& edits) {
    std::vector<Delta> deltas;
    for (const auto& part : edits.parts_) deltas.push_back(part.operation.ToDelta());
    return ComposeAll(deltas).value();
  }
  static size_t Parts(const ForeignEdits& edits) { return edits.parts_.size(); }
  static void MakeUnequal(ForeignEdits& edits) { edits.parts_.push_back(edits.parts_.front()); }
};

// Corrupts own edits.
struct OwnEditsPeer {
  static void RepeatNumber(OwnEdits& edits) { edits.edits_[1].number = edits.edits_[0].number; }
  static void LoseText(OwnEdits& edits) { edits.text_.pop_back(); }
  static void BreakText(OwnEdits& edits) { edits.text_[0] = '\x80'; }
  static void RaiseOthers(OwnEdits& edits) { edits.others_.front().below = 100; }
  static size_t TextBytes(const OwnEdits& edits) { return edits.text_.size(); }
};

namespace {

std::string After(const Delta& delta, const std::string& text) {
  return Apply(delta, text).value();
}

TEST(ForeignEditsTest, OneOwnEditAndAllOthersMakeTheSameTextInBothOrders) {
  ForEachSeed(1000, [](Random& random) {
    const std::string text = RandomText(random, 10);
    std::string later = text;
    ForeignEdits others;
    std::vector<Delta> all;
    for (uint64_t count = random.Below(12); count > 0; --count) {
      all.push_back(RandomDelta(random, later, DeletedText::kSome));
      later = After(all.back(), later);
      others.Add(all.back());
    }
    others.CheckInvariants();
    ASSERT_EQ(After(ForeignEditsPeer::Whole(others), text), later);
    for (uint64_t at = 0; at <= CountCodePoints(text); ++at) {
      const uint64_t lean = ToLean(at, Bias::kAfter);
      ASSERT_EQ(
          LeanPosition(others.ToPositionMap()(lean)),
          TransformPosition(ComposeAll(all).value(), CodePointOffset{at}, Bias::kAfter).value);
    }
    const Delta own = RandomDelta(random, text, DeletedText::kNone);
    const Delta passed = others.TransformPast(own);
    others.CheckInvariants();
    ASSERT_EQ(After(passed, later), After(ForeignEditsPeer::Whole(others), After(own, text)));
  });
}

TEST(ForeignEditsTest, EarlierAndLaterEditsAreOneWhicheverCameFirst) {
  ForEachSeed(500, [](Random& random) {
    std::string text = RandomText(random, 10);
    std::vector<Delta> all;
    for (int i = 0; i < 20; ++i) {
      all.push_back(RandomDelta(random, text, DeletedText::kNone));
      text = After(all.back(), text);
    }
    ForeignEdits others;
    for (size_t end = all.size(); end > 0;) {
      const size_t begin = end - random.Between(1, std::min<size_t>(end, 3));
      ForeignEdits earlier;
      for (size_t i = begin; i < end; ++i) earlier.Add(all[i]);
      others.AddBefore(std::move(earlier));
      others.CheckInvariants();
      end = begin;
    }
    ASSERT_EQ(ForeignEditsPeer::Whole(others), ComposeAll(all).value());
  });
}

TEST(ForeignEditsTest, ManyEarlierEditsOneByOneAreFewParts) {
  ForeignEdits others;
  for (int i = 0; i < 10'000; ++i) {
    ForeignEdits earlier;
    earlier.Add(Delta().Retain(static_cast<uint64_t>(i % 7)).Insert("x"));
    others.AddBefore(std::move(earlier));
    ASSERT_LE(ForeignEditsPeer::Parts(others), 15U);
  }
  EXPECT_GE(others.size(), 10'000U);
}

TEST(ForeignEditsDeathTest, TheCheckerSeesPartsThatShouldBeOne) {
  ForeignEdits others;
  others.Add(Delta().Insert("x"));
  others.CheckInvariants();
  ForeignEditsPeer::MakeUnequal(others);
  EXPECT_DEATH(others.CheckInvariants(), "");
}

// A text of characters that occur once, edited by its user and by others.
class EditsModel {
 public:
  explicit EditsModel(Random& random) : random_(random), text_(fresh_.Text(5)) {}

  // An edit of the user, or of others.
  void Edit(bool own) {
    const uint64_t length = CountCodePoints(text_);
    // Half of the time it goes on where the last one ended.
    const bool goes_on = end_ <= length && random_.Chance(50);
    const uint64_t at = goes_on ? end_ : random_.Below(length + 1);
    const uint64_t count = std::min(length - at, goes_on ? 0 : random_.Below(3));
    const uint64_t inserted = random_.Between(count == 0 ? 1 : 0, 3);
    end_ = at + inserted;
    if (own) {
      const size_t begin = ByteOfCodePoint(text_, at);
      const size_t end = ByteOfCodePoint(text_, at + count);
      own_.emplace_back(number_, text_);
      edits_.Push(number_, at, inserted, std::string_view(text_).substr(begin, end - begin));
    }
    number_ += inserted + count;
    const Delta delta = Delta().Retain(at).Insert(fresh_.Text(inserted)).Delete(count);
    if (!own) edits_.AddForeign(delta);
    text_ = After(delta, text_);
    edits_.CheckInvariants();
  }

  // Takes back `count` edits at once. Without others the text is what it was.
  void TakeBack(uint64_t count, bool alone) {
    count = std::min<uint64_t>(count, own_.size());
    if (count == 0) return;
    const auto [first, before] = own_[own_.size() - count];
    own_.resize(own_.size() - count);
    text_ = After(edits_.TakeBackFrom(first).delta, text_);
    if (alone) ASSERT_EQ(text_, before);
    ASSERT_EQ(edits_.empty(), own_.empty());
    edits_.CheckInvariants();
  }

  void Forget() {
    if (own_.empty()) return;
    const size_t forgotten = random_.Below(own_.size() + 1);
    edits_.ForgetBefore(forgotten < own_.size() ? own_[forgotten].first : number_);
    own_.erase(own_.begin(), own_.begin() + static_cast<ptrdiff_t>(forgotten));
    ASSERT_EQ(edits_.empty(), own_.empty());
    edits_.CheckInvariants();
  }

 private:
  Random& random_;
  FreshCharacters fresh_;
  std::string text_;
  OwnEdits edits_;
  uint64_t number_ = 1;
  uint64_t end_ = 0;                                   // Of the last edit.
  std::vector<std::pair<uint64_t, std::string>> own_;  // Numbers, and the texts before them.
};

TEST(OwnEditsTest, WithoutOthersEveryTextComesBack) {
  ForEachSeed(500, [](Random& random) {
    EditsModel model(random);
    for (int step = 0; step < 80 && !testing::Test::HasFatalFailure(); ++step) {
      const uint64_t what = random.Below(100);
      if (what < 60) {
        model.Edit(true);
      } else if (what < 95) {
        model.TakeBack(random.Between(1, 4), true);
      } else {
        model.Forget();
      }
    }
  });
}

// What comes out is right is for ot_document_undo_test to see; here, that it fits the text.
TEST(OwnEditsTest, AmongOthersEditsAreTakenBackAndForgottenInAnyPortions) {
  ForEachSeed(500, [](Random& random) {
    EditsModel model(random);
    for (int step = 0; step < 80 && !testing::Test::HasFatalFailure(); ++step) {
      const uint64_t what = random.Below(100);
      if (what < 60) {
        model.Edit(random.Chance(50));
      } else if (what < 95) {
        model.TakeBack(random.Between(1, 4), false);
      } else {
        model.Forget();
      }
    }
  });
}

TEST(OwnEditsTest, WhatIsTakenOutComesInOrder) {
  OwnEdits edits;
  edits.Push(1, 0, 3, "");
  edits.Push(4, 1, 2, "b");
  edits.Push(7, 0, 0, "a");
  EXPECT_EQ(edits.TakeOutFrom(4),
            (std::vector{Delta().Retain(1).Insert("??").Delete(1), Delta().Delete(1)}));
  EXPECT_EQ(edits.latest(), 3U);
  edits.CheckInvariants();
}

TEST(OwnEditsTest, TypingIsOneRunOfWhichAnyPartIsTakenBack) {
  OwnEdits edits;
  for (uint64_t i = 0; i < 1000; ++i) edits.Push(5 + i, 20 + i, 1, "");
  EXPECT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits.latest(), 1004U);
  EXPECT_EQ(edits.TakeBackFrom(1000).delta, Delta().Retain(1015).Delete(5));
  EXPECT_EQ(edits.latest(), 999U);
  edits.ForgetBefore(995);
  edits.CheckInvariants();
  EXPECT_EQ(edits.TakeOutFrom(998), std::vector{Delta().Retain(1013).Insert("??")});
  EXPECT_EQ(edits.TakeBackFrom(995).delta, Delta().Retain(1010).Delete(3));
  EXPECT_TRUE(edits.empty());
}

TEST(OwnEditsTest, ARunEndsWhereSomethingElseHappens) {
  OwnEdits edits;
  edits.Push(0, 5, 2, "");
  edits.Push(2, 9, 1, "");   // Elsewhere.
  edits.Push(3, 10, 1, "");  // It goes on.
  edits.Push(5, 11, 1, "");  // Something was between.
  EXPECT_EQ(edits.size(), 3U);
  edits.Push(6, 12, 1, "x");  // Text was replaced,
  edits.Push(8, 13, 1, "");   // and what follows does not go on with that.
  EXPECT_EQ(edits.size(), 5U);
  edits.AddForeign(Delta().Insert("y"));
  edits.Push(9, 14, 1, "");
  EXPECT_EQ(edits.size(), 6U);
  edits.CheckInvariants();
}

TEST(OwnEditsTest, ForgottenTextIsFreed) {
  OwnEdits edits;
  for (uint64_t number = 0; number < 10'000; ++number) {
    edits.Push(number, 0, 0, "deleted");
    if (number >= 10) edits.ForgetBefore(number - 10);
    ASSERT_LE(OwnEditsPeer::TextBytes(edits), 200U);
  }
  EXPECT_EQ(edits.ErasedBytesFrom(9'990), 70U);
  edits.CheckInvariants();
}

TEST(OwnEditsDeathTest, TheCheckerSeesBrokenEdits) {
  OwnEdits good;
  good.Push(1, 0, 0, "a");
  good.AddForeign(Delta().Insert("x"));
  good.Push(2, 0, 0, "b");
  good.CheckInvariants();
  for (const auto corrupt : {OwnEditsPeer::RepeatNumber, OwnEditsPeer::LoseText,
                             OwnEditsPeer::BreakText, OwnEditsPeer::RaiseOthers}) {
    OwnEdits bad = good;
    corrupt(bad);
    EXPECT_DEATH(bad.CheckInvariants(), "");
  }
}

TEST(ReplacementTest, ReplacementsInOrderDoWhatTheDeltaDoes) {
  ForEachSeed(1000, [](Random& random) {
    const std::string text = RandomText(random, 10);
    const Delta delta = RandomDelta(random, text, DeletedText::kSome);
    std::string edited = text;
    for (const Replacement& part : ReplacementsOf(delta)) {
      ASSERT_TRUE(part.erased > 0 || !part.inserted.empty());
      edited =
          After(Delta().Retain(part.position).Insert(part.inserted).Delete(part.erased), edited);
    }
    ASSERT_EQ(edited, After(delta, text));
  });
}

}  // namespace
}  // namespace cotext
