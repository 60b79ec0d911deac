// Sizes of ranges and units found in them, across pages, against counting element by element.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/local_index.h"
#include "crdt/text_store.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/text_conversion.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {

// Breaks a store behind its back, to prove that CheckInvariants looks.
struct TextStorePeer {
  static auto& PageNewlines(TextStore& store) { return store.page_newlines_; }
  static auto& PageAstral(TextStore& store) { return store.page_astral_; }
};

namespace {

constexpr uint32_t kPage = TextStore::kPageElements;
constexpr std::array kUnits = {TextUnit::kCodePoints, TextUnit::kBytes, TextUnit::kUtf16,
                               TextUnit::kNewlines};

bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

uint32_t CountCharacters(std::string_view text) {
  return static_cast<uint32_t>(std::ranges::count_if(text, BeginsCharacter));
}

// A store beside the size of the text before every element.
class MeasuredStore {
 public:
  const TextStore& store() const { return store_; }
  uint32_t size() const { return static_cast<uint32_t>(before_.size() - 1); }

  void Append(std::string_view text) {
    store_.Append(text, CountCharacters(text));
    for (const char byte : text) {
      if (BeginsCharacter(byte)) before_.push_back(before_.back());
      TextMetrics& size = before_.back();
      ++size.bytes;
      size.code_points += BeginsCharacter(byte) ? 1 : 0;
      size.utf16 += BeginsCharacter(byte) ? 1 : 0;
      size.utf16 += static_cast<unsigned char>(byte) >= 0xf0U ? 1 : 0;
      size.newlines += byte == '\n' ? 1 : 0;
    }
  }

  TextMetrics Size(uint32_t begin, uint32_t end) const { return before_[end] - before_[begin]; }

  void CheckMeasure(uint32_t begin, uint32_t end) const {
    ASSERT_EQ(store_.Measure(Lv{begin}, end - begin), Size(begin, end)) << begin << " to " << end;
  }

  // Checks the piece that holds a unit: that it does, and as much of the page as there is.
  void CheckPiece(uint32_t begin, uint32_t end, TextUnit unit, uint64_t number) const {
    const TextStore::Piece piece = store_.FindPiece(Lv{begin}, end - begin, unit, number);
    const uint32_t first = piece.first.value;
    ASSERT_GE(first, begin);
    ASSERT_GT(piece.length, 0U);
    const uint32_t page = first / kPage;
    ASSERT_EQ(first, std::max(begin, page * kPage));
    ASSERT_EQ(first + piece.length, std::min(end, (page + 1) * kPage));
    ASSERT_EQ(piece.before, Size(begin, first));
    ASSERT_EQ(SizeIn(unit, piece.before) + piece.rest, number);
    ASSERT_LT(piece.rest, SizeIn(unit, Size(first, first + piece.length)));
  }

  // Checks a few units of a range, with the first and the last.
  void CheckPieces(Random& random, uint32_t begin, uint32_t end) const {
    for (const TextUnit unit : kUnits) {
      const uint64_t size = SizeIn(unit, Size(begin, end));
      if (size == 0) continue;
      for (const uint64_t number :
           {uint64_t{0}, size - 1, random.Below(size), random.Below(size)}) {
        SCOPED_TRACE("unit " + std::to_string(static_cast<int>(unit)) + " number " +
                     std::to_string(number) + " of " + std::to_string(begin) + " to " +
                     std::to_string(end));
        ASSERT_NO_FATAL_FAILURE(CheckPiece(begin, end, unit, number));
      }
    }
  }

 private:
  TextStore store_;
  std::vector<TextMetrics> before_{TextMetrics{}};
};

// Returns a text of some pages: of ASCII, without characters beyond the Basic Multilingual Plane,
// or of all scripts; rarely without line ends.
std::string SomePages(Random& random) {
  const uint64_t kind = random.Below(4);
  const bool has_lines = random.Chance(80);
  const uint64_t length = random.Below(uint64_t{6} * kPage);
  std::string text;
  for (uint64_t i = 0; i < length; ++i) {
    if (has_lines && random.Chance(5)) {
      text += '\n';
    } else if (kind == 0 || random.Chance(50)) {
      text += static_cast<char>('a' + random.Below(26));
    } else if (kind == 1) {
      text += random.Chance(50) ? "\u00e9" : "\u4e2d";
    } else if (kind == 2) {
      text += random.Chance(50) ? "\U0001f600" : "\u0436";
    } else {
      text += RandomText(random, 5);
    }
  }
  return text;
}

TEST(TextStoreMeasureTest, RangesOfManyPagesEqualCountingElements) {
  ForEachSeed(60, [](Random& random) {
    MeasuredStore model;
    for (uint64_t part = random.Between(1, 5); part > 0; --part) {
      model.Append(SomePages(random));
      model.store().CheckInvariants();
      for (int i = 0; i < 60; ++i) {
        const auto begin = static_cast<uint32_t>(random.Below(model.size() + 1));
        const auto end = static_cast<uint32_t>(random.Between(begin, model.size()));
        ASSERT_NO_FATAL_FAILURE(model.CheckMeasure(begin, end));
        ASSERT_NO_FATAL_FAILURE(model.CheckPieces(random, begin, end));
      }
    }
  });
}

// Both ends on either side of the edges of pages, the end of the text among them.
TEST(TextStoreMeasureTest, RangesThatEndAtTheEdgesOfPages) {
  ForEachSeed(10, [](Random& random) {
    MeasuredStore model;
    while (model.size() < 4 * kPage) model.Append(SomePages(random));
    std::vector<uint32_t> places;
    for (uint32_t edge = 0; edge <= model.size(); edge += kPage) {
      for (const uint32_t at : {edge - 1, edge, edge + 1}) {
        if (at <= model.size()) places.push_back(at);  // Not -1.
      }
    }
    places.push_back(model.size());
    for (const uint32_t begin : places) {
      for (const uint32_t end : places) {
        if (end < begin) continue;
        ASSERT_NO_FATAL_FAILURE(model.CheckMeasure(begin, end));
        ASSERT_NO_FATAL_FAILURE(model.CheckPieces(random, begin, end));
      }
    }
  });
}

TEST(TextStoreMeasureTest, EveryUnitOfATextIsFound) {
  ForEachSeed(4, [](Random& random) {
    MeasuredStore model;
    model.Append("\n");
    while (model.size() < 3 * kPage) model.Append(RandomText(random, 100));
    const auto begin = static_cast<uint32_t>(random.Below(kPage));
    for (const TextUnit unit : kUnits) {
      for (uint64_t i = SizeIn(unit, model.Size(begin, model.size())); i > 0; --i) {
        ASSERT_NO_FATAL_FAILURE(model.CheckPiece(begin, model.size(), unit, i - 1));
      }
    }
  });
}

// Typing counts a page when the next one begins, a long text at once.
TEST(TextStoreMeasureTest, TypedTextIsMeasuredLikePastedText) {
  ForEachSeed(10, [](Random& random) {
    MeasuredStore model;
    for (int part = 0; part < 6; ++part) {
      const std::string text = SomePages(random);
      if (random.Chance(50)) {
        model.Append(text);
      } else {
        for (size_t at = 0; at < text.size();) {
          const size_t begin = at++;
          while (at < text.size() && !BeginsCharacter(text[at])) ++at;
          model.Append(std::string_view(text).substr(begin, at - begin));
        }
      }
      model.store().CheckInvariants();
      ASSERT_NO_FATAL_FAILURE(model.CheckMeasure(0, model.size()));
      ASSERT_NO_FATAL_FAILURE(model.CheckPieces(random, 0, model.size()));
    }
  });
}

TEST(TextStoreMeasureTest, TextWithoutAstralCharactersKeepsNoCountsOfThem) {
  TextStore store;
  for (uint32_t i = 0; i < 3 * kPage; ++i) store.Append("\u4e2d", 1);
  EXPECT_TRUE(TextStorePeer::PageAstral(store).empty());
  store.Append("\U0001f600", 1);
  EXPECT_TRUE(TextStorePeer::PageAstral(store).empty());
  for (uint32_t i = 0; i < kPage; ++i) store.Append("a", 1);
  EXPECT_EQ(TextStorePeer::PageAstral(store), (std::vector<uint32_t>{0, 0, 0, 0, 1}));
  store.CheckInvariants();
}

// Corruption. Two pages with a line end and an astral character each, and the beginning of a third.
class TextStoreMeasureDeathTest : public testing::Test {
 protected:
  TextStoreMeasureDeathTest() {
    for (uint32_t page = 0; page < 2; ++page) {
      store_.Append("\n\U0001f600", 2);
      for (uint32_t i = 2; i < kPage; ++i) store_.Append("a", 1);
    }
    store_.Append("a", 1);
    store_.CheckInvariants();
  }

  TextStore store_;
};

TEST_F(TextStoreMeasureDeathTest, CheckerSeesAWrongNumberOfNewlines) {
  ++TextStorePeer::PageNewlines(store_)[1];
  EXPECT_DEATH(store_.CheckInvariants(), "newlines == before.newlines");
}

TEST_F(TextStoreMeasureDeathTest, CheckerSeesAMissingNumberOfNewlines) {
  TextStorePeer::PageNewlines(store_).pop_back();
  EXPECT_DEATH(store_.CheckInvariants(), "page_newlines_.size");
}

TEST_F(TextStoreMeasureDeathTest, CheckerSeesAWrongNumberOfAstralCharacters) {
  --TextStorePeer::PageAstral(store_)[2];
  EXPECT_DEATH(store_.CheckInvariants(), "utf16 == before.utf16");
}

TEST_F(TextStoreMeasureDeathTest, CheckerSeesAMissingNumberOfAstralCharacters) {
  TextStorePeer::PageAstral(store_).pop_back();
  EXPECT_DEATH(store_.CheckInvariants(), "page_astral_.size");
}

TEST_F(TextStoreMeasureDeathTest, CheckerSeesThatAstralCharactersAreNotCounted) {
  TextStorePeer::PageAstral(store_).clear();
  EXPECT_DEATH(store_.CheckInvariants(), "utf16 == before.utf16");
}

TEST_F(TextStoreMeasureDeathTest, CheckerSeesCountsOfAstralCharactersThatAreNotThere) {
  TextStore store;
  store.Append(std::string(size_t{2} * kPage, 'a'), 2 * kPage);
  TextStorePeer::PageAstral(store).resize(2);
  EXPECT_DEATH(store.CheckInvariants(), "page_astral_.back");
}

}  // namespace
}  // namespace cotext
