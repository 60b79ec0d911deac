#include "ot/jupiter.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "ot/edit_history.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_edits.h"
#include "simulation/trace/trace_generator.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Outcome = Jupiter::Outcome;

// Up to four people, few places: ties, edits beside deletes, and partial merges are frequent.
Trace HubTrace(Random& random) {
  const auto below = [&random](uint64_t bound) {
    return static_cast<uint32_t>(random.Below(bound));
  };
  const auto trace = Generate({.seed = random.Next(),
                               .agents = 1 + below(4),
                               .transactions = below(25),
                               .patches_max = 1 + below(3),
                               .insert_max = 1 + below(4),
                               .same_place_percent = below(101),
                               .delete_percent = below(60),
                               .unicode_percent = below(101),
                               .merge_percent = below(101)});
  EXPECT_TRUE(trace.has_value());
  return *trace;
}

TEST(JupiterTest, WhateverItCanReplayEndsAsANaiveRgaHasIt) {
  std::array<uint64_t, 4> outcomes{};
  ForEachSeed(10'000, [&outcomes](Random& random) {
    const Trace trace = HubTrace(random);
    Jupiter jupiter;
    const auto outcome = jupiter.Replay(EditsOf(trace));
    ASSERT_TRUE(outcome) << outcome.error().message;
    ++outcomes[static_cast<size_t>(*outcome)];
    if (*outcome == Outcome::kDone) EXPECT_EQ(jupiter.text().Text(), trace.end_content());
  });
  // Most are hubs; of those few need the tombstones.
  EXPECT_GT(outcomes[static_cast<size_t>(Outcome::kDone)], 6'000U);
  EXPECT_GT(outcomes[static_cast<size_t>(Outcome::kNotHub)], 1'000U);
  EXPECT_GT(outcomes[static_cast<size_t>(Outcome::kTie)], 100U);
}

// Builds histories of few changes.
class History {
 public:
  History& Change(uint32_t author, const std::vector<uint32_t>& parents,
                  const std::vector<TextEdit>& edits) {
    history_.AddChange(author, parents);
    for (const TextEdit& edit : edits) history_.AddEdit(edit);
    return *this;
  }

  Outcome ReplayTo(std::string& text) const {
    Jupiter jupiter;
    const auto outcome = jupiter.Replay(history_);
    EXPECT_TRUE(outcome.has_value());
    text = jupiter.text().Text();
    return outcome.value_or(Outcome::kNotHub);
  }

 private:
  EditHistory history_;
};

TEST(JupiterTest, OfTwoInsertsInOneGapTheGreaterIdComesFirst) {
  std::string text;
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "ab"}})
                .Change(2, {0}, {{.position = 1, .inserted = "x"}})
                .Change(3, {0}, {{.position = 1, .inserted = "y"}})
                .ReplayTo(text),
            Outcome::kDone);
  EXPECT_EQ(text, "ayxb");
}

TEST(JupiterTest, AnInsertWhoseOriginIsGoneComesAfterOneThatStillHasIt) {
  // Author 2 inserts behind "b". Author 3, who does not know, deletes that and inserts behind "a".
  std::string text;
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "abc"}})
                .Change(2, {0}, {{.position = 2, .inserted = "a long text with great ids"}})
                .Change(3, {0}, {{.position = 1, .deleted = 1}, {.position = 1, .inserted = "y"}})
                .ReplayTo(text),
            Outcome::kDone);
  EXPECT_EQ(text, "aya long text with great idsc");
}

TEST(JupiterTest, WhereBothOriginsAreGoneOnlyTombstonesWouldTell) {
  std::string text;
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "abcd"}})
                .Change(2, {0}, {{.position = 2, .inserted = "x"}})
                .Change(3, {0}, {{.position = 3, .inserted = "y"}})
                .Change(4, {0}, {{.position = 1, .deleted = 2}})
                .ReplayTo(text),
            Outcome::kDone)
      << "they met before that was deleted";
  EXPECT_EQ(text, "axyd");
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "abcd"}})
                .Change(4, {0}, {{.position = 1, .deleted = 2}})
                .Change(2, {0}, {{.position = 2, .inserted = "x"}})
                .Change(3, {0}, {{.position = 3, .inserted = "y"}})
                .ReplayTo(text),
            Outcome::kTie);
}

TEST(JupiterTest, BranchesThatMergeWithEachOtherHaveNoHub) {
  // Author 3 knows author 2's second change, but not what author 1 did before.
  std::string text;
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "a"}})
                .Change(1, {0}, {{.position = 1, .inserted = "b"}})
                .Change(2, {0}, {{.position = 0, .inserted = "c"}})
                .Change(3, {2}, {{.position = 0, .inserted = "d"}})
                .ReplayTo(text),
            Outcome::kNotHub);
}

TEST(JupiterTest, SeeingAPartOfTheServersOrderIsEnough) {
  std::string text;
  EXPECT_EQ(History()
                .Change(1, {}, {{.inserted = "a"}})
                .Change(1, {0}, {{.position = 1, .inserted = "b"}})
                .Change(1, {1}, {{.position = 2, .inserted = "c"}})
                .Change(2, {1}, {{.position = 2, .inserted = "!"}})
                .Change(2, {2, 3}, {{.position = 4, .inserted = "?"}})
                .ReplayTo(text),
            Outcome::kDone);
  EXPECT_EQ(text, "ab!c?");
}

// Two who each write a thousand characters without hearing of each other.
TEST(JupiterTest, LongBranchesNeedAnotherControl) {
  for (const auto& [edits, expected] :
       {std::pair(50U, Outcome::kDone), std::pair(1'000U, Outcome::kTooFar)}) {
    EditHistory history;
    history.AddChange(1, {});
    history.AddEdit({.inserted = std::string(5'000, '.')});
    for (const uint32_t author : {1U, 2U}) {
      history.AddChange(author, std::vector<uint32_t>{0});
      for (uint64_t i = 0; i < edits; ++i) {
        history.AddEdit({.position = i * 3 + author, .inserted = "x"});
      }
    }
    Jupiter jupiter;
    EXPECT_EQ(jupiter.Replay(history), expected);
  }
}

TEST(JupiterTest, TooManyAuthorsNeedAnotherControl) {
  History history;
  for (uint32_t author = 0; author <= Jupiter::kMaxAuthors; ++author) {
    history.Change(author, {}, {{.inserted = "a"}});
  }
  std::string text;
  EXPECT_EQ(history.ReplayTo(text), Outcome::kNotHub);
}

TEST(JupiterTest, AnEditPastItsAuthorsTextIsRefused) {
  for (const bool alone : {true, false}) {
    EditHistory history;
    if (!alone) {
      history.AddChange(2, {});
      history.AddEdit({.inserted = "what author 1 does not know"});
    }
    history.AddChange(1, {});
    history.AddEdit({.inserted = "a"});
    history.AddEdit({.position = 2, .inserted = "b"});
    Jupiter jupiter;
    const auto outcome = jupiter.Replay(history);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kOutOfRange);
  }
}

}  // namespace
}  // namespace cotext
