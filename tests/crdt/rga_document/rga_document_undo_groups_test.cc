// Undo of whole documents with groups, labels, limits, selections, and across saving and loading.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crdt/rga_document.h"
#include "document/edit_label.h"
#include "document/undo_manager.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"
#include "tests/support/undo_selections.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kOther{5};
constexpr EditLabel kFormatter{9};

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

bool Back(Document& document) { return document.Undo().value(); }
bool Forth(Document& document) { return document.Redo().value(); }

// Examples.

TEST(RgaDocumentUndoGroupsTest, TypingIsTakenBackAsOneStepThoughAnotherTypesToo) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  uint64_t ms = 1000;
  for (const char* character : {"a", "b", "c", "d"}) {
    mine.undo_manager().SetTime(ms += 100);
    Put(mine, mine.metrics().code_points, character);
    Put(other, 0, "1");
    Pull(mine, other);
  }
  EXPECT_EQ(mine.undo_manager().step_count(UndoStack::kUndo), 1U);
  mine.undo_manager().SetTime(ms += 500);
  Put(mine, mine.metrics().code_points, "later");
  Back(mine);
  Back(mine);
  EXPECT_EQ(mine.Text(), "1111");
  EXPECT_FALSE(mine.CanUndo());
  Forth(mine);
  const std::string text = mine.Text();
  EXPECT_EQ(std::ranges::count(text, '1'), 4);
  std::string own = text;
  std::erase(own, '1');
  EXPECT_EQ(own, "abcd");
}

TEST(RgaDocumentUndoGroupsTest, AGroupBringsBackAllItDeletedInOrder) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  Put(mine, 0, "abcdef");
  Pull(other, mine);
  mine.undo_manager().BeginGroup();
  Cut(mine, 4, 5);
  Put(other, 3, "123");
  Pull(mine, other);
  EXPECT_EQ(mine.Text(), "abc123df");
  Cut(mine, 4, 5);  // "2", which was not there when the group began.
  Cut(mine, 1, 3);
  mine.undo_manager().EndGroup();
  EXPECT_EQ(mine.Text(), "a13df");
  Back(mine);
  EXPECT_EQ(mine.Text(), "abc123def");
  Forth(mine);
  EXPECT_EQ(mine.Text(), "a13df");
}

// Selections.

class UndoSelectionTest : public testing::Test {
 protected:
  UndoSelection Around(uint64_t begin, uint64_t end) const {
    return SelectionAround(mine_, begin, end);
  }
  std::string Restored() const { return RestoredSelection(mine_); }

  RgaDocument mine_{kMe};
  RgaDocument other_{kOther};
};

TEST_F(UndoSelectionTest, WhatWasSelectedAndReplacedIsSelectedAgain) {
  Put(mine_, 0, "one two three");
  mine_.SetSelectionBefore(Around(4, 7));
  ASSERT_TRUE(mine_.Replace(CodePointOffset{4}, CodePointOffset{7}, "2").has_value());
  mine_.SetSelectionAfter(Around(4, 5));
  for (int i = 0; i < 3; ++i) {
    Back(mine_);
    EXPECT_EQ(mine_.Text(), "one two three");
    EXPECT_EQ(Restored(), "[two]");
    // Others write before it and within it.
    Pull(other_, mine_);
    Put(other_, 0, "*");
    Pull(mine_, other_);
    EXPECT_EQ(Restored(), "[two]");
    Cut(other_, 0, 1);
    Pull(mine_, other_);
    Forth(mine_);
    EXPECT_EQ(mine_.Text(), "one 2 three");
    EXPECT_EQ(Restored(), "[2]");
  }
}

TEST_F(UndoSelectionTest, SelectionsOfEarlierStepsAreWhereTheirTextIs) {
  Put(mine_, 0, "abcdef");
  mine_.SetSelectionBefore(Around(2, 4));
  Put(mine_, 6, "x");
  Cut(mine_, 1, 5);
  Back(mine_);
  EXPECT_EQ(Restored(), "none");
  Back(mine_);
  EXPECT_EQ(mine_.Text(), "abcdef");
  EXPECT_EQ(Restored(), "[cd]");
}

TEST_F(UndoSelectionTest, InsideATransactionItIsThatOfTheTransaction) {
  Put(mine_, 0, "ab");
  mine_.Transact([this] {
    mine_.SetSelectionBefore(Around(0, 1));
    Put(mine_, 2, "cd");
    mine_.SetSelectionAfter(Around(2, 4));
  });
  Put(mine_, 0, "x");
  Back(mine_);
  EXPECT_EQ(Restored(), "none");
  Back(mine_);
  EXPECT_EQ(Restored(), "[a]");
  Forth(mine_);
  EXPECT_EQ(Restored(), "[cd]");
}

TEST_F(UndoSelectionTest, ATransactionWithoutEditsLeavesNoSelectionBehind) {
  mine_.Transact([this] { mine_.SetSelectionBefore(Around(0, 0)); });
  Put(mine_, 0, "a");
  Back(mine_);
  EXPECT_EQ(Restored(), "none");
}

TEST_F(UndoSelectionTest, EventsComeAfterTheTextHasChanged) {
  std::string heard;
  mine_.Subscribe([&](const DeltaEvent&) { heard += "text "; });
  mine_.undo_manager().Subscribe([&](const UndoEvent& event) {
    EXPECT_FALSE(mine_.in_transaction());
    heard += event.kind == UndoEvent::Kind::kPopped ? "popped " + Restored() : "pushed";
    heard += " ";
  });
  Put(mine_, 0, "abc");
  mine_.SetSelectionBefore(Around(1, 2));
  Cut(mine_, 1, 2);
  heard.clear();
  Back(mine_);
  EXPECT_EQ(heard, "text popped [b] pushed ");
}

TEST_F(UndoSelectionTest, AListenerOfStepsMayEdit) {
  mine_.undo_manager().Subscribe([&](const UndoEvent& event) {
    if (event.kind == UndoEvent::Kind::kPopped) Put(mine_, 0, "!");
  });
  Put(mine_, 0, "abc");
  Back(mine_);
  EXPECT_EQ(mine_.Text(), "!");
  EXPECT_FALSE(mine_.CanRedo());
}

// One's own text, digits aside, after each step; and which transactions make a step.
class GroupedTexts {
 public:
  void Edit(bool joins, std::string after) {
    texts_.resize(at_ + 1);
    if (joins && at_ > 0) {
      texts_[at_] = std::move(after);
    } else {
      texts_.push_back(std::move(after));
      ++at_;
    }
  }
  bool can_undo() const { return at_ > 0; }
  bool can_redo() const { return at_ + 1 < texts_.size(); }
  const std::string& Undo() { return texts_[--at_]; }
  const std::string& Redo() { return texts_[++at_]; }
  // A step that had no effect is gone.
  void Drop(size_t at) {
    texts_.erase(texts_.begin() + static_cast<ptrdiff_t>(at));
    if (at_ > at || at_ == texts_.size()) --at_;
  }
  size_t at() const { return at_; }

 private:
  std::vector<std::string> texts_{""};
  size_t at_ = 0;
};

std::string WithoutDigits(const RgaDocument& document) {
  std::string text = document.Text();
  std::erase_if(text, [](char byte) { return byte >= '0' && byte <= '9'; });
  return text;
}

// With times, groups, and others who write in between: texts come back exactly.
TEST(RgaDocumentUndoGroupsTest, OwnTextIsTakenBackExactlyGroupByGroup) {
  ForEachSeed(400, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 2);
    RgaDocument& mine = *documents[0];
    RgaDocument& other = *documents[1];
    UndoManager& manager = mine.undo_manager();
    FreshCharacters fresh;
    GroupedTexts model;
    uint64_t ms = 0;
    uint64_t last_ms = 0;
    bool cut = false;
    for (int step = 0; step < 80; ++step) {
      const uint64_t what = random.Below(100);
      if (what < 40) {
        manager.SetTime(ms += random.Below(800));
        const uint64_t counter = mine.next_counter();
        EditSomewhere(random, mine, fresh.Text(random.Below(3)));
        if (mine.next_counter() == counter) continue;
        const bool joins = !cut && (manager.in_group() || ms - last_ms < 500);
        model.Edit(joins, WithoutDigits(mine));
        last_ms = ms;
        cut = false;
      } else if (what < 60) {
        Put(other, random.Below(other.metrics().code_points + 1), "7");
        if (random.Chance(70)) Pull(mine, other);
        if (random.Chance(30)) Pull(other, mine);
      } else if (what < 65) {
        manager.in_group() ? manager.EndGroup() : manager.BeginGroup();
        cut = true;
      } else {
        const bool undo = what < 86;
        ASSERT_EQ(mine.CanUndo(), model.can_undo());
        ASSERT_EQ(mine.CanRedo(), model.can_redo());
        if (undo ? !model.can_undo() : !model.can_redo()) continue;
        const uint64_t counter = mine.next_counter();
        const size_t at = model.at();
        const std::string& expected = undo ? model.Undo() : model.Redo();
        undo ? Back(mine) : Forth(mine);
        ASSERT_EQ(WithoutDigits(mine), expected);
        if (mine.next_counter() == counter) model.Drop(at);
        cut = true;
      }
    }
    mine.CheckInvariants();
    Converge(documents);
  });
}

// What any order of steps must do to the set of visible characters, of which each occurs once.
//
// The oracle knows of each step which characters it inserted and which elements it deleted. Undo
// must leave: what was visible, without the former, with those of the latter that nobody else
// deleted. The other users edit and never undo.
class SetOracle {
 public:
  using Visible = std::map<std::string, OpId>;

  SetOracle(Random& random, uint64_t max_steps) : random_(random), max_steps_(max_steps) {
    documents_ = MakeDocuments(random, 3);
    Configure();
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) Step();
    if (testing::Test::HasFatalFailure()) return;
    while (mine().CanUndo()) ASSERT_NO_FATAL_FAILURE(TakeBack(UndoStack::kUndo));
    while (mine().CanRedo()) ASSERT_NO_FATAL_FAILURE(TakeBack(UndoStack::kRedo));
    mine().CheckInvariants();
    Converge(documents_);
  }

 private:
  struct Done {
    std::set<std::string> inserted;
    Visible deleted;
  };

  RgaDocument& mine() { return *documents_[0]; }

  void Configure() {
    mine().undo_manager().TrackAllBut({kFormatter});
    mine().undo_manager().SetOptions({.max_steps = static_cast<size_t>(max_steps_)});
  }

  Visible Now() {
    Visible visible;
    for (const ListedElement& element : ListElements(mine().rga())) {
      if (element.deleted) continue;
      // Nobody brings back what is there.
      EXPECT_TRUE(visible.emplace(element.character, element.id).second) << element.character;
    }
    return visible;
  }

  // Returns what another user is known to have deleted.
  std::set<OpId> DeletedByOthers() {
    std::set<OpId> deleted;
    const Update update = mine().ChangesSince({});
    for (size_t i = 0; i < update.size(); ++i) {
      if (selves_.contains(update[i].replica)) continue;
      for (const Operation& operation : update[i].operations) {
        if (operation.kind == Operation::Kind::kInsert) continue;
        OpId target = operation.reference;
        for (uint32_t n = 0; n < operation.length; ++n) {
          deleted.insert(target);
          target.counter = operation.backward ? target.counter - 1 : target.counter + 1;
        }
      }
    }
    return deleted;
  }

  static Done Difference(const Visible& before, const Visible& after) {
    Done done;
    for (const auto& [character, id] : after) {
      if (!before.contains(character)) done.inserted.insert(character);
    }
    for (const auto& [character, id] : before) {
      if (!after.contains(character)) done.deleted.emplace(character, id);
    }
    return done;
  }

  void Step() {
    const uint64_t what = random_.Below(100);
    RgaDocument& other = *documents_[random_.Between(1, 2)];
    if (what < 35) {
      EditTracked();
    } else if (what < 40) {
      mine().Transact(kFormatter, [this] { EditSomewhere(random_, mine(), fresh_.Text(2)); });
    } else if (what < 52) {
      EditSomewhere(random_, other, fresh_.Text(random_.Below(3)));
    } else if (what < 68) {
      random_.Chance(60) ? Pull(mine(), other) : Pull(other, mine());
    } else if (what < 72) {
      UndoManager& manager = mine().undo_manager();
      manager.in_group() ? manager.EndGroup() : manager.BeginGroup();
      cut_ = true;
    } else if (what < 76) {
      Reopen();
    } else {
      TakeBack(what < 91 ? UndoStack::kUndo : UndoStack::kRedo);
    }
  }

  void EditTracked() {
    mine().undo_manager().SetTime(ms_ += random_.Below(800));
    const uint64_t counter = mine().next_counter();
    const Visible before = Now();
    mine().Transact([this] {
      for (uint64_t edits = random_.Between(1, 3); edits > 0; --edits) {
        EditSomewhere(random_, mine(), fresh_.Text(random_.Below(3)));
      }
    });
    if (mine().next_counter() == counter) return;
    Done done = Difference(before, Now());
    redo_.clear();
    const bool joins =
        !cut_ && !undo_.empty() && (mine().undo_manager().in_group() || ms_ - last_ms_ < 500);
    if (joins) {
      // What the step inserted itself does not come back.
      for (const auto& [character, id] : done.deleted) {
        if (undo_.back().inserted.erase(character) == 0) {
          undo_.back().deleted.emplace(character, id);
        }
      }
      undo_.back().inserted.merge(done.inserted);
    } else {
      undo_.push_back(std::move(done));
    }
    cut_ = false;
    last_ms_ = ms_;
    while (undo_.size() > max_steps_) undo_.erase(undo_.begin());
  }

  void TakeBack(UndoStack stack) {
    std::vector<Done>& from = stack == UndoStack::kUndo ? undo_ : redo_;
    std::vector<Done>& to = stack == UndoStack::kUndo ? redo_ : undo_;
    ASSERT_EQ(mine().CanUndo(), !undo_.empty());
    ASSERT_EQ(mine().CanRedo(), !redo_.empty());
    if (from.empty()) return;
    const Visible before = Now();
    std::set<std::string> expected;
    for (const auto& [character, id] : before) {
      if (!from.back().inserted.contains(character)) expected.insert(character);
    }
    const std::set<OpId> foreign = DeletedByOthers();
    for (const auto& [character, id] : from.back().deleted) {
      if (!foreign.contains(id)) expected.insert(character);
    }
    ASSERT_TRUE(stack == UndoStack::kUndo ? Back(mine()) : Forth(mine()));
    const Visible after = Now();
    std::set<std::string> characters;
    for (const auto& [character, id] : after) characters.insert(character);
    ASSERT_EQ(characters, expected);
    from.pop_back();
    Done done = Difference(before, after);
    if (!done.inserted.empty() || !done.deleted.empty()) to.push_back(std::move(done));
    cut_ = true;
  }

  void Reopen() {
    const bool in_group = mine().undo_manager().in_group();
    const std::string file = mine().Save({.keeps_undo = true}).value();
    ReplicaId replica = mine().replica();
    if (random_.Chance(50)) replica = ReplicaId{next_replica_++};
    selves_.insert(replica);
    auto opened = RgaDocument::Open(file, replica, nullptr, {}, kTinySequence);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    documents_[0] = *std::move(opened);
    Configure();
    ASSERT_EQ(mine().RestoreUndo(FormerSelves::kAdopt).value(), true);
    ASSERT_EQ(mine().RestoreUndo(FormerSelves::kAdopt).value(), false);
    if (in_group) mine().undo_manager().BeginGroup();
    cut_ = true;
  }

  Random& random_;
  uint64_t max_steps_;
  RgaDocuments documents_;
  FreshCharacters fresh_;
  std::set<ReplicaId> selves_{ReplicaId{1}};
  std::vector<Done> undo_;
  std::vector<Done> redo_;
  uint64_t next_replica_ = 100;
  uint64_t ms_ = 0;
  uint64_t last_ms_ = 0;
  bool cut_ = false;
};

TEST(RgaDocumentUndoGroupsTest, EveryStepTakesBackWhatItDidAndNothingElse) {
  ForEachSeed(1000, [](Random& random) {
    SetOracle(random, random.Chance(50) ? 1000 : random.Between(1, 5)).Run(60);
  });
}

}  // namespace
}  // namespace cotext
