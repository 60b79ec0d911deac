#include "crdt/codec/section.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/codec/compression.h"
#include "document/error.h"
#include "document/random.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using std::string_literals::operator""s;

// Runs of one byte, as its number and the byte: a compression that a test can see through. It calls
// itself zstd, as the codec does not know better.
Compressor RunLengths() {
  return Compressor{.method = Compression::kZstd, .compress = [](std::string_view raw) {
                      std::string packed;
                      for (size_t i = 0; i < raw.size();) {
                        size_t end = i;
                        while (end < raw.size() && raw[end] == raw[i]) ++end;
                        AppendVarint(packed, end - i);
                        packed.push_back(raw[i]);
                        i = end;
                      }
                      return packed;
                    }};
}

Expected<std::string> UndoRunLengths(Compression method, std::string_view bytes, size_t raw_size) {
  if (method != Compression::kZstd) return MakeError(ErrorCode::kUnsupported, "not that");
  std::string raw;
  ByteReader reader(bytes);
  while (!reader.done()) {
    const auto count = reader.Varint();
    const auto byte = count ? reader.Bytes(1) : std::nullopt;
    if (!byte || *count > raw_size - raw.size()) {
      return MakeError(ErrorCode::kMalformedUpdate, "bad runs");
    }
    raw.append(static_cast<size_t>(*count), byte->front());
  }
  if (raw.size() != raw_size) return MakeError(ErrorCode::kMalformedUpdate, "bad size");
  return raw;
}

std::string OneSection(SectionKind kind, std::string_view raw, const Compressor& compressor = {}) {
  std::string bytes(SectionMagic());
  AppendSection(bytes, kind, raw, compressor);
  return bytes;
}

ErrorCode CodeOf(const Expected<std::string>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(SectionTest, GoldenBytes) {
  EXPECT_EQ(SectionMagic(), "\xc0text\r\n\x01");
  EXPECT_EQ(OneSection(SectionKind::kCurrentText, "abc"),
            "\xc0text\r\n\x01"
            "\x11\x00\x03"  // Current text, as it is, three bytes.
            "abc"
            "\x9f\x53\x3a\x16"s);
  EXPECT_EQ(OneSection(SectionKind::kCurrentText, std::string(300, 'a'), RunLengths()),
            "\xc0text\r\n\x01"
            "\x11\x02\xac\x02\x03"  // Current text, compressed, 300 bytes, 3 here.
            "\xac\x02"
            "a"
            "\x63\x80\x69\x36"s);
}

TEST(SectionTest, SectionsAreFoundInTheirOrder) {
  ForEachSeed(100, [](Random& random) {
    std::string bytes(SectionMagic());
    std::vector<std::string> contents;
    for (uint64_t count = random.Below(6); count > 0; --count) {
      std::string content;
      for (uint64_t runs = random.Below(8); runs > 0; --runs) {
        content.append(random.Below(40), static_cast<char>(random.Below(256)));
      }
      AppendSection(bytes, SectionKind::kUpdate, content,
                    random.Chance(50) ? RunLengths() : Compressor{});
      contents.push_back(content);
    }
    const auto sections = FindSections(bytes);
    ASSERT_TRUE(sections.has_value());
    ASSERT_EQ(sections->size(), contents.size());
    for (size_t i = 0; i < contents.size(); ++i) {
      ASSERT_EQ((*sections)[i].kind, SectionKind::kUpdate);
      ASSERT_EQ(ReadSection((*sections)[i], UndoRunLengths, 1000).value(), contents[i]);
    }
  });
}

TEST(SectionTest, WhatDoesNotGetSmallerIsKeptAsItIs) {
  const std::string bytes = OneSection(SectionKind::kUpdate, "abcdef", RunLengths());
  const auto sections = FindSections(bytes);
  EXPECT_EQ((*sections)[0].compression, Compression::kNone);
  EXPECT_EQ((*sections)[0].stored, "abcdef");
}

TEST(SectionTest, TheSecondSizeCountsToo) {
  for (const size_t length : {3U, 4U}) {
    // Two bytes, and one for their size.
    const std::string bytes =
        OneSection(SectionKind::kUpdate, std::string(length, 'a'), RunLengths());
    const auto sections = FindSections(bytes);
    EXPECT_EQ((*sections)[0].compression, length > 3 ? Compression::kZstd : Compression::kNone);
  }
}

TEST(SectionTest, EveryTruncationIsMalformedAndSaysWhere) {
  std::string bytes = OneSection(SectionKind::kForm, "x");
  const size_t first = bytes.size();
  AppendSection(bytes, SectionKind::kUpdate, "yz", {});
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto sections = FindSections(std::string_view(bytes).substr(0, size));
    if (size == SectionMagic().size() || size == first) {
      EXPECT_TRUE(sections.has_value());
      continue;
    }
    ASSERT_FALSE(sections.has_value()) << size;
    EXPECT_EQ(sections.error().code, ErrorCode::kMalformedFile);
    if (size > first) {
      EXPECT_EQ(sections.error().message,
                "section 2, at byte " + std::to_string(first) + ", is cut off");
    }
  }
}

TEST(SectionTest, EveryBitFlipIsNoticed) {
  const std::string bytes =
      OneSection(SectionKind::kCurrentText, std::string(30, 'a') + "bcd", RunLengths());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    const auto sections = FindSections(flipped);
    if (!sections) continue;
    for (const Section& section : *sections) {
      const auto content = ReadSection(section, UndoRunLengths, 1000);
      EXPECT_FALSE(content.has_value()) << bit;
    }
  }
}

TEST(SectionTest, SizesAreCheckedBeforeAnythingIsUnpacked) {
  bool was_called = false;
  const auto undo = [&was_called](Compression, std::string_view, size_t) -> Expected<std::string> {
    was_called = true;
    return std::string();
  };
  const std::string bytes =
      OneSection(SectionKind::kCurrentText, std::string(100'000, 'a'), RunLengths());
  Section section = FindSections(bytes).value()[0];
  EXPECT_EQ(CodeOf(ReadSection(section, undo, 99'999)), ErrorCode::kTooLarge);
  // Four bytes cannot become that many by any means.
  section.raw_size = uint64_t{1} << 40U;
  EXPECT_EQ(CodeOf(ReadSection(section, undo, ~uint64_t{0})), ErrorCode::kMalformedFile);
  EXPECT_FALSE(was_called);
  section.compression = static_cast<Compression>(9);
  EXPECT_EQ(CodeOf(ReadSection(section, undo, ~uint64_t{0})), ErrorCode::kUnsupported);
  section.compression = Compression::kZstd;
  section.raw_size = 100'000;
  EXPECT_EQ(CodeOf(ReadSection(section, nullptr, 100'000)), ErrorCode::kUnsupported);
}

TEST(SectionTest, EachCompressionReachesItsOwnRatioAndNoMore) {
  const std::string bytes =
      OneSection(SectionKind::kCurrentText, std::string(100'000, 'a'), RunLengths());
  Section section = FindSections(bytes).value()[0];
  ASSERT_EQ(section.stored.size(), 4U);
  const auto zeros = [](Compression, std::string_view, size_t size) -> Expected<std::string> {
    return std::string(size, '\0');
  };
  for (const auto& [method, ratio] : {std::pair(Compression::kDeflate, uint64_t{1032}),
                                      std::pair(Compression::kZstd, uint64_t{32768}),
                                      std::pair(Compression::kLz4, uint64_t{255})}) {
    section.compression = method;
    section.raw_size = 5 * ratio - 1;
    EXPECT_EQ(ReadSection(section, zeros, ~uint64_t{0}).value().size(), section.raw_size);
    section.raw_size = 5 * ratio;
    EXPECT_EQ(CodeOf(ReadSection(section, zeros, ~uint64_t{0})), ErrorCode::kMalformedFile);
  }
}

TEST(SectionTest, WhatTheDecompressorCannotDoIsUnsupportedAndElseTheFileIsMalformed) {
  const std::string bytes =
      OneSection(SectionKind::kCurrentText, std::string(100, 'a'), RunLengths());
  const Section section = FindSections(bytes).value()[0];
  for (const auto& [code, expected] :
       {std::pair(ErrorCode::kUnsupported, ErrorCode::kUnsupported),
        std::pair(ErrorCode::kMalformedUpdate, ErrorCode::kMalformedFile)}) {
    const auto undo = [code](Compression, std::string_view, size_t) -> Expected<std::string> {
      return MakeError(code, "no");
    };
    EXPECT_EQ(CodeOf(ReadSection(section, undo, 100)), expected);
  }
}

TEST(SectionTest, ErrorsNameTheSection) {
  std::string bytes = OneSection(SectionKind::kDeletedText, "abc");
  bytes.back() ^= 1;
  EXPECT_EQ(ReadSection(FindSections(bytes).value()[0], nullptr, 10).error().message,
            "the section of deleted text is damaged");
  EXPECT_EQ(SectionName(static_cast<SectionKind>(200)), "number 200");
}

TEST(SectionTest, KindsAreKnownOrNot) {
  EXPECT_TRUE(IsKnown(SectionKind::kIdentity));
  EXPECT_TRUE(IsKnown(SectionKind::kUpdate));
  EXPECT_FALSE(IsKnown(static_cast<SectionKind>(0)));
  EXPECT_FALSE(IsKnown(static_cast<SectionKind>(200)));
}

}  // namespace
}  // namespace cotext
