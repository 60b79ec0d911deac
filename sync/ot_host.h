// An OT document at a server: takes submissions, gives commits and texts.
//
//     Take -> a record for the store -> OnAppended -> a commit for all, or a refusal
//
// The store's order is the order: a submission counts when it has come back from there, and what
// becomes of it depends on the log alone (ot/server_state.h). One that was decided before is
// answered at once.
//
// Whose a client's id is: whoever submitted under it first; another's is kForgedIdentity.
//
// Thread-compatible.
#ifndef COTEXT_SYNC_OT_HOST_H_
#define COTEXT_SYNC_OT_HOST_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "ot/server_state.h"
#include "ot/snapshot_writer.h"
#include "ot/submission.h"
#include "sync/messages.h"
#include "sync/store.h"
#include "sync/uploader.h"
#include "sync/writer_table.h"

namespace cotext::sync {

class OtHost {
 public:
  // What is committed fits a message: transforming may lengthen an operation to twice this, and
  // what gets longer still is refused (OtServerOptions::max_commit_bytes).
  static constexpr size_t kSubmissionBytesMax = kMessageBytesMax / 2;
  static constexpr size_t kWritersMax = size_t{1} << 20U;

  explicit OtHost(Channel channel, const OtServerOptions& options = {});

  // Takes a record of the log in; kMalformedState, and the errors of the decoders.
  Expected<void> Restore(const Record& record);

  struct Taken {
    std::optional<Message> answer = {};  // It was decided before.
    std::vector<Record> records = {};    // To be appended at one stroke; none if it is on its way.
  };
  // Takes a submission. Errors, of which each ends the session: kForbidden, kForgedIdentity, those
  // of DecodeOperation.
  Expected<Taken> Take(const Uploader& uploader, const Submit& submit);

  // The oldest of what was to be appended has been.
  struct Decided {
    std::optional<Message> commit = {};   // For all,
    std::optional<Message> refusal = {};  // or for who submitted.
    std::optional<Message> hash = {};     // For all, behind the commit.
    SessionId from = 0;
    uint64_t client = 0;  // Whose submission it was.
  };
  Decided OnAppended();

  // Whether who has the text at a revision can go on from there by commits: they are there. However
  // many they are: only who has nothing pending can do without, and it is not known who that is.
  bool CanFollow(uint64_t revision) const;
  // REQUIRES: CanFollow(revision - 1); revision <= revision().
  Message CommitOf(uint64_t revision) const;
  std::string Text() const { return state_.text().Text(); }
  // Returns the record that drops the older half of the commits, if there are more than `most`, no
  // such record is on its way, and no snapshot is being made.
  std::optional<Record> Truncate(uint64_t most);
  bool is_truncating() const { return truncating_.has_value(); }
  // It has been appended.
  void OnTruncated();
  // Returns the record that drops all commits up to a revision.
  static Record TruncationAt(uint64_t revision);

  std::vector<Record> Snapshot() const;

  // Begins to make a snapshot in steps (ot/snapshot_writer.h); what was begun before is let go.
  // REQUIRES: !is_truncating(): commits that it is to have stay until it is made.
  void BeginSnapshot();
  // Does a step, what takes as long as copying some `bytes`. Returns the records when it is whole,
  // and up to where in the log they reach; it is at `position` now.
  struct Made {
    uint64_t up_to = 0;
    std::vector<Record> records = {};
  };
  std::optional<Made> MakeSnapshot(size_t bytes, uint64_t position);

  uint64_t revision() const { return state_.revision(); }
  uint64_t horizon() const { return state_.horizon(); }

 private:
  struct Pending {
    OtSubmission submission;
    SessionId from = 0;
  };

  Expected<void> CheckWriter(const Uploader& uploader, uint64_t client) const;
  Message Answer(const OtSubmission& submission, const OtOutcome& outcome) const;

  Channel channel_;
  OtServerOptions options_;
  OtServerState state_;
  WriterTable writers_;
  std::deque<Pending> pending_;         // On its way to the store.
  std::optional<uint64_t> truncating_;  // Likewise: before which revision.

  // A snapshot that is being made; `made` is there once the writer is fixed.
  struct Making {
    OtSnapshotWriter writer;
    Made made;
  };
  std::optional<Making> making_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_OT_HOST_H_
