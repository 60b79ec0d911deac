#include "document/common_ends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

TEST(CommonEndsTest, CharactersThatShareBytesAreNotCommon) {
  // U+0436 and U+0437 begin with the same byte, U+00E9 and U+0129 end with the same.
  EXPECT_EQ(CommonPrefixBytes("a\u0436", "a\u0437"), 1U);
  EXPECT_EQ(CommonSuffixBytes("\u00e9z", "\u0129z"), 1U);
  // U+4E2D begins with no whole character of U+4E2E; U+1F600 and U+2F600 end alike.
  EXPECT_EQ(CommonPrefixBytes("\u4e2d", "\u4e2e"), 0U);
  EXPECT_EQ(CommonSuffixBytes("\U0001f600", "\U0002f600"), 0U);
}

TEST(CommonEndsTest, OneTextMayContainTheOther) {
  EXPECT_EQ(CommonPrefixBytes("", "a"), 0U);
  EXPECT_EQ(CommonPrefixBytes("\u4e2d", "\u4e2d\u00e9"), 3U);
  EXPECT_EQ(CommonSuffixBytes("\u00e9\u4e2d", "\u4e2d"), 3U);
  EXPECT_EQ(CommonSuffixBytes("\u4e2d", "\u4e2d"), 3U);
}

TEST(CommonEndsTest, AgreeWithCharacterByCharacter) {
  ForEachSeed(20000, [](Random& random) {
    const std::string shared_begin = RandomText(random, 3);
    const std::string shared_end = RandomText(random, 3);
    const std::string left = shared_begin + RandomText(random, 3) + shared_end;
    const std::string right = shared_begin + RandomText(random, 3) + shared_end;
    size_t prefix = 0;
    while (prefix < std::min(left.size(), right.size()) &&
           DecodeCodePoint(left, prefix) == DecodeCodePoint(right, prefix)) {
      prefix += CharacterBytes(left[prefix]);
    }
    EXPECT_EQ(CommonPrefixBytes(left, right), prefix);
    // The longest of all suffixes that begin with a character.
    size_t suffix = 0;
    for (size_t bytes = 1; bytes <= left.size(); ++bytes) {
      const std::string_view end = std::string_view(left).substr(left.size() - bytes);
      if (!IsContinuationByte(end.front()) && right.ends_with(end)) suffix = bytes;
    }
    EXPECT_EQ(CommonSuffixBytes(left, right), suffix);
  });
}

}  // namespace
}  // namespace cotext
