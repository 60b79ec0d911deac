#include "document/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/random.h"

namespace cotext {
namespace {

constexpr char32_t kLastCodePoint = 0x10ffff;

bool IsSurrogate(char32_t code_point) { return code_point >= 0xd800 && code_point <= 0xdfff; }

std::string Bytes(std::initializer_list<unsigned> bytes) {
  std::string text;
  for (const unsigned byte : bytes) text += static_cast<char>(byte);
  return text;
}

// The oracle: the definition of UTF-8 by decoding, without table 3-7.
bool NaiveIsValid(std::string_view text) {
  constexpr char32_t kLeastOfSize[] = {0, 0, 0x80, 0x800, 0x10000};
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80        ? 1
                        : lead >> 5U == 6  ? 2
                        : lead >> 4U == 14 ? 3
                        : lead >> 3U == 30 ? 4
                                           : 0;
    if (size == 0 || i + size > text.size()) return false;
    char32_t code_point = size == 1 ? lead : lead & (0x7fU >> size);
    for (size_t k = 1; k < size; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if (byte >> 6U != 2) return false;
      code_point = code_point << 6U | (byte & 0x3fU);
    }
    if (code_point < kLeastOfSize[size] || code_point > kLastCodePoint) return false;
    if (IsSurrogate(code_point)) return false;
    i += size;
  }
  return true;
}

TextMetrics NaiveMeasure(std::string_view text) {
  TextMetrics metrics;
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    const char32_t code_point = DecodeCodePoint(text, byte);
    ++metrics.code_points;
    metrics.utf16 += code_point > 0xffff ? 2 : 1;
    metrics.newlines += code_point == U'\n' ? 1 : 0;
  }
  metrics.bytes = text.size();
  return metrics;
}

std::string RandomText(Random& random, uint64_t characters) {
  constexpr char32_t kAlphabet[] = {U'a', U'\n', U'\r', U'é', U'\u0301', U'漢', U'\uffff', U'😀'};
  std::string text;
  for (; characters > 0; --characters) text += EncodeCodePoint(kAlphabet[random.Below(8)]);
  return text;
}

TEST(Utf8Test, EveryCodePointSurvivesEncodingAndDecoding) {
  for (char32_t code_point = 0; code_point <= kLastCodePoint; ++code_point) {
    if (IsSurrogate(code_point)) continue;
    const std::string text = EncodeCodePoint(code_point);
    ASSERT_TRUE(IsValidUtf8(text)) << std::hex << static_cast<uint32_t>(code_point);
    ASSERT_EQ(text.size(), CharacterBytes(text[0]));
    ASSERT_EQ(text.size(), code_point < 0x80      ? 1U
                           : code_point < 0x800   ? 2U
                           : code_point < 0x10000 ? 3U
                                                  : 4U);
    ASSERT_EQ(DecodeCodePoint(text, 0), code_point);
    ASSERT_EQ(IsAstralLead(text[0]), code_point > 0xffff);
  }
}

TEST(Utf8Test, BoundariesOfTable37AreValid) {
  const std::string cases[] = {
      Bytes({0x00}),
      Bytes({0x7f}),
      Bytes({0xc2, 0x80}),
      Bytes({0xdf, 0xbf}),
      Bytes({0xe0, 0xa0, 0x80}),
      Bytes({0xe0, 0xbf, 0xbf}),
      Bytes({0xed, 0x80, 0x80}),
      Bytes({0xed, 0x9f, 0xbf}),
      Bytes({0xee, 0x80, 0x80}),
      Bytes({0xef, 0xbf, 0xbf}),
      Bytes({0xf0, 0x90, 0x80, 0x80}),
      Bytes({0xf4, 0x8f, 0xbf, 0xbf}),
  };
  for (const std::string& text : cases)
    EXPECT_TRUE(IsValidUtf8(text)) << testing::PrintToString(text);
}

TEST(Utf8Test, BytesJustOutsideTable37AreInvalid) {
  const std::string cases[] = {
      Bytes({0x80}),        // A continuation alone.
      Bytes({0xc0, 0x80}),  // Overlong, two bytes.
      Bytes({0xc1, 0xbf}),
      Bytes({0xe0, 0x9f, 0xbf}),  // Overlong, three bytes.
      Bytes({0xed, 0xa0, 0x80}),  // The surrogates.
      Bytes({0xed, 0xbf, 0xbf}),
      Bytes({0xf0, 0x8f, 0xbf, 0xbf}),  // Overlong, four bytes.
      Bytes({0xf4, 0x90, 0x80, 0x80}),  // Above U+10FFFF.
      Bytes({0xf5, 0x80, 0x80, 0x80}),
      Bytes({0xff}),
      Bytes({0xc2}),  // Truncated.
      Bytes({0xe1, 0x80}),
      Bytes({0xf1, 0x80, 0x80}),
      Bytes({0xc2, 0x41}),  // No continuation where one belongs.
      Bytes({0xe1, 0x80, 0x41}),
      Bytes({0xf1, 0x80, 0x80, 0xc0}),
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(IsValidUtf8(text)) << testing::PrintToString(text);
    // Wherever it lies among words of ASCII, which validation steps over as a whole.
    for (size_t before = 0; before < 18; ++before) {
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'a') + text + std::string(9, 'b')));
    }
  }
}

TEST(Utf8Test, ValidationAgreesWithDecodingOnAllShortSequences) {
  // The bytes at which something in table 3-7 changes.
  const std::vector<unsigned> edges = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                       0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                       0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
  for (const unsigned a : edges) {
    for (const unsigned b : edges) {
      for (const unsigned c : edges) {
        for (const unsigned d : edges) {
          const std::string text = Bytes({a, b, c, d});
          for (size_t size = 1; size <= text.size(); ++size) {
            const std::string_view head = std::string_view(text).substr(0, size);
            ASSERT_EQ(IsValidUtf8(head), NaiveIsValid(head)) << testing::PrintToString(head);
          }
        }
      }
    }
  }
}

TEST(Utf8Test, MeasureAgreesWithALoopOverCharacters) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const std::string text = RandomText(random, random.Below(400));
    ASSERT_TRUE(IsValidUtf8(text));
    const TextMetrics metrics = Measure(text);
    ASSERT_EQ(metrics, NaiveMeasure(text));
    ASSERT_EQ(metrics.code_points, CountCodePoints(text));
  }
}

// ASCII is looked at a word and a block at a time, so texts of every length around those, and one
// other byte anywhere in them.
TEST(Utf8Test, MeasuresAndValidatesInOnePass) {
  EXPECT_EQ(MeasureIfValid(""), TextMetrics());
  Random random(4);
  for (size_t size = 1; size <= 300; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += "a\n\v\x7f"[random.Below(4)];
    ASSERT_TRUE(IsValidUtf8(text));
    ASSERT_EQ(MeasureIfValid(text), NaiveMeasure(text)) << size;
    for (size_t at = 0; at < size; at += 1 + size / 40) {
      std::string wide = text;
      wide.replace(at, 1, EncodeCodePoint(U'é'));
      ASSERT_TRUE(IsValidUtf8(wide)) << size << " " << at;
      ASSERT_EQ(MeasureIfValid(wide), NaiveMeasure(wide)) << size << " " << at;
      wide.erase(at, 1);
      ASSERT_FALSE(IsValidUtf8(wide)) << size << " " << at;
      ASSERT_EQ(MeasureIfValid(wide), std::nullopt) << size << " " << at;
    }
  }
}

TEST(Utf8Test, ContinuationsLikeANewlineAreNone) {
  // U+028A ends with the byte 0x8a, which differs from a newline in one bit.
  for (size_t before = 0; before < 9; ++before) {
    std::string text(before, '\v');
    text += EncodeCodePoint(U'\u028a') + EncodeCodePoint(U'\u028a');
    text.append(9, '\t');
    EXPECT_EQ(Measure(text).newlines, 0U);
    text.insert(before, "\n");
    EXPECT_EQ(Measure(text).newlines, 1U);
  }
}

TEST(Utf8Test, CountsDoNotOverflowInLongUniformText) {
  for (const char32_t character : {U'\n', U'é', U'漢', U'😀'}) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += EncodeCodePoint(character);
    EXPECT_EQ(Measure(text), NaiveMeasure(text));
  }
}

TEST(Utf8Test, ByteOfCodePointFindsEveryCharacterOfRandomText) {
  Random random(2);
  for (int round = 0; round < 50; ++round) {
    const std::string text = RandomText(random, random.Below(500));
    uint64_t count = 0;
    for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
      ASSERT_EQ(ByteOfCodePoint(text, count), byte) << "round " << round;
      ++count;
    }
    ASSERT_EQ(ByteOfCodePoint(text, count), text.size());
  }
}

TEST(Utf8Test, ByteOfUtf16FindsEveryUnitOfRandomText) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    const std::string text = RandomText(random, random.Below(500));
    uint64_t count = 0;
    for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
      ASSERT_EQ(ByteOfUtf16(text, count++), byte) << "round " << round;
      // Both halves of a surrogate pair lead to the one character.
      if (IsAstralLead(text[byte])) ASSERT_EQ(ByteOfUtf16(text, count++), byte);
    }
    ASSERT_EQ(ByteOfUtf16(text, count), text.size());
  }
}

TEST(Utf8Test, ByteOfCodePointFindsCharactersThatStraddleABlock) {
  constexpr size_t kBlock = 128;  // Of the implementation.
  for (const char32_t character : {U'é', U'漢', U'😀'}) {
    const std::string wide = EncodeCodePoint(character);
    for (size_t block = kBlock; block <= 3 * kBlock; block += kBlock) {
      for (size_t before = block - 5; before <= block + 1; ++before) {
        std::string text(before, 'a');
        text += wide;
        text += wide;
        text.append(kBlock, 'b');
        EXPECT_EQ(ByteOfCodePoint(text, before), before);
        EXPECT_EQ(ByteOfCodePoint(text, before + 1), before + wide.size());
        EXPECT_EQ(ByteOfCodePoint(text, before + 2), before + 2 * wide.size());
        EXPECT_EQ(ByteOfCodePoint(text, CountCodePoints(text)), text.size());
      }
    }
  }
}

TEST(Utf8Test, ByteOfCodePointAtTheEndIsTheSize) {
  EXPECT_EQ(ByteOfCodePoint("", 0), 0U);
  // Exactly one block, ending with the last byte of a character.
  std::string text(126, 'a');
  text += EncodeCodePoint(U'é');
  ASSERT_EQ(text.size(), 128U);
  EXPECT_EQ(ByteOfCodePoint(text, 126), 126U);
  EXPECT_EQ(ByteOfCodePoint(text, 127), 128U);
}

}  // namespace
}  // namespace cotext
