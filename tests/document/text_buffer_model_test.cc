// TextBuffer against the dumbest text there is: a std::u32string.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

std::u32string Decode(std::string_view text) {
  std::u32string decoded;
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    decoded += DecodeCodePoint(text, byte);
  }
  return decoded;
}

std::string Encode(std::u32string_view text) {
  std::string encoded;
  for (const char32_t code_point : text) encoded += EncodeCodePoint(code_point);
  return encoded;
}

// One position of a text in every unit.
struct Position {
  ByteOffset byte;
  Utf16Offset utf16;
  Point point;
};

// Returns all positions of `text`, by code point.
std::vector<Position> Positions(std::u32string_view text) {
  std::vector<Position> positions(1);
  for (const char32_t code_point : text) {
    Position next = positions.back();
    next.byte.value += EncodeCodePoint(code_point).size();
    next.utf16.value += code_point > 0xffff ? 2 : 1;
    next.point = code_point == U'\n'
                     ? Point{.line = next.point.line + 1, .column = 0}
                     : Point{.line = next.point.line, .column = next.point.column + 1};
    positions.push_back(next);
  }
  return positions;
}

template <typename T>
void ExpectError(const Expected<T>& result, ErrorCode code) {
  ASSERT_FALSE(result.has_value());
  ASSERT_EQ(result.error().code, code);
}

// Checks a unit's offsets from 0 to one past `last`: those in `valid`, which counts up by code
// points, and all others.
template <typename Unit>
void CheckUnit(const TextBuffer& buffer, const std::vector<Offset<Unit>>& valid) {
  uint64_t code_point = 0;
  for (uint64_t value = 0; value <= valid.back().value; ++value) {
    SCOPED_TRACE(value);
    const Expected<CodePointOffset> found = buffer.ToCodePoint(Offset<Unit>{value});
    if (valid[code_point].value != value) {
      ASSERT_NO_FATAL_FAILURE(ExpectError(found, ErrorCode::kInsideCharacter));
      continue;
    }
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_EQ(found->value, code_point);
    ++code_point;
  }
  for (const uint64_t past : {valid.back().value + 1, ~uint64_t{0}}) {
    ASSERT_NO_FATAL_FAILURE(
        ExpectError(buffer.ToCodePoint(Offset<Unit>{past}), ErrorCode::kOutOfRange));
  }
}

// Checks every column of every line, and one more of each.
void CheckPoints(const TextBuffer& buffer, const std::vector<Position>& positions) {
  ASSERT_EQ(buffer.line_count(), positions.back().point.line + 1);
  for (uint64_t i = 0; i < positions.size(); ++i) {
    const Point point = positions[i].point;
    ASSERT_EQ(buffer.ToCodePoint(point)->value, i);
    if (point.column == 0) {
      ASSERT_EQ(buffer.LineStart(point.line)->value, i);
    }
    if (i + 1 == positions.size() || positions[i + 1].point.line > point.line) {
      for (const uint64_t past : {point.column + 1, ~uint64_t{0}}) {
        ASSERT_NO_FATAL_FAILURE(ExpectError(
            buffer.ToCodePoint(Point{.line = point.line, .column = past}), ErrorCode::kOutOfRange));
      }
    }
  }
  for (const uint64_t past : {buffer.line_count(), ~uint64_t{0}}) {
    ASSERT_NO_FATAL_FAILURE(ExpectError(buffer.LineStart(past), ErrorCode::kOutOfRange));
    ASSERT_NO_FATAL_FAILURE(
        ExpectError(buffer.ToCodePoint(Point{.line = past, .column = 0}), ErrorCode::kOutOfRange));
  }
}

// Checks all conversions at every offset.
void CheckConversions(const TextBuffer& buffer, std::u32string_view text) {
  const std::vector<Position> positions = Positions(text);
  std::vector<ByteOffset> bytes;
  std::vector<Utf16Offset> utf16;
  std::vector<CodePointOffset> code_points;
  for (const Position& position : positions) {
    const CodePointOffset at{code_points.size()};
    code_points.push_back(at);
    bytes.push_back(position.byte);
    utf16.push_back(position.utf16);
    ASSERT_EQ(*buffer.ToByte(at), position.byte);
    ASSERT_EQ(*buffer.ToUtf16(at), position.utf16);
    ASSERT_EQ(*buffer.ToPoint(at), position.point);
  }
  for (const uint64_t past : {text.size() + 1, ~size_t{0}}) {
    ASSERT_NO_FATAL_FAILURE(ExpectError(buffer.ToByte({past}), ErrorCode::kOutOfRange));
    ASSERT_NO_FATAL_FAILURE(ExpectError(buffer.ToUtf16({past}), ErrorCode::kOutOfRange));
    ASSERT_NO_FATAL_FAILURE(ExpectError(buffer.ToPoint({past}), ErrorCode::kOutOfRange));
  }
  ASSERT_NO_FATAL_FAILURE(CheckUnit(buffer, code_points));
  ASSERT_NO_FATAL_FAILURE(CheckUnit(buffer, bytes));
  ASSERT_NO_FATAL_FAILURE(CheckUnit(buffer, utf16));
  ASSERT_NO_FATAL_FAILURE(CheckPoints(buffer, positions));
}

// Checks that the pieces of a range are valid and are the range.
void CheckChunks(const TextBuffer& buffer, std::u32string_view text, uint64_t begin, uint64_t end) {
  std::string joined;
  bool valid = true;
  const Expected<void> done = buffer.ForEachChunk({begin}, {end}, [&](std::string_view chunk) {
    valid = valid && !chunk.empty() && IsValidUtf8(chunk);
    joined += chunk;
  });
  ASSERT_TRUE(done.has_value());
  ASSERT_TRUE(valid);
  ASSERT_EQ(joined, Encode(text.substr(begin, end - begin)));
  ASSERT_EQ(*buffer.Slice({begin}, {end}), joined);
}

// A buffer and its model under the same random edits.
class Pair {
 public:
  Pair(Random& random, const TextBufferOptions& options) : random_(random), buffer_(options) {}

  // Edits at a random place; grows the text up to about `wanted` code points, or shrinks it.
  void Edit(size_t wanted) {
    const bool grow = text_.size() < wanted ? random_.Chance(80) : random_.Chance(20);
    const uint64_t begin = PickPlace();
    const uint64_t count = random_.Below(text_.size() - begin + 1) >> random_.Below(6);
    const std::string fresh = RandomText(random_, random_.Chance(20) ? 40 : 3);
    switch (random_.Below(4)) {
      case 0: ASSERT_NO_FATAL_FAILURE(ApplyDelta()); return;
      case 1:
        ASSERT_TRUE(buffer_.Replace({begin}, count, fresh).has_value());
        text_.replace(begin, count, Decode(fresh));
        break;
      default:
        if (grow) {
          ASSERT_TRUE(buffer_.Insert({begin}, fresh).has_value());
          text_.insert(begin, Decode(fresh));
        } else {
          ASSERT_TRUE(buffer_.Erase({begin}, count).has_value());
          text_.erase(begin, count);
        }
    }
    last_ = begin;
  }

  // Tries an edit that must fail.
  void FailToEdit() {
    const uint64_t size = text_.size();
    const uint64_t begin = random_.Below(size + 1);
    const ErrorCode range = ErrorCode::kOutOfRange;
    ExpectError(buffer_.Insert({size + 1}, "x"), range);
    ExpectError(buffer_.Insert({begin}, "a\xff"), ErrorCode::kInvalidUtf8);
    ExpectError(buffer_.Insert({begin}, "\x80"), ErrorCode::kInvalidUtf8);
    ExpectError(buffer_.Erase({begin}, size - begin + 1), range);
    ExpectError(buffer_.Erase({begin}, ~uint64_t{0}), range);
    ExpectError(buffer_.Erase({~uint64_t{0}}, 2), range);
    ExpectError(buffer_.Replace({begin}, size - begin + 1, "x"), range);
    ExpectError(buffer_.Replace({0}, size, "\xc3"), ErrorCode::kInvalidUtf8);
    ExpectError(buffer_.Slice({begin}, {size + 1}), range);
    if (begin > 0) ExpectError(buffer_.Slice({begin}, {begin - 1}), range);
    Delta too_long;
    too_long.Insert("x").Retain(begin).Delete(size - begin + 1);
    ExpectError(buffer_.Apply(too_long), ErrorCode::kDeltaMismatch);
    Delta wrong;
    wrong.Insert("x").Retain(begin).DeleteText(begin < size && text_[begin] == U'a' ? "b" : "a");
    ExpectError(buffer_.Apply(wrong), ErrorCode::kDeltaMismatch);
  }

  void Check(bool thoroughly) {
    buffer_.CheckInvariants();
    ASSERT_EQ(buffer_.Text(), Encode(text_));
    ASSERT_EQ(buffer_.metrics(), Measure(Encode(text_)));
    const uint64_t begin = random_.Below(text_.size() + 1);
    ASSERT_NO_FATAL_FAILURE(
        CheckChunks(buffer_, text_, begin, random_.Between(begin, text_.size())));
    if (thoroughly) {
      ASSERT_NO_FATAL_FAILURE(CheckConversions(buffer_, text_));
    }
  }

 private:
  // Returns a place, as what the buffer makes of its offset in a random unit. Half of the places
  // are near the last one.
  uint64_t PickPlace() {
    uint64_t place = random_.Below(text_.size() + 1);
    if (random_.Chance(50)) place = std::min<uint64_t>(last_ + random_.Below(3), text_.size());
    const Position position = Positions(text_)[place];
    const AnyOffset units[] = {CodePointOffset{place}, position.byte, position.utf16,
                               position.point};
    const Expected<CodePointOffset> found = buffer_.ToCodePoint(units[random_.Below(4)]);
    EXPECT_EQ(found->value, place);
    return place;
  }

  void ApplyDelta() {
    const std::string base = Encode(text_);
    const Delta delta = RandomDelta(random_, base, DeletedText::kSome);
    const Expected<std::string> expected = Apply(delta, base);
    ASSERT_TRUE(expected.has_value());
    ASSERT_TRUE(buffer_.Apply(delta).has_value());
    text_ = Decode(*expected);
    last_ = 0;
  }

  Random& random_;
  TextBuffer buffer_;
  std::u32string text_;
  uint64_t last_ = 0;
};

TEST(TextBufferModelTest, EqualsAU32StringUnderRandomEdits) {
  for (const uint32_t leaf_bytes : {8U, 9U, 13U, 40U, 384U}) {
    for (const uint32_t fanout : {2U, 3U, 32U}) {
      SCOPED_TRACE(testing::Message() << "leaf " << leaf_bytes << " fanout " << fanout);
      ForEachSeed(10, [=](Random& random) {
        Pair pair(random, {.leaf_bytes = leaf_bytes, .fanout = fanout});
        // Grows, shrinks to next to nothing, and grows again.
        for (int step = 0; step < 300; ++step) {
          ASSERT_NO_FATAL_FAILURE(pair.Edit(step / 100 == 1 ? 2 : 120));
          ASSERT_NO_FATAL_FAILURE(pair.FailToEdit());
          ASSERT_NO_FATAL_FAILURE(pair.Check(step % 25 == 0));
        }
      });
    }
  }
}

TEST(TextBufferModelTest, ConvertsEveryOffsetOfTextsBuiltInOnePiece) {
  ForEachSeed(200, [](Random& random) {
    const std::string text = RandomText(random, 60);
    SCOPED_TRACE(text);
    for (const uint32_t leaf_bytes : {8U, 32U, 384U}) {
      const Expected<TextBuffer> buffer =
          TextBuffer::FromText(text, {.leaf_bytes = leaf_bytes, .fanout = 2});
      buffer->CheckInvariants();
      ASSERT_NO_FATAL_FAILURE(CheckConversions(*buffer, Decode(text)));
    }
  });
}

TEST(TextBufferModelTest, EveryRangeOfASmallTextIsReadErasedAndReplaced) {
  const std::u32string text = U"a\u00e9\n\u4e2d\U0001f600b\r\ne\u0301\U0001f600\nz";
  for (uint64_t begin = 0; begin <= text.size(); ++begin) {
    for (uint64_t end = begin; end <= text.size(); ++end) {
      SCOPED_TRACE(testing::Message() << "[" << begin << ", " << end << ")");
      const Expected<TextBuffer> whole =
          TextBuffer::FromText(Encode(text), {.leaf_bytes = 8, .fanout = 2});
      ASSERT_NO_FATAL_FAILURE(CheckChunks(*whole, text, begin, end));

      TextBuffer erased = *whole;
      ASSERT_TRUE(erased.Erase({begin}, end - begin).has_value());
      erased.CheckInvariants();
      std::u32string expected = text;
      expected.erase(begin, end - begin);
      ASSERT_EQ(erased.Text(), Encode(expected));
      ASSERT_NO_FATAL_FAILURE(CheckConversions(erased, expected));

      TextBuffer replaced = *whole;
      ASSERT_TRUE(replaced.Replace({begin}, end - begin, "\u00fc\n0123456789\U0001f600"));
      replaced.CheckInvariants();
      expected.insert(begin, U"\u00fc\n0123456789\U0001f600");
      ASSERT_EQ(replaced.Text(), Encode(expected));
      ASSERT_NO_FATAL_FAILURE(CheckConversions(replaced, expected));
    }
  }
}

}  // namespace
}  // namespace cotext
