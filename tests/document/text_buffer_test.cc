#include "document/text_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"

namespace cotext {

// Looks into buffers and breaks them behind their backs, to prove that CheckInvariants looks too.
struct TextBufferPeer {
  using Leaf = uint32_t;

  static size_t CountLeaves(const TextBuffer& buffer) { return buffer.leaves_.CountUsed(); }
  static void CorruptByte(TextBuffer& buffer, char byte) {
    *buffer.leaves_.Block(buffer.tree_.First()) = byte;
  }
  static void CorruptLength(TextBuffer& buffer) {
    --buffer.leaves_.heads_[buffer.tree_.First()].front.code_points;
  }
  static void CorruptSum(TextBuffer& buffer, size_t dimension) {
    buffer.tree_.AddTo(dimension, buffer.tree_.First(), 1);
    buffer.total_ = TextBuffer::ToMetrics(buffer.tree_.Total());
  }
  static void CorruptTotal(TextBuffer& buffer) { ++buffer.total_.utf16; }
  static void CorruptCursor(TextBuffer& buffer) { ++buffer.cursor_.begin; }
  static void LoseCursor(TextBuffer& buffer) { buffer.cursor_.leaf = 1000; }
  static void AddEmptyLeaf(TextBuffer& buffer) { buffer.NewLeafAfter(buffer.tree_.Last()); }
  static void LoseLeaf(TextBuffer& buffer) { buffer.leaves_.New(); }
  static void FreeLeafInUse(TextBuffer& buffer) {
    buffer.leaves_.free_.push_back(buffer.tree_.First());
  }
  static void CutLeafInTwo(TextBuffer& buffer) {
    const Leaf leaf = buffer.tree_.First();
    buffer.SplitLeaf(leaf, buffer.leaves_.AtCodePoint(leaf, 1));
  }
};

namespace {

TextBuffer FromText(std::string_view text, const TextBufferOptions& options = {}) {
  Expected<TextBuffer> buffer = TextBuffer::FromText(text, options);
  EXPECT_TRUE(buffer.has_value());
  return *std::move(buffer);
}

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result.error().code;
}

std::string RandomAscii(Random& random, size_t size) {
  std::string text(size, ' ');
  for (char& byte : text)
    byte = static_cast<char>(random.Chance(3) ? '\n' : random.Between(' ', '~'));
  return text;
}

TEST(TextBufferTest, IsEmptyAtFirst) {
  const TextBuffer buffer;
  buffer.CheckInvariants();
  EXPECT_EQ(buffer.Text(), "");
  EXPECT_EQ(buffer.metrics(), TextMetrics{});
  EXPECT_EQ(buffer.line_count(), 1U);
  EXPECT_EQ(*buffer.ToCodePoint(ByteOffset{0}), CodePointOffset{0});
  EXPECT_EQ(*buffer.ToPoint({0}), (Point{.line = 0, .column = 0}));
  EXPECT_EQ(*buffer.LineStart(0), CodePointOffset{0});
  EXPECT_EQ(CodeOf(buffer.LineStart(1)), ErrorCode::kOutOfRange);
}

TEST(TextBufferTest, CountsInFourUnits) {
  const TextBuffer buffer = FromText("a\u00e9\n\U0001f600!");
  EXPECT_EQ(buffer.metrics(),
            (TextMetrics{.bytes = 9, .code_points = 5, .utf16 = 6, .newlines = 1}));
  EXPECT_EQ(*buffer.ToByte({4}), ByteOffset{8});
  EXPECT_EQ(*buffer.ToUtf16({4}), Utf16Offset{5});
  EXPECT_EQ(*buffer.ToPoint({4}), (Point{.line = 1, .column = 1}));
  EXPECT_EQ(*buffer.ToCodePoint(Point{.line = 1, .column = 2}), CodePointOffset{5});
}

TEST(TextBufferTest, OffsetsInsideACharacterAreErrors) {
  const TextBuffer buffer = FromText("\u00e9\U0001f600");
  EXPECT_EQ(CodeOf(buffer.ToCodePoint(ByteOffset{1})), ErrorCode::kInsideCharacter);
  EXPECT_EQ(CodeOf(buffer.ToCodePoint(ByteOffset{5})), ErrorCode::kInsideCharacter);
  EXPECT_EQ(CodeOf(buffer.ToCodePoint(Utf16Offset{2})), ErrorCode::kInsideCharacter);
}

TEST(TextBufferTest, LinesEndAtNewlinesOnlyAndColumnsIncludeTheCarriageReturn) {
  const TextBuffer buffer = FromText("ab\r\n\u2028\rc\n");
  EXPECT_EQ(buffer.line_count(), 3U);
  EXPECT_EQ(*buffer.ToCodePoint(Point{.line = 0, .column = 3}), CodePointOffset{3});
  EXPECT_EQ(CodeOf(buffer.ToCodePoint(Point{.line = 0, .column = 4})), ErrorCode::kOutOfRange);
  EXPECT_EQ(*buffer.LineStart(1), CodePointOffset{4});
  EXPECT_EQ(*buffer.LineStart(2), CodePointOffset{8});
  EXPECT_EQ(*buffer.ToPoint({8}), (Point{.line = 2, .column = 0}));
}

TEST(TextBufferTest, ReplacePutsTheTextWhereTheOldOneBegan) {
  TextBuffer buffer = FromText("one two three");
  ASSERT_TRUE(buffer.Replace({4}, 3, "2"));
  EXPECT_EQ(buffer.Text(), "one 2 three");
  ASSERT_TRUE(buffer.Replace({0}, 11, ""));
  EXPECT_EQ(buffer.Text(), "");
}

TEST(TextBufferTest, AppliesADelta) {
  TextBuffer buffer = FromText("one two three");
  Delta delta;
  delta.Insert("> ").Retain(4).Insert("2").DeleteText("two").Retain(6).Insert(".");
  ASSERT_TRUE(buffer.Apply(delta));
  EXPECT_EQ(buffer.Text(), "> one 2 three.");
}

TEST(TextBufferTest, ADeltaThatDoesNotFitChangesNothing) {
  TextBuffer buffer = FromText("one two three");
  Delta wrong_text;
  wrong_text.Insert("> ").Retain(4).DeleteText("tvo");
  EXPECT_EQ(CodeOf(buffer.Apply(wrong_text)), ErrorCode::kDeltaMismatch);
  Delta too_long;
  too_long.Delete(3).Retain(10).Delete(1);
  EXPECT_EQ(CodeOf(buffer.Apply(too_long)), ErrorCode::kDeltaMismatch);
  EXPECT_EQ(buffer.Text(), "one two three");
}

TEST(TextBufferTest, RefusesTextThatIsNotUtf8) {
  TextBuffer buffer = FromText("x");
  for (const char* bad : {"\x80", "\xc3", "a\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80"}) {
    EXPECT_EQ(CodeOf(buffer.Insert({1}, bad)), ErrorCode::kInvalidUtf8);
    EXPECT_EQ(CodeOf(buffer.Replace({0}, 1, bad)), ErrorCode::kInvalidUtf8);
    EXPECT_EQ(CodeOf(TextBuffer::FromText(bad)), ErrorCode::kInvalidUtf8);
  }
  EXPECT_EQ(buffer.Text(), "x");
}

TEST(TextBufferTest, RefusesToGrowPastItsLimit) {
  const TextBufferOptions options{.leaf_bytes = 8, .max_bytes = 20};
  EXPECT_EQ(CodeOf(TextBuffer::FromText(std::string(21, 'x'), options)), ErrorCode::kTooLarge);
  TextBuffer buffer = FromText(std::string(18, 'x'), options);
  EXPECT_EQ(CodeOf(buffer.Insert({3}, "abc")), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(buffer.Replace({3}, 1, "abcd")), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(buffer.Apply(Delta().Insert("abcd").Delete(1))), ErrorCode::kTooLarge);
  EXPECT_EQ(buffer.Text(), std::string(18, 'x'));
  ASSERT_TRUE(buffer.Insert({18}, "\u00e9"));
  EXPECT_EQ(CodeOf(buffer.Insert({0}, "y")), ErrorCode::kTooLarge);
  // What is erased makes room, and only its bytes count.
  ASSERT_TRUE(buffer.Replace({18}, 1, "12"));
  ASSERT_TRUE(buffer.Apply(Delta().Insert(std::string(20, 'z')).Delete(20)));
  EXPECT_EQ(buffer.Text(), std::string(20, 'z'));
  buffer.CheckInvariants();
}

TEST(TextBufferTest, ACopyIsIndependentAndAMoveKeepsTheText) {
  const std::string text(5000, 'x');
  TextBuffer buffer = FromText(text);
  TextBuffer copy = buffer;
  ASSERT_TRUE(copy.Erase({10}, 4000));
  EXPECT_EQ(buffer.Text(), text);
  TextBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.Text(), text);
  buffer = copy;
  EXPECT_EQ(buffer.Text(), std::string(1000, 'x'));
  for (const TextBuffer* each : {&buffer, &copy, &moved}) each->CheckInvariants();
}

TEST(TextBufferTest, EqualsAStringAfterALargePasteAndEditsInside) {
  Random random(1);
  std::string text = RandomAscii(random, 1000);
  TextBuffer buffer = FromText(text);
  for (int paste = 0; paste < 2; ++paste) {
    const std::string fresh = RandomAscii(random, 500'000);
    const uint64_t at = random.Below(text.size() + 1);
    ASSERT_TRUE(buffer.Insert({at}, fresh));
    text.insert(at, fresh);
    buffer.CheckInvariants();
  }
  for (int step = 0; step < 3000; ++step) {
    const uint64_t at = random.Below(text.size() + 1);
    const uint64_t count = std::min<uint64_t>(random.Below(300), text.size() - at);
    const std::string fresh = RandomAscii(random, random.Below(300));
    ASSERT_TRUE(buffer.Replace({at}, count, fresh));
    text.replace(at, count, fresh);
  }
  buffer.CheckInvariants();
  EXPECT_TRUE(buffer.Text() == text);
  ASSERT_TRUE(buffer.Erase({1000}, text.size() - 2000));
  buffer.CheckInvariants();
  EXPECT_EQ(buffer.Text(), text.substr(0, 1000) + text.substr(text.size() - 1000));
}

TEST(TextBufferTest, ErasingEverythingLeavesOneLeafAndReusesTheRest) {
  Random random(1);
  TextBuffer buffer;
  ASSERT_TRUE(buffer.Insert({0}, RandomAscii(random, 1'000'000)));
  const uint64_t allocated = buffer.AllocatedBytes();
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(buffer.Erase({0}, 1'000'000));
    buffer.CheckInvariants();
    EXPECT_EQ(buffer.metrics(), TextMetrics{});
    EXPECT_EQ(TextBufferPeer::CountLeaves(buffer), 1U);
    ASSERT_TRUE(buffer.Insert({0}, RandomAscii(random, 1'000'000)));
    EXPECT_LE(buffer.AllocatedBytes(), allocated + allocated / 50);  // Plus the free lists.
  }
}

TEST(TextBufferTest, ErasingFromEitherEndCharacterByCharacterEmptiesIt) {
  const std::string text(4000, 'x');
  TextBuffer forwards = FromText(text);
  TextBuffer backwards = FromText(text);
  for (uint64_t left = text.size(); left > 0; --left) {
    ASSERT_TRUE(forwards.Erase({0}, 1));
    ASSERT_TRUE(backwards.Erase({left - 1}, 1));
  }
  for (const TextBuffer* buffer : {&forwards, &backwards}) {
    buffer->CheckInvariants();
    EXPECT_EQ(buffer->metrics(), TextMetrics{});
    EXPECT_EQ(TextBufferPeer::CountLeaves(*buffer), 1U);
  }
}

TEST(TextBufferTest, InsertingAndErasingAtOnePlaceNeitherGrowsNorMovesAnything) {
  for (const uint64_t at : {0U, 1U, 500U, 999U, 1000U}) {
    TextBuffer buffer = FromText(std::string(1000, 'x'));
    ASSERT_TRUE(buffer.Insert({at}, "y"));
    ASSERT_TRUE(buffer.Erase({at}, 1));
    const uint64_t allocated = buffer.AllocatedBytes();
    const size_t leaves = TextBufferPeer::CountLeaves(buffer);
    for (int round = 0; round < 10'000; ++round) {
      ASSERT_TRUE(buffer.Insert({at}, "y"));
      ASSERT_EQ(TextBufferPeer::CountLeaves(buffer), leaves);
      ASSERT_TRUE(buffer.Erase({at}, 1));
    }
    EXPECT_EQ(buffer.AllocatedBytes(), allocated);
    buffer.CheckInvariants();
  }
}

TEST(TextBufferTest, TypingAnywhereFillsItsLeaves) {
  constexpr uint64_t kTyped = 100'000;
  for (const uint64_t start : {0U, 1234U, 5000U}) {
    TextBuffer buffer = FromText(std::string(5000, 'x'));
    for (uint64_t i = 0; i < kTyped; ++i) ASSERT_TRUE(buffer.Insert({start + i}, "y"));
    const uint64_t capacity = TextBufferPeer::CountLeaves(buffer) * TextBufferOptions{}.leaf_bytes;
    EXPECT_LT(capacity, (5000 + kTyped) * 11 / 10) << "typed from " << start;
    EXPECT_LT(buffer.AllocatedBytes(), (5000 + kTyped) * 3 / 2) << "typed from " << start;
  }
}

TEST(TextBufferTest, RandomEditsKeepItsLeavesHalfFull) {
  Random random(1);
  TextBuffer buffer;
  uint64_t size = 0;
  for (int i = 0; i < 200'000; ++i, ++size)
    ASSERT_TRUE(buffer.Insert({random.Below(size + 1)}, "x"));
  EXPECT_LT(TextBufferPeer::CountLeaves(buffer) * TextBufferOptions{}.leaf_bytes, 2 * size);
  EXPECT_LT(buffer.AllocatedBytes(), 5 * size / 2);
  // Random erasing empties all leaves evenly, down to where they merge.
  for (; size > 20'000; --size) ASSERT_TRUE(buffer.Erase({random.Below(size)}, 1));
  buffer.CheckInvariants();
  EXPECT_LT(TextBufferPeer::CountLeaves(buffer) * TextBufferOptions{}.leaf_bytes, 4 * size);
}

class TextBufferDeathTest : public testing::Test {
 protected:
  TextBufferDeathTest() { buffer_.CheckInvariants(); }
  TextBuffer buffer_ = FromText("0123456\n\u00e9 \U0001f600", {.leaf_bytes = 8, .fanout = 2});
};

TEST_F(TextBufferDeathTest, CheckerSeesInvalidText) {
  TextBufferPeer::CorruptByte(buffer_, '\xff');
  EXPECT_DEATH(buffer_.CheckInvariants(), "IsValidUtf8");
}

TEST_F(TextBufferDeathTest, CheckerSeesAChangedNewline) {
  TextBufferPeer::CorruptByte(buffer_, '\n');
  EXPECT_DEATH(buffer_.CheckInvariants(), "SumsOf.leaf.. == measured");
}

TEST_F(TextBufferDeathTest, CheckerSeesAWrongLength) {
  TextBufferPeer::CorruptLength(buffer_);
  EXPECT_DEATH(buffer_.CheckInvariants(), "SizeOf");
}

TEST_F(TextBufferDeathTest, CheckerSeesAWrongSumInEachUnit) {
  for (size_t dimension = 0; dimension < 4; ++dimension) {
    TextBuffer broken = buffer_;
    TextBufferPeer::CorruptSum(broken, dimension);
    EXPECT_DEATH(broken.CheckInvariants(), "SumsOf.leaf.. == measured");
  }
}

TEST_F(TextBufferDeathTest, CheckerSeesAWrongTotal) {
  TextBufferPeer::CorruptTotal(buffer_);
  EXPECT_DEATH(buffer_.CheckInvariants(), "total_");
}

TEST_F(TextBufferDeathTest, CheckerSeesAWrongCursor) {
  TextBuffer lost = buffer_;
  TextBufferPeer::CorruptCursor(buffer_);
  EXPECT_DEATH(buffer_.CheckInvariants(), "cursor_.begin");
  TextBufferPeer::LoseCursor(lost);
  EXPECT_DEATH(lost.CheckInvariants(), "cursor_found");
}

TEST_F(TextBufferDeathTest, CheckerSeesAnEmptyLeaf) {
  TextBufferPeer::AddEmptyLeaf(buffer_);
  EXPECT_DEATH(buffer_.CheckInvariants(), "size.bytes > 0");
}

TEST_F(TextBufferDeathTest, CheckerSeesSmallNeighbours) {
  TextBuffer small = FromText("ab", {.leaf_bytes = 8, .fanout = 2});
  TextBufferPeer::CutLeafInTwo(small);
  EXPECT_DEATH(small.CheckInvariants(), "IsSmall");
}

TEST_F(TextBufferDeathTest, CheckerSeesALostAndADoublyOwnedLeaf) {
  TextBuffer lost = buffer_;
  TextBufferPeer::LoseLeaf(lost);
  EXPECT_DEATH(lost.CheckInvariants(), "CountUsed");
  TextBufferPeer::FreeLeafInUse(buffer_);
  EXPECT_DEATH(buffer_.CheckInvariants(), "Size.leaf. == Place");
}

TEST_F(TextBufferDeathTest, OptionsOutOfBoundsStopTheProgram) {
  EXPECT_DEATH(TextBuffer({.leaf_bytes = 7}), "kMinCapacity");
  EXPECT_DEATH(TextBuffer({.fanout = 1}), "fanout");
  EXPECT_DEATH(TextBuffer({.max_bytes = TextBufferOptions::kMaxBytes + 1}), "kMaxBytes");
}

}  // namespace
}  // namespace cotext
