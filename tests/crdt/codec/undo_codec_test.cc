// Steps of undo as bytes: what comes back, under which id, and what is refused.
#include "crdt/codec/undo_codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "document/undo_manager.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kLater{8};
constexpr ReplicaId kOther{5};

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

bool Back(Document& document) { return document.Undo().value(); }
bool Forth(Document& document) { return document.Redo().value(); }

// Returns a document as another process opens it, with the steps it was stored with.
std::unique_ptr<RgaDocument> Reopened(const RgaDocument& document, ReplicaId replica) {
  auto opened = RgaDocument::Open(document.Save({}).value(), replica, nullptr);
  const auto decoded = (*opened)->DecodeUndo(document.EncodeUndo(), FormerSelves::kAdopt);
  EXPECT_TRUE(decoded.has_value()) << decoded.error().message;
  return *std::move(opened);
}

size_t Steps(const RgaDocument& document, UndoStack stack = UndoStack::kUndo) {
  return document.undo_manager().step_count(stack);
}

TEST(UndoCodecTest, BothStacksGoOn) {
  RgaDocument document(kMe);
  Put(document, 0, "one");
  Put(document, 3, " two");
  Cut(document, 0, 1);
  Put(document, 6, " three");
  Back(document);
  Back(document);
  for (const ReplicaId replica : {kMe, kLater}) {
    const auto opened = Reopened(document, replica);
    EXPECT_EQ(Steps(*opened), 2U);
    EXPECT_EQ(Steps(*opened, UndoStack::kRedo), 2U);
    Forth(*opened);
    EXPECT_EQ(opened->Text(), "ne two");
    Forth(*opened);
    EXPECT_EQ(opened->Text(), "ne two three");
    for (const char* text : {"ne two", "one two", "one", ""}) {
      Back(*opened);
      EXPECT_EQ(opened->Text(), text);
    }
    // And once more, by whoever comes then.
    Forth(*opened);
    const auto again = Reopened(*opened, ReplicaId{9});
    Forth(*again);
    EXPECT_EQ(again->Text(), "one two");
    Back(*again);
    Back(*again);
    EXPECT_EQ(again->Text(), "");
    again->CheckInvariants();
  }
}

TEST(UndoCodecTest, SelectionsAreKept) {
  RgaDocument document(kMe);
  Put(document, 0, "abc");
  document.SetSelectionBefore(
      {.anchors = {*document.CreateAnchor(CodePointOffset{2}, Bias::kAfter)}, .data = "caret"});
  Cut(document, 1, 3);
  document.SetSelectionAfter({.anchors = {}, .data = std::string("\0\xff", 2)});
  const auto opened = Reopened(document, kMe);
  Back(*opened);
  EXPECT_EQ(opened->undo_manager().restored().data, "caret");
  EXPECT_EQ(opened->ResolveAnchor(opened->undo_manager().restored().anchors.at(0)),
            CodePointOffset{2});
  Forth(*opened);
  EXPECT_EQ(opened->undo_manager().restored().data, std::string("\0\xff", 2));
}

TEST(UndoCodecTest, AStepTakesAboutFourBytes) {
  RgaDocument document(kMe);
  for (uint64_t i = 0; i < 10'000; ++i) Put(document, i, "a");
  EXPECT_LE(document.EncodeUndo().size(), 10'000U * 3 + 40);
  EXPECT_EQ(Steps(*Reopened(document, kMe)), 10'000U);
}

TEST(UndoCodecTest, StepsOfAnotherIdMustBeAdopted) {
  RgaDocument document(kMe);
  Put(document, 0, "abc");
  const auto opened = RgaDocument::Open(document.Save({}).value(), kLater, nullptr);
  Put(**opened, 3, "d");
  EXPECT_EQ((*opened)->DecodeUndo(document.EncodeUndo()).error().code, ErrorCode::kInvalidUndo);
  EXPECT_EQ(Steps(**opened), 1U);
  Back(**opened);
  EXPECT_EQ((*opened)->Text(), "abc");
  ASSERT_TRUE((*opened)->DecodeUndo(document.EncodeUndo(), FormerSelves::kAdopt).has_value());
  EXPECT_EQ(Steps(**opened), 1U);
  EXPECT_FALSE((*opened)->CanRedo());
  Back(**opened);
  EXPECT_EQ((*opened)->Text(), "");
  // The same under the first id again, whose steps are now those of two.
  const auto back = RgaDocument::Open((*opened)->Save({}).value(), kMe, nullptr);
  EXPECT_FALSE((*back)->DecodeUndo((*opened)->EncodeUndo()).has_value());
  ASSERT_TRUE((*back)->DecodeUndo((*opened)->EncodeUndo(), FormerSelves::kAdopt).has_value());
  Forth(**back);
  EXPECT_EQ((*back)->Text(), "abc");
}

TEST(UndoCodecTest, WhatAFormerSelfDoesLaterIsAnothers) {
  RgaDocument former(kMe);
  Put(former, 0, "abcdef");
  Cut(former, 0, 2);
  const auto mine = Reopened(former, kLater);
  Cut(*mine, 0, 2);
  Cut(former, 1, 2);  // "d", which is deleted twice.
  Put(former, 0, "!");
  Pull(*mine, former);
  EXPECT_EQ(mine->Text(), "!ef");
  Back(*mine);
  EXPECT_EQ(mine->Text(), "!cef");
  Back(*mine);
  EXPECT_EQ(mine->Text(), "!abcef");
  Back(*mine);
  EXPECT_EQ(mine->Text(), "!");
}

TEST(UndoCodecTest, EditsAfterTheStepsWereStoredLeaveNothingToRedo) {
  RgaDocument document(kMe);
  Put(document, 0, "a");
  Put(document, 1, "b");
  Back(document);
  const std::string stored = document.EncodeUndo();
  Put(document, 1, "c");
  RgaDocument other(kOther);
  Pull(other, document);
  Put(other, 0, "1");
  const auto opened = RgaDocument::Open(document.Save({}).value(), kMe, nullptr);
  Pull(**opened, other);
  ASSERT_TRUE((*opened)->DecodeUndo(stored).has_value());
  EXPECT_FALSE((*opened)->CanRedo());
  Back(**opened);
  EXPECT_EQ((*opened)->Text(), "1c");
}

TEST(UndoCodecTest, EditsOfOthersAfterTheStepsWereStoredChangeNothing) {
  RgaDocument document(kMe);
  Put(document, 0, "a");
  Back(document);
  const std::string stored = document.EncodeUndo();
  RgaDocument other(kOther);
  Pull(other, document);
  Put(other, 0, "1");
  Pull(document, other);
  ASSERT_TRUE(document.DecodeUndo(stored).has_value());
  Forth(document);
  EXPECT_EQ(document.Text(), "1a");
}

TEST(UndoCodecTest, StepsOfOperationsThatAreNotHereAreRefused) {
  RgaDocument document(kMe);
  Put(document, 0, "a");
  const auto opened = RgaDocument::Open(document.Save({}).value(), kMe, nullptr);
  Put(document, 1, "b");
  const auto decoded = (*opened)->DecodeUndo(document.EncodeUndo());
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidUndo);
}

TEST(UndoCodecTest, StepsOfAnotherDocumentAreRefused) {
  RgaDocument document(kMe);
  Put(document, 0, "a");
  const std::string bytes = document.EncodeUndo();
  document.SetId(DocumentId{{1}});
  EXPECT_EQ(document.DecodeUndo(bytes).error().code, ErrorCode::kDocumentReplaced);
}

TEST(UndoCodecTest, IsNothingForTransactionsAndListeners) {
  RgaDocument document(kMe);
  const std::string bytes = document.EncodeUndo();
  document.BeginTransaction();
  EXPECT_EQ(document.DecodeUndo(bytes).error().code, ErrorCode::kTransactionOpen);
  document.CommitTransaction();
}

// Files.

TEST(UndoCodecTest, AFileKeepsStepsIfItIsToldTo) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  Put(document, 2, "cd");
  Back(document);
  for (const bool keeps : {false, true}) {
    const std::string file = document.Save({.keeps_undo = keeps}).value();
    const auto opened = RgaDocument::Open(file, kMe, nullptr);
    ASSERT_TRUE(opened.has_value());
    EXPECT_FALSE((*opened)->CanUndo());  // Nobody's, until somebody says that it is theirs.
    EXPECT_EQ((*opened)->RestoreUndo(), keeps);
    EXPECT_EQ(Steps(**opened), keeps ? 1U : 0U);
    EXPECT_EQ(Forth(**opened), keeps);
    EXPECT_EQ((*opened)->Text(), keeps ? "abcd" : "ab");
  }
}

TEST(UndoCodecTest, AFileOfAnotherKeepsItsStepsUntilTheyAreAdopted) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  const auto opened =
      RgaDocument::Open(document.Save({.keeps_undo = true}).value(), kLater, nullptr);
  EXPECT_EQ((*opened)->RestoreUndo().error().code, ErrorCode::kInvalidUndo);
  EXPECT_EQ((*opened)->RestoreUndo(FormerSelves::kAdopt), true);
  EXPECT_TRUE((*opened)->CanUndo());
}

TEST(UndoCodecTest, WithoutDeletedTextNothingIsKept) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  Cut(document, 0, 1);
  const FileEncoding compact{.drops_deleted_text = true, .keeps_undo = true};
  const auto opened = RgaDocument::Open(document.Save(compact).value(), kMe, nullptr);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ((*opened)->RestoreUndo(), false);
  EXPECT_EQ((*opened)->DecodeUndo(document.EncodeUndo()).error().code, ErrorCode::kInvalidUndo);
}

// What is refused. The document: replica 7 typed "ab", replica 5 put "1" in front, which is counter
// 3, replica 7 deleted "a" (4) and took that back (5, a copy of 1), then took back "ab" (6, 7).

class UndoCodecErrorTest : public testing::Test {
 protected:
  UndoCodecErrorTest() {
    Put(document_, 0, "ab");
    RgaDocument other(kOther);
    Pull(other, document_);
    Put(other, 0, "1");
    Pull(document_, other);
    Cut(document_, 1, 2);
    Back(document_);
    Back(document_);
  }

  static std::string Numbers(std::initializer_list<uint64_t> numbers) {
    std::string bytes;
    for (const uint64_t number : numbers) AppendVarint(bytes, number);
    return bytes;
  }

  // Version, id and replicas, behind which come the copies and the steps.
  static std::string Head(std::initializer_list<uint64_t> replicas = {1, 7, 7, 1, 5}) {
    return Numbers({1}) + std::string(16, '\0') + Numbers(replicas);
  }

  // Returns the message of the error.
  std::string Refusal(const std::string& bytes, FormerSelves former = FormerSelves::kRefuse) {
    const auto decoded = document_.DecodeUndo(bytes, former);
    if (decoded) return "none";
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidUndo);
    return decoded.error().message;
  }

  RgaDocument document_{kMe};
};

TEST_F(UndoCodecErrorTest, EveryPrefixAndEveryLongerFormIsRefused) {
  const std::string bytes = document_.EncodeUndo();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_NE(Refusal(bytes.substr(0, size)), "none") << size;
  }
  EXPECT_EQ(Refusal(bytes + '\0'), "there are bytes behind the end");
  EXPECT_EQ(Refusal(bytes), "none");
}

TEST_F(UndoCodecErrorTest, HeadAndReplicas) {
  EXPECT_EQ(Refusal(Numbers({2})), "the steps are of another version of the format");
  EXPECT_EQ(Refusal(Head({0})), "the steps have no user");
  EXPECT_EQ(Refusal(Head({1, 0, 0, 0})), "a replica is out of range");
  EXPECT_EQ(Refusal(Head({2, 7, 7, 7, 7, 0})), "a replica comes twice");
  EXPECT_EQ(Refusal(Head({1, 7, 8, 0})), "the document lacks operations that the steps follow");
  EXPECT_EQ(Refusal(Head({2, 7, 7, 5, 3, 0})), "there are steps of replica 5");
  EXPECT_EQ(Refusal(Head({2, 7, 7, 5, 3, 0}) + Numbers({0, 0, 0}), FormerSelves::kAdopt), "none");
  EXPECT_EQ(Refusal(Head() + Numbers({0, 0, 0})), "none");
}

TEST_F(UndoCodecErrorTest, Steps) {
  const auto refusal = [this](std::initializer_list<uint64_t> numbers) {
    return Refusal(Head() + Numbers({0}) + Numbers(numbers));
  };
  // Operations 1 and 2; 1; 4 in two ranges, of two steps.
  EXPECT_EQ(refusal({1, 4, 2, 2, 0}), "none");
  EXPECT_EQ(refusal({2, 4, 2, 1, 4, 6, 1, 0}), "none");
  EXPECT_EQ(refusal({1, 0, 0}), "a step is empty");
  EXPECT_EQ(refusal({1, 4, 2, 0, 0}), "an operation is not the user's");
  EXPECT_EQ(refusal({1, 4, 2, 8, 0}), "an operation is not the user's");
  EXPECT_EQ(refusal({1, 4, 16, 1, 0}), "an operation is not the user's");
  EXPECT_EQ(refusal({1, 4, 0, 1, 0}), "an operation is not there");
  EXPECT_EQ(refusal({1, 4, 2, 3, 0}), "an operation is not there");  // 3 is another's.
  EXPECT_EQ(refusal({1, 4, 3, 1, 2, 0}), "a self is not there");
  EXPECT_EQ(refusal({1, 4, 3, 0, 2, 0}), "a self is not there");
  EXPECT_EQ(refusal({1, 4, 2, 2, 1, 4, 4, 1}), "an operation is in two steps");
  EXPECT_EQ(refusal({1, 5, 2, 2, 0, 0, 0}), "a selection is empty");
  EXPECT_EQ(refusal({1, 5, 2, 2, 1, 40, 0, 0}), "the bytes end early or a number is malformed");
  EXPECT_EQ(
      Refusal(Head() + Numbers({0, 1, 5, 2, 2, 1, 33}) + std::string(33, 'a') + Numbers({0, 0})),
      "an anchor is too long");
  EXPECT_EQ(
      Refusal(Head() + Numbers({0, 1, 5, 2, 2, 1, 32}) + std::string(32, 'a') + Numbers({0, 0})),
      "none");
}

TEST_F(UndoCodecErrorTest, Copies) {
  const auto refusal = [this](std::initializer_list<uint64_t> numbers) {
    return Refusal(Head() + Numbers(numbers));
  };
  EXPECT_EQ(refusal({1, 10, 1, 0, 4, 0, 0}), "none");  // 5 of 1.
  EXPECT_EQ(refusal({1, 10, 1, 1, 2, 0, 0}), "none");  // 5 of 3, which is another's.
  EXPECT_EQ(refusal({1, 10, 1, 2, 4, 0, 0}), "a copy has no source");
  EXPECT_EQ(refusal({1, 10, 1, 0, 0, 0, 0}), "a copy has no source");
  EXPECT_EQ(refusal({1, 10, 1, 0, 5, 0, 0}), "a copy has no source");
  EXPECT_EQ(refusal({1, 10, 1, 0, 1, 0, 0}), "a copy or its source is no character");
  EXPECT_EQ(refusal({1, 8, 1, 0, 3, 0, 0}), "a copy or its source is no character");
  EXPECT_EQ(refusal({1, 10, 2, 0, 4, 0, 0}), "a copy or its source is no character");
  // 5 of 1, in a step that deleted 1; in one that inserted 1; in one with both.
  EXPECT_EQ(refusal({1, 10, 1, 0, 4, 1, 4, 8, 2, 0}), "none");
  EXPECT_EQ(refusal({1, 10, 1, 0, 4, 1, 8, 2, 2, 4, 1, 0}), "a step copied what it did not find");
  EXPECT_EQ(refusal({1, 10, 1, 0, 4, 2, 4, 2, 2, 4, 4, 1, 0}), "none");
}

TEST_F(UndoCodecErrorTest, NothingHasChanged) {
  const std::string before = document_.EncodeUndo();
  EXPECT_NE(Refusal(before + "x"), "none");
  EXPECT_EQ(document_.EncodeUndo(), before);
  EXPECT_EQ(document_.Text(), "1");
}

// Random bytes and changed ones are refused or harmless.
TEST_F(UndoCodecErrorTest, SpoiledBytesNeverTouchWhatIsAnothers) {
  const std::string bytes = document_.EncodeUndo();
  const std::string file = document_.Save({}).value();
  size_t accepted = 0;
  ForEachSeed(3000, [&](Random& random) {
    std::string spoiled = bytes;
    for (uint64_t changes = random.Between(1, 3); changes > 0; --changes) {
      spoiled[17 + random.Below(spoiled.size() - 17)] = static_cast<char>(random.Below(16));
    }
    auto opened = RgaDocument::Open(file, kMe, nullptr);
    if (!(*opened)->DecodeUndo(spoiled)) return;
    ++accepted;
    while ((*opened)->CanUndo()) Back(**opened);
    while ((*opened)->CanRedo()) Forth(**opened);
    (*opened)->CheckInvariants();
    ASSERT_NE((*opened)->Text().find('1'), std::string::npos);
  });
  EXPECT_GT(accepted, 20U);
}

}  // namespace
}  // namespace cotext
