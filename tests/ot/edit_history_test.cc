#include "ot/edit_history.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "document/error.h"
#include "ot/edit_history_codec.h"
#include "simulation/trace/trace_edits.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::vector<TextEdit> EditsOfChange(const EditHistory& history, size_t change) {
  std::vector<TextEdit> edits;
  history.ForEachEdit(change, [&edits](const TextEdit& edit) {
    edits.push_back(edit);
    return true;
  });
  return edits;
}

EditHistory OneChange(const std::vector<TextEdit>& edits) {
  EditHistory history;
  history.AddChange(1, {});
  for (const TextEdit& edit : edits) history.AddEdit(edit);
  return history;
}

TEST(EditHistoryTest, TypingAndErasingAreOneEditEach) {
  const EditHistory history = OneChange({{.position = 5, .inserted = "a"},
                                         {.position = 6, .inserted = "\u00e9"},
                                         {.position = 7, .inserted = "c"},
                                         {.position = 7, .deleted = 1},
                                         {.position = 6, .deleted = 1},
                                         {.position = 6, .deleted = 2}});
  EXPECT_EQ(EditsOfChange(history, 0),
            (std::vector<TextEdit>{{.position = 5, .inserted = "a\u00e9c"},
                                   {.position = 6, .deleted = 4}}));
}

TEST(EditHistoryTest, WhatDoesNotGoOnIsAnEditOfItsOwn) {
  const std::vector<TextEdit> edits = {{.position = 5, .inserted = "ab"},
                                       {.position = 6, .inserted = "c"},
                                       {.position = 7, .deleted = 1, .inserted = "d"},
                                       {.position = 8, .deleted = 1, .inserted = "e"},
                                       {.position = 8, .deleted = 1},
                                       {.position = 5, .deleted = 1}};
  EXPECT_EQ(EditsOfChange(OneChange(edits), 0), edits);
}

TEST(EditHistoryTest, ANewChangeBeginsANewEdit) {
  EditHistory history = OneChange({{.position = 0, .inserted = "a"}});
  history.AddChange(1, std::vector<uint32_t>{0});
  history.AddEdit({.position = 1, .inserted = "b"});
  EXPECT_EQ(history.edit_count(), 2U);
  EXPECT_EQ(history.Heads(), (std::vector<uint32_t>{1}));
}

TEST(EditHistoryTest, AnEditOfNothingIsLeftOut) {
  EXPECT_EQ(OneChange({{.position = 3}}).edit_count(), 0U);
}

TEST(EditHistoryCodecTest, RandomHistoriesComeBackEqual) {
  ForEachSeed(500, [](Random& random) {
    const EditHistory history = EditsOf(RandomTrace(random));
    const auto decoded = DecodeEdits(EncodeEdits(history));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, history);
  });
}

TEST(EditHistoryCodecTest, TheBytesAreThose) {
  EditHistory history =
      OneChange({{.position = 0, .inserted = "ab"}, {.position = 0, .deleted = 1}});
  history.AddChange(7, std::vector<uint32_t>{0});
  history.AddEdit({.position = 1, .deleted = 3, .inserted = "x"});
  const EditColumns columns = EncodeEdits(history);
  EXPECT_EQ(columns.changes, std::string("\x02\x01\x06\x02\x00\x02\x00\x01\x01\x01\x01", 11));
  EXPECT_EQ(columns.lengths, std::string("\x04\x01\x0a\x00", 4));
  EXPECT_EQ(columns.positions, std::string("\x00\x03\x02", 3));
  EXPECT_EQ(columns.text, "abx");
}

// Whatever is changed about the bytes is refused or is another history, in normal form.
TEST(EditHistoryCodecTest, DamagedBytesAreRefusedOrAnotherHistory) {
  uint64_t refused = 0;
  ForEachSeed(3000, [&](Random& random) {
    EditColumns columns = EncodeEdits(EditsOf(RandomTrace(random)));
    std::string* const all[] = {&columns.changes, &columns.lengths, &columns.positions,
                                &columns.text};
    std::string& column = *all[random.Below(4)];
    switch (random.Below(3)) {
      case 0: column.resize(static_cast<size_t>(random.Below(column.size() + 1))); break;
      case 1: column.push_back(static_cast<char>(random.Below(256))); break;
      default:
        if (column.empty()) break;
        column[static_cast<size_t>(random.Below(column.size()))] ^=
            static_cast<char>(1U << random.Below(8));
    }
    const auto decoded = DecodeEdits(columns);
    if (!decoded) {
      ++refused;
      EXPECT_EQ(decoded.error().code, ErrorCode::kMalformedUpdate);
      return;
    }
    const EditColumns again = EncodeEdits(*decoded);
    EXPECT_EQ(DecodeEdits(again), *decoded);
  });
  EXPECT_GT(refused, 1000U);
}

TEST(EditHistoryCodecTest, CountsThatTheBytesCannotHoldAreRefused) {
  for (const std::string& changes :
       {std::string("\xff\xff\xff\xff\x0f"), std::string("\x00\xff\xff\xff\xff\x0f", 6)}) {
    EXPECT_FALSE(DecodeEdits({.changes = changes, .lengths = {}, .positions = {}, .text = {}}));
  }
  EXPECT_FALSE(DecodeEdits({.changes = std::string("\x01\x01\x01\x00\x01\x00", 6),
                            .lengths = "\xfc\xff\xff\xff\xff\xff\xff\xff\x0f",
                            .positions = std::string("\x00", 1),
                            .text = "a"}));
}

}  // namespace
}  // namespace cotext
