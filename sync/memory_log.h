// The log of one document as bytes of a disk that loses what was not synced.
//
//     [ frame | frame | ... | frame | torn tail ]
//                     ^ synced
//
// A frame holds the records of one append, or a snapshot in place of all records up to a position,
// under a checksum. Frames are written behind each other. A crash keeps what was synced and any
// number of the bytes behind it, perhaps with zeros where the others were; Recover cuts off the
// tail that is no whole frame. Syncing a snapshot rewrites the file without what it stands for.
//
// Places in the file are counted from its first byte ever, so that they stay what they are when it
// is rewritten.
//
// Invariant: what is synced ends at the end of a frame. O(bytes) for Read, Recover and syncing a
// snapshot, O(bytes written) otherwise. Pure; thread-compatible.
#ifndef COTEXT_SYNC_MEMORY_LOG_H_
#define COTEXT_SYNC_MEMORY_LOG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "document/random.h"
#include "sync/store.h"

namespace cotext::sync {

class MemoryLog {
 public:
  // Both write a frame at the end.
  // REQUIRES: no torn tail. Of WriteSnapshot: snapshot_position() <= up_to <= position().
  void WriteRecords(std::span<const Record> records);
  void WriteSnapshot(uint64_t up_to, std::span<const Record> snapshot);
  // Takes away what is behind `place`: a write that failed.
  // REQUIRES: synced() <= place <= end(). Recover comes before the next write.
  void CutTo(uint64_t place);

  // Makes everything before `place`, the end of a frame, survive crashes.
  void SyncTo(uint64_t place);
  void Crash(Random& random);
  // Finds out what is there after a crash or a failed write. What is kept is not synced by it.
  void Recover();

  // Returns what the frames before `place` say.
  // REQUIRES: a frame ends there.
  StoredLog Read(uint64_t place) const;

  uint64_t position() const { return position_; }
  uint64_t snapshot_position() const { return snapshot_position_; }
  uint64_t end() const { return dropped_ + bytes_.size(); }
  uint64_t synced() const { return synced_; }
  size_t bytes() const { return bytes_.size(); }

 private:
  void WriteFrame(std::string_view payload);
  void Rewrite(uint64_t place);
  size_t IndexOf(uint64_t place) const { return static_cast<size_t>(place - dropped_); }

  std::string bytes_;
  uint64_t dropped_ = 0;   // The place of the first byte.
  uint64_t synced_ = 0;    // A place.
  uint64_t position_ = 0;  // Of the last record written.
  uint64_t snapshot_position_ = 0;
  // The end of the last snapshot's frame that was not synced; 0: there is none.
  uint64_t snapshot_end_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MEMORY_LOG_H_
