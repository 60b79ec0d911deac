// Undo of whole documents: exact in LIFO order whatever was edited, and harmless to others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kOther{5};

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

// Undoes or redoes, and returns whether there was anything.
bool Back(Document& document) {
  const Expected<bool> undone = document.Undo();
  EXPECT_TRUE(undone.has_value());
  return undone.value_or(false);
}

bool Forth(Document& document) {
  const Expected<bool> redone = document.Redo();
  EXPECT_TRUE(redone.has_value());
  return redone.value_or(false);
}

TEST(RgaDocumentUndoTest, UndoesAndRedoesTyping) {
  RgaDocument document(kMe);
  Put(document, 0, "one");
  Put(document, 3, " two");
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "one");
  EXPECT_TRUE(Back(document));
  EXPECT_EQ(document.Text(), "");
  EXPECT_FALSE(document.CanUndo());
  EXPECT_TRUE(Forth(document));
  EXPECT_TRUE(Forth(document));
  EXPECT_EQ(document.Text(), "one two");
  EXPECT_FALSE(document.CanRedo());
}

TEST(RgaDocumentUndoTest, WithNothingToUndoNoIdsAreTaken) {
  RgaDocument document(kMe);
  EXPECT_FALSE(Back(document));
  EXPECT_FALSE(Forth(document));
  EXPECT_EQ(document.next_counter(), 1U);
}

TEST(RgaDocumentUndoTest, UndoesAndRedoesDeleting) {
  RgaDocument document(kMe);
  Put(document, 0, "abcdef");
  Cut(document, 1, 3);
  Cut(document, 2, 4);
  EXPECT_EQ(document.Text(), "ad");
  Back(document);
  EXPECT_EQ(document.Text(), "adef");
  Back(document);
  EXPECT_EQ(document.Text(), "abcdef");
  Forth(document);
  EXPECT_EQ(document.Text(), "adef");
  Forth(document);
  EXPECT_EQ(document.Text(), "ad");
}

TEST(RgaDocumentUndoTest, ANewEditClearsRedo) {
  RgaDocument document(kMe);
  Put(document, 0, "a");
  Back(document);
  EXPECT_TRUE(document.CanRedo());
  Put(document, 0, "b");
  EXPECT_FALSE(document.CanRedo());
  EXPECT_FALSE(Forth(document));
  Back(document);
  EXPECT_EQ(document.Text(), "");
}

TEST(RgaDocumentUndoTest, WhatATransactionInsertedAndDeletedAgainStaysAway) {
  RgaDocument document(kMe);
  Put(document, 0, "xyz");
  document.Transact([&document] {
    Put(document, 1, "abc");
    Cut(document, 2, 5);
  });
  EXPECT_EQ(document.Text(), "xaz");
  Back(document);
  EXPECT_EQ(document.Text(), "xyz");
  Forth(document);
  EXPECT_EQ(document.Text(), "xaz");
}

TEST(RgaDocumentUndoTest, ForwardDeletesOneByOneComeBackInOrder) {
  RgaDocument document(kMe);
  Put(document, 0, "abcdef");
  for (int i = 0; i < 4; ++i) Cut(document, 1, 2);
  EXPECT_EQ(document.Text(), "af");
  const std::string expected[] = {"aef", "adef", "acdef", "abcdef"};
  for (const std::string& text : expected) {
    Back(document);
    EXPECT_EQ(document.Text(), text);
  }
}

TEST(RgaDocumentUndoTest, BackspacesOneByOneComeBackInOrder) {
  RgaDocument document(kMe);
  Put(document, 0, "abcdef");
  for (uint64_t at = 5; at > 1; --at) Cut(document, at - 1, at);
  EXPECT_EQ(document.Text(), "af");
  const std::string expected[] = {"abf", "abcf", "abcdf", "abcdef"};
  for (const std::string& text : expected) {
    Back(document);
    EXPECT_EQ(document.Text(), text);
  }
}

// What was typed behind a character that came back is deleted after it: its place is among copies.
TEST(RgaDocumentUndoTest, TextTypedBetweenCopiesComesBackInOrder) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  Cut(document, 0, 1);
  Cut(document, 0, 1);
  Back(document);
  EXPECT_EQ(document.Text(), "b");
  Put(document, 1, "Z");
  Cut(document, 0, 1);
  Cut(document, 0, 1);
  Back(document);
  EXPECT_EQ(document.Text(), "Z");
  Back(document);
  EXPECT_EQ(document.Text(), "bZ");
}

TEST(RgaDocumentUndoTest, WhatOthersWriteBehindACopyDoesNotChangeTheOrder) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  Put(mine, 0, "abcd");
  for (int i = 0; i < 4; ++i) Cut(mine, 0, 1);
  Back(mine);
  Back(mine);
  EXPECT_EQ(mine.Text(), "cd");
  Pull(other, mine);
  Put(other, 2, "123");
  Pull(mine, other);
  Back(mine);
  EXPECT_EQ(mine.Text(), "bcd123");
  Back(mine);
  EXPECT_EQ(mine.Text(), "abcd123");
}

TEST(RgaDocumentUndoTest, CharactersThatAnotherDeletedTooDoNotComeBack) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  Put(mine, 0, "abcd");
  Pull(other, mine);
  Cut(mine, 0, 4);
  Cut(other, 1, 3);
  Pull(mine, other);
  Back(mine);
  EXPECT_EQ(mine.Text(), "ad");
  Forth(mine);
  EXPECT_EQ(mine.Text(), "");
}

TEST(RgaDocumentUndoTest, ForeignTextInsideTheGroupStays) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  Put(mine, 0, "abcd");
  Pull(other, mine);
  Put(other, 2, "Z");
  Pull(mine, other);
  Back(mine);
  EXPECT_EQ(mine.Text(), "Z");
  Forth(mine);
  EXPECT_EQ(mine.Text(), "abZcd");
}

TEST(RgaDocumentUndoTest, AStepThatOthersMadeVoidIsUndoneWithoutAnEdit) {
  RgaDocument mine(kMe);
  RgaDocument other(kOther);
  Put(mine, 0, "ab");
  Pull(other, mine);
  Cut(other, 0, 2);
  Pull(mine, other);
  const uint64_t counter = mine.next_counter();
  EXPECT_TRUE(Back(mine));
  EXPECT_EQ(mine.next_counter(), counter);
  EXPECT_FALSE(mine.CanUndo());
  EXPECT_FALSE(mine.CanRedo());
}

TEST(RgaDocumentUndoTest, ANewIdentityHasNothingToUndo) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  Back(document);
  Put(document, 0, "c");
  const auto fork = document.Fork(kOther);
  EXPECT_FALSE(fork->CanUndo());
  document.SetReplica(ReplicaId{8});
  EXPECT_FALSE(document.CanUndo());
  EXPECT_FALSE(document.CanRedo());
  // What it did as another it now counts as another's.
  Put(document, 1, "de");
  Cut(document, 0, 3);
  Back(document);
  EXPECT_EQ(document.Text(), "cde");
  Back(document);
  EXPECT_EQ(document.Text(), "c");
}

// Returns what is neither a digit nor deleted: digits are what others write.
std::string WithoutDigits(const RgaDocument& document) {
  std::string text = document.Text();
  std::erase_if(text, [](char byte) { return byte >= '0' && byte <= '9'; });
  return text;
}

// The texts before and after each step that can be undone or redone; the document is at one of
// them, digits aside.
class UndoStackModel {
 public:
  explicit UndoStackModel(RgaDocument& document)
      : document_(document), texts_{WithoutDigits(document)} {}

  void Edit(const std::function<void()>& edits) {
    const uint64_t counter = document_.next_counter();
    document_.Transact(edits);
    if (document_.next_counter() == counter) return;
    texts_.resize(at_ + 1);
    texts_.push_back(WithoutDigits(document_));
    ++at_;
  }

  void Undo() {
    ASSERT_EQ(document_.CanUndo(), at_ > 0);
    const uint64_t counter = document_.next_counter();
    ASSERT_EQ(Back(document_), at_ > 0);
    if (at_ == 0) return;
    --at_;
    ASSERT_EQ(WithoutDigits(document_), texts_[at_]);
    // A step without effect is not remembered for redo.
    if (document_.next_counter() == counter) {
      ASSERT_EQ(texts_[at_], texts_[at_ + 1]);
      texts_.erase(texts_.begin() + static_cast<ptrdiff_t>(at_));
    }
  }

  void Redo() {
    const bool any = at_ + 1 < texts_.size();
    ASSERT_EQ(document_.CanRedo(), any);
    const uint64_t counter = document_.next_counter();
    ASSERT_EQ(Forth(document_), any);
    if (!any) return;
    ++at_;
    ASSERT_EQ(WithoutDigits(document_), texts_[at_]);
    if (document_.next_counter() == counter) {
      ASSERT_EQ(texts_[at_], texts_[at_ - 1]);
      texts_.erase(texts_.begin() + static_cast<ptrdiff_t>(at_));
      --at_;
    }
  }

  void Step(Random& random, FreshCharacters& fresh) {
    if (random.Chance(40)) {
      Edit([&] {
        for (uint64_t edits = random.Between(1, random.Chance(50) ? 1 : 4); edits > 0; --edits) {
          EditSomewhere(random, document_, fresh.Text(random.Chance(30) ? 0 : random.Below(4)));
        }
      });
      return;
    }
    const bool undo = random.Chance(60);
    for (uint64_t times = random.Between(1, 5); times > 0; --times) undo ? Undo() : Redo();
  }

 private:
  RgaDocument& document_;
  std::vector<std::string> texts_;
  size_t at_ = 0;
};

TEST(RgaDocumentUndoTest, RandomScriptsAreTakenBackExactlyInEveryOrderOfUndoAndRedo) {
  ForEachSeed(400, [](Random& random) {
    RgaDocument document(kMe, random.Chance(70) ? kTinySequence : SequenceOptions{});
    FreshCharacters fresh;
    UndoStackModel model(document);
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      model.Step(random, fresh);
    }
    document.CheckInvariants();
  });
}

// All scripts of seven actions, each at an end of the text or taking back.
TEST(RgaDocumentUndoTest, AllShortScriptsAreTakenBackExactly) {
  constexpr unsigned kActions = 6;
  for (unsigned script = 0; script < 6 * 6 * 6 * 6 * 6 * 6 * 6; ++script) {
    RgaDocument document(kMe, kTinySequence);
    Put(document, 0, "ab");
    const auto last = document.Fork(kOther);  // Has nothing to undo yet.
    FreshCharacters fresh;
    UndoStackModel model(*last);
    for (unsigned left = script, step = 0; step < 7; ++step, left /= kActions) {
      const uint64_t length = last->metrics().code_points;
      switch (left % kActions) {
        case 0: model.Edit([&] { Put(*last, 0, fresh.Text(1)); }); break;
        case 1: model.Edit([&] { Put(*last, length, fresh.Text(1)); }); break;
        case 2: model.Edit([&] { Cut(*last, 0, std::min<uint64_t>(1, length)); }); break;
        case 3:
          model.Edit([&] { Cut(*last, length - std::min<uint64_t>(1, length), length); });
          break;
        case 4: model.Undo(); break;
        default: model.Redo(); break;
      }
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "script " << script;
  }
}

// Inserts a few digits, or deletes one.
void EditDigits(Random& random, RgaDocument& document) {
  const uint64_t length = document.metrics().code_points;
  const uint64_t at = random.Below(length + 1);
  const uint64_t next = std::min(at + 1, length);
  const std::string there = *document.Slice(CodePointOffset{at}, CodePointOffset{next});
  if (random.Chance(30) && !there.empty() && there.front() >= '0' && there.front() <= '9') {
    Cut(document, at, at + 1);
  } else {
    Put(document, at, std::string(random.Between(1, 3), static_cast<char>('0' + random.Below(10))));
  }
}

// Others write between one's characters, but delete none of them.
TEST(RgaDocumentUndoTest, OwnTextIsTakenBackExactlyAmongTextThatOthersInsert) {
  ForEachSeed(400, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 3);
    RgaDocument& mine = *documents.front();
    FreshCharacters fresh;
    UndoStackModel model(mine);
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      RgaDocument& other = *documents[random.Between(1, 2)];
      const uint64_t what = random.Below(100);
      if (what < 50) {
        model.Step(random, fresh);
      } else if (what < 70) {
        EditDigits(random, other);
      } else if (what < 85) {
        Pull(mine, other);
      } else {
        Pull(other, mine);
      }
    }
    mine.CheckInvariants();
    Converge(documents);
  });
}

// Undoes up to `limit` steps and redoes them, twice: every text must come again.
void CheckThereAndBack(RgaDocument& document, uint64_t limit) {
  std::vector<std::string> texts{document.Text()};
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> passed{document.Text()};
    for (uint64_t i = 0; i < limit && document.CanUndo(); ++i) {
      const uint64_t counter = document.next_counter();
      ASSERT_TRUE(Back(document));
      if (document.next_counter() != counter) passed.push_back(document.Text());
    }
    if (round == 0) texts = passed;
    ASSERT_EQ(passed, texts);
    for (size_t i = texts.size() - 1; i > 0; --i) {
      ASSERT_TRUE(Forth(document));
      ASSERT_EQ(document.Text(), texts[i - 1]);
    }
    limit = texts.size() - 1;
  }
}

// Several documents that edit, undo, redo and hear of each other, some with groups, steps that are
// not tracked, and few steps kept; now and then one is saved and opened again, perhaps under
// another id. Every undo and redo is checked for what it may do to the text.
class UndoSchedule {
 public:
  explicit UndoSchedule(Random& random)
      : random_(random), documents_(MakeDocuments(random, random.Between(2, 4))) {
    for (const auto& document : documents_) {
      selves_.push_back({document->replica()});
      if (random.Chance(30)) document->undo_manager().SetOptions(kFewSteps);
      document->undo_manager().TrackAllBut({kUntracked});
    }
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) Step();
    for (const auto& document : documents_) {
      document->undo_manager().StopGrouping();
      ASSERT_NO_FATAL_FAILURE(CheckThereAndBack(*document, 8));
      document->CheckInvariants();
    }
    Converge(documents_);
  }

 private:
  static constexpr EditLabel kUntracked{9};
  static constexpr UndoOptions kFewSteps{.max_steps = 3};

  void Step() {
    const size_t who = random_.Below(documents_.size());
    RgaDocument& document = *documents_[who];
    const uint64_t what = random_.Below(100);
    if (random_.Chance(50)) document.undo_manager().SetTime(time_ms_ += random_.Below(800));
    if (what < 3) {
      Reopen(who);
    } else if (what < 35) {
      document.Transact(random_.Chance(10) ? kUntracked : EditLabel{}, [&] {
        for (uint64_t edits = random_.Between(1, 2); edits > 0; --edits) {
          EditSomewhere(random_, document, fresh_.Text(random_.Below(4)));
        }
      });
    } else if (what < 60) {
      Pull(document, *documents_[random_.Below(documents_.size())]);
    } else if (what < 97) {
      TakeBack(who, what < 82);
    } else {
      CheckThereAndBack(document, random_.Between(1, 5));
    }
  }

  using Elements = std::map<OpId, ListedElement>;

  static Elements ById(const RgaDocument& document) {
    Elements elements;
    for (const ListedElement& element : ListElements(document.rga())) {
      elements.emplace(element.id, element);
    }
    return elements;
  }

  // Saves a document and opens it again, perhaps as somebody else who was it before.
  void Reopen(size_t who) {
    RgaDocument& document = *documents_[who];
    const UndoOptions options = document.undo_manager().options();
    const auto file = document.Save({.keeps_undo = true});
    ASSERT_TRUE(file.has_value());
    if (random_.Chance(50)) selves_[who].push_back(ReplicaId{next_replica_++});
    auto opened = RgaDocument::Open(*file, selves_[who].back(), nullptr, {}, kTinySequence);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const auto restored = (*opened)->RestoreUndo(FormerSelves::kAdopt);
    ASSERT_TRUE(restored.has_value()) << restored.error().message;
    for (const UndoStack stack : {UndoStack::kUndo, UndoStack::kRedo}) {
      ASSERT_EQ((*opened)->undo_manager().step_count(stack),
                document.undo_manager().step_count(stack));
    }
    (*opened)->undo_manager().SetOptions(options);
    (*opened)->undo_manager().TrackAllBut({kUntracked});
    documents_[who] = *std::move(opened);
  }

  bool IsSelf(size_t who, ReplicaId replica) const {
    return std::ranges::find(selves_[who], replica) != selves_[who].end();
  }

  // Returns the characters that only this user deleted, as far as it knows.
  std::multiset<std::string> DeletedByNobodyElse(size_t who) const {
    const RgaDocument& document = *documents_[who];
    std::map<OpId, std::set<ReplicaId>> deleters;
    const Update update = document.ChangesSince({});
    for (size_t i = 0; i < update.size(); ++i) {
      for (const Operation& operation : update[i].operations) {
        if (operation.kind == Operation::Kind::kInsert) continue;
        OpId target = operation.reference;
        for (uint32_t n = 0; n < operation.length; ++n) {
          const ReplicaId deleter = update[i].replica;
          deleters[target].insert(IsSelf(who, deleter) ? document.replica() : deleter);
          target.counter = operation.backward ? target.counter - 1 : target.counter + 1;
        }
      }
    }
    std::multiset<std::string> characters;
    for (const auto& [id, element] : ById(document)) {
      if (deleters[id] == std::set<ReplicaId>{document.replica()}) {
        characters.insert(element.character);
      }
    }
    return characters;
  }

  void TakeBack(size_t who, bool undo) {
    RgaDocument& document = *documents_[who];
    const Elements before = ById(document);
    std::multiset<std::string> own = DeletedByNobodyElse(who);
    undo ? Back(document) : Forth(document);
    const Elements after = ById(document);
    for (const auto& [id, element] : after) {
      const auto old = before.find(id);
      if (old == before.end()) {
        ASSERT_EQ(id.replica, document.replica());
        const auto source = own.find(element.character);
        ASSERT_NE(source, own.end()) << element.character << " came back from nowhere";
        own.erase(source);
      } else if (old->second.deleted != element.deleted) {
        ASSERT_TRUE(element.deleted);
        ASSERT_TRUE(IsSelf(who, id.replica)) << element.character << " is another's";
      }
    }
  }

  Random& random_;
  RgaDocuments documents_;
  std::vector<std::vector<ReplicaId>> selves_;  // Of each document; the last is the current one.
  uint64_t next_replica_ = 100;
  uint64_t time_ms_ = 0;
  FreshCharacters fresh_;
};

TEST(RgaDocumentUndoTest, RandomConcurrentSchedulesConvergeAndTouchOnlyOwnText) {
  ForEachSeed(1500, [](Random& random) { UndoSchedule(random).Run(40); });
}

TEST(RgaDocumentUndoTest, LongConcurrentSchedulesConvergeAndTouchOnlyOwnText) {
  ForEachSeed(8, [](Random& random) { UndoSchedule(random).Run(400); });
}

}  // namespace
}  // namespace cotext
