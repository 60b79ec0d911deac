#include "simulation/trace/git_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/import_plan.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/git_histories.h"
#include "tests/support/git_repository.h"

namespace cotext {
namespace {

using GitReaderTest = GitTest;

// Returns the texts that a history's transactions have, read out of the repository.
std::vector<std::string> ReadTexts(const std::string& repository, const GitHistory& history) {
  const auto plan = PlanImport(history);
  auto texts = GitTexts::Open(repository, history, plan->commits);
  if (!texts) {
    ADD_FAILURE() << texts.error().message;
    return {};
  }
  std::vector<std::string> all;
  for (const uint32_t commit : plan->commits) {
    const auto text = texts->Read(commit);
    if (!text) ADD_FAILURE() << text.error().message;
    all.push_back(text.value_or(""));
  }
  return all;
}

std::vector<std::string> ReadTexts(const GitFile& file) {
  const auto history = ReadGitHistory(file);
  if (history) return ReadTexts(file.repository, *history);
  ADD_FAILURE() << history.error().message;
  return {};
}

std::string ErrorOf(const GitFile& file) {
  const auto history = ReadGitHistory(file);
  if (history) return "none";
  EXPECT_EQ(history.error().code, ErrorCode::kIo);
  return history.error().message;
}

using Texts = std::vector<std::string>;

TEST_F(GitReaderTest, AHistoryHasCommitsWithAuthorsAndTexts) {
  const GitRepository repository("simple");
  repository.Commit("f", "one");
  repository.Commit("g", "of no interest");
  setenv("GIT_AUTHOR_NAME", "B\xc3\xb6rk", 1);
  repository.Commit("f", "two\n");
  const auto history = ReadGitHistory({.repository = repository.path(), .path = "f"});
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_EQ(history->name, repository.path() + ":f");
  EXPECT_EQ(history->last + "\n", repository.Git("rev-parse HEAD"));
  EXPECT_EQ(history->authors, (Texts{"Ann <a@x>", "B\xc3\xb6rk <a@x>"}));
  ASSERT_EQ(history->commits.size(), 2U);
  EXPECT_EQ(history->commits[0].id + "\n", repository.Git("rev-parse HEAD~2"));
  EXPECT_EQ(history->commits[1].id, history->last);
  EXPECT_EQ(history->commits[1].parents, std::vector<uint32_t>{0});
  EXPECT_EQ(history->commits[1].author, 1U);
  EXPECT_EQ(ReadTexts(repository.path(), *history), (Texts{"one", "two\n"}));
}

// What a plan says, whatever the order of its commits: each one's text, author and parents, by id.
struct Fact {
  std::string text;
  std::string author;
  std::set<std::string> parents;
  friend bool operator==(const Fact&, const Fact&) = default;
};
using Facts = std::map<std::string, Fact>;

Facts FactsOf(const GitHistory& history, const std::vector<std::string>& ids,
              const std::vector<std::string>& texts) {
  const auto plan = PlanImport(history);
  Facts facts;
  for (size_t t = 0; t < plan->commits.size(); ++t) {
    const uint32_t commit = plan->commits[t];
    Fact& fact = facts[ids[commit]];
    fact.text = texts[t];
    fact.author = history.authors[history.commits[commit].author];
    for (const uint32_t parent : plan->graph.parents(t)) {
      fact.parents.insert(ids[plan->commits[parent]]);
    }
  }
  return facts;
}

TEST_F(GitReaderTest, RandomHistoriesComeBackAsTheyWere) {
  ForEachSeed(20, [](Random& random) {
    const GitHistory history = RandomGitHistory(random);
    if (history.blobs.empty()) return;
    const GitRepository repository("random");
    const std::vector<std::string> ids = repository.Add(history, "a file");
    Texts texts;
    for (const uint32_t commit : PlanImport(history)->commits) {
      texts.push_back(TextIn(history, commit));
    }
    const auto read = ReadGitHistory({.repository = repository.path(), .path = "a file"});
    ASSERT_TRUE(read) << read.error().message;
    Texts read_ids;
    for (const GitCommit& commit : read->commits) read_ids.push_back(commit.id);
    ASSERT_TRUE(FactsOf(history, ids, texts) ==
                FactsOf(*read, read_ids, ReadTexts(repository.path(), *read)));
  });
}

TEST_F(GitReaderTest, AFileThatIsMovedAwayOrBecomesAFolderIsGone) {
  const GitRepository repository("gone");
  repository.Commit("f", "one");
  repository.Git("mv f g");
  repository.Commit("g", "one");
  repository.Commit("f/inside", "not f");
  repository.Commit("f/inside", "not f either");
  repository.Git("rm -r --quiet f");
  repository.Commit("f", "two");
  repository.Git("update-index --chmod=+x f");
  repository.Git("commit --quiet --message=mode");
  EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = "f"}), (Texts{"one", "", "two"}));
  EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = "g"}), (Texts{"one"}));
}

TEST_F(GitReaderTest, TheTextOfASymbolicLinkIsItsTarget) {
  const GitRepository repository("link");
  repository.Commit("f", "text");
  std::filesystem::remove(repository.path() + "/f");
  std::filesystem::create_symlink("target", repository.path() + "/f");
  repository.Commit("g", "");
  EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = "f"}), (Texts{"text", "target"}));
}

TEST_F(GitReaderTest, PathsBeginAtTheFolderThatIsNamed) {
  const GitRepository repository("folders");
  repository.Commit("f", "top");
  repository.Commit("sub/f", "below");
  const std::string sub = repository.path() + "/sub";
  EXPECT_EQ(ReadTexts({.repository = sub, .path = "f"}), (Texts{"below"}));
  EXPECT_EQ(ReadTexts({.repository = sub, .path = "../f"}), (Texts{"top"}));
  EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = ".//sub/./f"}), (Texts{"below"}));
  repository.Git("clone --quiet --bare . bare.git");
  EXPECT_EQ(ReadTexts({.repository = repository.path() + "/bare.git", .path = "sub/f"}),
            (Texts{"below"}));
}

TEST_F(GitReaderTest, OnlyThePastOfTheRevisionCounts) {
  const GitRepository repository("revisions");
  repository.Commit("f", "one");
  repository.Commit("f", "two");
  repository.Git("tag -a -m tag v2");
  repository.Commit("f", "three");
  const auto texts_at = [&](const std::string& revision) {
    return ReadTexts({.repository = repository.path(), .path = "f", .revision = revision});
  };
  EXPECT_EQ(texts_at("v2"), (Texts{"one", "two"}));
  EXPECT_EQ(texts_at("HEAD~2"), (Texts{"one"}));
  EXPECT_EQ(texts_at("main"), (Texts{"one", "two", "three"}));
}

TEST_F(GitReaderTest, NamesThatLookLikeOptionsOrPatternsAreNames) {
  const GitRepository repository("names");
  for (const char* const name : {"-x", "*", ":(glob)f", "--all", "a\tb\"\\", "\xe9"}) {
    repository.Commit(name, name);
    EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = name}), (Texts{name}));
  }
  const std::string unknown = repository.path() + ": unknown revision ";
  const auto error_at = [&](const std::string& revision) {
    return ErrorOf({.repository = repository.path(), .path = "-x", .revision = revision});
  };
  for (const char* const name :
       {"--all", "-1", "", "HEAD HEAD", "HEAD..HEAD", "HEAD:-x", "^HEAD"}) {
    EXPECT_EQ(error_at(name), unknown + "'" + name + "'");
  }
}

TEST_F(GitReaderTest, WhatIsNotThereIsAnError) {
  const GitRepository repository("errors");
  const std::string& path = repository.path();
  EXPECT_EQ(ErrorOf({.repository = path, .path = "f"}), path + ": unknown revision 'HEAD'");
  repository.Commit("sub/f", "text");
  EXPECT_EQ(ErrorOf({.repository = path, .path = "g"}),
            path + ": no commit up to 'HEAD' has a file 'g'");
  EXPECT_EQ(ErrorOf({.repository = path, .path = "sub"}),
            path + ": no commit up to 'HEAD' has a file 'sub'");
  for (const char* const none : {"", ".", "..", "../f", "sub/", "sub/..", "/f"}) {
    std::string expected = path;
    expected.append(": '").append(none).append("' is no path of a file in the repository");
    EXPECT_EQ(ErrorOf({.repository = path, .path = none}), expected);
  }
  EXPECT_EQ(ErrorOf({.repository = path + "/none", .path = "f"}),
            path + "/none: git: cannot change to '" + path + "/none': No such file or directory");
  EXPECT_EQ(ErrorOf({.repository = "-x", .path = "f"}),
            "-x: git: cannot change to '-x': No such file or directory");
}

TEST_F(GitReaderTest, AFolderThatIsNoRepositoryIsAnError) {
  const GitRepository repository("outside");
  std::filesystem::remove_all(repository.path() + "/.git");
  const std::string above = std::filesystem::path(repository.path()).parent_path();
  setenv("GIT_CEILING_DIRECTORIES", above.c_str(), 1);
  const std::string error = ErrorOf({.repository = repository.path(), .path = "f"});
  unsetenv("GIT_CEILING_DIRECTORIES");
  EXPECT_NE(error.find(": git: not a git repository"), std::string::npos) << error;
}

TEST_F(GitReaderTest, GitThatIsNotInstalledIsAnError) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  EXPECT_EQ(ErrorOf({.repository = ".", .path = "f"}), "cannot run git: No such file or directory");
  setenv("PATH", path.c_str(), 1);
}

TEST_F(GitReaderTest, VariablesAndConfigurationDoNotMislead) {
  const GitRepository repository("variables");
  repository.Commit("old", "one\ntwo\nthree\n");
  repository.Git("mv old f");
  repository.Commit("f", "one\ntwo\nthree\nfour\n");
  for (const char* const setting :
       {"log.follow true", "diff.renames copies", "diff.noprefix true", "diff.external false",
        "core.quotePath true", "color.ui always", "log.showSignature true", "diff.relative true"}) {
    repository.Git(std::string("config ") + setting);
  }
  const std::map<std::string, std::string> variables = {
      {"GIT_DIR", "/nonexistent"},    {"GIT_WORK_TREE", "/nonexistent"},
      {"GIT_LITERAL_PATHSPECS", "1"}, {"GIT_OBJECT_DIRECTORY", "/nonexistent"},
      {"GIT_EXTERNAL_DIFF", "false"}, {"GIT_NAMESPACE", "none"},
      {"GIT_ICASE_PATHSPECS", "1"}};
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  EXPECT_EQ(ReadTexts({.repository = repository.path(), .path = "f"}),
            (Texts{"one\ntwo\nthree\nfour\n"}));
  EXPECT_EQ(ErrorOf({.repository = repository.path(), .path = "F"}),
            repository.path() + ": no commit up to 'HEAD' has a file 'F'");
  for (const auto& [name, value] : variables) unsetenv(name.c_str());
}

TEST_F(GitReaderTest, ATextThatIsLostNamesItsCommit) {
  const GitRepository repository("lost");
  repository.Commit("f", "one");
  repository.Commit("f", "two");
  const std::string blob = repository.Git("rev-parse HEAD:f").substr(0, 40);
  std::filesystem::remove(repository.path() + "/.git/objects/" + blob.substr(0, 2) + "/" +
                          blob.substr(2));
  const auto history = ReadGitHistory({.repository = repository.path(), .path = "f"});
  ASSERT_TRUE(history) << history.error().message;
  auto texts = GitTexts::Open(repository.path(), *history, {0, 1});
  ASSERT_TRUE(texts);
  EXPECT_EQ(*texts->Read(0), "one");
  const auto lost = texts->Read(1);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().message,
            history->name + ": commit " + history->last + ": git cannot read the file's text");
}

TEST_F(GitReaderTest, ACommitThatIsLostIsAnError) {
  const GitRepository repository("broken");
  repository.Commit("f", "one");
  repository.Commit("f", "two");
  const std::string commit = repository.Git("rev-parse HEAD~").substr(0, 40);
  std::filesystem::remove(repository.path() + "/.git/objects/" + commit.substr(0, 2) + "/" +
                          commit.substr(2));
  const std::string error = ErrorOf({.repository = repository.path(), .path = "f"});
  EXPECT_TRUE(error.starts_with(repository.path() + ": git: ")) << error;
}

}  // namespace
}  // namespace cotext
