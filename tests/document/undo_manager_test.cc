// UndoManager by itself: what joins what, what is kept, what listeners hear.
#include "document/undo_manager.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/anchor.h"
#include "document/edit_label.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Does what a document does.
struct UndoManagerPeer {
  static void Commit(UndoManager& manager, OperationRange made, EditLabel label = {}) {
    manager.Commit(label, made);
    manager.DropNextSelections();
    manager.TellListeners();
  }
  static void Move(UndoManager& manager, UndoStack from, OperationRange made) {
    manager.Move(from, made, manager.LatestSelection(from));
    manager.TellListeners();
  }
  static void SetNext(UndoManager& manager, UndoSelection before, UndoSelection after) {
    manager.SetNextBefore(std::move(before));
    manager.SetNextAfter(std::move(after));
  }
  static void SetLatestAfter(UndoManager& manager, UndoSelection after) {
    manager.SetLatestAfter(std::move(after));
  }
  static void Restore(UndoManager& manager, std::vector<UndoStep> undo,
                      std::vector<UndoStep> redo) {
    manager.Restore(std::move(undo), std::move(redo));
  }
  // What a transaction does that joins the latest step.
  static void Join(UndoManager& manager, OperationRange made) { manager.Join(made); }
  static size_t& Bytes(UndoManager& manager) { return manager.extra_bytes_; }
  static auto& FirstRange(UndoManager& manager) { return manager.undo_.items.front(); }
};

namespace {

using Peer = UndoManagerPeer;

// A manager, and operations numbered one after another.
class UndoManagerTest : public testing::Test {
 protected:
  // Makes operations and commits them.
  void Edit(uint64_t length = 1, EditLabel label = {}) {
    Peer::Commit(manager_, {.first = next_, .length = length}, label);
    next_ += length;
  }
  void EditAt(uint64_t ms, EditLabel label = {}) {
    manager_.SetTime(ms);
    Edit(1, label);
  }
  // What others do.
  void Foreign() { ++next_; }
  void Undo(uint64_t length = 1) {
    Peer::Move(manager_, UndoStack::kUndo, {.first = next_, .length = length});
    next_ += length;
  }
  void Redo() {
    Peer::Move(manager_, UndoStack::kRedo, {.first = next_, .length = 1});
    ++next_;
  }

  // The steps that can be undone, such as "0-2,4 5".
  std::string Steps(UndoStack stack = UndoStack::kUndo) const {
    std::string text;
    manager_.ForEachStep(stack, [&text](const UndoStep& step) {
      if (!text.empty()) text += ' ';
      for (size_t i = 0; i < step.ranges.size(); ++i) {
        const OperationRange& range = step.ranges[i];
        if (i > 0) text += ',';
        text += std::to_string(range.first);
        if (range.length > 1) text += '-' + std::to_string(range.first + range.length - 1);
      }
    });
    return text;
  }

  void TearDown() override { manager_.CheckInvariants(); }

  UndoManager manager_;
  uint64_t next_ = 0;
};

UndoSelection At(const std::string& place) {
  return UndoSelection{.anchors = {*Anchor::FromBytes(place)}, .data = "caret " + place};
}

TEST_F(UndoManagerTest, WithoutTimesEachTransactionIsAStep) {
  for (int i = 0; i < 3; ++i) Edit();
  EXPECT_EQ(Steps(), "0 1 2");
}

TEST_F(UndoManagerTest, WhatComesWithinTheIntervalOfTheOneBeforeJoinsIt) {
  for (const uint64_t ms : {1000U, 1499U, 1998U, 2498U, 2998U, 2998U}) EditAt(ms);
  EXPECT_EQ(Steps(), "0-2 3 4-5");
}

TEST_F(UndoManagerTest, TimeZeroIsATimeAndTimeThatGoesBackJoinsNothing) {
  for (const uint64_t ms : {0U, 100U, 50U, 60U}) EditAt(ms);
  EXPECT_EQ(Steps(), "0-1 2-3");
}

TEST_F(UndoManagerTest, WhatComesAfterTimelessEditsJoinsNothing) {
  Edit();
  EditAt(5);
  EditAt(6);
  EXPECT_EQ(Steps(), "0 1-2");
}

TEST_F(UndoManagerTest, TheIntervalIsAnOption) {
  manager_.SetOptions({.group_interval_ms = 0});
  EditAt(1);
  EditAt(1);
  EXPECT_EQ(Steps(), "0 1");
  manager_.SetOptions({.group_interval_ms = 2});
  EditAt(2);
  EditAt(4);
  EXPECT_EQ(Steps(), "0 1-2 3");
}

TEST_F(UndoManagerTest, EditsOfOthersDoNotEndAGroup) {
  EditAt(0);
  Foreign();
  EditAt(1);
  EditAt(2);
  Foreign();
  EditAt(3);
  EXPECT_EQ(Steps(), "0,2-3,5");
}

TEST_F(UndoManagerTest, StopGroupingAndUndoAndRedoEndAGroup) {
  EditAt(0);
  manager_.StopGrouping();
  EditAt(1);
  EditAt(2);
  EXPECT_EQ(Steps(), "0 1-2");
  Undo();
  EditAt(3);
  EXPECT_EQ(Steps(), "0 4");
  Undo();
  Redo();
  EditAt(3);
  EXPECT_EQ(Steps(), "0 6 7");
}

TEST_F(UndoManagerTest, AnExplicitGroupIsOneStepWhateverTheTime) {
  EditAt(0);
  manager_.BeginGroup();
  EditAt(1);
  EditAt(10'000);
  manager_.BeginGroup();
  Foreign();
  EditAt(20'000);
  manager_.EndGroup();
  EXPECT_TRUE(manager_.in_group());
  EditAt(30'000);
  manager_.EndGroup();
  EXPECT_FALSE(manager_.in_group());
  EditAt(30'001);
  EXPECT_EQ(Steps(), "0 1-2,4-5 6");
  // Without times too.
  UndoManager timeless;
  timeless.BeginGroup();
  for (uint64_t i = 0; i < 3; ++i) Peer::Commit(timeless, {.first = i, .length = 1});
  timeless.EndGroup();
  EXPECT_EQ(timeless.step_count(UndoStack::kUndo), 1U);
}

TEST_F(UndoManagerTest, StopGroupingSplitsAnExplicitGroup) {
  manager_.BeginGroup();
  Edit();
  manager_.StopGrouping();
  Edit();
  Edit();
  manager_.EndGroup();
  EXPECT_EQ(Steps(), "0 1-2");
}

TEST_F(UndoManagerTest, AGroupWithoutEditsIsNothing) {
  Edit();
  manager_.BeginGroup();
  manager_.EndGroup();
  EXPECT_EQ(Steps(), "0");
}

TEST_F(UndoManagerTest, UntrackedLabelsLeaveStacksAndGroupsAlone) {
  constexpr EditLabel kFormatter{7};
  manager_.TrackAllBut({EditLabel{9}, kFormatter, EditLabel{3}});
  EditAt(0);
  EditAt(1, kFormatter);
  EditAt(2, EditLabel{8});
  EXPECT_EQ(Steps(), "0,2");
  Undo();
  EditAt(3, EditLabel{3});
  EXPECT_EQ(Steps(UndoStack::kRedo), "3");
  manager_.TrackOnly({kFormatter});
  EXPECT_FALSE(manager_.Tracks(EditLabel{}));
  Edit(1, kFormatter);
  Edit(1);
  EXPECT_EQ(Steps(), "5");
  EXPECT_FALSE(manager_.can_redo());
  manager_.TrackAll();
  EXPECT_TRUE(manager_.Tracks(EditLabel{}));
  EXPECT_TRUE(manager_.Tracks(kFormatter));
}

TEST_F(UndoManagerTest, UndoMovesStepsToAndFro) {
  for (int i = 0; i < 3; ++i) Edit(2);
  Undo();
  Undo();
  EXPECT_EQ(Steps(), "0-1");
  EXPECT_EQ(Steps(UndoStack::kRedo), "6 7");
  Redo();
  EXPECT_EQ(Steps(), "0-1 8");
  EXPECT_EQ(Steps(UndoStack::kRedo), "6");
  Undo(0);  // Void by now.
  EXPECT_EQ(Steps(UndoStack::kRedo), "6");
  EXPECT_EQ(manager_.OldestOperation(), 0U);
  Undo();
  EXPECT_EQ(manager_.OldestOperation(), 6U);
  Edit();
  EXPECT_EQ(Steps(), "10");
  EXPECT_FALSE(manager_.can_redo());
  manager_.Clear();
  EXPECT_EQ(manager_.OldestOperation(), std::nullopt);
}

TEST_F(UndoManagerTest, KeepsTheLatestSteps) {
  manager_.SetOptions({.max_steps = 3});
  for (int i = 0; i < 5; ++i) Edit();
  EXPECT_EQ(Steps(), "2 3 4");
  Undo();
  Undo();
  manager_.SetOptions({.max_steps = 1});
  EXPECT_EQ(Steps(), "");
  EXPECT_EQ(Steps(UndoStack::kRedo), "6");
  manager_.SetOptions({.max_steps = 0});
  EXPECT_FALSE(manager_.can_redo());
  Edit();
  EXPECT_FALSE(manager_.can_undo());
}

TEST_F(UndoManagerTest, CountsAndLimitsBytes) {
  Edit();
  const size_t step = manager_.bytes();
  EXPECT_GT(step, 0U);
  Edit();
  EXPECT_EQ(manager_.bytes(), 2 * step);
  const std::string data(1000, 'x');
  Peer::SetLatestAfter(manager_, {.anchors = {}, .data = data});
  EXPECT_GT(manager_.bytes(), 2 * step + 1000);
  const size_t with_data = manager_.bytes();
  manager_.SetOptions({.max_bytes = with_data});
  EXPECT_EQ(Steps(), "0 1");
  Edit();
  EXPECT_EQ(Steps(), "1 2");
  manager_.SetOptions({.max_bytes = with_data - step - 1});
  EXPECT_EQ(Steps(), "2");
  // A group with gaps grows, in the end beyond the limit.
  manager_.BeginGroup();
  size_t kept = 0;
  for (; manager_.can_undo(); ++kept) {
    Foreign();
    Edit();
    ASSERT_LT(kept, 1000U);
    ASSERT_LE(manager_.bytes(), with_data);
  }
  EXPECT_EQ(manager_.bytes(), 0U);
  EXPECT_GT(kept, 10U);
}

TEST_F(UndoManagerTest, UndoGivesBackTheSelectionBeforeAndRedoTheOneAfter) {
  Peer::SetNext(manager_, At("a"), At("b"));
  Edit();
  Edit();
  Undo();
  EXPECT_TRUE(manager_.restored().empty());
  Undo();
  EXPECT_EQ(manager_.restored(), At("a"));
  Redo();
  EXPECT_EQ(manager_.restored(), At("b"));
  Undo();
  EXPECT_EQ(manager_.restored(), At("a"));
}

TEST_F(UndoManagerTest, AGroupHasTheFirstSelectionBeforeAndTheLastAfter) {
  manager_.BeginGroup();
  Peer::SetNext(manager_, At("a"), At("b"));
  Edit();
  Peer::SetNext(manager_, At("c"), At("d"));
  Edit();
  Edit();
  manager_.ForEachStep(UndoStack::kUndo, [](const UndoStep& step) {
    EXPECT_EQ(step.before, At("a"));
    EXPECT_EQ(step.after, At("d"));
  });
  Peer::SetLatestAfter(manager_, At("e"));
  manager_.EndGroup();
  Undo();
  EXPECT_EQ(manager_.restored(), At("a"));
  Redo();
  EXPECT_EQ(manager_.restored(), At("e"));
}

TEST_F(UndoManagerTest, ASelectionAfterIsForNewTrackedEditsOnly) {
  manager_.TrackAllBut({EditLabel{1}});
  Peer::SetLatestAfter(manager_, At("nothing"));
  Edit();
  Peer::SetLatestAfter(manager_, At("a"));
  Edit(1, EditLabel{1});
  Peer::SetLatestAfter(manager_, At("b"));
  Edit();
  Undo();
  Peer::SetLatestAfter(manager_, At("c"));
  Undo();
  Redo();
  EXPECT_EQ(manager_.restored(), At("a"));
}

class UndoEventsTest : public UndoManagerTest {
 protected:
  UndoEventsTest() {
    id_ = manager_.Subscribe([this](const UndoEvent& event) { Hear(event); });
  }

  void Hear(const UndoEvent& event) {
    constexpr std::string_view kKinds[] = {"pushed", "joined", "popped", "cleared"};
    if (!heard_.empty()) heard_ += "; ";
    heard_ += kKinds[static_cast<size_t>(event.kind)];
    heard_ += event.stack == UndoStack::kUndo ? " undo" : " redo";
    if (!event.selection.empty()) heard_ += " " + event.selection.data;
    heard_ += event.can_undo ? " u" : " -";
    heard_ += event.can_redo ? "r" : "-";
  }

  // Returns what was heard since the last call.
  std::string Heard() { return std::exchange(heard_, {}); }

  UndoManager::SubscriptionId id_ = 0;
  std::string heard_;
};

TEST_F(UndoEventsTest, TellOfEveryChangeToTheStacks) {
  Peer::SetNext(manager_, At("a"), At("b"));
  EditAt(0);
  EXPECT_EQ(Heard(), "pushed undo caret a u-");
  EditAt(1);
  EXPECT_EQ(Heard(), "joined undo caret a u-");
  Undo();
  EXPECT_EQ(Heard(), "popped undo caret a -r; pushed redo caret b -r");
  Redo();
  EXPECT_EQ(Heard(), "popped redo caret b u-; pushed undo caret a u-");
  Undo();
  Heard();
  Edit();
  EXPECT_EQ(Heard(), "cleared redo u-; pushed undo u-");
  Undo(0);
  EXPECT_EQ(Heard(), "popped undo --");
  manager_.Clear();
  EXPECT_EQ(Heard(), "");
  Edit();
  manager_.StopGrouping();
  Edit();
  Undo();
  Heard();
  manager_.Clear();
  EXPECT_EQ(Heard(), "cleared undo --; cleared redo --");
  Peer::Restore(manager_, {{.ranges = {{0, 1}}, .before = At("x"), .after = {}}}, {});
  EXPECT_EQ(Heard(), "pushed undo caret x u-");
}

TEST_F(UndoEventsTest, AreNotToldOfWhatIsNotTracked) {
  manager_.TrackOnly({});
  Edit();
  EXPECT_EQ(Heard(), "");
}

TEST_F(UndoEventsTest, ListenersMayDoAnythingAndHearOfItAfterwards) {
  int others = 0;
  UndoManager::SubscriptionId once = 0;
  once = manager_.Subscribe([&](const UndoEvent& event) {
    ++others;
    manager_.Unsubscribe(once);
    manager_.Subscribe([&](const UndoEvent&) { others += 100; });
    if (event.kind == UndoEvent::Kind::kPushed) manager_.Clear();
  });
  Edit();
  EXPECT_EQ(Heard(), "pushed undo u-; cleared undo --");
  EXPECT_EQ(others, 201);
  manager_.Unsubscribe(id_);
  manager_.Unsubscribe(id_);
  Edit();
  EXPECT_EQ(Heard(), "");
  EXPECT_EQ(others, 301);
}

TEST_F(UndoManagerTest, RestoredStepsAreNotJoined) {
  manager_.SetTime(0);
  next_ = 10;
  EditAt(0);
  const std::vector<UndoStep> undo{{.ranges = {{0, 2}, {3, 1}}, .before = At("a"), .after = {}},
                                   {.ranges = {{5, 1}}, .before = {}, .after = At("b")}};
  const std::vector<UndoStep> redo{{.ranges = {{7, 1}}, .before = At("c"), .after = At("d")}};
  Peer::Restore(manager_, undo, redo);
  EXPECT_EQ(Steps(), "0-1,3 5");
  std::vector<UndoStep> kept;
  manager_.ForEachStep(UndoStack::kUndo, [&](UndoStep step) { kept.push_back(std::move(step)); });
  EXPECT_EQ(kept, undo);
  kept.clear();
  manager_.ForEachStep(UndoStack::kRedo, [&](UndoStep step) { kept.push_back(std::move(step)); });
  EXPECT_EQ(kept, redo);
  EditAt(1);
  EXPECT_EQ(Steps(), "0-1,3 5 11");
}

TEST_F(UndoManagerTest, CountsStayRightInEveryOrderOfCalls) {
  ForEachSeed(300, [](Random& random) {
    UndoManager manager;
    uint64_t next = 0;
    for (int i = 0; i < 200; ++i) {
      const uint64_t what = random.Below(100);
      const OperationRange made{.first = next += random.Below(2), .length = random.Between(1, 3)};
      const UndoStack stack = random.Chance(50) ? UndoStack::kUndo : UndoStack::kRedo;
      if (what < 50) {
        manager.SetTime(static_cast<uint64_t>(i) * 100);
        if (random.Chance(30)) {
          Peer::SetNext(manager, At(std::string(random.Below(9), 'a')), At("b"));
        }
        Peer::Commit(manager, made, EditLabel{random.Below(3)});
        next = made.first + made.length;
      } else if (what < 80 && manager.step_count(stack) > 0) {
        const uint64_t length = random.Chance(80) ? made.length : 0;
        Peer::Move(manager, stack, {.first = made.first, .length = length});
        next = made.first + length;
      } else if (what < 85) {
        manager.SetOptions({.group_interval_ms = random.Below(300),
                            .max_steps = random.Below(9),
                            .max_bytes = random.Below(2000)});
      } else if (what < 90) {
        manager.TrackAllBut({EditLabel{random.Below(4)}});
      } else if (what < 95) {
        manager.StopGrouping();
      } else {
        Peer::SetLatestAfter(manager, At(std::string(random.Below(9), 'c')));
      }
      manager.CheckInvariants();
    }
  });
}

// Compares what is kept with lists of whole steps.
TEST_F(UndoManagerTest, StepsAreWhatTheyWereWhateverTheyHave) {
  ForEachSeed(200, [](Random& random) {
    constexpr size_t kMaxSteps = 12;
    UndoManager manager;
    manager.SetOptions({.max_steps = kMaxSteps});
    std::deque<UndoStep> stacks[2];
    uint64_t next = random.Chance(50) ? 0 : 0xfffffff0U;
    const auto selection = [&random] { return random.Chance(70) ? UndoSelection() : At("s"); };
    for (int i = 0; i < 150; ++i) {
      const OperationRange made{.first = next += random.Below(3),
                                .length = random.Chance(5) ? 0xffffffffU : random.Between(1, 3)};
      const size_t from = random.Below(2);
      next = made.first + made.length;
      if (random.Chance(70) || stacks[from].empty()) {
        const UndoStep step{.ranges = {made}, .before = selection(), .after = selection()};
        const bool joins = random.Chance(30) && manager.can_undo() && !manager.can_redo();
        if (joins) {
          Peer::Join(manager, made);
          OperationRange& last = stacks[0].back().ranges.back();
          if (last.first + last.length == made.first) {
            last.length += made.length;
          } else {
            stacks[0].back().ranges.push_back(made);
          }
          continue;
        }
        if (!step.before.empty() || !step.after.empty()) {
          Peer::SetNext(manager, step.before, step.after);
        }
        Peer::Commit(manager, made);
        stacks[0].push_back(step);
        stacks[1].clear();
        if (stacks[0].size() > kMaxSteps) stacks[0].pop_front();
      } else {
        Peer::Move(manager, from == 0 ? UndoStack::kUndo : UndoStack::kRedo, made);
        UndoStep step = std::move(stacks[from].back());
        stacks[from].pop_back();
        step.ranges = {made};
        stacks[1 - from].push_back(std::move(step));
      }
      manager.CheckInvariants();
      for (const UndoStack stack : {UndoStack::kUndo, UndoStack::kRedo}) {
        std::deque<UndoStep> kept;
        manager.ForEachStep(stack, [&](UndoStep step) { kept.push_back(std::move(step)); });
        ASSERT_EQ(kept, stacks[static_cast<size_t>(stack)]);
      }
    }
  });
}

using UndoManagerDeathTest = UndoManagerTest;

TEST_F(UndoManagerDeathTest, CheckerSeesWrongBytesAndStepsOutOfOrder) {
  Edit();
  Edit();
  ++Peer::Bytes(manager_);
  EXPECT_DEATH(manager_.CheckInvariants(), "bytes");
  --Peer::Bytes(manager_);
  Peer::FirstRange(manager_).length = 2;
  EXPECT_DEATH(manager_.CheckInvariants(), "first");
  Peer::FirstRange(manager_).length = 0;
  EXPECT_DEATH(manager_.CheckInvariants(), "length");
  Peer::FirstRange(manager_).length = 1;
}

TEST_F(UndoManagerDeathTest, AGroupThatIsNotOpenCannotEnd) {
  EXPECT_DEATH(manager_.EndGroup(), "group");
}

}  // namespace
}  // namespace cotext
