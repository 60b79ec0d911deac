#include "crdt/text_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/local_index.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {

// Breaks a store behind its back, to prove that CheckInvariants looks.
struct TextStorePeer {
  static auto& Bytes(TextStore& store) { return store.bytes_; }
  static auto& PageBegin(TextStore& store) { return store.page_begin_; }
  static auto& PageIsAscii(TextStore& store) { return store.page_is_ascii_; }
  static auto& Newlines(TextStore& store) { return store.newlines_; }
  static auto& End(TextStore& store) { return store.end_; }
};

namespace {

constexpr uint32_t kPage = TextStore::kPageElements;

// Returns the characters of a text, one string each, found by their first bytes alone.
std::vector<std::string> CharactersOf(std::string_view text) {
  std::vector<std::string> characters;
  for (const char byte : text) {
    if ((static_cast<unsigned char>(byte) & 0xc0U) != 0x80U) characters.emplace_back();
    characters.back() += byte;
  }
  return characters;
}

// The oracle: one string per element.
class TextStoreModel {
 public:
  const TextStore& store() const { return store_; }
  uint32_t size() const { return static_cast<uint32_t>(characters_.size()); }

  void Append(std::string_view text) {
    const std::vector<std::string> added = CharactersOf(text);
    store_.Append(text, static_cast<uint32_t>(added.size()));
    characters_.insert(characters_.end(), added.begin(), added.end());
  }

  void CheckSlice(uint32_t begin, uint32_t count) const {
    std::string text;
    TextMetrics size;
    for (uint32_t i = begin; i < begin + count; ++i) {
      const std::string& character = characters_[i];
      text += character;
      size = size + TextMetrics{.bytes = character.size(),
                                .code_points = 1,
                                .utf16 = character.size() == 4 ? 2U : 1U,
                                .newlines = character == "\n" ? 1U : 0U};
    }
    ASSERT_EQ(store_.Slice(Lv{begin}, count), text) << begin << " +" << count;
    ASSERT_EQ(store_.Measure(Lv{begin}, count), size) << begin << " +" << count;
  }

  void Check() const {
    store_.CheckInvariants();
    ASSERT_EQ(store_.end().value, size());
    CheckSlice(0, size());
    ASSERT_EQ(store_.bytes(), store_.Slice(Lv{0}, size()).size());
    ASSERT_EQ(store_.all_ascii(), store_.bytes() == size());
    ASSERT_GE(store_.AllocatedBytes(), store_.bytes());
  }

 private:
  TextStore store_;
  std::vector<std::string> characters_;
};

std::string RandomAscii(Random& random, uint64_t max_length) {
  std::string text;
  for (uint64_t length = random.Below(max_length + 1); length > 0; --length) {
    text += random.Chance(10) ? '\n' : static_cast<char>('a' + random.Below(26));
  }
  return text;
}

TEST(TextStoreTest, EqualsAListOfCharacters) {
  ForEachSeed(100, [](Random& random) {
    TextStoreModel model;
    // Texts of ASCII alone, of pages with and without other characters, and mixed ones.
    const uint64_t ascii_percent = random.Chance(20) ? 100 : random.Below(100);
    for (int step = 0; step < 40; ++step) {
      const uint64_t longest = random.Chance(20) ? 3 * kPage : 20;
      model.Append(random.Chance(ascii_percent) ? RandomAscii(random, longest)
                                                : RandomText(random, longest));
      ASSERT_NO_FATAL_FAILURE(model.Check());
      for (int i = 0; i < 10; ++i) {
        const auto begin = static_cast<uint32_t>(random.Below(model.size() + 1));
        const auto count = static_cast<uint32_t>(random.Below(model.size() - begin + 1));
        ASSERT_NO_FATAL_FAILURE(model.CheckSlice(begin, random.Chance(50) ? count % 10 : count));
      }
    }
  });
}

// Every slice around the edges of pages, in texts that change their kind there.
TEST(TextStoreTest, EverySliceAroundTheEdgesOfPagesIsRight) {
  for (const std::string_view before : {"a", "\u00e9", "\u4e2d", "\U0001f600"}) {
    for (const std::string_view after : {"b", "\n", "\u00e8", "\U0001f601"}) {
      for (uint32_t change = kPage - 2; change <= kPage + 2; ++change) {
        TextStoreModel model;
        std::string text;
        for (uint32_t i = 0; i < 2 * kPage + 2; ++i) text += i < change ? before : after;
        model.Append(text);
        ASSERT_NO_FATAL_FAILURE(model.Check());
        for (const uint32_t edge : {kPage, 2 * kPage}) {
          for (uint32_t begin = edge - 3; begin <= std::min(edge + 3, model.size()); ++begin) {
            for (uint32_t end = begin; end <= std::min(edge + 3, model.size()); ++end) {
              ASSERT_NO_FATAL_FAILURE(model.CheckSlice(begin, end - begin));
            }
          }
        }
      }
    }
  }
}

// The same text in pieces of any size is the same store.
TEST(TextStoreTest, HowATextIsCutIntoPiecesDoesNotMatter) {
  ForEachSeed(20, [](Random& random) {
    std::string text;
    while (text.size() < size_t{4} * kPage)
      text += RandomText(random, 50) + RandomAscii(random, 300);
    const std::vector<std::string> characters = CharactersOf(text);
    TextStoreModel whole;
    whole.Append(text);
    TextStoreModel pieces;
    for (size_t at = 0; at < characters.size();) {
      std::string piece;
      const size_t longest = random.Chance(30) ? 2 * kPage : 3;
      for (uint64_t i = random.Between(1, longest); i > 0 && at < characters.size(); --i) {
        piece += characters[at++];
      }
      pieces.Append(piece);
    }
    ASSERT_NO_FATAL_FAILURE(whole.Check());
    ASSERT_NO_FATAL_FAILURE(pieces.Check());
    for (uint32_t begin = 0; begin < whole.size(); begin += 13) {
      ASSERT_EQ(whole.store().Slice(Lv{begin}, 1), pieces.store().Slice(Lv{begin}, 1));
    }
  });
}

TEST(TextStoreTest, ANewStoreIsEmpty) {
  const TextStore store;
  store.CheckInvariants();
  EXPECT_EQ(store.end(), Lv{});
  EXPECT_EQ(store.bytes(), 0U);
  EXPECT_TRUE(store.all_ascii());
  EXPECT_EQ(store.Slice(Lv{0}, 0), "");
  EXPECT_EQ(store.Measure(Lv{0}, 0), TextMetrics{});
}

TEST(TextStoreTest, AppendingNothingChangesNothing) {
  TextStore store;
  store.Append("", 0);
  store.Append("\u00e9", 1);
  store.Append("", 0);
  store.CheckInvariants();
  EXPECT_EQ(store.end(), Lv{1});
  EXPECT_EQ(store.Slice(Lv{0}, 1), "\u00e9");
}

// Corruption. A page of two-byte characters, a page of ASCII, and the beginning of a third.
class TextStoreDeathTest : public testing::Test {
 protected:
  TextStoreDeathTest() {
    for (uint32_t i = 0; i < kPage; ++i) store_.Append("\u00e9", 1);
    for (uint32_t i = 0; i < kPage + 1; ++i) store_.Append("a", 1);
    store_.CheckInvariants();
  }

  TextStore store_;
};

TEST_F(TextStoreDeathTest, CheckerSeesAWrongNumberOfElements) {
  TextStorePeer::End(store_) = Lv{2 * kPage};
  EXPECT_DEATH(store_.CheckInvariants(), "CountCodePoints");
}

TEST_F(TextStoreDeathTest, CheckerSeesLostText) {
  TextStorePeer::Bytes(store_).pop_back();
  EXPECT_DEATH(store_.CheckInvariants(), "CountCodePoints");
}

TEST_F(TextStoreDeathTest, CheckerSeesAPageThatBeginsElsewhere) {
  ++TextStorePeer::PageBegin(store_)[2];
  EXPECT_DEATH(store_.CheckInvariants(), "CountCodePoints");
}

TEST_F(TextStoreDeathTest, CheckerSeesAMissingPage) {
  TextStorePeer::PageBegin(store_).pop_back();
  EXPECT_DEATH(store_.CheckInvariants(), "page_begin_.size");
}

TEST_F(TextStoreDeathTest, CheckerSeesAPageOfTheWrongKind) {
  TextStorePeer::PageIsAscii(store_)[0] = 1;
  EXPECT_DEATH(store_.CheckInvariants(), "page_is_ascii_");
}

TEST_F(TextStoreDeathTest, CheckerSeesAPageOfAsciiThatIsNotKnownAsSuch) {
  TextStorePeer::PageIsAscii(store_)[1] = 0;
  EXPECT_DEATH(store_.CheckInvariants(), "page_is_ascii_");
}

TEST_F(TextStoreDeathTest, CheckerSeesANewlineThatIsNone) {
  TextStorePeer::Newlines(store_)[1] = 4;
  EXPECT_DEATH(store_.CheckInvariants(), "CountNewlines");
}

TEST_F(TextStoreDeathTest, CheckerSeesAPageWithoutMarks) {
  TextStorePeer::Newlines(store_).pop_back();
  EXPECT_DEATH(store_.CheckInvariants(), "newlines_.size");
}

}  // namespace
}  // namespace cotext
