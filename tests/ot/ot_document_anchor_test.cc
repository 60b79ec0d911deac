// Anchors of OT documents: where they go, how long they are known, and what is none.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/utf8.h"
#include "ot/ot_anchor.h"
#include "ot/ot_document.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

Anchor At(const Document& document, uint64_t at, Bias bias) {
  return document.CreateAnchor(CodePointOffset{at}, bias).value();
}

uint64_t Where(const Document& document, const Anchor& anchor) {
  const Expected<CodePointOffset> at = document.ResolveAnchor(anchor);
  EXPECT_TRUE(at.has_value());
  return at ? at->value : ~uint64_t{0};
}

TEST(OtDocumentAnchorTest, LeansTheWayItWasMade) {
  OtDocument document;
  Put(document, 0, "ab");
  const Anchor before = At(document, 1, Bias::kBefore);
  const Anchor after = At(document, 1, Bias::kAfter);
  Put(document, 1, "XY");
  EXPECT_EQ(Where(document, before), 1U);
  EXPECT_EQ(Where(document, after), 3U);
  ASSERT_TRUE(document.ApplyRemote(Delta().Insert("0")).has_value());
  EXPECT_EQ(Where(document, before), 2U);
  EXPECT_EQ(Where(document, after), 4U);
}

TEST(OtDocumentAnchorTest, OnDeletedTextItFallsToWhereThatStood) {
  OtDocument document;
  Put(document, 0, "abcdef");
  const Anchor inside = At(document, 3, Bias::kBefore);
  Cut(document, 1, 5);
  EXPECT_EQ(Where(document, inside), 1U);
  // New text goes in front of what was deleted, as in a replacement.
  Put(document, 1, "new");
  EXPECT_EQ(Where(document, inside), 4U);
}

TEST(OtDocumentAnchorTest, ReplacedTextIsBehindItsReplacement) {
  OtDocument document;
  Put(document, 0, "abcd");
  const Anchor left = At(document, 1, Bias::kBefore);
  const Anchor inside = At(document, 2, Bias::kAfter);
  ASSERT_TRUE(document.Replace(CodePointOffset{1}, CodePointOffset{3}, "XYZ").has_value());
  EXPECT_EQ(Where(document, left), 1U);
  EXPECT_EQ(Where(document, inside), 4U);
}

TEST(OtDocumentAnchorTest, AtBothEndsItStaysThere) {
  OtDocument document;
  const Anchor beginning = At(document, 0, Bias::kBefore);
  const Anchor end = At(document, 0, Bias::kAfter);
  Put(document, 0, "abc");
  Put(document, 0, "x");
  Put(document, 4, "y");
  EXPECT_EQ(Where(document, beginning), 0U);
  EXPECT_EQ(Where(document, end), 5U);
  Cut(document, 0, 5);
  Put(document, 0, "z");
  EXPECT_EQ(Where(document, beginning), 0U);
  EXPECT_EQ(Where(document, end), 1U);
}

TEST(OtDocumentAnchorTest, InEveryUnitItIsThePlaceAndOutsideThereIsNone) {
  OtDocument document;
  Put(document, 0, "a\u00e9\U0001f600\nb");
  const Anchor anchor = At(document, 3, Bias::kAfter);
  for (const AnyOffset& same :
       {AnyOffset{ByteOffset{7}}, AnyOffset{Utf16Offset{4}}, AnyOffset{Point{0, 3}}}) {
    EXPECT_EQ(document.CreateAnchor(same, Bias::kAfter).value(), anchor);
  }
  EXPECT_EQ(document.CreateAnchor(CodePointOffset{6}, Bias::kAfter).error().code,
            ErrorCode::kOutOfRange);
  EXPECT_EQ(document.CreateAnchor(ByteOffset{2}, Bias::kAfter).error().code,
            ErrorCode::kInsideCharacter);
}

TEST(OtDocumentAnchorTest, OnlyBytesOfAnAnchorAreOne) {
  OtDocument document;
  Put(document, 0, "abc");
  const std::string good(At(document, 1, Bias::kAfter).bytes());
  EXPECT_EQ(good.size(), 17U);
  std::vector<std::string> bad{"", "\x03", std::string(1, '\0') + "x", good + "x"};
  for (size_t size = 1; size < good.size(); ++size) bad.push_back(good.substr(0, size));
  std::string far = good;
  far.back() = '\x7f';
  bad.push_back(far);
  for (const std::string& bytes : bad) {
    const Anchor anchor = Anchor::FromBytes(bytes).value();
    EXPECT_EQ(document.ResolveAnchor(anchor).error().code, ErrorCode::kInvalidAnchor);
  }
}

TEST(OtDocumentAnchorTest, AnAnchorOfAnotherDocumentIsUnknownOrSomePlace) {
  OtDocument document;
  Put(document, 0, "abcdef");
  const Anchor later = At(document, 1, Bias::kAfter);
  OtDocument other;
  Put(other, 0, "abc");
  EXPECT_EQ(other.ResolveAnchor(later).error().code, ErrorCode::kUnknownAnchor);
  const auto far = OtDocument::FromText("abcdef").value();
  const auto near = OtDocument::FromText("ab").value();
  EXPECT_EQ(near->ResolveAnchor(At(*far, 5, Bias::kBefore)).error().code,
            ErrorCode::kUnknownAnchor);
  // Any bytes resolve to a place, or to an error.
  ForEachSeed(2000, [&document](Random& random) {
    const OtAnchor wild{.place = AnchorPlace::kBetween,
                        .number = random.Below(9),
                        .lean = random.Chance(50) ? random.Below(20) : random.Next() >> 10U};
    const Expected<CodePointOffset> at = document.ResolveAnchor(EncodeOtAnchor(wild));
    if (at) {
      ASSERT_LE(at->value, 6U);
    } else {
      ASSERT_EQ(at.error().code, ErrorCode::kUnknownAnchor);
    }
  });
}

TEST(OtDocumentAnchorTest, OldAnchorsAreForgottenButNotAtTheEnds) {
  OtDocument document({.text = {}, .max_anchor_runs = 10});
  Put(document, 0, "abc");
  const Anchor beginning = At(document, 0, Bias::kBefore);
  const Anchor end = At(document, 3, Bias::kAfter);
  const Anchor old = At(document, 1, Bias::kAfter);
  bool forgotten = false;
  for (int i = 0; i < 10'000; ++i) {
    const Anchor recent = At(document, 1, Bias::kAfter);
    for (int j = 0; j < 5; ++j) Put(document, 0, "x");
    EXPECT_EQ(Where(document, recent), 6U);
    Cut(document, 0, 4);
    forgotten = forgotten || !document.ResolveAnchor(old).has_value();
    if (!forgotten) EXPECT_EQ(Where(document, old), 2U + static_cast<uint64_t>(i));
  }
  EXPECT_EQ(document.ResolveAnchor(old).error().code, ErrorCode::kUnknownAnchor);
  EXPECT_EQ(Where(document, beginning), 0U);
  EXPECT_EQ(Where(document, end), document.metrics().code_points);
  document.CheckInvariants();
}

// What an anchor means: it goes where the composition of all edits since would move it.
TEST(OtDocumentAnchorTest, GoesWhereTheCompositionOfAllEditsSinceMovesIt) {
  struct Placed {
    Anchor anchor;
    CodePointOffset position;
    Bias bias;
    size_t edits;  // Before it.
  };
  ForEachSeed(300, [](Random& random) {
    OtDocument document;
    DocumentMirror mirror(document);
    std::vector<Placed> anchors;
    const int steps = random.Chance(5) ? 400 : 40;
    for (int step = 0; step < steps; ++step) {
      const uint64_t length = document.metrics().code_points;
      const Placed placed{.anchor = At(document, 0, Bias::kBefore),
                          .position = CodePointOffset{random.Below(length + 1)},
                          .bias = random.Chance(50) ? Bias::kBefore : Bias::kAfter,
                          .edits = mirror.deltas().size()};
      anchors.push_back(placed);
      anchors.back().anchor = At(document, placed.position.value, placed.bias);
      const Delta delta = RandomDelta(random, document.Text(), DeletedText::kNone);
      const uint64_t what = random.Below(100);
      if (what < 40) {
        ASSERT_TRUE(document.ApplyRemote(delta).has_value());
      } else if (what < 80) {
        ASSERT_TRUE(document.Apply(delta).has_value());
      } else {
        ASSERT_TRUE((what < 95 ? document.Undo() : document.Redo()).has_value());
      }
      const std::vector<Delta>& deltas = mirror.deltas();
      const Placed& some = anchors[random.Below(anchors.size())];
      const std::vector<Delta> since(deltas.begin() + static_cast<ptrdiff_t>(some.edits),
                                     deltas.end());
      const Delta whole = ComposeAll(since).value();
      ASSERT_EQ(document.ResolveAnchor(some.anchor).value(),
                TransformPosition(whole, some.position, some.bias));
    }
  });
}

}  // namespace
}  // namespace cotext
