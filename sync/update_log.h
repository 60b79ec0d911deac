// The history of a document as updates, for whoever only stores and forwards: what somebody lacks
// is cut out of them, and no document is built.
//
// The end of the history is kept in levels: kFanOut updates of one level are merged into one of the
// next, so that each byte is merged O(log n) times. When it has grown to a piece it is sealed: cut
// into pieces of at most kPieceBytesMax, which stay as they are. An update that is about as long as
// a piece becomes one as it is. So whoever is behind, however far, is sent one piece after the
// other, and remembers no more than its version and a position; what its version covers is skipped
// whole. And whoever copies all of it, as a snapshot does, can do so bit by bit while more comes.
//
// Complexity: Add O(u log n) for an update of u bytes, amortised, and O(kPieceBytesMax + u) at
// most; Since O(s) for the bytes of the updates that it cuts; NextPiece and OpenUpdates
// O(kPieceBytesMax), and O(replicas of a piece) for each that is skipped. Memory: the bytes.
// Thread-compatible.
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
#include "sync/message.h"

namespace cotext::sync {

class UpdateLog {
 public:
  // The length of pieces is for tests. REQUIRES: kSplitMin <= piece_bytes <= kPieceBytesMax.
  explicit UpdateLog(size_t piece_bytes = kPieceBytesMax) : piece_bytes_(piece_bytes) {}

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

  // The pieces [0, piece_count()), which stay as they are,
  size_t piece_count() const { return sealed_; }
  const std::string& PieceAt(size_t place) const { return updates_[place].update; }
  // and what follows them, as few updates, mostly one. All of these one after the other are what
  // there is.
  std::vector<std::string> OpenUpdates() const;

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

  bool IsPiece(size_t bytes) const { return bytes >= piece_bytes_ / 2 && bytes <= piece_bytes_; }
  // Adds what is a piece as it is.
  void AddPiece(Kept piece);
  // Merges the last `count` updates into one.
  Expected<void> MergeLast(size_t count);
  // Seals the end of the history, but for the last piece of it.
  Expected<void> Seal();

  size_t piece_bytes_;
  std::vector<Kept> updates_;  // In causal order; behind sealed_, levels do not rise.
  size_t sealed_ = 0;          // How many of them stay as they are.
  VersionVector horizon_;      // Empty if nothing was trimmed.
  VersionVector version_;
  size_t bytes_ = 0;
  size_t open_bytes_ = 0;  // Of those that are not sealed.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_UPDATE_LOG_H_
