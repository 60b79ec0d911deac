// The snapshot of an OT server as bytes, written in parts while the server goes on, so that no part
// takes long however much the document has.
//
//     copies the text -> is fixed: text and tables are those of now -> writes commits, then all
//
// Until it is fixed it follows the commits that are made (text_copy.h). From then on it is the
// snapshot of that moment; the commits up to it are read from the server one by one, so they stay
// there until it is whole.
//
// Law: the bytes are those of EncodeOtSnapshot for the server's snapshot when it was fixed.
//
// Memory: twice the text and its history as bytes. Thread-compatible.
#ifndef COTEXT_OT_SNAPSHOT_WRITER_H_
#define COTEXT_OT_SNAPSHOT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "document/delta.h"
#include "document/text_copy.h"
#include "ot/commit_codec.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"

namespace cotext {

class OtSnapshotWriter {
 public:
  // Does some more, what takes as long as copying some `bytes`. Returns whether it is whole.
  // REQUIRES: bytes > 0; it is the same state, of which each commit since the first call was told,
  // and no commit was dropped since it is fixed.
  bool Write(const OtServerState& state, size_t bytes);

  // A commit was made.
  void OnCommit(const Delta& operation);

  bool is_fixed() const { return phase_ != Phase::kCopying; }
  // REQUIRES: it is whole.
  std::string Take() && { return std::move(bytes_); }

 private:
  enum class Phase : uint8_t { kCopying, kCommits, kText, kTail, kWhole };

  size_t WriteSome(const OtServerState& state, size_t bytes);
  void Fix(const OtServerState& state);
  size_t WriteCommit(const OtServerState& state);
  void BeginText();
  size_t WriteText(size_t bytes);
  size_t WriteTail(size_t bytes);

  Phase phase_ = Phase::kCopying;
  TextCopy copy_;
  OtSnapshot fixed_;  // Without text and history.
  uint64_t next_revision_ = 0;
  CommitNumbers numbers_;
  std::string tail_;  // What comes behind the text.
  uint64_t chars_written_ = 0;
  size_t tail_written_ = 0;
  std::string bytes_;
};

}  // namespace cotext

#endif  // COTEXT_OT_SNAPSHOT_WRITER_H_
