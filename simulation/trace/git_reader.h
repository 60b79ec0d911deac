// Reads the history of one file out of a git repository, by running git.
//
// git itself leaves out commits that do not matter for the file, but keeps every merge (rev-list
// --full-history); import_plan.h does the rest. Renames are not followed: under another name, a
// file is another file. What is no file is none: a folder, a submodule; of a symbolic link the text
// is its target.
//
// Variables of the environment that would lead git to another repository, or let it read paths in
// another way, are kept from it; how it is configured is left as it is. Errors are kIo, one line
// with the repository. Linear in the commits, for git too. Memory: the merges and the commits that
// change the file, without its texts.
#ifndef COTEXT_SIMULATION_TRACE_GIT_READER_H_
#define COTEXT_SIMULATION_TRACE_GIT_READER_H_

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "simulation/subprocess.h"
#include "simulation/trace/git_history.h"

namespace cotext {

struct GitFile {
  std::string repository;  // A folder in a work tree, or a bare repository.
  std::string path;        // From there.
  std::string revision = "HEAD";
};

// Returns the history of the file in the commits that the revision reaches. It is an error if none
// of them has such a file.
Expected<GitHistory> ReadGitHistory(const GitFile& file);

// The texts of a file in some commits, one after the other.
class GitTexts {
 public:
  // Starts to read. `commits` are indices in the history, which outlives this.
  static Expected<GitTexts> Open(const std::string& repository, const GitHistory& history,
                                 const std::vector<uint32_t>& commits);

  // Returns the bytes of the file in the next of the commits, none where there is no file.
  // kTooLarge if they are more than kFileBytesMax (gzip_file.h).
  // REQUIRES: `commit` is that next one.
  Expected<std::string> Read(uint32_t commit);

 private:
  GitTexts(const GitHistory& history, Subprocess blobs)
      : history_(&history), blobs_(std::move(blobs)) {}
  std::unexpected<Error> Stopped(uint32_t commit);

  const GitHistory* history_;
  Subprocess blobs_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_GIT_READER_H_
