// TryReplace: what it does is what Replace does, and what it does not do changes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/edit_label.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/undo_manager.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

struct Edit {
  uint64_t begin;
  uint64_t count;
  std::string text;
};

// Mostly typing and deleting where the last edit was.
Edit RandomEdit(Random& random, uint64_t length, uint64_t caret) {
  const uint64_t begin = random.Chance(15) ? random.Below(length + 1) : std::min(caret, length);
  if (random.Chance(25)) {
    const bool backward = random.Chance(60) && begin > 0;
    const uint64_t from = backward ? begin - 1 : begin;
    return Edit{.begin = from, .count = std::min<uint64_t>(1, length - from), .text = ""};
  }
  if (random.Chance(10)) return Edit{.begin = begin, .count = 0, .text = RandomText(random, 4)};
  return Edit{.begin = begin, .count = 0, .text = std::string(1, "ab \n"[random.Below(4)])};
}

Expected<void> Replace(RgaDocument& document, const Edit& edit) {
  return document.Replace(CodePointOffset{edit.begin}, CodePointOffset{edit.begin + edit.count},
                          edit.text);
}

bool TryReplace(RgaDocument& document, const Edit& edit) {
  return document.TryReplace(edit.begin, edit.count, edit.text);
}

// Makes the same edits in both ways; returns how many were tried with success.
int EditBoth(Random& random, RgaDocument& tried, RgaDocument& replaced) {
  int successes = 0;
  uint64_t caret = 0;
  for (int i = 0; i < 300; ++i) {
    const Edit edit = RandomEdit(random, tried.metrics().code_points, caret);
    if (TryReplace(tried, edit)) {
      ++successes;
    } else {
      EXPECT_TRUE(Replace(tried, edit));
    }
    EXPECT_TRUE(Replace(replaced, edit));
    caret = edit.begin + (edit.text.empty() ? 0 : 1);
  }
  return successes;
}

void ExpectSame(RgaDocument& tried, RgaDocument& replaced) {
  EXPECT_EQ(tried.Text(), replaced.Text());
  const Version nothing = RgaDocument(ReplicaId{2}).version();
  EXPECT_EQ(*tried.EncodeSince(nothing), *replaced.EncodeSince(nothing));
  EXPECT_EQ(tried.EncodeUndo(), replaced.EncodeUndo());
  tried.CheckInvariants();
}

TEST(RgaDocumentTypingTest, WhatIsTriedIsWhatReplaceDoes) {
  int successes = 0;
  ForEachSeed(30, [&successes](Random& random) {
    RgaDocument tried(ReplicaId{1});
    RgaDocument replaced(ReplicaId{1});
    successes += EditBoth(random, tried, replaced);
    ExpectSame(tried, replaced);
    while (tried.CanUndo()) {
      EXPECT_TRUE(*tried.Undo());
      EXPECT_TRUE(*replaced.Undo());
    }
    ExpectSame(tried, replaced);
  });
  EXPECT_GT(successes, 30 * 100);
}

TEST(RgaDocumentTypingTest, WhereNothingIsTrackedThereIsNothingToUndo) {
  int successes = 0;
  ForEachSeed(10, [&successes](Random& random) {
    RgaDocument tried(ReplicaId{1});
    RgaDocument replaced(ReplicaId{1});
    for (RgaDocument* const document : {&tried, &replaced}) {
      ASSERT_TRUE(Replace(*document, {.begin = 0, .count = 0, .text = "tracked"}));
      document->undo_manager().TrackOnly({});
    }
    successes += EditBoth(random, tried, replaced);
    EXPECT_EQ(tried.undo_manager().step_count(UndoStack::kUndo), 1U);
    ExpectSame(tried, replaced);
  });
  EXPECT_GT(successes, 10 * 100);
}

// What is written here follows, so that it could be done.
class RefusedTypingTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Replace(document_, {.begin = 0, .count = 0, .text = "ab"})); }
  bool Tries() { return TryReplace(document_, {.begin = 2, .count = 0, .text = "c"}); }

  RgaDocument document_{ReplicaId{1}};
};

TEST_F(RefusedTypingTest, WhatFollowsIsDone) {
  EXPECT_TRUE(Tries());
  EXPECT_EQ(document_.Text(), "abc");
}

TEST_F(RefusedTypingTest, NotWhileSomebodyObserves) {
  const Document::SubscriptionId id = document_.Subscribe([](const DeltaEvent&) {});
  EXPECT_FALSE(Tries());
  document_.Unsubscribe(id);
  EXPECT_TRUE(Tries());
}

TEST_F(RefusedTypingTest, NotInsideATransaction) {
  document_.BeginTransaction(EditLabel{3});
  EXPECT_FALSE(Tries());
  document_.CommitTransaction();
  EXPECT_TRUE(Tries());
}

TEST_F(RefusedTypingTest, NotWhereUndoHasMoreToDo) {
  document_.undo_manager().SetTime(1);
  EXPECT_FALSE(Tries());
  EXPECT_EQ(document_.Text(), "ab");
}

TEST_F(RefusedTypingTest, NotWhereASelectionWasSaid) {
  document_.undo_manager().TrackOnly({});
  document_.SetSelectionBefore(UndoSelection{.data = "here"});
  EXPECT_FALSE(Tries());
  ASSERT_TRUE(Replace(document_, {.begin = 2, .count = 0, .text = "c"}));
  EXPECT_TRUE(TryReplace(document_, {.begin = 3, .count = 0, .text = "d"}));
}

TEST_F(RefusedTypingTest, NotWhatIsOutOfRangeOrNoText) {
  EXPECT_FALSE(TryReplace(document_, {.begin = 3, .count = 0, .text = "c"}));
  EXPECT_FALSE(TryReplace(document_, {.begin = 2, .count = 1, .text = ""}));
  EXPECT_FALSE(TryReplace(document_, {.begin = 2, .count = 0, .text = "\x80"}));
  EXPECT_EQ(document_.Text(), "ab");
}

}  // namespace
}  // namespace cotext
