// Histories of a file for tests. The id of a blob is its text.
#ifndef COTEXT_TESTS_SUPPORT_GIT_HISTORIES_H_
#define COTEXT_TESTS_SUPPORT_GIT_HISTORIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/random.h"
#include "simulation/trace/git_history.h"

namespace cotext {

// Adds a commit that leaves the file with this text, or without a file; returns its index.
uint32_t AddCommit(GitHistory& history, const std::vector<uint32_t>& parents,
                   const std::optional<std::string>& text, const std::string& author = "Ann <a@x>");

// Returns the text of the file in a commit, empty if there is no file.
std::string TextIn(const GitHistory& history, uint32_t commit);

// Returns a history of up to 40 commits and 4 authors: branches, merges of several of them, further
// roots, commits that leave the file as it was, delete it and create it again.
GitHistory RandomGitHistory(Random& random);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_GIT_HISTORIES_H_
