// What OtDocument has beyond the contract of Document (tests/document): edits of others, a limit,
// revisions.
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

TEST(OtDocumentTest, AnEditBeyondTheLimitChangesNothing) {
  OtDocument document({.text = {.max_bytes = 24}});
  Put(document, 0, kMixed);
  Cut(document, 0, 1);
  ASSERT_TRUE(document.Undo().value());
  DocumentMirror mirror(document);
  const Expected<void> edited = document.Insert(CodePointOffset{0}, "nineteen characters");
  ASSERT_FALSE(edited.has_value());
  EXPECT_EQ(edited.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(document.Text(), kMixed);
  EXPECT_TRUE(mirror.origins().empty());
  EXPECT_TRUE(document.CanRedo());
  document.CheckInvariants();
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

TEST(OtDocumentTest, RandomDeltasOfOneselfAndOthersEqualAString) {
  ForEachSeed(300, [](Random& random) {
    OtDocument document(kTinyLeaves);
    Put(document, 0, RandomText(random, 20));
    DocumentMirror mirror(document);
    for (int step = 0; step < 20; ++step) {
      const std::string before = document.Text();
      const size_t events = mirror.origins().size();
      const Delta delta = RandomDelta(random, before, DeletedText::kSome);
      const bool remote = random.Chance(50);
      ASSERT_TRUE((remote ? document.ApplyRemote(delta) : document.Apply(delta)).has_value());
      const std::string after = Apply(delta, before).value();
      ASSERT_EQ(document.Text(), after);
      ASSERT_EQ(document.metrics(), Measure(after));
      ASSERT_EQ(mirror.origins().size(), events + (delta.empty() ? 0 : 1));
      document.CheckInvariants();
      if (delta.empty()) continue;
      ASSERT_EQ(mirror.origins().back(), remote ? EditOrigin::kRemote : EditOrigin::kLocal);
    }
  });
}

TEST(OtDocumentTest, AnothersDeltaThatDoesNotFitChangesNothing) {
  const auto document = DocumentWith(kMixed);
  DocumentMirror mirror(*document);
  for (const Delta& delta :
       {Delta().Insert("x").Retain(3).Delete(4), Delta().Insert("x").DeleteText("b")}) {
    EXPECT_EQ(document->ApplyRemote(delta).error().code, ErrorCode::kDeltaMismatch);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_TRUE(mirror.origins().empty());
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
