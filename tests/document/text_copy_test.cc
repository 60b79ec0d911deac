#include "document/text_copy.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

TextBuffer BufferOf(std::string_view text) { return *TextBuffer::FromText(text); }

TEST(TextCopyTest, ItGrowsFromTheBeginning) {
  const TextBuffer text = BufferOf("aü€😀z");
  TextCopy copy;
  EXPECT_FALSE(copy.Copy(text, 2));
  EXPECT_EQ(copy.text().Text(), "aü");
  EXPECT_FALSE(copy.Copy(text, 2));
  EXPECT_TRUE(copy.Copy(text, 100));
  EXPECT_EQ(copy.text().Text(), "aü€😀z");
  EXPECT_TRUE(copy.Copy(text, 1));
}

TEST(TextCopyTest, AnEmptyTextIsCopiedAtOnce) {
  TextCopy copy;
  EXPECT_TRUE(copy.Copy(TextBuffer(), 1));
  EXPECT_EQ(copy.text().Text(), "");
}

TEST(TextCopyTest, AnEditChangesWhatIsCopiedAndNoMore) {
  const struct {
    Delta delta;
    std::string copy;
  } cases[] = {
      {Delta().Insert("x"), "xabc"},
      {Delta().Retain(2).Insert("x"), "abxc"},
      // At the end of what is copied: it comes with the next part.
      {Delta().Retain(3).Insert("x"), "abc"},
      {Delta().Retain(5).Insert("x"), "abc"},
      {Delta().Retain(2).Delete(3), "ab"},
      {Delta().Retain(2).DeleteText("cde"), "ab"},
      {Delta().Delete(6), ""},
      {Delta().Retain(1).Insert("x").Delete(2).Insert("y"), "ax"},
  };
  for (const auto& each : cases) {
    TextBuffer text = BufferOf("abcdef");
    TextCopy copy;
    copy.Copy(text, 3);
    ASSERT_TRUE(text.Apply(each.delta).has_value());
    copy.OnEdit(each.delta);
    EXPECT_EQ(copy.text().Text(), each.copy);
    EXPECT_TRUE(copy.Copy(text, 100));
    EXPECT_EQ(copy.text().Text(), text.Text());
  }
}

TEST(TextCopyTest, ItIsTheBeginningOfTheTextWhateverIsEdited) {
  ForEachSeed(1000, [](Random& random) {
    TextBuffer text = BufferOf(RandomText(random, 60));
    TextCopy copy;
    bool is_all = false;
    for (int step = 0; step < 200 && !is_all; ++step) {
      if (random.Below(3) == 0) {
        is_all = copy.Copy(text, random.Below(6));
      } else {
        const Delta delta = RandomDelta(random, text.Text(), DeletedText::kSome);
        ASSERT_TRUE(text.Apply(delta).has_value());
        copy.OnEdit(delta);
      }
      ASSERT_TRUE(text.Text().starts_with(copy.text().Text()));
    }
    while (!copy.Copy(text, 1 + random.Below(9))) continue;
    ASSERT_EQ(copy.text().Text(), text.Text());
  });
}

}  // namespace
}  // namespace cotext
