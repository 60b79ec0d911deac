// The history of one file, as git tells it: commits, who wrote them, and which text the file had.
//
// Invariants:
// 1. Commits come after their parents, and the last one has all the others in its past.
// 2. Parents are indices of commits, in the commit's own order, without duplicates.
// 3. `author` is an index of `authors`; `blob` is one of `blobs`, or kNoBlob: no such file.
//
// A commit need not be here if the file in it is as in its one parent, or is not there and never
// was before: its children then name that parent, or none, instead.
#ifndef COTEXT_SIMULATION_TRACE_GIT_HISTORY_H_
#define COTEXT_SIMULATION_TRACE_GIT_HISTORY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace cotext {

inline constexpr uint32_t kNoBlob = UINT32_MAX;

struct GitCommit {
  std::string id;  // In hexadecimal, as those of blobs.
  std::vector<uint32_t> parents = {};
  uint32_t author = 0;
  uint32_t blob = kNoBlob;
};

struct GitHistory {
  std::string name;       // What messages call it: the repository and the file.
  std::string last = {};  // The id of the commit whose past this is, be it one of these or not.
  std::vector<GitCommit> commits = {};
  std::vector<std::string> authors = {};  // Names with e-mail addresses.
  std::vector<std::string> blobs = {};    // Ids, all different: the same text is the same blob.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_GIT_HISTORY_H_
