#include "document/text_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

// Returns the difference after checking what every difference promises.
Delta Diff(std::string_view before, std::string_view after) {
  const Delta delta = DiffTexts(before, after);
  delta.CheckInvariants();
  EXPECT_EQ(Apply(delta, before), after);
  Kind last = Kind::kRetain;
  for (const Component& component : delta) {
    EXPECT_FALSE(last == Kind::kDelete && component.kind == Kind::kInsert);
    EXPECT_EQ(component.has_text(), component.kind != Kind::kRetain);
    last = component.kind;
  }
  return delta;
}

// Returns how many code points the delta inserts and deletes.
uint64_t Edits(const Delta& delta) {
  uint64_t edits = 0;
  for (const Component& component : delta) {
    if (component.kind != Kind::kRetain) edits += component.count;
  }
  return edits;
}

// Returns the least number of inserts and deletes, from the whole table.
uint64_t LeastEdits(std::string_view before, std::string_view after) {
  std::vector<uint64_t> above;
  for (uint64_t i = 0; i <= CountCodePoints(after); ++i) above.push_back(i);
  for (size_t i = 0; i < before.size(); i += CharacterBytes(before[i])) {
    std::vector<uint64_t> row = {above[0] + 1};
    size_t column = 1;
    for (size_t j = 0; j < after.size(); j += CharacterBytes(after[j]), ++column) {
      const bool equal = DecodeCodePoint(before, i) == DecodeCodePoint(after, j);
      row.push_back(equal ? above[column - 1] : 1 + std::min(above[column], row[column - 1]));
    }
    above = row;
  }
  return above.back();
}

TEST(TextDiffTest, EqualTextsDoNotDiffer) {
  EXPECT_EQ(Diff("", ""), Delta());
  EXPECT_EQ(Diff("a\u4e2d", "a\u4e2d"), Delta());
}

TEST(TextDiffTest, OneEmptyTextIsInsertedOrDeletedWhole) {
  EXPECT_EQ(Diff("", "\u00e9b"), Delta().Insert("\u00e9b"));
  EXPECT_EQ(Diff("\u00e9b", ""), Delta().DeleteText("\u00e9b"));
}

TEST(TextDiffTest, ReplacementIsInsertThenDelete) {
  EXPECT_EQ(Diff("abc", "axc"), Delta().Retain(1).Insert("x").DeleteText("b"));
}

TEST(TextDiffTest, CharactersAreNeverSplit) {
  EXPECT_EQ(Diff("\u0436", "\u0437"), Delta().Insert("\u0437").DeleteText("\u0436"));
  EXPECT_EQ(Diff("\u00e9", "\u0129"), Delta().Insert("\u0129").DeleteText("\u00e9"));
}

TEST(TextDiffTest, FarEditsStaySeparate) {
  const std::string middle(5000, '.');
  EXPECT_EQ(Diff("ab" + middle + "c", "b" + middle + "dc"),
            Delta().DeleteText("a").Retain(5001).Insert("d"));
}

TEST(TextDiffTest, SmallTextsDifferMinimally) {
  ForEachSeed(10000, [](Random& random) {
    const std::string before = RandomText(random, kDiffStepsPerByte / 4);
    std::string after = RandomText(random, kDiffStepsPerByte / 4);
    if (random.Chance(50)) {
      after = Apply(RandomDelta(random, before, DeletedText::kNone), before).value();
      after.resize(ByteOfCodePoint(
          after, std::min<uint64_t>(CountCodePoints(after), kDiffStepsPerByte / 4)));
    }
    EXPECT_EQ(Edits(Diff(before, after)), LeastEdits(before, after))
        << testing::PrintToString(before) << " " << testing::PrintToString(after);
  });
}

TEST(TextDiffTest, EveryPairOfTinyTextsDiffersMinimally) {
  std::vector<std::string> texts = {""};
  for (size_t i = 0; texts[i].size() < 6; ++i) {
    texts.push_back(texts[i] + "a");
    texts.push_back(texts[i] + "b");
  }
  for (const std::string& before : texts) {
    for (const std::string& after : texts) {
      EXPECT_EQ(Edits(Diff(before, after)), LeastEdits(before, after)) << before << " " << after;
    }
  }
}

TEST(TextDiffTest, EditsOfALongTextAreFound) {
  ForEachSeed(20, [](Random& random) {
    std::string before;
    while (before.size() < 100000) before += RandomText(random, 100) + "\n";
    std::string after = before;
    for (int i = 0; i < 20; ++i) {
      const uint64_t at = random.Below(CountCodePoints(after) - 10);
      after = Apply(Delta().Retain(at).Insert(RandomText(random, 40)).Delete(10), after).value();
    }
    // At most 40 + 10 in each of the 20 places.
    EXPECT_LE(Edits(Diff(before, after)), 20U * 50U);
  });
}

// Returns lines of random letters, the first four from `first_letter` on.
std::string Lines(Random& random, size_t count, char first_letter) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    for (int letter = 0; letter < 40; ++letter) {
      text += static_cast<char>(first_letter + static_cast<int>(random.Below(4)));
    }
    text += '\n';
  }
  return text;
}

TEST(TextDiffTest, TextBetweenTwoLargeChangesIsKept) {
  Random random(SeedFromEnvironment(1));
  const std::string old_top = Lines(random, 2000, 'a') + "<";
  const std::string new_top = Lines(random, 2000, 'e') + ">";
  const std::string same = "\n" + Lines(random, 1000, 'i');
  const std::string bottom = Lines(random, 2000, 'm');
  const Delta delta = Diff(old_top + same + "$", new_top + same + bottom);
  const Delta expected = Delta()
                             .Insert(new_top)
                             .DeleteText(old_top)
                             .Retain(same.size())
                             .Insert(bottom)
                             .DeleteText("$");
  EXPECT_TRUE(delta == expected);  // Too long to print.
}

TEST(TextDiffTest, ChangedLinesOfALongTextAreComparedByCharacters) {
  Random random(SeedFromEnvironment(1));
  const std::string first = Lines(random, 100, 'a');
  const std::string last = Lines(random, 100, 'a');
  EXPECT_EQ(
      Diff("#" + first + "The \u00e9nd.\n" + last + "#", "!" + first + "The end.\n" + last + "!"),
      Delta()
          .Insert("!")
          .DeleteText("#")
          .Retain(first.size() + 4)
          .Insert("e")
          .DeleteText("\u00e9")
          .Retain(4 + last.size())
          .Insert("!")
          .DeleteText("#"));
}

TEST(TextDiffTest, LongTextsMayHaveNoLines) {
  Random random(SeedFromEnvironment(1));
  std::string same = Lines(random, 200, 'a');
  std::ranges::replace(same, '\n', ' ');
  EXPECT_EQ(Diff("a" + same + "b", "x" + same + "y"),
            Delta().Insert("x").DeleteText("a").Retain(same.size()).Insert("y").DeleteText("b"));
}

TEST(TextDiffTest, UnrelatedLongTextsAreReplacedAsAWhole) {
  Random random(SeedFromEnvironment(1));
  const std::string before = "<" + Lines(random, 1000, 'a') + ">";
  const std::string after = "(" + Lines(random, 1000, 'a') + ")";
  EXPECT_TRUE(Diff(before, after) == Delta().Insert(after).DeleteText(before));
}

TEST(TextDiffTest, ALongTextEditedAllOverKeepsWhatIsCommon) {
  Random random(1);
  std::string before;
  for (size_t i = 0; i < 100'000; ++i) before += static_cast<char>('a' + random.Below(20));
  std::string after;
  uint64_t edits = 0;
  for (const char character : before) {
    const bool edited = random.Below(10) == 0;
    edits += edited ? 1 : 0;
    after += edited ? '.' : character;
  }
  EXPECT_LE(Edits(Diff(before, after)), 3 * edits);
}

TEST(TextDiffTest, WithFewStepsLessOfAStrangeTextIsKeptButItIsStillADifference) {
  constexpr size_t kLetters = 200'000;
  std::string before;
  for (size_t i = 0; i < kLetters; ++i) before += static_cast<char>('a' + i * i % 26);
  std::string after = before;
  for (size_t i = 0; i < kLetters; i += 7) after[i] = '-';
  const Delta full = DiffTexts(before, after);
  const Delta few = DiffTexts(before, after, 1'000);
  EXPECT_EQ(Apply(few, before), after);
  EXPECT_LT(Edits(full), Edits(few));
  // What is common at both ends is set aside first, whatever that costs.
  after = before;
  after[kLetters / 2] = '-';
  EXPECT_EQ(Edits(DiffTexts(before, after, 0)), 2U);
}

}  // namespace
}  // namespace cotext
