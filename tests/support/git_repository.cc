#include "tests/support/git_repository.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace cotext {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Returns `bytes` as git fast-import takes data.
std::string Data(const std::string& bytes) {
  return "data " + std::to_string(bytes.size()) + "\n" + bytes + "\n";
}

// Returns the history as git fast-import reads it. Every commit has a branch of its own, since the
// first one on a branch is what may be a root.
std::string ToFastImport(const GitHistory& history, const std::string& file) {
  std::ostringstream stream;
  for (size_t i = 0; i < history.commits.size(); ++i) {
    const GitCommit& commit = history.commits[i];
    const std::string time = std::to_string(1'000'000'000 + i) + " +0000\n";
    stream << "commit refs/heads/c" << i << "\nmark :" << i + 1 << "\nauthor "
           << history.authors[commit.author] << ' ' << time << "committer C <c@x> " << time
           << Data("message");
    const char* word = "from";
    for (const uint32_t parent : commit.parents) {
      stream << word << " :" << parent + 1 << '\n';
      word = "merge";
    }
    if (commit.blob != kNoBlob) {
      stream << "M 100644 inline " << file << '\n' << Data(history.blobs[commit.blob]);
    } else if (!commit.parents.empty()) {
      stream << "D " << file << '\n';
    }
    stream << "M 100644 inline another file\n" << Data(time) << '\n';
  }
  return stream.str();
}

}  // namespace

void GitTest::SetUp() {
  if (std::system("git --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "git is not installed";
  for (const char* const name : {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}) {
    setenv(name, "/dev/null", 1);
  }
  for (const std::string who : {"GIT_AUTHOR_", "GIT_COMMITTER_"}) {
    setenv((who + "NAME").c_str(), "Ann", 1);
    setenv((who + "EMAIL").c_str(), "a@x", 1);
    setenv((who + "DATE").c_str(), "1000000000 +0000", 1);
  }
}

GitRepository::GitRepository(const std::string& name)
    : path_(std::filesystem::path(testing::TempDir()) / name) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
  Git("init --quiet --initial-branch=main");
}

std::string GitRepository::Git(const std::string& arguments) const {
  const std::string output = path_ + ".output";
  const std::string command = "cd '" + path_ + "' && git " + arguments + " > '" + output + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << arguments;
  return ReadFile(output);
}

void GitRepository::Write(const std::string& file, const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(path_) / file;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

void GitRepository::Commit(const std::string& file, const std::string& content) const {
  Write(file, content);
  Git("add --all");
  Git("commit --quiet --message=change");
}

std::vector<std::string> GitRepository::Add(const GitHistory& history,
                                            const std::string& file) const {
  const std::string stream = path_ + ".stream";
  const std::string marks = path_ + ".marks";
  std::ofstream(stream, std::ios::binary) << ToFastImport(history, file);
  Git("fast-import --quiet --export-marks='" + marks + "' < '" + stream + "'");
  std::vector<std::string> ids(history.commits.size());
  std::istringstream lines(ReadFile(marks));  // ":1 ID", in any order.
  char colon = 0;
  size_t mark = 0;
  std::string id;
  while (lines >> colon >> mark >> id) ids[mark - 1] = id;
  Git("update-ref HEAD " + ids.back());
  return ids;
}

}  // namespace cotext
