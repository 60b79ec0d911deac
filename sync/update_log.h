// The history of a document as updates, for whoever only stores and forwards: what somebody lacks
// is cut out of them, and no document is built.
//
// The end of the history is kept in levels: kFanOut updates of one level are merged into one of the
// next, so that each byte is merged O(log n) times. When it has grown to a piece it is sealed: cut
// into pieces of at most kPieceBytesMax, which stay as they are. So whoever is behind, however far,
// is sent one piece after the other, and remembers no more than its version and a position; what
// its version covers is skipped whole.
//
// Complexity: Add O(u log n) for an update of u bytes, amortised; Since O(s) for the bytes of the
// updates that it cuts; NextPiece O(kPieceBytesMax), and O(replicas of a piece) for each that is
// skipped. Memory: the bytes. Thread-compatible.
#ifndef COTEXT_SYNC_UPDATE_LOG_H_
#define COTEXT_SYNC_UPDATE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/version_vector.h"
#include "document/error.h"
#include "sync/description.h"

namespace cotext::sync {

class UpdateLog {
 public:
  // The history begins behind a horizon (crdt/horizon.h), of which it has nothing.
  // REQUIRES: nothing was added.
  void BeginBehind(VersionVector horizon);

  // Adds an update. Errors: kMalformedUpdate; kMissingDependency if it follows something that is
  // not there. Neither changes anything.
  Expected<void> Add(std::string_view update);

  // Returns what a version lacks behind the horizon, as one update; empty if nothing.
  Expected<std::string> Since(const VersionVector& known) const;

  struct Piece {
    std::string update;   // Empty: nothing is lacking.
    size_t position = 0;  // Where to look for the next one.
  };
  // Returns the first of what a version lacks, as an update that can be merged at once and is no
  // longer than about kPieceBytesMax. `position` is 0, or end_position() when the version was that
  // of the log, or what came with a piece that is in the version now.
  // REQUIRES: the version covers the horizon.
  Expected<Piece> NextPiece(const VersionVector& known, size_t position) const;
  size_t end_position() const { return sealed_; }

  const VersionVector& version() const { return version_; }
  const VersionVector& horizon() const { return horizon_; }
  size_t bytes() const { return bytes_; }
  size_t update_count() const { return updates_.size(); }

  void Describe(Description& to) const;

 private:
  static constexpr size_t kFanOut = 8;

  struct Kept {
    std::string update;
    VersionVector reaches;
    uint32_t level = 0;
  };

  // Merges the last `count` updates into one.
  Expected<void> MergeLast(size_t count);
  // Seals the end of the history, but for the last piece of it.
  Expected<void> Seal();

  std::vector<Kept> updates_;  // In causal order; behind sealed_, levels do not rise.
  size_t sealed_ = 0;          // How many of them stay as they are.
  VersionVector horizon_;      // Empty if nothing was trimmed.
  VersionVector version_;
  size_t bytes_ = 0;
  size_t open_bytes_ = 0;  // Of those that are not sealed.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_UPDATE_LOG_H_
