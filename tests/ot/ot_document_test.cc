// The contract of Document, kept by OtDocument: edits, transactions, events, units, errors.
#include "ot/ot_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/edit_label.h"
#include "document/utf8.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

// One, two, three and four bytes, two lines, a carriage return: 6 characters, 12 bytes, 7 UTF-16
// units.
constexpr std::string_view kMixed = "a\u00e9\u4e2d\U0001f600\r\n";

constexpr OtDocumentOptions kTinyLeaves{.text = {.leaf_bytes = 16, .fanout = 2}};

void Put(Document& document, uint64_t at, std::string_view text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

std::unique_ptr<OtDocument> DocumentWith(std::string_view text) {
  auto document = std::make_unique<OtDocument>();
  Put(*document, 0, text);
  return document;
}

// Editing.

TEST(OtDocumentTest, BeginsEmptyOrWithAText) {
  const OtDocument document;
  EXPECT_EQ(document.engine(), Engine::kOt);
  EXPECT_EQ(document.Text(), "");
  EXPECT_EQ(document.metrics(), TextMetrics{});
  EXPECT_EQ(document.revision(), 0U);
  const auto loaded = OtDocument::FromText(kMixed).value();
  EXPECT_EQ(loaded->Text(), kMixed);
  EXPECT_FALSE(loaded->CanUndo());
  EXPECT_EQ(OtDocument::FromText("\x80").error().code, ErrorCode::kInvalidUtf8);
  EXPECT_EQ(OtDocument::FromText("abc", {.text = {.max_bytes = 2}}).error().code,
            ErrorCode::kTooLarge);
}

TEST(OtDocumentTest, EveryUnitNamesTheSamePlaces) {
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
    {"line past the end", Point{2, 0}, Point{2, 0}, "x", ErrorCode::kOutOfRange},
    {"column past its line", Point{0, 6}, Point{0, 6}, "x", ErrorCode::kOutOfRange},
    {"inside four bytes", ByteOffset{9}, ByteOffset{10}, "x", ErrorCode::kInsideCharacter},
    {"inside a surrogate pair", Utf16Offset{4}, Utf16Offset{5}, "x", ErrorCode::kInsideCharacter},
    {"reversed", CodePointOffset{3}, CodePointOffset{2}, "x", ErrorCode::kOutOfRange},
    {"a lone continuation", CodePointOffset{0}, CodePointOffset{1}, "\x80",
     ErrorCode::kInvalidUtf8},
    {"a surrogate", CodePointOffset{0}, CodePointOffset{0}, "\xed\xa0\x80",
     ErrorCode::kInvalidUtf8},
    {"too long", CodePointOffset{0}, CodePointOffset{0}, "nineteen characters",
     ErrorCode::kTooLarge},
};

TEST(OtDocumentTest, ARefusedEditChangesNothing) {
  for (const BadEdit& bad : kBadEdits) {
    SCOPED_TRACE(bad.what);
    OtDocument document({.text = {.max_bytes = 24}});
    Put(document, 0, kMixed);
    Cut(document, 0, 1);
    ASSERT_TRUE(document.Undo().value());
    DocumentMirror mirror(document);
    const Expected<void> edited = document.Replace(bad.begin, bad.end, bad.text);
    ASSERT_FALSE(edited.has_value());
    EXPECT_EQ(edited.error().code, bad.code);
    EXPECT_EQ(document.Text(), kMixed);
    EXPECT_TRUE(mirror.origins().empty());
    EXPECT_FALSE(document.in_transaction());
    EXPECT_TRUE(document.CanRedo());
    document.CheckInvariants();
  }
}

// Returns an offset of some unit for a character that begins at `byte`.
AnyOffset InSomeUnit(Random& random, const std::string& text, uint64_t at, size_t byte) {
  const TextMetrics before = Measure(text.substr(0, byte));
  const size_t line_end = text.rfind('\n', byte == 0 ? 0 : byte - 1);
  switch (random.Below(4)) {
    case 0: return ByteOffset{byte};
    case 1: return Utf16Offset{before.utf16};
    case 2: {
      const size_t line = before.newlines == 0 ? 0 : line_end + 1;
      return Point{before.newlines, CountCodePoints(text.substr(line, byte - line))};
    }
    default: return CodePointOffset{at};
  }
}

// Local and remote edits, read back in every unit.
TEST(OtDocumentTest, RandomEditsInEveryUnitEqualAString) {
  ForEachSeed(300, [](Random& random) {
    OtDocument document(kTinyLeaves);
    DocumentMirror mirror(document);
    std::string text;
    for (int step = 0; step < 60; ++step) {
      if (random.Chance(30)) {
        const Delta delta = RandomDelta(random, text, DeletedText::kSome);
        ASSERT_TRUE(document.ApplyRemote(delta).has_value());
        text = Apply(delta, text).value();
      } else {
        const uint64_t length = CountCodePoints(text);
        const uint64_t first = random.Below(length + 1);
        const uint64_t last = random.Between(first, std::min(length, first + 4));
        const size_t begin = ByteOfCodePoint(text, first);
        const size_t end = ByteOfCodePoint(text, last);
        const AnyOffset from = InSomeUnit(random, text, first, begin);
        const AnyOffset to = InSomeUnit(random, text, last, end);
        const std::string inserted = RandomText(random, 5);
        ASSERT_TRUE(document.Replace(from, to, inserted).has_value());
        text.replace(begin, end - begin, inserted);
      }
      ASSERT_EQ(document.Text(), text);
      ASSERT_EQ(document.metrics(), Measure(text));
      const uint64_t at = random.Below(CountCodePoints(text) + 1);
      const size_t byte = ByteOfCodePoint(text, at);
      ASSERT_EQ(document.ToByte(CodePointOffset{at}).value(), ByteOffset{byte});
      ASSERT_EQ(document.ToUtf16(CodePointOffset{at}).value(),
                Utf16Offset{Measure(text.substr(0, byte)).utf16});
      ASSERT_EQ(document.ToCodePoint(document.ToPoint(CodePointOffset{at}).value()).value(),
                CodePointOffset{at});
      ASSERT_EQ(document.ToCodePoint(InSomeUnit(random, text, at, byte)).value(),
                CodePointOffset{at});
      mirror.Check();
      document.CheckInvariants();
    }
  });
}

TEST(OtDocumentTest, ReadingOutsideTheTextIsAnError) {
  const auto document = DocumentWith(kMixed);
  const auto never = [](std::string_view) { ADD_FAILURE(); };
  for (const auto& [begin, end] : {std::pair{0, 7}, {7, 7}, {3, 2}, {7, 6}}) {
    const CodePointOffset first{static_cast<uint64_t>(begin)};
    const CodePointOffset last{static_cast<uint64_t>(end)};
    EXPECT_EQ(document->ForEachChunk(first, last, never).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(document->Slice(first, last).error().code, ErrorCode::kOutOfRange);
  }
  EXPECT_EQ(document->Slice(Utf16Offset{0}, Utf16Offset{4}).error().code,
            ErrorCode::kInsideCharacter);
}

// Transactions.

TEST(OtDocumentTest, ATransactionIsOneEventAndOneUndoStep) {
  const auto document = DocumentWith("abc");
  DocumentMirror mirror(*document);
  document->BeginTransaction();
  Put(*document, 0, "X");
  document->BeginTransaction();
  Cut(*document, 3, 4);
  document->CommitTransaction();
  EXPECT_TRUE(document->in_transaction());
  Put(*document, 3, "Y");
  EXPECT_TRUE(mirror.origins().empty());
  document->CommitTransaction();
  EXPECT_EQ(document->Text(), "XabY");
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kLocal});
  EXPECT_EQ(mirror.last(), Delta().Insert("X").Retain(2).Insert("Y").Delete(1));
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_EQ(mirror.origins(), (std::vector{EditOrigin::kLocal, EditOrigin::kUndo}));
}

TEST(OtDocumentTest, ATransactionWithoutAnEffectOnTheTextHasNoEvent) {
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

TEST(OtDocumentTest, AFailedEditInATransactionLeavesTheOthers) {
  const auto document = DocumentWith("abc");
  const Expected<void> failed = document->Transact([&document]() -> Expected<void> {
    COTEXT_RETURN_IF_ERROR(document->Insert(CodePointOffset{0}, "X"));
    return document->Insert(CodePointOffset{9}, "Y");
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(document->Text(), "Xabc");
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "abc");
}

TEST(OtDocumentTest, ReplacingInsertsBeforeWhatItDeletes) {
  const auto document = DocumentWith("abc");
  DocumentMirror mirror(*document);
  ASSERT_TRUE(document->Replace(CodePointOffset{1}, CodePointOffset{2}, "X").has_value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("X").Delete(1));
  ASSERT_TRUE(document->Apply(Delta().Retain(1).Delete(1).Insert("Y")).has_value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("Y").Delete(1));
  ASSERT_TRUE(document->Undo().value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("X").Delete(1));
}

TEST(OtDocumentTest, ListenersSeeTheOriginAndTheLabel) {
  OtDocument document;
  std::vector<std::pair<EditOrigin, uint64_t>> heard;
  document.Subscribe(
      [&heard](const DeltaEvent& event) { heard.emplace_back(event.origin, event.label.value); });
  document.Transact(EditLabel{9}, [&document] { Put(document, 0, "a"); });
  ASSERT_TRUE(document.ApplyRemote(Delta().Insert("b")).has_value());
  ASSERT_TRUE(document.Undo().value());
  EXPECT_EQ(heard, (std::vector<std::pair<EditOrigin, uint64_t>>{
                       {EditOrigin::kLocal, 9}, {EditOrigin::kRemote, 0}, {EditOrigin::kUndo, 0}}));
}

// Deltas of oneself and of others.

TEST(OtDocumentTest, ApplyingRandomDeltasEqualsApplyingThemToAString) {
  ForEachSeed(300, [](Random& random) {
    OtDocument document(kTinyLeaves);
    Put(document, 0, RandomText(random, 20));
    DocumentMirror mirror(document);
    for (int step = 0; step < 10; ++step) {
      const std::string before = document.Text();
      const size_t events = mirror.origins().size();
      const Delta delta = RandomDelta(random, before, DeletedText::kSome);
      const bool remote = random.Chance(50);
      ASSERT_TRUE((remote ? document.ApplyRemote(delta) : document.Apply(delta)).has_value());
      const std::string after = Apply(delta, before).value();
      ASSERT_EQ(document.Text(), after);
      ASSERT_EQ(mirror.origins().size(), events + (delta.empty() ? 0 : 1));
      if (delta.empty()) continue;
      ASSERT_EQ(mirror.origins().back(), remote ? EditOrigin::kRemote : EditOrigin::kLocal);
      if (remote) continue;
      ASSERT_TRUE(document.Undo().value());
      ASSERT_EQ(document.Text(), before);
      ASSERT_TRUE(document.Redo().value());
      ASSERT_EQ(document.Text(), after);
    }
  });
}

TEST(OtDocumentTest, ADeltaThatDoesNotFitChangesNothing) {
  const Delta deltas[] = {
      Delta().Insert("x").Retain(3).Delete(4),
      Delta().Insert("x").Retain(7).Insert("y"),
      Delta().Insert("x").DeleteText("b"),
      Delta().Delete(1).Retain(1).Insert("x").DeleteText("\u4e2d\U0001f601"),
  };
  for (const Delta& delta : deltas) {
    const auto document = DocumentWith(kMixed);
    DocumentMirror mirror(*document);
    EXPECT_EQ(document->Apply(delta).error().code, ErrorCode::kDeltaMismatch);
    EXPECT_EQ(document->ApplyRemote(delta).error().code, ErrorCode::kDeltaMismatch);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_TRUE(mirror.origins().empty());
    EXPECT_TRUE(document->Undo().value());
    EXPECT_EQ(document->Text(), "");
    document->CheckInvariants();
  }
}

TEST(OtDocumentTest, ARemoteEditIsRefusedInsideATransactionAndByAListener) {
  OtDocument document;
  document.BeginTransaction();
  EXPECT_EQ(document.ApplyRemote(Delta().Insert("x")).error().code, ErrorCode::kTransactionOpen);
  document.CommitTransaction();
  int calls = 0;
  document.Subscribe([&](const DeltaEvent&) {
    ++calls;
    const CodePointOffset begin{0};
    EXPECT_EQ(document.ApplyRemote(Delta().Insert("x")).error().code, ErrorCode::kReentrantEdit);
    EXPECT_EQ(document.Insert(begin, "x").error().code, ErrorCode::kReentrantEdit);
    EXPECT_EQ(document.Apply(Delta().Insert("x")).error().code, ErrorCode::kReentrantEdit);
  });
  Put(document, 0, "a");
  ASSERT_TRUE(document.ApplyRemote(Delta().Insert("b")).has_value());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(document.Text(), "ba");
}

// Two users of one text: what a driver does with events and ApplyRemote.
TEST(OtDocumentTest, EventsOfOneDocumentAppliedToAnotherMakeItsText) {
  ForEachSeed(100, [](Random& random) {
    OtDocument mine;
    OtDocument other;
    mine.Subscribe([&](const DeltaEvent& event) {
      ASSERT_NE(event.origin, EditOrigin::kRemote);
      ASSERT_TRUE(other.ApplyRemote(event.delta).has_value());
    });
    for (int step = 0; step < 60; ++step) {
      const uint64_t what = random.Below(100);
      if (what < 60) {
        ASSERT_TRUE(mine.Apply(RandomDelta(random, mine.Text(), DeletedText::kSome)).has_value());
      } else {
        ASSERT_TRUE((what < 85 ? mine.Undo() : mine.Redo()).has_value());
      }
      ASSERT_EQ(other.Text(), mine.Text());
      ASSERT_FALSE(other.CanUndo());
    }
  });
}

// Versions.

TEST(OtDocumentTest, WhatOnlyPeersDoIsUnsupported) {
  const auto document = DocumentWith("abc");
  EXPECT_EQ(document->Merge("").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(document->EncodeSince(document->version()).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(document->Text(), "abc");
}

TEST(OtDocumentTest, TheVersionIsTheRevisionAndEditsDoNotChangeIt) {
  OtDocument document;
  const Version first = document.version();
  Put(document, 0, "a");
  EXPECT_EQ(document.version(), first);
  std::vector<Version> versions{first};
  for (const uint64_t revision : {uint64_t{1}, uint64_t{255}, uint64_t{256}, ~uint64_t{0}}) {
    document.SetRevision(revision);
    EXPECT_EQ(document.revision(), revision);
    EXPECT_LE(document.version().bytes.size(), 8U);
    for (const Version& other : versions) EXPECT_NE(document.version(), other);
    versions.push_back(document.version());
  }
}

}  // namespace
}  // namespace cotext
