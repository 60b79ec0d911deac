// A copy of a trimmed document that begins with what the trim left.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

constexpr ReplicaId kAnn{10};
constexpr ReplicaId kBob{20};
constexpr DocumentId kId{{1, 2, 3}};

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

// `head` typed, the horizon, and `tail` behind that.
std::string TrimmedAndMore(RgaDocument& document, const std::string& head,
                           const std::string& tail) {
  document.SetId(kId);
  EXPECT_TRUE(document.Insert(CodePointOffset{0}, head + "x"));
  EXPECT_TRUE(document.Erase(CodePointOffset{head.size()}, CodePointOffset{head.size() + 1}));
  EXPECT_TRUE(document.Trim(document.version_vector()));
  EXPECT_TRUE(document.Insert(CodePointOffset{head.size()}, tail));
  return document.EncodeBase().value();
}

TEST(RgaDocumentBaseTest, ANewCopyBeginsWithItAndMergesWhatCameAfter) {
  RgaDocument ann(kAnn);
  const std::string base = TrimmedAndMore(ann, "some", " text");
  RgaDocument bob(kBob);
  std::optional<Delta> heard;
  EditOrigin origin{};
  bob.Subscribe([&](const DeltaEvent& event) {
    heard = event.delta;
    origin = event.origin;
  });
  ASSERT_TRUE(bob.MergeBase(base));
  EXPECT_EQ(origin, EditOrigin::kRemote);
  EXPECT_EQ(heard, Delta().Insert("some")) << "the text at the horizon, no more";
  EXPECT_EQ(bob.Text(), "some");
  EXPECT_EQ(bob.id(), kId);
  EXPECT_EQ(bob.replica(), kBob);
  EXPECT_EQ(bob.horizon(), ann.horizon());
  EXPECT_EQ(bob.version_vector(), ann.horizon());
  ASSERT_TRUE(bob.Merge(ann.EncodeSince(bob.version()).value()));
  EXPECT_EQ(bob.Text(), "some text");
  ASSERT_TRUE(bob.Insert(CodePointOffset{0}, "any or "));
  ASSERT_TRUE(ann.Merge(bob.EncodeSince(ann.version()).value()));
  EXPECT_EQ(ann.Text(), "any or some text");
  EXPECT_EQ(ann.version(), bob.version());
  bob.CheckInvariants();
}

TEST(RgaDocumentBaseTest, WhatIsThereAlreadyIsNoNews) {
  RgaDocument ann(kAnn);
  const std::string base = TrimmedAndMore(ann, "some", " text");
  const Version before = ann.version();
  bool heard = false;
  ann.Subscribe([&](const DeltaEvent&) { heard = true; });
  ASSERT_TRUE(ann.MergeBase(base));
  EXPECT_EQ(ann.Text(), "some text");
  EXPECT_EQ(ann.version(), before);
  EXPECT_FALSE(heard);
}

TEST(RgaDocumentBaseTest, ACopyThatHasSomethingElseKeepsItAndIsToldWhy) {
  RgaDocument ann(kAnn);
  const std::string base = TrimmedAndMore(ann, "some", " text");
  RgaDocument bob(kBob);
  ASSERT_TRUE(bob.Insert(CodePointOffset{0}, "mine"));
  EXPECT_EQ(CodeOf(bob.MergeBase(base)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(bob.Text(), "mine");
  EXPECT_TRUE(bob.horizon().empty());
}

TEST(RgaDocumentBaseTest, AnotherDocumentIsRefused) {
  RgaDocument ann(kAnn);
  const std::string base = TrimmedAndMore(ann, "some", "");
  RgaDocument bob(kBob);
  bob.SetId({{9}});
  EXPECT_EQ(CodeOf(bob.MergeBase(base)), ErrorCode::kDocumentReplaced);
  EXPECT_EQ(CodeOf(bob.MergeBase("nonsense")), ErrorCode::kMalformedFile);
  EXPECT_EQ(bob.Text(), "");
  EXPECT_TRUE(bob.version_vector().empty());
}

TEST(RgaDocumentBaseTest, UndoBeginsBehindIt) {
  RgaDocument ann(kAnn);
  const std::string base = TrimmedAndMore(ann, "some", "");
  RgaDocument bob(kBob);
  ASSERT_TRUE(bob.MergeBase(base));
  EXPECT_FALSE(bob.Undo().value()) << "nobody typed anything here";
  ASSERT_TRUE(bob.Erase(CodePointOffset{0}, CodePointOffset{2}));
  EXPECT_TRUE(bob.Undo().value());
  EXPECT_EQ(bob.Text(), "some");
}

// Whoever begins with the base has what whoever was there all the time has.
TEST(RgaDocumentBaseTest, ItStandsForTheHistory) {
  ForEachSeed(200, [](Random& random) {
    RgaDocument whole(kAnn);
    whole.SetId(kId);
    const auto edit = [&random](RgaDocument& document) {
      const uint64_t length = document.metrics().code_points;
      const uint64_t begin = random.Below(length + 1);
      const uint64_t end = begin + random.Below(length - begin + 1) / 2;
      ASSERT_TRUE(
          document.Replace(CodePointOffset{begin}, CodePointOffset{end}, RandomText(random, 6)));
    };
    for (uint64_t i = random.Between(1, 20); i > 0; --i) edit(whole);
    if (whole.version_vector().empty()) return;
    const VersionVector horizon = whole.version_vector();
    for (uint64_t i = random.Below(10); i > 0; --i) edit(whole);
    const auto trimmed = whole.Fork(kAnn);
    ASSERT_TRUE(trimmed->Trim(horizon));
    RgaDocument fresh(kBob);
    ASSERT_TRUE(fresh.MergeBase(trimmed->EncodeBase().value()));
    EXPECT_EQ(fresh.Text(), whole.TextAt(horizon).value());
    ASSERT_TRUE(fresh.Merge(whole.EncodeSince(fresh.version()).value()));
    EXPECT_EQ(fresh.Text(), whole.Text());
    EXPECT_EQ(fresh.version(), whole.version());
    edit(fresh);
    ASSERT_TRUE(whole.Merge(fresh.EncodeSince(whole.version()).value()));
    EXPECT_EQ(fresh.Text(), whole.Text());
    fresh.CheckInvariants();
  });
}

}  // namespace
}  // namespace cotext
