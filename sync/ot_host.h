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
#include "ot/submission.h"
#include "sync/messages.h"
#include "sync/store.h"
#include "sync/uploader.h"
#include "sync/writer_table.h"

namespace cotext::sync {

class OtHost {
 public:
  // Transforming lengthens an operation; what is committed is to fit a message.
  static constexpr size_t kSubmissionBytesMax = kMessageBytesMax / 2;
  static constexpr size_t kWritersMax = size_t{1} << 20U;

  explicit OtHost(Channel channel, const OtServerOptions& options = {})
      : channel_(channel), options_(options), state_(options) {}

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

  // Returns what takes a client from a revision on: commits, or the text if there are too many or
  // they are gone; and the revision that it has then.
  struct Continuation {
    std::vector<Message> messages;
    uint64_t revision = 0;
  };
  Continuation Since(uint64_t revision) const;
  Continuation Text() const;

  Expected<std::vector<Record>> Snapshot() const;

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
  std::deque<Pending> pending_;  // On its way to the store.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_OT_HOST_H_
