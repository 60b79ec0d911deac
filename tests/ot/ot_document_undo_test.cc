// Undo of OT documents through later edits of others, against characters that occur once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "document/edit_label.h"
#include "document/undo_manager.h"
#include "document/utf8.h"
#include "ot/ot_document.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/undo_selections.h"

namespace cotext {
namespace {

constexpr EditLabel kFormatter{9};

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

void OtherPuts(OtDocument& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.ApplyRemote(Delta().Retain(at).Insert(text)).has_value());
}

void OtherCuts(OtDocument& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.ApplyRemote(Delta().Retain(begin).Delete(end - begin)).has_value());
}

bool Back(Document& document) { return document.Undo().value(); }
bool Forth(Document& document) { return document.Redo().value(); }

TEST(OtDocumentUndoTest, ForeignTextInsideOnesOwnStays) {
  OtDocument document;
  Put(document, 0, "abcd");
  OtherPuts(document, 2, "Z");
  DocumentMirror mirror(document);
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "Z");
  EXPECT_EQ(mirror.last(), Delta().Delete(2).Retain(1).Delete(2));
  EXPECT_TRUE(Forth(document));
  EXPECT_EQ(document.Text(), "abZcd");
  EXPECT_EQ(mirror.last(), Delta().Insert("ab").Retain(1).Insert("cd"));
  EXPECT_EQ(mirror.origins(), (std::vector{EditOrigin::kUndo, EditOrigin::kUndo}));
}

TEST(OtDocumentUndoTest, WhatComesBackStandsBehindWhatOthersWroteInItsPlace) {
  OtDocument document;
  Put(document, 0, "abcd");
  Cut(document, 1, 3);
  OtherPuts(document, 1, "Z");
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "aZbcd");
  EXPECT_TRUE(Forth(document));
  EXPECT_EQ(document.Text(), "aZd");
}

TEST(OtDocumentUndoTest, WhatOthersDeletedOfOnesOwnDoesNotComeBackByRedo) {
  OtDocument document;
  Put(document, 0, "abcd");
  OtherCuts(document, 1, 3);
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "");
  EXPECT_TRUE(Forth(document));
  EXPECT_EQ(document.Text(), "ad");
}

TEST(OtDocumentUndoTest, AStepThatOthersMadeVoidIsUndoneWithoutAnEdit) {
  OtDocument document;
  Put(document, 0, "ab");
  OtherCuts(document, 0, 2);
  DocumentMirror mirror(document);
  EXPECT_TRUE(Back(document));
  EXPECT_TRUE(mirror.origins().empty());
  EXPECT_FALSE(document.CanUndo());
  EXPECT_FALSE(document.CanRedo());
  document.CheckInvariants();
}

TEST(OtDocumentUndoTest, OthersMayWriteBetweenAllStepsAndAllUndos) {
  OtDocument document;
  Put(document, 0, "a");
  OtherPuts(document, 0, "1");
  Put(document, 2, "b");
  OtherPuts(document, 2, "2");
  Put(document, 4, "c");
  OtherPuts(document, 0, "0");
  EXPECT_EQ(document.Text(), "01a2bc");
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "01a2b");
  OtherPuts(document, 5, "3");
  EXPECT_TRUE(Back(document));
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "0123");
  OtherPuts(document, 2, "x");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Forth(document));
  std::string own = document.Text();
  std::erase_if(own, [](char byte) { return byte < 'a' || byte > 'c'; });
  EXPECT_EQ(own, "abc");
  std::string others = document.Text();
  std::erase_if(others, [](char byte) { return byte >= 'a' && byte <= 'c'; });
  EXPECT_EQ(others, "01x23");
}

TEST(OtDocumentUndoTest, AStepThatMayNotFitIsRefusedAndStays) {
  OtDocument document(OtDocumentOptions{.text = {.max_bytes = 10}});
  Put(document, 0, "abcdefgh");
  Cut(document, 0, 8);
  OtherPuts(document, 0, "123");
  DocumentMirror mirror(document);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(document.Undo().error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(mirror.origins().empty());
  EXPECT_TRUE(document.CanUndo());
  OtherCuts(document, 0, 1);
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "23abcdefgh");
  document.CheckInvariants();
}

// Known anomalies: what OT cannot do without tombstones. The RGA behaves otherwise here.

// Nobody hears that another deleted what was gone already, so both bring it back.
TEST(OtDocumentUndoAnomalyTest, WhatTwoUsersDeletedBothBringBack) {
  const auto mine = OtDocument::FromText("abc").value();
  const auto other = OtDocument::FromText("abc").value();
  // Each deletes "b"; past the other's, nothing of it is left.
  Cut(*mine, 1, 2);
  Cut(*other, 1, 2);
  EXPECT_TRUE(Back(*mine));
  ASSERT_TRUE(other->ApplyRemote(Delta().Retain(1).Insert("b")).has_value());
  EXPECT_TRUE(Back(*other));
  EXPECT_EQ(other->Text(), "abbc");
}

// Text that a user moved away and others wrote around is put back into the gap, not beside the
// neighbour it had.
TEST(OtDocumentUndoAnomalyTest, WhereAllNeighboursAreGoneTextComesBackBehindWhatOthersWrote) {
  const auto document = OtDocument::FromText("abc").value();
  Cut(*document, 1, 2);
  OtherCuts(*document, 0, 2);
  OtherPuts(*document, 0, "new");
  EXPECT_TRUE(Back(*document));
  EXPECT_EQ(document->Text(), "newb");
}

// Selections.

class OtUndoSelectionTest : public testing::Test {
 protected:
  UndoSelection Around(uint64_t begin, uint64_t end) const {
    return SelectionAround(document_, begin, end);
  }
  std::string Restored() const { return RestoredSelection(document_); }

  OtDocument document_;
};

TEST_F(OtUndoSelectionTest, WhatWasSelectedAndReplacedIsSelectedAgain) {
  Put(document_, 0, "one two three");
  document_.SetSelectionBefore(Around(4, 7));
  ASSERT_TRUE(document_.Replace(CodePointOffset{4}, CodePointOffset{7}, "2").has_value());
  document_.SetSelectionAfter(Around(4, 5));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Back(document_));
    EXPECT_EQ(document_.Text(), "one two three");
    EXPECT_EQ(Restored(), "[two]");
    // Others write before it and take that away.
    OtherPuts(document_, 0, "*");
    EXPECT_EQ(Restored(), "[two]");
    OtherCuts(document_, 0, 1);
    EXPECT_TRUE(Forth(document_));
    EXPECT_EQ(document_.Text(), "one 2 three");
    EXPECT_EQ(Restored(), "[2]");
  }
}

TEST_F(OtUndoSelectionTest, SelectionsOfEarlierStepsAreWhereTheirTextIs) {
  Put(document_, 0, "abcdef");
  document_.SetSelectionBefore(Around(2, 4));
  Put(document_, 6, "x");
  Cut(document_, 1, 5);
  OtherPuts(document_, 1, "foreign ");
  EXPECT_TRUE(Back(document_));
  EXPECT_EQ(Restored(), "none");
  EXPECT_TRUE(Back(document_));
  EXPECT_EQ(document_.Text(), "aforeign bcdef");
  EXPECT_EQ(Restored(), "[cd]");
}

// More edits of others than are mapped: then the selection is where it was mapped to.
TEST_F(OtUndoSelectionTest, BehindVeryManyEditsOfOthersItIsAPlaceInTheText) {
  Put(document_, 0, "one two three");
  document_.SetSelectionBefore(Around(4, 7));
  Cut(document_, 4, 7);
  for (int i = 0; i < 100; ++i) OtherPuts(document_, static_cast<uint64_t>(i), "*");
  EXPECT_TRUE(Back(document_));
  EXPECT_EQ(Restored(), "[]");
}

// One document, whose user edits, undoes and redoes while others edit. The oracle knows of each
// step which characters it inserted and which it deleted. Undo must leave: what was visible,
// without the former, with the latter. And no two characters ever change places.
class UndoOracle {
 public:
  UndoOracle(Random& random, uint64_t max_steps) : random_(random), max_steps_(max_steps) {
    document_.undo_manager().TrackAllBut({kFormatter});
    document_.undo_manager().SetOptions({.max_steps = static_cast<size_t>(max_steps_)});
    document_.undo_manager().Subscribe([this](const UndoEvent& event) {
      if (event.kind != UndoEvent::Kind::kPopped) ++commits_;
    });
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      Step();
      Check();
    }
    while (document_.CanUndo() && !testing::Test::HasFatalFailure()) TakeBack(UndoStack::kUndo);
    while (document_.CanRedo() && !testing::Test::HasFatalFailure()) TakeBack(UndoStack::kRedo);
    Check();
  }

 private:
  using Characters = std::set<std::string>;

  struct Done {
    Characters inserted;
    Characters deleted;
  };

  static std::vector<std::string> Split(const std::string& text) {
    std::vector<std::string> characters;
    for (size_t at = 0; at < text.size(); at += CharacterBytes(text[at])) {
      characters.push_back(text.substr(at, CharacterBytes(text[at])));
    }
    return characters;
  }

  Characters Now() const {
    const std::vector<std::string> characters = Split(document_.Text());
    Characters now(characters.begin(), characters.end());
    EXPECT_EQ(now.size(), characters.size());
    return now;
  }

  static Done Difference(const Characters& before, const Characters& after) {
    Done done;
    std::ranges::set_difference(after, before, std::inserter(done.inserted, done.inserted.end()));
    std::ranges::set_difference(before, after, std::inserter(done.deleted, done.deleted.end()));
    return done;
  }

  void Check() {
    document_.CheckInvariants();
    mirror_.Check();
    ASSERT_EQ(document_.metrics(), Measure(document_.Text()));
    ASSERT_EQ(document_.CanUndo(), !undo_.empty());
    ASSERT_EQ(document_.CanRedo(), !redo_.empty());
    const std::vector<std::string> characters = Split(document_.Text());
    for (size_t i = 0; i < characters.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        ASSERT_FALSE(order_.contains({characters[i], characters[j]}));
        order_.insert({characters[j], characters[i]});
      }
    }
  }

  void Step() {
    const uint64_t what = random_.Below(100);
    UndoManager& manager = document_.undo_manager();
    if (what < 30) {
      EditTracked();
    } else if (what < 35) {
      document_.Transact(kFormatter, [this] {
        for (uint64_t edits = random_.Between(1, 2); edits > 0; --edits) {
          EditSomewhere(random_, document_, fresh_.Text(random_.Below(3)));
        }
      });
    } else if (what < 60) {
      OtherEdits();
    } else if (what < 64) {
      manager.in_group() ? manager.EndGroup() : manager.BeginGroup();
      cut_ = true;
    } else if (what < 65) {
      manager.Clear();
      undo_.clear();
      redo_.clear();
    } else {
      TakeBack(what < 85 ? UndoStack::kUndo : UndoStack::kRedo);
    }
  }

  // An edit at up to three places.
  void OtherEdits() {
    const uint64_t length = document_.metrics().code_points;
    Delta delta;
    uint64_t at = 0;
    for (uint64_t places = random_.Between(1, random_.Chance(60) ? 1 : 3); places > 0; --places) {
      const uint64_t next = random_.Between(at, length);
      delta.Retain(next - at);
      const std::string text = fresh_.Text(random_.Below(3));
      const uint64_t count = std::min(length - next, random_.Chance(40) ? random_.Below(4) : 0);
      random_.Chance(50) ? delta.Insert(text).Delete(count) : delta.Delete(count).Insert(text);
      at = next + count;
    }
    ASSERT_TRUE(document_.ApplyRemote(delta).has_value());
  }

  void EditTracked() {
    document_.undo_manager().SetTime(ms_ += random_.Below(800));
    const Characters before = Now();
    const uint64_t commits = commits_;
    document_.Transact([this] {
      for (uint64_t edits = random_.Between(1, 3); edits > 0; --edits) {
        EditSomewhere(random_, document_, fresh_.Text(random_.Below(3)));
      }
    });
    if (commits_ == commits) return;  // There was nothing to delete or insert.
    Done done = Difference(before, Now());
    redo_.clear();
    const bool joins =
        !cut_ && !undo_.empty() && (document_.undo_manager().in_group() || ms_ - last_ms_ < 500);
    if (joins) {
      // What the step inserted itself does not come back.
      for (const std::string& character : done.deleted) {
        if (undo_.back().inserted.erase(character) == 0) undo_.back().deleted.insert(character);
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
    if (from.empty()) return;
    const Characters before = Now();
    Characters expected;
    for (const std::string& character : before) {
      if (!from.back().inserted.contains(character)) expected.insert(character);
    }
    expected.insert(from.back().deleted.begin(), from.back().deleted.end());
    ASSERT_TRUE(stack == UndoStack::kUndo ? Back(document_) : Forth(document_));
    const Characters after = Now();
    ASSERT_EQ(after, expected);
    from.pop_back();
    Done done = Difference(before, after);
    if (!done.inserted.empty() || !done.deleted.empty()) to.push_back(std::move(done));
    cut_ = true;
  }

  Random& random_;
  uint64_t max_steps_;
  OtDocument document_;
  DocumentMirror mirror_{document_};
  FreshCharacters fresh_;
  std::set<std::pair<std::string, std::string>> order_;  // Which stood before which.
  std::vector<Done> undo_;
  std::vector<Done> redo_;
  uint64_t commits_ = 0;
  uint64_t ms_ = 0;
  uint64_t last_ms_ = 0;
  bool cut_ = false;
};

TEST(OtDocumentUndoTest, EveryStepTakesBackWhatItDidAndNothingElse) {
  ForEachSeed(1000, [](Random& random) {
    UndoOracle(random, random.Chance(50) ? 1000 : random.Between(1, 5)).Run(60);
  });
}

}  // namespace
}  // namespace cotext
