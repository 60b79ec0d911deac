// The history of a document as updates, for whoever only stores and forwards: what somebody lacks
// is cut out of them, and no document is built.
//
// Updates are kept in levels: kFanOut of one level are merged into one of the next, so that each
// byte is merged O(log n) times, and a slice looks at O(log n) updates. What `known` covers of an
// update is skipped whole if it is all of it.
//
// Complexity: Add O(u log n) for an update of u bytes, amortised; Since O(s) for the bytes of the
// updates that it cuts. Memory: the bytes. Thread-compatible.
#ifndef COTEXT_SYNC_UPDATE_LOG_H_
#define COTEXT_SYNC_UPDATE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext::sync {

class UpdateLog {
 public:
  // Adds an update. Errors: kMalformedUpdate; kMissingDependency if it follows something that is
  // not there. Neither changes anything.
  Expected<void> Add(std::string_view update);

  // Returns what a version lacks, as one update; empty if nothing.
  Expected<std::string> Since(const VersionVector& known) const;

  // Returns all of it as one update, which it is kept as from then on.
  Expected<std::string> Merged();

  const VersionVector& version() const { return version_; }
  size_t bytes() const { return bytes_; }
  size_t update_count() const { return updates_.size(); }

 private:
  static constexpr size_t kFanOut = 8;

  struct Kept {
    std::string update;
    VersionVector reaches;
    uint32_t level = 0;
  };

  // Merges the last `count` updates into one.
  Expected<void> MergeLast(size_t count);

  std::vector<Kept> updates_;  // In causal order; levels do not rise.
  VersionVector version_;
  size_t bytes_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_UPDATE_LOG_H_
