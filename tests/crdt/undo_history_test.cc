// UndoHistory on a bare Rga: the edits it reports, its limits, and its cost.
#include "crdt/undo_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "document/undo_manager.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"

namespace cotext {

// Breaks a history behind its back, to prove that CheckInvariants looks.
struct UndoHistoryPeer {
  static auto& Copies(UndoHistory& history) { return history.copies_; }
  static auto& ForeignDeletes(UndoHistory& history) { return history.foreign_deletes_; }
};

namespace {

using Replacements = std::vector<UndoHistory::Replacement>;

constexpr ReplicaId kMe{1};
constexpr ReplicaId kOther{2};
constexpr size_t kManySteps = 10'000;

// A replica that remembers its steps.
class Editor {
 public:
  explicit Editor(ReplicaId replica = kMe, const SequenceOptions& options = {})
      : rga_(replica, options) {}

  // Edits between these two are one step.
  void Begin() { begin_ = rga_.history().graph.end(); }
  void End() {
    const OpIndex end = rga_.history().graph.end();
    if (end == begin_) return;
    undo_.push_back({{.first = begin_.value, .length = end - begin_}});
    redo_.clear();
  }
  // Between these two, edits do not belong to the step that is open.
  void Pause() {
    End();
    paused_ = std::move(undo_.back());
    undo_.pop_back();
  }
  void Resume() { Begin(); }
  void EndResumed() {
    End();
    undo_.back().insert(undo_.back().begin(), paused_.begin(), paused_.end());
  }

  void Replace(uint64_t position, uint64_t count, const std::string& text) {
    ASSERT_TRUE(rga_.Replace(position, count, text).has_value());
  }
  void Step(uint64_t position, uint64_t count, const std::string& text) {
    Begin();
    Replace(position, count, text);
    End();
  }

  Replacements Undo() { return TakeBack(undo_, redo_); }
  Replacements Redo() { return TakeBack(redo_, undo_); }
  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }
  UndoHistory& history() { return history_; }
  void UndoAll() {
    while (can_undo()) Undo();
  }
  void RedoAll() {
    while (can_redo()) Redo();
  }

  void Hear(const Editor& other) {
    MustIntegrate(rga_, other.rga_.ChangesSince(rga_.version_vector()));
  }

  // Keeps the latest `count` steps.
  void ForgetOldestSteps(size_t count) {
    if (undo_.size() <= count) return;
    undo_.erase(undo_.begin(), undo_.end() - static_cast<ptrdiff_t>(count));
  }

  std::string Text() const { return TextOf(rga_); }
  uint64_t Length() const { return rga_.sequence().metrics().code_points; }
  Rga& rga() { return rga_; }

 private:
  using Ranges = std::vector<OperationRange>;

  static OpIndex FirstOf(const Ranges& step) {
    return OpIndex{static_cast<uint32_t>(step.front().first)};
  }

  Replacements TakeBack(std::vector<Ranges>& from, std::vector<Ranges>& to) {
    OpIndex oldest = FirstOf(from.front());
    if (!to.empty()) oldest = std::min(oldest, FirstOf(to.front()));
    history_.ForgetCopiesBefore(rga_, oldest);
    UndoHistory::TakenBack taken = history_.TakeBack(rga_, from.back()).value();
    from.pop_back();
    if (taken.operations.length > 0) to.push_back({taken.operations});
    return std::move(taken.replacements);
  }

  Rga rga_;
  UndoHistory history_;
  std::vector<Ranges> undo_;
  std::vector<Ranges> redo_;
  Ranges paused_;
  OpIndex begin_;
};

// Makes the replacements in a plain text.
std::string Replaced(std::string text, const Replacements& replacements) {
  for (const UndoHistory::Replacement& replacement : replacements) {
    const size_t begin = ByteOfCodePoint(text, replacement.position);
    const size_t end = ByteOfCodePoint(text, replacement.position + replacement.erased);
    text.replace(begin, end - begin, replacement.inserted);
  }
  return text;
}

TEST(UndoHistoryTest, ReportsTheReplacementsItMade) {
  Editor editor;
  editor.Step(0, 0, "abcdef");
  editor.Step(2, 2, "XYZ");
  const Replacements undone = editor.Undo();
  ASSERT_EQ(undone.size(), 2U);
  EXPECT_EQ(undone[0].position, 2U);
  EXPECT_EQ(undone[0].erased, 3U);
  EXPECT_EQ(undone[0].inserted, "");
  EXPECT_EQ(undone[1].position, 2U);
  EXPECT_EQ(undone[1].erased, 0U);
  EXPECT_EQ(undone[1].inserted, "cd");
}

TEST(UndoHistoryTest, ReplacementsTurnTheTextBeforeIntoTheTextAfter) {
  ForEachSeed(300, [](Random& random) {
    Editor editor(kMe, kTinySequence);
    Editor other(kOther, kTinySequence);
    for (int step = 0; step < 40; ++step) {
      Editor& who = random.Chance(70) ? editor : other;
      const uint64_t what = random.Below(100);
      const std::string before = who.Text();
      if (what < 40) {
        who.Begin();
        for (uint64_t edits = random.Between(1, 3); edits > 0; --edits) {
          const uint64_t at = random.Below(who.Length() + 1);
          who.Replace(at, random.Below(who.Length() - at + 1) / 2, RandomText(random, 4));
        }
        who.End();
      } else if (what < 60) {
        who.Hear(random.Chance(50) ? editor : other);
      } else if (what < 85) {
        if (who.can_undo()) ASSERT_EQ(Replaced(before, who.Undo()), who.Text());
      } else if (who.can_redo()) {
        ASSERT_EQ(Replaced(before, who.Redo()), who.Text());
      }
    }
  });
}

TEST(UndoHistoryTest, RestoresOnlyWhatNobodyElseDeletedWhateverTheDirection) {
  // Every set of six characters that the other deletes, forwards or backwards, meets one's own
  // deleting all of them, forwards or backwards.
  for (unsigned mask = 0; mask < 64; ++mask) {
    for (const bool mine_backward : {false, true}) {
      for (const bool other_backward : {false, true}) {
        SCOPED_TRACE(testing::Message() << mask << mine_backward << other_backward);
        Editor mine(kMe, kTinySequence);
        Editor other(kOther, kTinySequence);
        mine.Step(0, 0, "abcdef");
        other.Hear(mine);
        std::string kept = "abcdef";
        for (unsigned i = 0; i < 6; ++i) {
          const unsigned at = other_backward ? 5 - i : i;
          const char character = static_cast<char>('a' + at);
          if ((mask >> at & 1U) == 0) continue;
          other.Step(kept.find(character), 1, "");
          kept.erase(kept.find(character), 1);
        }
        mine.Begin();
        for (uint64_t i = 6; i > 0; --i) mine.Replace(mine_backward ? i - 1 : 0, 1, "");
        mine.End();
        mine.Hear(other);
        mine.Undo();
        ASSERT_EQ(mine.Text(), kept);
        ASSERT_EQ(mine.can_redo(), !kept.empty());
        mine.RedoAll();
        ASSERT_EQ(mine.Text(), "");
      }
    }
  }
}

TEST(UndoHistoryTest, RestoresOnlyWhatNoneOfTwoOthersDeleted) {
  // Every two ranges of six characters, in either order of arrival.
  constexpr uint64_t kLength = 6;
  for (uint64_t code = 0; code < kLength * kLength * kLength * kLength; ++code) {
    const uint64_t begins[] = {code % kLength, code / kLength % kLength};
    const uint64_t counts[] = {code / 36 % kLength, code / 216};
    Editor mine(kMe, kTinySequence);
    mine.Step(0, 0, "abcdef");
    Editor others[] = {Editor(kOther), Editor(ReplicaId{3})};
    std::string kept = "abcdef";
    for (size_t i = 0; i < 2; ++i) {
      others[i].Hear(mine);
      const uint64_t count = std::min(counts[i], kLength - begins[i]);
      others[i].Step(begins[i], count, "");
      for (uint64_t at = begins[i]; at < begins[i] + count; ++at) kept[at] = ' ';
    }
    mine.Step(0, kLength, "");
    for (const Editor& other : others) mine.Hear(other);
    mine.Undo();
    std::erase(kept, ' ');
    ASSERT_EQ(mine.Text(), kept) << "case " << code;
  }
}

TEST(UndoHistoryTest, WhatAStepDeletedComesBackAsOneRun) {
  Editor editor;
  // Neither typed nor deleted in the order of the text.
  for (const char* character : {"h", "g", "f", "e", "d", "c", "b", "a"}) {
    editor.Step(0, 0, character);
  }
  editor.Begin();
  for (const uint64_t at : {4U, 2U, 4U, 1U, 2U, 1U}) editor.Replace(at, 1, "");
  editor.End();
  EXPECT_EQ(editor.Text(), "ah");
  editor.Undo();
  EXPECT_EQ(editor.Text(), "abcdefgh");
  size_t visible_runs = 0;
  editor.rga().sequence().ForEachRun(
      [&visible_runs](const Sequence::Run& run) { visible_runs += run.deleted ? 0 : 1; });
  EXPECT_EQ(visible_runs, 2U);  // It continues "a", which was typed last.
}

TEST(UndoHistoryTest, WhatOthersDeleteBetweenTwoUndosIsSeen) {
  Editor mine;
  Editor other(kOther);
  mine.Step(0, 0, "abcd");
  other.Hear(mine);
  mine.Step(0, 1, "");
  mine.Step(0, 1, "");
  mine.Undo();
  EXPECT_EQ(mine.Text(), "bcd");
  other.Step(0, 1, "");
  mine.Hear(other);
  mine.Undo();
  EXPECT_EQ(mine.Text(), "bcd");
}

// What arrived in the middle of a step and was deleted by the rest of it stood there before that.
TEST(UndoHistoryTest, AStepInPartsBringsBackWhatCameBetweenThem) {
  Editor mine;
  Editor other(kOther);
  mine.Step(0, 0, "az");
  other.Hear(mine);
  mine.Begin();
  mine.Replace(1, 0, "b");
  mine.Pause();
  other.Replace(1, 0, "XY");
  mine.Hear(other);
  mine.Resume();
  EXPECT_EQ(mine.Text(), "aXYbz");
  mine.Replace(2, 2, "");  // Foreign text, and its own "b", which is to stay away.
  mine.EndResumed();
  EXPECT_EQ(mine.Text(), "aXz");
  mine.Undo();
  EXPECT_EQ(mine.Text(), "aXYz");
  mine.Redo();
  EXPECT_EQ(mine.Text(), "aXz");
}

// "e" is deleted by the second part of a step, when "Y", which came after the first part, stood
// behind it; "Y" is deleted later and so comes back first.
TEST(UndoHistoryTest, OrderIsThatOfWhenThePartOfAStepBegan) {
  Editor mine;
  Editor other(kOther);
  mine.Step(0, 0, "Le");
  other.Hear(mine);
  mine.Begin();
  mine.Replace(0, 0, "b");
  mine.Pause();
  other.Replace(2, 0, "Y");
  mine.Hear(other);
  mine.Resume();
  EXPECT_EQ(mine.Text(), "bLeY");
  mine.Replace(2, 1, "");
  mine.EndResumed();
  mine.Step(2, 1, "");
  EXPECT_EQ(mine.Text(), "bL");
  mine.Undo();
  EXPECT_EQ(mine.Text(), "bLY");
  mine.Undo();
  EXPECT_EQ(mine.Text(), "LeY");
}

TEST(UndoHistoryTest, WhatAFormerSelfDeletedIsNotForeignUpToItsLastOperation) {
  Editor former(kOther);
  former.Step(0, 0, "abcd");
  former.Step(0, 1, "");
  Editor mine;
  mine.Hear(former);
  mine.history().SetFormerSelves(
      {{.replica = kOther, .last_counter = mine.rga().next_counter() - 1}});
  former.Step(2, 1, "");  // "d", after the other went on.
  mine.Step(0, 3, "");
  mine.Hear(former);
  mine.Undo();
  EXPECT_EQ(mine.Text(), "bc");
  const UndoHistory::FormerSelf self{.replica = kOther, .last_counter = 5};
  EXPECT_EQ(mine.history().former_selves(), std::vector{self});
  // The delete of "a" is one's own.
  const std::vector<OperationRange> deletion{{.first = 4, .length = 1}};
  ASSERT_TRUE(mine.history().TakeBack(mine.rga(), deletion).has_value());
  EXPECT_EQ(mine.Text(), "abc");
}

TEST(UndoHistoryTest, CopiesThatNoStepNeedsAreForgotten) {
  Editor editor;
  editor.Step(0, 0, "abcdefgh");
  size_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    editor.Step(1, 2, "");
    editor.Undo();
    editor.Step(0, 0, "x");
    editor.Step(0, 1, "");
    editor.ForgetOldestSteps(5);
    size_t copies = 0;
    editor.history().ForEachCopy([&copies](Lv, ElementRange) { ++copies; });
    most = std::max(most, copies);
    editor.history().CheckInvariants();
  }
  EXPECT_EQ(editor.Text(), "abcdefgh");
  EXPECT_LT(most, 200U);
}

TEST(UndoHistoryTest, AnElementLivesOnAsItsLatestCopy) {
  Editor editor;
  editor.Step(0, 0, "ab");
  const Lv b{1};
  EXPECT_EQ(editor.history().LivingForm(editor.rga(), b), b);
  editor.Step(1, 1, "");
  EXPECT_EQ(editor.history().LivingForm(editor.rga(), b), b);
  for (int i = 0; i < 3; ++i) {
    editor.Undo();
    EXPECT_EQ(editor.history().LivingForm(editor.rga(), b), editor.rga().sequence().ElementAt(1));
    editor.Redo();
  }
}

// Text that others put between the copies is looked past up to a limit, and then the order is lost
// but nothing else.
TEST(UndoHistoryTest, LooksPastAFewForeignRunsOnly) {
  for (const uint32_t runs :
       {UndoHistory::kMaxForeignRuns - 1, UndoHistory::kMaxForeignRuns,
        UndoHistory::kMaxForeignRuns + 1, 10 * UndoHistory::kMaxForeignRuns}) {
    Editor mine;
    Editor other(kOther);
    mine.Step(0, 0, "ab");
    mine.Step(0, 1, "");
    mine.Step(0, 1, "");
    mine.Undo();
    other.Hear(mine);
    // Each begins right behind "b", so none continues another.
    for (uint32_t i = 0; i < runs; ++i) other.Step(1, 0, "12");
    mine.Hear(other);
    mine.Undo();
    const std::string foreign = other.Text().substr(1);
    EXPECT_EQ(mine.Text(),
              runs <= UndoHistory::kMaxForeignRuns ? "ab" + foreign : "b" + foreign + "a");
  }
}

// The cost. What is quadratic in one of these would take minutes.

class UndoHistoryCostTest : public testing::Test {
 protected:
  static constexpr uint64_t kEdits = 100'000;
  static constexpr uint64_t kScatteredEdits = 30'000;  // Each of these leaves a run of its own.

  // Makes `edits` edits, in as many steps as are kept.
  template <typename Edit>
  void MakeSteps(uint64_t edits, Edit edit) {
    const uint64_t edits_per_step = edits / kManySteps;
    for (uint64_t i = 0; i < edits; ++i) {
      if (i % edits_per_step == 0) editor_.Begin();
      edit(i);
      if ((i + 1) % edits_per_step == 0) editor_.End();
    }
  }

  // Undoes everything and redoes it, and undoes it again.
  void CheckThereAndBack(const std::string& before) {
    const std::string after = editor_.Text();
    editor_.UndoAll();
    ASSERT_EQ(editor_.Text(), before);
    editor_.RedoAll();
    ASSERT_EQ(editor_.Text(), after);
    editor_.UndoAll();
    ASSERT_EQ(editor_.Text(), before);
  }

  // Returns a text of kEdits letters.
  static std::string Alphabets() {
    std::string text;
    for (uint64_t i = 0; i < kEdits; ++i) text += static_cast<char>('a' + i % 26);
    return text;
  }

  void TearDown() override {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    EXPECT_LT(passed.count(), 20);
  }

  Editor editor_;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST_F(UndoHistoryCostTest, Typing) {
  MakeSteps(kEdits, [this](uint64_t i) { editor_.Replace(i, 0, "a"); });
  CheckThereAndBack("");
}

TEST_F(UndoHistoryCostTest, TypingBackwards) {
  MakeSteps(kEdits, [this](uint64_t i) {
    editor_.Replace(0, 0, std::string(1, static_cast<char>('a' + i % 26)));
  });
  CheckThereAndBack("");
}

TEST_F(UndoHistoryCostTest, TypingAnywhere) {
  Random random(1);
  MakeSteps(kScatteredEdits, [&](uint64_t i) { editor_.Replace(random.Below(i + 1), 0, "a"); });
  CheckThereAndBack("");
}

TEST_F(UndoHistoryCostTest, DeletingForwards) {
  const std::string text = Alphabets();
  editor_.Replace(0, 0, text);
  MakeSteps(kEdits, [this](uint64_t) { editor_.Replace(0, 1, ""); });
  CheckThereAndBack(text);
}

TEST_F(UndoHistoryCostTest, DeletingBackwards) {
  const std::string text = Alphabets();
  editor_.Replace(0, 0, text);
  MakeSteps(kEdits, [this](uint64_t i) { editor_.Replace(kEdits - i - 1, 1, ""); });
  CheckThereAndBack(text);
}

TEST_F(UndoHistoryCostTest, DeletingAnywhere) {
  const std::string text = Alphabets();
  editor_.Replace(0, 0, text);
  Random random(1);
  MakeSteps(kScatteredEdits, [&](uint64_t i) { editor_.Replace(random.Below(kEdits - i), 1, ""); });
  CheckThereAndBack(text);
}

TEST_F(UndoHistoryCostTest, OneStepOfManyEdits) {
  Random random(1);
  editor_.Begin();
  for (uint64_t i = 0; i < kEdits; ++i) {
    editor_.Replace(random.Below(editor_.Length() + 1), 0, "ab");
    editor_.Replace(random.Below(editor_.Length()), 1, "");
  }
  editor_.End();
  CheckThereAndBack("");
}

TEST_F(UndoHistoryCostTest, TogglingAFewStepsAboveManyOthers) {
  const std::string text(kManySteps, 'a');
  editor_.Replace(0, 0, text);
  for (size_t i = 0; i < kManySteps; ++i) editor_.Step(0, 1, "");
  // What the many go back to is at the beginning, then in the middle of long chains of copies.
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20'000; ++i) {
      editor_.Undo();
      editor_.Undo();
      editor_.Redo();
      editor_.Redo();
    }
    CheckThereAndBack(text);
    editor_.RedoAll();
  }
}

TEST_F(UndoHistoryCostTest, OthersWhoDeleteEveryOtherCharacter) {
  Editor other(kOther);
  const std::string text(kEdits, 'a');
  editor_.Step(0, 0, text);
  other.Hear(editor_);
  for (uint64_t i = 0; i < kEdits / 2; ++i) other.Replace(i, 1, "");
  editor_.Step(0, kEdits, "");
  editor_.Hear(other);
  editor_.Undo();
  EXPECT_EQ(editor_.Length(), kEdits / 2);
  editor_.Redo();
  EXPECT_EQ(editor_.Length(), 0U);
  editor_.Undo();
  EXPECT_EQ(editor_.Length(), kEdits / 2);
}

class UndoHistoryDeathTest : public testing::Test {
 protected:
  // A copy of "b", and a character that another replica deleted.
  UndoHistoryDeathTest() {
    Editor other(kOther);
    editor_.Step(0, 0, "abc");
    other.Hear(editor_);
    other.Step(2, 1, "");
    editor_.Hear(other);
    editor_.Step(1, 1, "");
    editor_.Undo();
    editor_.history().CheckInvariants();
  }

  Editor editor_;
};

TEST_F(UndoHistoryDeathTest, CheckerSeesACopyOfWhatComesLater) {
  auto& copies = UndoHistoryPeer::Copies(editor_.history());
  ASSERT_EQ(copies.size(), 1U);
  copies[0].source = copies[0].copy.first + 1;
  EXPECT_DEATH(editor_.history().CheckInvariants(), "source");
}

TEST_F(UndoHistoryDeathTest, CheckerSeesAnEmptyRangeOfForeignDeletes) {
  auto& deletes = UndoHistoryPeer::ForeignDeletes(editor_.history());
  ASSERT_EQ(deletes.size(), 1U);
  deletes.begin()->second = deletes.begin()->first;
  EXPECT_DEATH(editor_.history().CheckInvariants(), "range_end");
}

}  // namespace
}  // namespace cotext
