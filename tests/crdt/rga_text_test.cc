// The pieces in which RgaText finds units, and conversions in texts where some units coincide.
#include "crdt/rga_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/text_store.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/text_conversion.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// Pastes long texts and makes a few edits, so that runs are long and begin anywhere.
void EditLongRuns(Random& random, RgaDocument& document) {
  for (int step = 0; step < 60; ++step) {
    const uint64_t length = document.metrics().code_points;
    const uint64_t begin = random.Below(length + 1);
    const uint64_t erased = random.Chance(50) ? 0 : random.Below((length - begin) / 4 + 1);
    std::string text;
    const uint64_t parts = random.Chance(20) ? 100 : 1;
    for (uint64_t i = 0; i < parts; ++i) {
      text += random.Chance(50) ? RandomText(random, 20) : "only ASCII\n";
    }
    ASSERT_TRUE(document.Replace(CodePointOffset{begin}, CodePointOffset{begin + erased}, text));
  }
}

// Checks that the piece is right there in the text and holds the unit.
void CheckFound(const FoundText& found, std::string_view text, TextUnit unit, uint64_t number) {
  ASSERT_LE(CountCodePoints(found.text), TextStore::kPageElements);
  ASSERT_EQ(Measure(text.substr(0, found.before.bytes)), found.before);
  ASSERT_TRUE(text.substr(found.before.bytes).starts_with(found.text));
  ASSERT_EQ(SizeIn(unit, found.before) + found.rest, number);
  ASSERT_LT(found.rest, SizeIn(unit, Measure(found.text)));
}

TEST(RgaTextTest, PiecesHoldTheUnitAndAreAtMostAPageLong) {
  ForEachSeed(20, [](Random& random) {
    RgaDocument document(ReplicaId{1},
                         random.Chance(30) ? kTinySequence : SequenceOptions{.leaf_runs = 8});
    ASSERT_NO_FATAL_FAILURE(EditLongRuns(random, document));
    document.rga().CheckInvariants();
    const RgaText view(document.rga());
    const std::string text = document.Text();
    ASSERT_EQ(VisibleText(document.rga()), text);
    for (const TextUnit unit :
         {TextUnit::kCodePoints, TextUnit::kBytes, TextUnit::kUtf16, TextUnit::kNewlines}) {
      const uint64_t size = SizeIn(unit, view.metrics());
      for (uint64_t number = 0; number < size; number += random.Between(1, 40)) {
        ASSERT_NO_FATAL_FAILURE(CheckFound(view.Find(unit, number), text, unit, number));
      }
    }
  });
}

// Compares bytes and UTF-16 units with the text's own, at every character.
void CheckUnits(const RgaDocument& document) {
  const std::string text = document.Text();
  const uint64_t length = document.metrics().code_points;
  size_t byte = 0;
  for (uint64_t i = 0; i <= length; ++i) {
    const uint64_t utf16 = Measure(std::string_view(text).substr(0, byte)).utf16;
    const CodePointOffset at{i};
    ASSERT_EQ(document.ToByte(at).value(), ByteOffset{byte});
    ASSERT_EQ(document.ToUtf16(at).value(), Utf16Offset{utf16});
    ASSERT_EQ(document.ToCodePoint(ByteOffset{byte}).value(), at);
    ASSERT_EQ(document.ToCodePoint(Utf16Offset{utf16}).value(), at);
    if (i < length) byte += CharacterBytes(text[byte]);
  }
  const TextMetrics size = document.metrics();
  EXPECT_EQ(document.ToByte(CodePointOffset{length + 1}).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(document.ToUtf16(CodePointOffset{length + 1}).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(document.ToCodePoint(ByteOffset{size.bytes + 1}).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(document.ToCodePoint(Utf16Offset{size.utf16 + 1}).error().code, ErrorCode::kOutOfRange);
}

TEST(RgaTextTest, UnitsCoincideWhileTheTextIsOfASCII) {
  RgaDocument document(ReplicaId{1});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, std::string(600, 'a') + "\n"));
  CheckUnits(document);
  ASSERT_TRUE(document.Insert(CodePointOffset{300}, "\u4e2d"));
  CheckUnits(document);
  ASSERT_TRUE(document.Insert(CodePointOffset{100}, "\U0001f600"));
  CheckUnits(document);
  ASSERT_TRUE(document.Erase(CodePointOffset{100}, CodePointOffset{101}));
  CheckUnits(document);
  ASSERT_TRUE(document.Erase(CodePointOffset{300}, CodePointOffset{301}));
  EXPECT_EQ(document.metrics().bytes, document.metrics().code_points);
  CheckUnits(document);
}

}  // namespace
}  // namespace cotext
