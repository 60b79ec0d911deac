// A git repository in the test's temporary folder, whatever the machine's configuration of git.
#ifndef COTEXT_TESTS_SUPPORT_GIT_REPOSITORY_H_
#define COTEXT_TESTS_SUPPORT_GIT_REPOSITORY_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "simulation/trace/git_history.h"

namespace cotext {

// A fixture for tests that need git: they are skipped where it is not installed. The environment is
// set for all programs that they run, with an author and a date.
class GitTest : public testing::Test {
 protected:
  void SetUp() override;
};

class GitRepository {
 public:
  // Makes an empty one, in place of an earlier one of this name.
  explicit GitRepository(const std::string& name);

  const std::string& path() const { return path_; }

  // Runs git in it, with arguments that a shell takes apart, and returns its output. Fails the test
  // if git fails.
  std::string Git(const std::string& arguments) const;

  // Writes a file of the work tree.
  void Write(const std::string& file, const std::string& content) const;
  // Writes a file and commits everything.
  void Commit(const std::string& file, const std::string& content) const;

  // Adds the commits of a history, in which `file` has these texts, and makes the last one HEAD.
  // Returns their ids.
  std::vector<std::string> Add(const GitHistory& history, const std::string& file) const;

 private:
  std::string path_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_GIT_REPOSITORY_H_
