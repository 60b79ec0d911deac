// `cotext trace import-git`, the real binary.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "simulation/trace/git_history.h"
#include "tests/support/git_histories.h"
#include "tests/support/git_repository.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;
using ImportGitCommandTest = GitTest;

// Ann and Bob change a file at one time; Ann merges what Bob did, and not as a machine would.
GitHistory TwoPeople() {
  GitHistory history;
  AddCommit(history, {}, "one\ntwo\n");
  AddCommit(history, {0}, "one\n1.5\ntwo\n");
  AddCommit(history, {0}, "one\n1.6\ntwo\n", "Bob <b@x>");
  AddCommit(history, {1, 2}, "one\n1.5, 1.6\ntwo\n");
  return history;
}

TEST_F(ImportGitCommandTest, AFileWithMergesBecomesAConcurrentTrace) {
  const GitRepository repository("people");
  const std::vector<std::string> ids = repository.Add(TwoPeople(), "sub/f");
  const Finished run = RunCotext("trace import-git people sub/f -o f.json.gz --json");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.errors, "");
  const Json report = Json::parse(run.output);
  EXPECT_GT(report["patches"], 4);
  EXPECT_EQ(report, (Json{{"trace", "f.json.gz"},
                          {"transactions", 4},
                          {"patches", report["patches"]},
                          {"commit", ids[3]},
                          {"authors", 2},
                          {"agents", 2},
                          {"final_chars", 17}}));
  EXPECT_EQ(RunCotext("replay f.json.gz --print").output, "one\n1.5, 1.6\ntwo\n");
  const Json info = Json::parse(RunCotext("trace info f.json.gz --json").output);
  EXPECT_EQ(info["kind"], "concurrent");
  EXPECT_EQ(info["concurrency_max"], 1);
  EXPECT_EQ(info["heads"], 1);
}

TEST_F(ImportGitCommandTest, TheSameHistoryGivesTheSameBytes) {
  const GitRepository repository("people");
  repository.Add(TwoPeople(), "f");
  ASSERT_EQ(RunCotext("trace import-git people f -o once.json").exit_code, 0);
  ASSERT_EQ(RunCotext("trace import-git people f -o again.json").exit_code, 0);
  EXPECT_EQ(ReadTestFile("once.json"), ReadTestFile("again.json"));
}

TEST_F(ImportGitCommandTest, ARevisionIsTheEnd) {
  const GitRepository repository("people");
  const std::vector<std::string> ids = repository.Add(TwoPeople(), "f");
  const Finished run = RunCotext("trace import-git people f --rev c2 -o f.json --json");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(Json::parse(run.output)["commit"], ids[2]);
  EXPECT_EQ(RunCotext("replay f.json --print").output, "one\n1.6\ntwo\n");
}

TEST_F(ImportGitCommandTest, AFileThatIsDeletedEndsEmpty) {
  GitHistory history = TwoPeople();
  AddCommit(history, {3}, std::nullopt);
  const GitRepository repository("people");
  repository.Add(history, "f");
  ASSERT_EQ(RunCotext("trace import-git people f -o f.json").exit_code, 0);
  const Finished replayed = RunCotext("replay f.json --json");
  EXPECT_EQ(replayed.exit_code, 0);
  EXPECT_EQ(Json::parse(replayed.output)["final_chars"], 0);
}

TEST_F(ImportGitCommandTest, WhatIsNotUtf8IsRefusedOrReplaced) {
  GitHistory history;
  AddCommit(history, {}, "caf\xe9\n");
  AddCommit(history, {0}, "caf\u00e9\n");
  const GitRepository repository("latin");
  const std::vector<std::string> ids = repository.Add(history, "f");
  const Finished refused = RunCotext("trace import-git latin f -o refused.json");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.errors, "cotext: latin:f: commit " + ids[0] +
                                ": not UTF-8 at byte 3; --lossy replaces what is not\n");
  EXPECT_EQ(ReadTestFile("refused.json"), "");
  const Finished lossy = RunCotext("trace import-git latin f -o lossy.json --lossy --json");
  ASSERT_EQ(lossy.exit_code, 0) << lossy.errors;
  EXPECT_EQ(Json::parse(lossy.output)["replaced_in"], 1);
  EXPECT_NE(ReadTestFile("lossy.json").find("caf\ufffd\\n"), std::string::npos);
}

TEST_F(ImportGitCommandTest, MistakesAreOneLineAndExitCode2) {
  const GitRepository repository("people");
  repository.Add(TwoPeople(), "f");
  const auto error_of = [](const std::string& arguments) {
    const Finished run = RunCotext("trace import-git -o x.json " + arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    return run.errors;
  };
  EXPECT_EQ(error_of("people g"), "cotext: people: no commit up to 'HEAD' has a file 'g'\n");
  EXPECT_EQ(error_of("people f --rev none"), "cotext: people: unknown revision 'none'\n");
  EXPECT_EQ(error_of("people f --rev=--all"), "cotext: people: unknown revision '--all'\n");
  EXPECT_EQ(error_of("none f"),
            "cotext: none: git: cannot change to 'none': No such file or directory\n");
  EXPECT_EQ(error_of("-- --git-dir=people f"),
            "cotext: --git-dir=people: git: cannot change to '--git-dir=people': "
            "No such file or directory\n");
  EXPECT_EQ(error_of("-- people --output=f"),
            "cotext: people: no commit up to 'HEAD' has a file '--output=f'\n");
  EXPECT_NE(error_of("people"), "");
  EXPECT_EQ(ReadTestFile("x.json"), "");
}

}  // namespace
}  // namespace cotext
