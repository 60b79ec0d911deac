#include "document/text_leaves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/utf8.h"

namespace cotext {
namespace {

using Leaf = TextLeaves::Leaf;
using Place = TextLeaves::Place;

// One to four bytes a character, newlines at both ends and in the middle.
constexpr std::string_view kMixed = "\na\u00e9\n\u4e2d\U0001f600b\n";
constexpr std::string_view kAscii = "\nab\nc\n";

std::string TextOf(const TextLeaves& leaves, Leaf leaf) {
  return std::string(leaves.Front(leaf)) + std::string(leaves.Back(leaf));
}

// All places of `text`.
std::vector<Place> PlacesOf(std::string_view text) {
  std::vector<Place> places(1);
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    const auto bytes = static_cast<uint32_t>(CharacterBytes(text[byte]));
    places.push_back(places.back() + Place{.bytes = bytes, .code_points = 1});
  }
  return places;
}

// Returns a leaf with this text and the gap at `gap`.
Leaf MakeLeaf(TextLeaves& leaves, std::string_view text, Place gap) {
  const Leaf leaf = leaves.New();
  const Place size = PlacesOf(text).back();
  leaves.Insert(leaf, {}, text.substr(gap.bytes), (size - gap).code_points);
  leaves.Insert(leaf, {}, text.substr(0, gap.bytes), gap.code_points);
  EXPECT_EQ(leaves.Gap(leaf), gap);
  return leaf;
}

// Calls `check` with a leaf for every text and every place of the gap.
template <typename Check>
void ForEachGap(Check check) {
  for (const std::string_view text : {kMixed, kAscii}) {
    for (const Place gap : PlacesOf(text)) {
      SCOPED_TRACE(testing::Message() << text << ", gap at byte " << gap.bytes);
      TextLeaves leaves(24);
      leaves.New();  // So that the leaf is not the first of the arena.
      const Leaf leaf = MakeLeaf(leaves, text, gap);
      leaves.CheckLeaf(leaf);
      ASSERT_NO_FATAL_FAILURE(check(leaves, leaf, text));
      leaves.CheckLeaf(leaf);
      leaves.CheckInvariants();
    }
  }
}

TEST(TextLeavesTest, FindsEveryPlaceByItsNumberAndByItsBytes) {
  ForEachGap([](const TextLeaves& leaves, Leaf leaf, std::string_view text) {
    const std::vector<Place> places = PlacesOf(text);
    ASSERT_EQ(leaves.Size(leaf), places.back());
    for (size_t i = 0; i < places.size(); ++i) {
      ASSERT_EQ(leaves.AtCodePoint(leaf, places[i].code_points), places[i]);
      ASSERT_EQ(leaves.AtByte(leaf, places[i].bytes), places[i]);
      if (i + 1 == places.size()) break;
      for (uint32_t byte = places[i].bytes; byte < places[i + 1].bytes; ++byte) {
        ASSERT_EQ(leaves.AtByte(leaf, byte), places[i]);
      }
    }
  });
}

TEST(TextLeavesTest, InsertsAtEveryPlaceAndLeavesTheGapBehind) {
  ForEachGap([](const TextLeaves& original, Leaf leaf, std::string_view text) {
    for (const Place place : PlacesOf(text)) {
      std::string expected(text);
      expected.insert(place.bytes, "\u00fcx");
      TextLeaves leaves = original;
      leaves.Insert(leaf, place, "\u00fcx", 2);
      leaves.CheckLeaf(leaf);
      ASSERT_EQ(TextOf(leaves, leaf), expected);
      ASSERT_EQ(leaves.Gap(leaf), (place + Place{.bytes = 3, .code_points = 2}));
      leaves.InsertAscii(leaf, place, '!');
      leaves.CheckLeaf(leaf);
      ASSERT_EQ(TextOf(leaves, leaf), expected.insert(place.bytes, "!"));
    }
  });
}

TEST(TextLeavesTest, ErasesEveryRangeAndMeasuresIt) {
  ForEachGap([](const TextLeaves& original, Leaf leaf, std::string_view text) {
    const std::vector<Place> places = PlacesOf(text);
    for (size_t begin = 0; begin < places.size(); ++begin) {
      for (size_t end = begin; end < places.size(); ++end) {
        const uint32_t count = places[end].bytes - places[begin].bytes;
        TextLeaves leaves = original;
        ASSERT_EQ(leaves.Erase(leaf, places[begin], places[end]),
                  Measure(text.substr(places[begin].bytes, count)));
        leaves.CheckLeaf(leaf);
        ASSERT_EQ(TextOf(leaves, leaf), std::string(text).erase(places[begin].bytes, count));
        if (count != 1) continue;
        leaves = original;
        ASSERT_EQ(leaves.EraseAscii(leaf, places[begin]), text[places[begin].bytes]);
        leaves.CheckLeaf(leaf);
        ASSERT_EQ(TextOf(leaves, leaf), std::string(text).erase(places[begin].bytes, 1));
      }
    }
  });
}

TEST(TextLeavesTest, MovesEveryTailAndAppendsItAgain) {
  ForEachGap([](const TextLeaves& original, Leaf leaf, std::string_view text) {
    for (const Place place : PlacesOf(text)) {
      TextLeaves leaves = original;
      const Leaf tail = leaves.New();
      ASSERT_EQ(leaves.MoveTail(leaf, place, tail), Measure(text.substr(place.bytes)));
      leaves.CheckLeaf(leaf);
      leaves.CheckLeaf(tail);
      ASSERT_EQ(TextOf(leaves, leaf), text.substr(0, place.bytes));
      ASSERT_EQ(TextOf(leaves, tail), text.substr(place.bytes));
      leaves.Append(leaf, tail);
      leaves.CheckLeaf(leaf);
      ASSERT_EQ(TextOf(leaves, leaf), text);
      ASSERT_EQ(TextOf(leaves, tail), "");
    }
  });
}

TEST(TextLeavesTest, FreedLeavesAreReusedEmpty) {
  TextLeaves leaves(8);
  const Leaf first = leaves.New();
  const Leaf second = leaves.New();
  leaves.Insert(first, {}, "abc", 3);
  const uint64_t allocated = leaves.AllocatedBytes();
  leaves.Free(first);
  EXPECT_EQ(leaves.CountUsed(), 1U);
  EXPECT_EQ(leaves.New(), first);
  EXPECT_EQ(TextOf(leaves, first), "");
  EXPECT_NE(first, second);
  EXPECT_LE(leaves.AllocatedBytes(), allocated + sizeof(Leaf));
}

TEST(TextLeavesTest, TheArenaGrowsByAQuarter) {
  TextLeaves leaves(256);
  for (int i = 0; i < 10'000; ++i) {
    leaves.New();
    ASSERT_LE(leaves.AllocatedBytes(), (256 + 16) * (leaves.CountUsed() * 5 / 4 + 1));
  }
}

}  // namespace
}  // namespace cotext
