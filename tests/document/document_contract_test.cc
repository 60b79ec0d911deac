// The contract of Document, kept by both engines: edits in every unit, transactions, events,
// deltas, reading, errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/rga_document.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/edit_label.h"
#include "document/utf8.h"
#include "ot/ot_document.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// One, two, three and four bytes, two lines, a carriage return: 6 characters, 12 bytes, 7 UTF-16
// units.
constexpr std::string_view kMixed = "a\u00e9\u4e2d\U0001f600\r\n";
constexpr EditLabel kFormatter{9};

void Put(Document& document, uint64_t at, std::string_view text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

class DocumentContractTest : public testing::TestWithParam<Engine> {
 protected:
  static std::unique_ptr<Document> MakeDocument() {
    if (GetParam() == Engine::kRga) return std::make_unique<RgaDocument>(ReplicaId{.value = 7});
    return std::make_unique<OtDocument>();
  }

  // A few characters make a deep tree.
  static std::unique_ptr<Document> MakeTiny() {
    if (GetParam() == Engine::kRga) {
      return std::make_unique<RgaDocument>(ReplicaId{.value = 7}, kTinySequence);
    }
    return std::make_unique<OtDocument>(OtDocumentOptions{.text = {.leaf_bytes = 16, .fanout = 2}});
  }

  static std::unique_ptr<Document> DocumentWith(std::string_view text) {
    auto document = MakeDocument();
    Put(*document, 0, text);
    return document;
  }

  static void CheckInvariants(const Document& document) {
    if (GetParam() == Engine::kRga) {
      static_cast<const RgaDocument&>(document).CheckInvariants();
    } else {
      static_cast<const OtDocument&>(document).CheckInvariants();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, DocumentContractTest, testing::Values(Engine::kRga, Engine::kOt),
                         [](const auto& param) {
                           return std::string(param.param == Engine::kRga ? "Rga" : "Ot");
                         });

// Editing.

TEST_P(DocumentContractTest, BeginsEmpty) {
  const auto document = MakeDocument();
  EXPECT_EQ(document->engine(), GetParam());
  EXPECT_EQ(document->Text(), "");
  EXPECT_EQ(document->metrics(), TextMetrics{});
  EXPECT_EQ(document->Slice(CodePointOffset{0}, Point{0, 0}).value(), "");
}

TEST_P(DocumentContractTest, EveryUnitNamesTheSamePlaces) {
  const std::pair<AnyOffset, AnyOffset> face[] = {
      {CodePointOffset{3}, CodePointOffset{4}},
      {ByteOffset{6}, ByteOffset{10}},
      {Utf16Offset{3}, Utf16Offset{5}},
      {Point{0, 3}, Point{0, 4}},
      {ByteOffset{6}, Point{0, 4}},
  };
  for (const auto& [begin, end] : face) {
    const auto document = DocumentWith(kMixed);
    EXPECT_EQ(document->Slice(begin, end).value(), "\U0001f600");
    ASSERT_TRUE(document->Replace(begin, end, "X").has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dX\r\n");
    ASSERT_TRUE(document->Insert(begin, "Y").has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dYX\r\n");
    ASSERT_TRUE(document->Erase(begin, begin).has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dYX\r\n");
  }
}

TEST_P(DocumentContractTest, EveryUnitNamesTheEnd) {
  for (const AnyOffset& end : {AnyOffset{CodePointOffset{6}}, AnyOffset{ByteOffset{12}},
                               AnyOffset{Utf16Offset{7}}, AnyOffset{Point{1, 0}}}) {
    const auto document = DocumentWith(kMixed);
    ASSERT_TRUE(document->Insert(end, "z").has_value());
    EXPECT_EQ(document->Text(), std::string(kMixed) + "z");
  }
}

struct BadEdit {
  const char* what;
  AnyOffset begin;
  AnyOffset end;
  std::string_view text;
  ErrorCode code;
};

const BadEdit kBadEdits[] = {
    {"begins past the end", CodePointOffset{7}, CodePointOffset{7}, "x", ErrorCode::kOutOfRange},
    {"ends past the end", CodePointOffset{0}, CodePointOffset{7}, "x", ErrorCode::kOutOfRange},
    {"ends far away", CodePointOffset{0}, CodePointOffset{~uint64_t{0}}, "x",
     ErrorCode::kOutOfRange},
    {"begins past the end, deletes nothing", CodePointOffset{7}, CodePointOffset{7}, "",
     ErrorCode::kOutOfRange},
    {"bytes past the end", ByteOffset{13}, ByteOffset{13}, "x", ErrorCode::kOutOfRange},
    {"units past the end", Utf16Offset{8}, Utf16Offset{8}, "x", ErrorCode::kOutOfRange},
    {"line past the end", Point{2, 0}, Point{2, 0}, "x", ErrorCode::kOutOfRange},
    {"line far away", Point{~uint64_t{0}, 0}, Point{0, 0}, "x", ErrorCode::kOutOfRange},
    {"column past its line", Point{0, 6}, Point{0, 6}, "x", ErrorCode::kOutOfRange},
    {"column past the last line", Point{1, 1}, Point{1, 1}, "x", ErrorCode::kOutOfRange},
    {"column far away", Point{0, ~uint64_t{0}}, Point{1, 0}, "x", ErrorCode::kOutOfRange},
    {"inside two bytes", ByteOffset{2}, ByteOffset{3}, "x", ErrorCode::kInsideCharacter},
    {"inside three bytes", ByteOffset{3}, ByteOffset{5}, "x", ErrorCode::kInsideCharacter},
    {"inside four bytes", ByteOffset{9}, ByteOffset{10}, "x", ErrorCode::kInsideCharacter},
    {"inside a surrogate pair", Utf16Offset{4}, Utf16Offset{5}, "x", ErrorCode::kInsideCharacter},
    {"to inside a pair", Utf16Offset{3}, Utf16Offset{4}, "x", ErrorCode::kInsideCharacter},
    {"reversed", CodePointOffset{3}, CodePointOffset{2}, "x", ErrorCode::kOutOfRange},
    {"reversed, in two units", Point{1, 0}, ByteOffset{0}, "x", ErrorCode::kOutOfRange},
    {"a lone continuation", CodePointOffset{0}, CodePointOffset{1}, "\x80",
     ErrorCode::kInvalidUtf8},
    {"a truncated character", CodePointOffset{0}, CodePointOffset{1}, "a\xe4\xb8",
     ErrorCode::kInvalidUtf8},
    {"a surrogate", CodePointOffset{0}, CodePointOffset{0}, "\xed\xa0\x80",
     ErrorCode::kInvalidUtf8},
    {"an overlong form", CodePointOffset{0}, CodePointOffset{0}, "\xc0\x80",
     ErrorCode::kInvalidUtf8},
};

TEST_P(DocumentContractTest, ARefusedEditChangesNothing) {
  for (const BadEdit& bad : kBadEdits) {
    SCOPED_TRACE(bad.what);
    const auto document = DocumentWith(kMixed);
    Cut(*document, 0, 1);
    ASSERT_TRUE(document->Undo().value());
    DocumentMirror mirror(*document);
    const Version version = document->version();
    const Expected<void> edited = document->Replace(bad.begin, bad.end, bad.text);
    ASSERT_FALSE(edited.has_value());
    EXPECT_EQ(edited.error().code, bad.code);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_EQ(document->version(), version);
    EXPECT_TRUE(mirror.origins().empty());
    EXPECT_FALSE(document->in_transaction());
    EXPECT_TRUE(document->CanRedo());
    CheckInvariants(*document);
  }
}

// Returns an offset of some unit for the character `at`, which begins at `byte`.
AnyOffset InSomeUnit(Random& random, const std::string& text, uint64_t at, size_t byte) {
  const TextMetrics before = Measure(text.substr(0, byte));
  switch (random.Below(4)) {
    case 0: return ByteOffset{byte};
    case 1: return Utf16Offset{before.utf16};
    case 2: {
      const size_t line = before.newlines == 0 ? 0 : text.rfind('\n', byte - 1) + 1;
      return Point{before.newlines, CountCodePoints(text.substr(line, byte - line))};
    }
    default: return CodePointOffset{at};
  }
}

// Every unit of the character `at`, which begins at `byte`, leads to every other one.
void CheckConversions(Random& random, const Document& document, const std::string& text,
                      uint64_t at, size_t byte) {
  ASSERT_EQ(document.ToByte(CodePointOffset{at}).value(), ByteOffset{byte});
  ASSERT_EQ(document.ToUtf16(CodePointOffset{at}).value(),
            Utf16Offset{Measure(text.substr(0, byte)).utf16});
  ASSERT_EQ(document.ToCodePoint(document.ToPoint(CodePointOffset{at}).value()).value(),
            CodePointOffset{at});
  ASSERT_EQ(document.ToCodePoint(InSomeUnit(random, text, at, byte)).value(), CodePointOffset{at});
}

TEST_P(DocumentContractTest, RandomEditsInEveryUnitEqualAString) {
  ForEachSeed(100, [](Random& random) {
    const auto document = MakeTiny();
    DocumentMirror mirror(*document);
    std::string text;
    for (int step = 0; step < 60; ++step) {
      const uint64_t length = CountCodePoints(text);
      const uint64_t first = random.Below(length + 1);
      const uint64_t last = random.Between(first, std::min(length, first + 4));
      const size_t begin = ByteOfCodePoint(text, first);
      const size_t end = ByteOfCodePoint(text, last);
      const AnyOffset from = InSomeUnit(random, text, first, begin);
      const AnyOffset to = InSomeUnit(random, text, last, end);
      const std::string inserted = RandomText(random, 5);
      ASSERT_TRUE(document->Replace(from, to, inserted).has_value());
      text.replace(begin, end - begin, inserted);
      ASSERT_EQ(document->Text(), text);
      ASSERT_EQ(document->metrics(), Measure(text));
      const uint64_t at = random.Below(CountCodePoints(text) + 1);
      CheckConversions(random, *document, text, at, ByteOfCodePoint(text, at));
      mirror.Check();
      CheckInvariants(*document);
    }
  });
}

// Transactions.

TEST_P(DocumentContractTest, ATransactionIsOneEventAndOneUndoStep) {
  const auto document = DocumentWith("abc");
  DocumentMirror mirror(*document);
  document->BeginTransaction();
  EXPECT_TRUE(document->in_transaction());
  Put(*document, 0, "X");
  document->BeginTransaction();
  Cut(*document, 3, 4);
  document->CommitTransaction();
  EXPECT_TRUE(document->in_transaction());
  Put(*document, 3, "Y");
  EXPECT_EQ(document->Text(), "XabY");
  EXPECT_TRUE(mirror.origins().empty());
  document->CommitTransaction();
  EXPECT_FALSE(document->in_transaction());
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kLocal});
  EXPECT_EQ(mirror.last(), Delta().Insert("X").Retain(2).Insert("Y").Delete(1));
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_EQ(mirror.origins(), (std::vector{EditOrigin::kLocal, EditOrigin::kUndo}));
}

TEST_P(DocumentContractTest, TransactReturnsWhatItsEditsReturnAndCommitsInAnyCase) {
  const auto document = MakeDocument();
  DocumentMirror mirror(*document);
  const Expected<void> failed = document->Transact([&document]() -> Expected<void> {
    COTEXT_RETURN_IF_ERROR(document->Insert(CodePointOffset{0}, "a"));
    return document->Insert(CodePointOffset{9}, "b");
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kOutOfRange);
  EXPECT_FALSE(document->in_transaction());
  EXPECT_EQ(document->Text(), "a");
  EXPECT_EQ(mirror.origins().size(), 1U);
  EXPECT_EQ(document->Transact([] { return 42; }), 42);
}

TEST_P(DocumentContractTest, ATransactionWithoutAnEffectOnTheTextHasNoEvent) {
  const auto document = DocumentWith("abc");
  DocumentMirror mirror(*document);
  document->Transact([] {});
  Put(*document, 1, "");
  document->Transact([&] {
    Put(*document, 1, "X");
    Cut(*document, 1, 2);
  });
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_TRUE(mirror.origins().empty());
}

TEST_P(DocumentContractTest, ReplacingInsertsBeforeWhatItDeletes) {
  const auto document = DocumentWith("abc");
  DocumentMirror mirror(*document);
  ASSERT_TRUE(document->Replace(CodePointOffset{1}, CodePointOffset{2}, "X").has_value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("X").Delete(1));
  ASSERT_TRUE(document->Apply(Delta().Retain(1).Delete(1).Insert("Y")).has_value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("Y").Delete(1));
  ASSERT_TRUE(document->Undo().value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("X").Delete(1));
}

using DocumentContractDeathTest = DocumentContractTest;
INSTANTIATE_TEST_SUITE_P(Engines, DocumentContractDeathTest,
                         testing::Values(Engine::kRga, Engine::kOt));

TEST_P(DocumentContractDeathTest, CommittingWithoutATransactionStopsTheProgram) {
  const auto document = MakeDocument();
  EXPECT_DEATH(document->CommitTransaction(), "transaction_depth_ > 0");
}

// Deltas.

TEST_P(DocumentContractTest, ApplyingRandomDeltasEqualsApplyingThemToAString) {
  ForEachSeed(300, [](Random& random) {
    const auto document = MakeTiny();
    Put(*document, 0, RandomText(random, 20));
    DocumentMirror mirror(*document);
    for (int step = 0; step < 10; ++step) {
      const std::string before = document->Text();
      const size_t events = mirror.origins().size();
      const Delta delta = RandomDelta(random, before, DeletedText::kSome);
      ASSERT_TRUE(document->Apply(delta).has_value());
      const std::string after = Apply(delta, before).value();
      ASSERT_EQ(document->Text(), after);
      ASSERT_EQ(mirror.origins().size(), events + (delta.empty() ? 0 : 1));
      if (delta.empty()) continue;
      ASSERT_EQ(mirror.origins().back(), EditOrigin::kLocal);
      ASSERT_TRUE(document->Undo().value());
      ASSERT_EQ(document->Text(), before);
      ASSERT_TRUE(document->Redo().value());
      ASSERT_EQ(document->Text(), after);
    }
  });
}

TEST_P(DocumentContractTest, ADeltaThatDoesNotFitChangesNothing) {
  const Delta deltas[] = {
      Delta().Insert("x").Retain(3).Delete(4),
      Delta().Insert("x").Retain(7).Insert("y"),
      Delta().Insert("x").DeleteText("b"),
      Delta().Delete(1).Retain(1).Insert("x").DeleteText("\u4e2d\U0001f601"),
      Delta().Delete(1).Retain(3).Insert("x").DeleteText("\r\n\n"),
  };
  for (const Delta& delta : deltas) {
    const auto document = DocumentWith(kMixed);
    DocumentMirror mirror(*document);
    const Version version = document->version();
    const Expected<void> applied = document->Apply(delta);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, ErrorCode::kDeltaMismatch);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_EQ(document->version(), version);
    EXPECT_TRUE(mirror.origins().empty());
    CheckInvariants(*document);
  }
}

TEST_P(DocumentContractTest, ADeltaWithTheRightDeletedTextApplies) {
  const auto document = DocumentWith(kMixed);
  ASSERT_TRUE(
      document->Apply(Delta().Retain(1).DeleteText("\u00e9\u4e2d").Retain(1).DeleteText("\r\n"))
          .has_value());
  EXPECT_EQ(document->Text(), "a\U0001f600");
}

// Reading.

TEST_P(DocumentContractTest, EverySliceIsThatOfTheTextAndComesInWholeCharacters) {
  ForEachSeed(20, [](Random& random) {
    const auto document = MakeTiny();
    for (int i = 0; i < 20; ++i) {
      const std::string before = document->Text();
      ASSERT_TRUE(document->Apply(RandomDelta(random, before, DeletedText::kSome)).has_value());
    }
    Put(*document, 0, RandomText(random, 20));
    const std::string text = document->Text();
    const uint64_t length = CountCodePoints(text);
    for (uint64_t begin = 0; begin <= length; ++begin) {
      for (uint64_t end = begin; end <= length; ++end) {
        const size_t from = ByteOfCodePoint(text, begin);
        const std::string expected = text.substr(from, ByteOfCodePoint(text, end) - from);
        ASSERT_EQ(document->Slice(CodePointOffset{begin}, CodePointOffset{end}).value(), expected);
        std::string joined;
        const auto read = document->ForEachChunk(CodePointOffset{begin}, CodePointOffset{end},
                                                 [&joined](std::string_view chunk) {
                                                   EXPECT_FALSE(chunk.empty());
                                                   EXPECT_TRUE(IsValidUtf8(chunk));
                                                   joined += chunk;
                                                 });
        ASSERT_TRUE(read.has_value());
        ASSERT_EQ(joined, expected);
      }
    }
  });
}

TEST_P(DocumentContractTest, ARangeThatIsNoneIsNotRead) {
  const auto document = DocumentWith(kMixed);
  const auto never = [](std::string_view) { FAIL(); };
  const std::pair<uint64_t, uint64_t> bad[] = {{0, 7}, {7, 7}, {3, 2}, {7, 6}};
  for (const auto& [begin, end] : bad) {
    const CodePointOffset first{begin};
    const CodePointOffset last{end};
    EXPECT_EQ(document->ForEachChunk(first, last, never).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(document->Slice(first, last).error().code, ErrorCode::kOutOfRange);
  }
  EXPECT_EQ(document->Slice(Utf16Offset{0}, Utf16Offset{4}).error().code,
            ErrorCode::kInsideCharacter);
  EXPECT_EQ(document->Slice(ByteOffset{2}, ByteOffset{12}).error().code,
            ErrorCode::kInsideCharacter);
}

// Listeners.

TEST_P(DocumentContractTest, ListenersSeeTheOriginAndTheLabel) {
  const auto document = MakeDocument();
  std::vector<std::pair<EditOrigin, uint64_t>> heard;
  document->Subscribe(
      [&heard](const DeltaEvent& event) { heard.emplace_back(event.origin, event.label.value); });
  Put(*document, 0, "a");
  document->Transact(kFormatter, [&document] { Put(*document, 0, "b"); });
  document->Transact(kFormatter, [] {});
  Put(*document, 0, "c");
  ASSERT_TRUE(document->Undo().value());
  EXPECT_EQ(heard, (std::vector<std::pair<EditOrigin, uint64_t>>{{EditOrigin::kLocal, 0},
                                                                 {EditOrigin::kLocal, 9},
                                                                 {EditOrigin::kLocal, 0},
                                                                 {EditOrigin::kUndo, 0}}));
}

TEST_P(DocumentContractTest, ListenersAreCalledInTheOrderTheySubscribed) {
  const auto document = MakeDocument();
  std::string calls;
  document->Subscribe([&](const DeltaEvent&) { calls += 'a'; });
  const auto middle = document->Subscribe([&](const DeltaEvent&) { calls += 'b'; });
  document->Subscribe([&](const DeltaEvent&) { calls += 'c'; });
  Put(*document, 0, "x");
  EXPECT_EQ(calls, "abc");
  document->Unsubscribe(middle);
  document->Unsubscribe(middle);
  document->Unsubscribe(12345);
  Put(*document, 0, "x");
  EXPECT_EQ(calls, "abcac");
}

TEST_P(DocumentContractTest, AListenerMayUnsubscribeItselfAndOthers) {
  const auto document = MakeDocument();
  std::string calls;
  Document::SubscriptionId self = 0;
  Document::SubscriptionId later = 0;
  Document::SubscriptionId earlier = document->Subscribe([&](const DeltaEvent&) { calls += 'a'; });
  self = document->Subscribe([&](const DeltaEvent&) {
    calls += 'b';
    document->Unsubscribe(self);
    document->Unsubscribe(earlier);
    document->Unsubscribe(later);
  });
  later = document->Subscribe([&](const DeltaEvent&) { calls += 'c'; });
  document->Subscribe([&](const DeltaEvent&) { calls += 'd'; });
  Put(*document, 0, "x");
  EXPECT_EQ(calls, "abd");
  Put(*document, 0, "x");
  EXPECT_EQ(calls, "abdd");
}

TEST_P(DocumentContractTest, AListenerMaySubscribeOthersWhichHearOfTheNextChange) {
  const auto document = MakeDocument();
  std::vector<std::unique_ptr<DocumentMirror>> mirrors;
  document->Subscribe(
      [&](const DeltaEvent&) { mirrors.push_back(std::make_unique<DocumentMirror>(*document)); });
  // More than any vector holds without moving.
  for (size_t i = 0; i < 20; ++i) {
    Put(*document, i / 2, "x");
    ASSERT_EQ(mirrors.size(), i + 1);
  }
  for (size_t i = 0; i < mirrors.size(); ++i) {
    EXPECT_EQ(mirrors[i]->origins().size(), 19 - i);
    mirrors[i]->Check();
  }
}

TEST_P(DocumentContractTest, AListenerCannotChangeTheDocument) {
  const auto document = MakeDocument();
  int calls = 0;
  document->Subscribe([&](const DeltaEvent&) {
    ++calls;
    const CodePointOffset begin{0};
    const auto refuses = [](const auto& result) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().code, ErrorCode::kReentrantEdit);
    };
    refuses(document->Insert(begin, "y"));
    refuses(document->Erase(begin, CodePointOffset{1}));
    refuses(document->Apply(Delta().Insert("y")));
    refuses(document->Transact([&] { return document->Insert(begin, "y"); }));
    refuses(document->Undo());
    refuses(document->Redo());
    EXPECT_EQ(document->Text(), calls == 1 ? "x" : "xz");
  });
  Put(*document, 0, "x");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(document->in_transaction());
  // It may be changed again afterwards.
  Put(*document, 1, "z");
  EXPECT_EQ(calls, 2);
}

TEST_P(DocumentContractTest, WhoSubscribesInsideATransactionHearsOfTheRestOfIt) {
  const auto document = DocumentWith("abc");
  DocumentMirror first(*document);
  document->BeginTransaction();
  Put(*document, 0, "X");
  DocumentMirror second(*document);
  Cut(*document, 1, 3);
  DocumentMirror third(*document);
  document->CommitTransaction();
  EXPECT_EQ(document->Text(), "Xc");
  EXPECT_EQ(first.last(), Delta().Insert("X").Delete(2));
  EXPECT_EQ(second.last(), Delta().Retain(1).Delete(2));
  EXPECT_TRUE(third.origins().empty());
  Put(*document, 1, "Y");
  for (const DocumentMirror* mirror : {&first, &second, &third}) mirror->Check();
}

TEST_P(DocumentContractTest, EditsThatNobodyHeardOfInATransactionAreNotToldLater) {
  const auto document = DocumentWith("abc");
  auto first = std::make_unique<DocumentMirror>(*document);
  document->BeginTransaction();
  Put(*document, 0, "X");
  first.reset();
  Cut(*document, 0, 4);
  DocumentMirror second(*document);
  Put(*document, 0, "Y");
  document->CommitTransaction();
  EXPECT_EQ(second.last(), Delta().Insert("Y"));
  second.Check();
}

// Undo.

TEST_P(DocumentContractTest, WithNothingToUndoReturnsFalseAndChangesNothing) {
  const auto document = MakeDocument();
  DocumentMirror mirror(*document);
  const Version version = document->version();
  EXPECT_FALSE(document->Undo().value());
  EXPECT_FALSE(document->Redo().value());
  EXPECT_EQ(document->version(), version);
  Put(*document, 0, "");
  EXPECT_FALSE(document->CanUndo());
  EXPECT_TRUE(mirror.origins().empty());
}

TEST_P(DocumentContractTest, UndoesAndRedoesReplacing) {
  const auto document = DocumentWith("abcdef");
  ASSERT_TRUE(document->Replace(CodePointOffset{2}, CodePointOffset{4}, "XYZ").has_value());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(document->Undo().value());
    EXPECT_EQ(document->Text(), "abcdef");
    EXPECT_TRUE(document->Redo().value());
    EXPECT_EQ(document->Text(), "abXYZef");
  }
  EXPECT_TRUE(document->Undo().value());
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "");
  EXPECT_FALSE(document->Undo().value());
}

TEST_P(DocumentContractTest, WhatIsNotTrackedIsNotTakenBack) {
  const auto document = MakeDocument();
  document->undo_manager().TrackAllBut({kFormatter});
  Put(*document, 0, "ab");
  document->Transact(kFormatter, [&document] {
    document->Transact([&document] { Put(*document, 1, "--"); });
    Cut(*document, 3, 4);
  });
  EXPECT_EQ(document->Text(), "a--");
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "--");
  document->BeginTransaction(kFormatter);
  Put(*document, 2, "-");
  document->CommitTransaction();
  EXPECT_TRUE(document->Redo().value());
  EXPECT_EQ(document->Text(), "a---");
  // The label was that of one transaction.
  Put(*document, 0, "x");
  EXPECT_EQ(document->undo_manager().step_count(UndoStack::kUndo), 2U);
  CheckInvariants(*document);
}

TEST_P(DocumentContractTest, UndoCannotBeUsedInsideATransactionOrAListener) {
  const auto document = DocumentWith("ab");
  document->BeginTransaction();
  EXPECT_EQ(document->Undo().error().code, ErrorCode::kTransactionOpen);
  EXPECT_EQ(document->Redo().error().code, ErrorCode::kTransactionOpen);
  document->CommitTransaction();
  int calls = 0;
  document->Subscribe([&](const DeltaEvent&) {
    ++calls;
    EXPECT_EQ(document->Undo().error().code, ErrorCode::kReentrantEdit);
    EXPECT_EQ(document->Redo().error().code, ErrorCode::kReentrantEdit);
  });
  Put(*document, 0, "c");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(document->Text(), "cab");
}

}  // namespace
}  // namespace cotext
