#include "ot/ttf_history.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "ot/edit_history.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_edits.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TombstoneText::Options SmallNodes(Random& random) {
  return {.leaf_runs = static_cast<uint32_t>(random.Between(4, 6)),
          .fanout = static_cast<uint32_t>(random.Between(2, 4)),
          .max_run = static_cast<uint32_t>(random.Between(1, 8))};
}

TEST(TtfHistoryTest, EqualsANaiveRgaTransactionByTransaction) {
  ForEachSeed(1500, [](Random& random) {
    const Trace trace = RandomTrace(random);
    TtfHistory history(SmallNodes(random));
    for (uint32_t i = 0; i < trace.transaction_count(); ++i) {
      history.Begin(trace.agent(i) + 1, trace.parents(i));
      for (const TracePatch& patch : trace.patches(i)) {
        const auto applied = history.Apply(
            {.position = patch.position, .deleted = patch.deleted, .inserted = patch.inserted});
        ASSERT_TRUE(applied) << applied.error().message;
      }
      history.CheckInvariants();
    }
    EXPECT_EQ(history.MergedText(), trace.end_content());
  });
}

TEST(TtfHistoryTest, JoinedTransactionsComeToTheSame) {
  ForEachSeed(1500, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const EditHistory edits = EditsOf(trace);
    TtfHistory history(SmallNodes(random));
    for (uint32_t i = 0; i < edits.change_count(); ++i) {
      history.Begin(edits.author(i), edits.parents(i));
      EXPECT_TRUE(edits.ForEachEdit(
          i, [&](const TextEdit& edit) { return history.Apply(edit).has_value(); }));
    }
    EXPECT_EQ(history.MergedText(), trace.end_content());
  });
}

// The counterexample to TP2 for plain operations: over the delete first, both inserts fall into one
// gap, and who stands where depends on the order in which they come.
TEST(TtfHistoryTest, TheTp2PuzzleHasOneResultInEveryOrder) {
  std::vector<std::string> texts;
  for (const std::vector<int>& order : std::vector<std::vector<int>>{
           {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    TtfHistory history;
    history.Begin(1, {});
    ASSERT_TRUE(history.Apply({.inserted = "a"}));
    for (const int edit : order) {
      history.Begin(static_cast<uint32_t>(2 + edit), std::vector<uint32_t>{0});
      if (edit == 0) ASSERT_TRUE(history.Apply({.position = 1, .inserted = "O"}));
      if (edit == 1) ASSERT_TRUE(history.Apply({.position = 0, .inserted = "P"}));
      if (edit == 2) ASSERT_TRUE(history.Apply({.position = 0, .deleted = 1}));
    }
    texts.push_back(history.MergedText());
  }
  EXPECT_EQ(texts, std::vector<std::string>(6, "PO"));
}

// What is typed on is one run in the model, of which others may know a part.
TEST(TtfHistoryTest, AnInsertInsideARunPassesWhatOfItIsGreater) {
  for (const auto& [author, text] : {std::pair(2U, "abx!"), std::pair(9U, "axb!")}) {
    TtfHistory history;
    history.Begin(5, {});
    ASSERT_TRUE(history.Apply({.position = 0, .inserted = "!"}));
    ASSERT_TRUE(history.Apply({.position = 0, .inserted = "a"}));
    history.Begin(5, std::vector<uint32_t>{0});
    ASSERT_TRUE(history.Apply({.position = 1, .inserted = "b"}));
    history.Begin(author, std::vector<uint32_t>{0});
    ASSERT_TRUE(history.Apply({.position = 1, .inserted = "x"}));
    EXPECT_EQ(history.MergedText(), text);
  }
}

TEST(TtfHistoryTest, AnEditPastTheTextOfItsParentsIsRefused) {
  TtfHistory history;
  history.Begin(1, {});
  ASSERT_TRUE(history.Apply({.inserted = "abc"}));
  history.Begin(2, {});
  const auto refused = history.Apply({.position = 1, .inserted = "x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfRange);
  EXPECT_FALSE(history.Apply({.position = 0, .deleted = 1}));
  EXPECT_FALSE(history.Apply({.position = 0, .deleted = UINT64_MAX}));
  EXPECT_EQ(history.MergedText(), "abc");
}

TEST(TtfHistoryTest, MergingIsTheUnionOfWhatHeadsShow) {
  TtfHistory history;
  history.Begin(1, {});
  ASSERT_TRUE(history.Apply({.inserted = "one two"}));
  history.Begin(2, std::vector<uint32_t>{0});
  ASSERT_TRUE(history.Apply({.position = 0, .deleted = 4}));
  history.Begin(3, std::vector<uint32_t>{0});
  ASSERT_TRUE(history.Apply({.position = 3, .deleted = 4, .inserted = "!"}));
  EXPECT_EQ(history.MergedText(), "!");
  history.Begin(1, std::vector<uint32_t>{1, 2});
  ASSERT_TRUE(history.Apply({.position = 1, .inserted = "?"}));
  EXPECT_EQ(history.MergedText(), "!?");
}

}  // namespace
}  // namespace cotext
