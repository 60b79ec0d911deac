// ReplaceAll: for whoever only knows what the text is now.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/delta.h"
#include "document/error.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kOther{5};

TEST(ReplaceAllTest, ChangesOnlyWhatDiffersAsOneStep) {
  RgaDocument document(kMe);
  ASSERT_TRUE(document.ReplaceAll("one two three four").has_value());
  const uint64_t counter = document.next_counter();
  std::vector<Delta> heard;
  document.Subscribe([&heard](const DeltaEvent& event) { heard.push_back(event.delta); });
  ASSERT_TRUE(document.ReplaceAll("one 2 three, four").has_value());
  EXPECT_EQ(document.Text(), "one 2 three, four");
  EXPECT_EQ(heard, std::vector{Delta().Retain(4).Insert("2").Delete(3).Retain(6).Insert(",")});
  EXPECT_EQ(document.next_counter(), counter + 5);
  EXPECT_TRUE(*document.Undo());
  EXPECT_EQ(document.Text(), "one two three four");
}

TEST(ReplaceAllTest, TheSameTextIsNoEdit) {
  RgaDocument document(kMe);
  ASSERT_TRUE(document.ReplaceAll("abc").has_value());
  const uint64_t counter = document.next_counter();
  ASSERT_TRUE(document.ReplaceAll("abc").has_value());
  EXPECT_EQ(document.next_counter(), counter);
  EXPECT_EQ(document.undo_manager().step_count(UndoStack::kUndo), 1U);
}

TEST(ReplaceAllTest, WhatOthersWroteMeanwhileStays) {
  RgaDocument mine(kMe);
  ASSERT_TRUE(mine.ReplaceAll("first line\nsecond line\n").has_value());
  RgaDocument other(kOther);
  Pull(other, mine);
  ASSERT_TRUE(other.ReplaceAll("first line\nthe second line\n").has_value());
  ASSERT_TRUE(mine.ReplaceAll("1st line\nsecond line\nthird\n").has_value());
  Pull(mine, other);
  EXPECT_EQ(mine.Text(), "1st line\nthe second line\nthird\n");
}

TEST(ReplaceAllTest, ErrorsChangeNothing) {
  RgaDocument document(kMe);
  ASSERT_TRUE(document.ReplaceAll("abc").has_value());
  EXPECT_EQ(document.ReplaceAll("ab\xff").error().code, ErrorCode::kInvalidUtf8);
  document.Subscribe([&document](const DeltaEvent&) {
    EXPECT_EQ(document.ReplaceAll("x").error().code, ErrorCode::kReentrantEdit);
  });
  ASSERT_TRUE(document.ReplaceAll("abcd").has_value());
  EXPECT_EQ(document.Text(), "abcd");
}

TEST(ReplaceAllTest, MakesAnyTextOfAnyText) {
  ForEachSeed(500, [](Random& random) {
    RgaDocument document(kMe);
    for (int i = 0; i < 5; ++i) {
      const std::string before = document.Text();
      const std::string text = RandomText(random, 30);
      ASSERT_TRUE(document.ReplaceAll(text).has_value());
      ASSERT_EQ(document.Text(), text);
      if (text == before) continue;
      ASSERT_TRUE(*document.Undo());
      ASSERT_EQ(document.Text(), before);
      ASSERT_TRUE(*document.Redo());
      ASSERT_EQ(document.Text(), text);
    }
  });
}

// Two unrelated texts without line ends, and a long one of which every fiftieth line differs.
TEST(ReplaceAllTest, TakesBoundedTimeOnLargeTexts) {
  const auto start = std::chrono::steady_clock::now();
  Random random(1);
  const auto letters = [&random] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += static_cast<char>('a' + random.Below(4));
    return text;
  };
  RgaDocument document(kMe);
  for (int i = 0; i < 2; ++i) {
    const std::string text = letters();
    ASSERT_TRUE(document.ReplaceAll(text).has_value());
    ASSERT_EQ(document.Text(), text);
  }
  std::string lines;
  std::string others;
  for (int i = 0; i < 50'000; ++i) {
    lines += std::to_string(i) + "\n";
    others += std::to_string(i % 50 == 49 ? -i : i) + "\n";
  }
  ASSERT_TRUE(document.ReplaceAll(lines).has_value());
  const uint64_t counter = document.next_counter();
  ASSERT_TRUE(document.ReplaceAll(others).has_value());
  EXPECT_EQ(document.next_counter(), counter + 1000);
  EXPECT_EQ(document.Text(), others);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  EXPECT_LT(passed.count(), 30);
}

}  // namespace
}  // namespace cotext
