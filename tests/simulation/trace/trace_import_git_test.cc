#include "simulation/trace/trace_import_git.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/import_plan.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_writer.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/git_histories.h"

namespace cotext {
namespace {

Expected<ImportedTrace> Import(const GitHistory& history,
                               InvalidBytes invalid_bytes = InvalidBytes::kRefuse) {
  const auto plan = PlanImport(history);
  if (!plan) return std::unexpected(plan.error());
  return ImportTrace(
      history, *plan,
      [&history](uint32_t commit) -> Expected<std::string> { return TextIn(history, commit); },
      invalid_bytes);
}

// Checks that every transaction ends in the text of its commit, and the trace in the last one's.
void ExpectTextsOfCommits(const GitHistory& history) {
  const auto imported = Import(history);
  ASSERT_TRUE(imported) << imported.error().message;
  const Trace& trace = imported->trace;
  const auto plan = PlanImport(history);
  NaiveRga oracle(trace.agent_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    const auto state = oracle.Apply(trace);
    ASSERT_TRUE(state) << state.error().message;
    ASSERT_EQ(oracle.TextOf(*state), TextIn(history, plan->commits[t])) << "transaction " << t;
  }
  const auto last = static_cast<uint32_t>(history.commits.size() - 1);
  EXPECT_EQ(trace.end_content(), TextIn(history, last));
  EXPECT_EQ(oracle.TextOf(oracle.CheckoutAll()), trace.end_content());
  const auto replayed = Replay(trace, {});
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_TRUE(replayed->ok());
  const auto read = ParseTrace(SerializeTrace(trace), "imported");
  EXPECT_TRUE(read) << read.error().message;
}

TEST(TraceImportGitTest, PatchesAreTheDifferenceToTheMergedParents) {
  GitHistory history{.name = "h"};
  AddCommit(history, {}, "ab");
  AddCommit(history, {0}, "aXb");
  AddCommit(history, {0}, "aYb", "Bob <b@x>");
  AddCommit(history, {1, 2}, "aXYb!");
  const auto imported = Import(history);
  ASSERT_TRUE(imported);
  const Trace& trace = imported->trace;
  EXPECT_EQ(trace.kind(), Trace::Kind::kConcurrent);
  EXPECT_EQ(trace.agent_count(), 2U);
  ASSERT_EQ(trace.transaction_count(), 4U);
  EXPECT_EQ(trace.patches(0).ToVector(), (std::vector<TracePatch>{{.inserted = "ab"}}));
  EXPECT_EQ(trace.patches(2).ToVector(),
            (std::vector<TracePatch>{{.position = 1, .inserted = "Y"}}));
  // Under RGA order, the greater agent's insert comes first: the parents merge to aYXb.
  EXPECT_EQ(trace.patches(3).ToVector(),
            (std::vector<TracePatch>{{.position = 1, .deleted = 1},
                                     {.position = 2, .inserted = "Y"},
                                     {.position = 4, .inserted = "!"}}));
  EXPECT_EQ(trace.end_content(), "aXYb!");
}

TEST(TraceImportGitTest, AMergeThatIsWhatTheEngineMakesOfItNeedsNoPatches) {
  GitHistory history;
  AddCommit(history, {}, "-");
  AddCommit(history, {0}, "a-");
  AddCommit(history, {0}, "-b");
  AddCommit(history, {1, 2}, "a-b");
  const auto imported = Import(history);
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->trace.patches(3).size(), 0U);
}

TEST(TraceImportGitTest, HistoriesOfAllShapesKeepTheTextsOfTheirCommits) {
  GitHistory history;
  AddCommit(history, {}, "line\n");
  AddCommit(history, {0}, "line\nof Ann\n");
  AddCommit(history, {0}, "line of Bob\n", "Bob <b@x>");
  AddCommit(history, {1, 2}, "line of both\n");         // Evil.
  AddCommit(history, {2, 1}, "line of Bob\nof Ann\n");  // Criss-cross.
  AddCommit(history, {3, 4}, std::nullopt);             // Deleted,
  AddCommit(history, {5}, "new é\U0001f469\n");         // created again.
  AddCommit(history, {}, "a root of its own", "Cy <c@x>");
  AddCommit(history, {4}, "octo");
  AddCommit(history, {8, 6, 7, 2}, "octopus\n");
  ExpectTextsOfCommits(history);
}

TEST(TraceImportGitTest, RandomHistoriesKeepTheTextsOfTheirCommits) {
  ForEachSeed(300, [](Random& random) { ExpectTextsOfCommits(RandomGitHistory(random)); });
}

TEST(TraceImportGitTest, TextThatIsNotUtf8NamesItsCommit) {
  GitHistory history{.name = "repo:f"};
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "a\u00e9\xe9z");
  const auto imported = Import(history);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kInvalidUtf8);
  EXPECT_EQ(imported.error().message, "repo:f: commit c1: not UTF-8 at byte 3");
}

TEST(TraceImportGitTest, EveryByteOfNoCharacterCanBeReplaced) {
  GitHistory history;
  // Latin-1, a character cut short, an overlong form, a surrogate, and what is right around them.
  AddCommit(history, {}, "\xe9z\u00e9\xe2\x82 \xc0\x80 \xed\xa0\x80 \U0001f469\xf0");
  AddCommit(history, {0}, "z");
  const auto imported = Import(history, InvalidBytes::kReplace);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->replaced, 1U);
  EXPECT_EQ(imported->trace.patches(0).ToVector()[0].inserted,
            "\ufffdz\u00e9\ufffd\ufffd \ufffd\ufffd \ufffd\ufffd\ufffd \U0001f469\ufffd");
  EXPECT_EQ(imported->trace.end_content(), "z");
}

TEST(TraceImportGitTest, ATextThatCannotBeReadStopsIt) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "b");
  const auto plan = PlanImport(history);
  std::vector<uint32_t> asked;
  const auto imported = ImportTrace(
      history, *plan,
      [&](uint32_t commit) -> Expected<std::string> {
        asked.push_back(commit);
        if (commit == 1) return MakeError(ErrorCode::kIo, "lost");
        return "a";
      },
      InvalidBytes::kRefuse);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().message, "lost");
  EXPECT_EQ(asked, (std::vector<uint32_t>{0, 1}));
}

TEST(TraceImportGitTest, TellsItsProgress) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "b");
  std::vector<uint64_t> steps;
  ASSERT_TRUE(ImportTrace(
      history, *PlanImport(history),
      [&](uint32_t commit) -> Expected<std::string> { return TextIn(history, commit); },
      InvalidBytes::kRefuse,
      [&](uint64_t done, uint64_t total) {
        steps.push_back(done);
        EXPECT_EQ(total, 2U);
      }));
  EXPECT_EQ(steps, (std::vector<uint64_t>{1, 2}));
}

}  // namespace
}  // namespace cotext
