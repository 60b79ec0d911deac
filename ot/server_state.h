// What an OT server knows of a document: a function of the document's log and nothing else.
//
// The log is a sequence of submissions as they were sent, and of truncations. Its store decides the
// order; whoever applies the same entries with the same options has the same state, on any machine,
// at once or from a snapshot on. So what is answered may depend on nothing but the log, and is
// answered once the entry has come back from the store. Entries that cannot be committed do nothing
// but advance log_position().
//
// Apply takes these steps; the first that fails refuses the submission.
//
//     step                                                     error               decided
//     client and seq in their range                            kInvalidId          no
//     seq decided before: the answer it got, if it is the      kSuperseded,
//       client's last and the same; nothing else happens         kReplicaConflict    before
//     seq is the client's next                                 kSequenceGap        no
//     no more than options.max_clients clients                 kTooManyClients     no
//     base <= revision()                                       kUnknownRevision    yes
//     base >= horizon()                                        kTooOld             yes
//     the operation fits the text at base                      kDeltaMismatch      yes
//     transformed past each commit since base, one after       kDeltaMismatch,
//       the other, as the left one; deletes that carry text      kTooLarge           yes
//       agree with the text, which stays below the maximum
//
// A submission that is decided stays so: committed or refused, the same seq gets the same answer,
// also after its commit was dropped from the history, and is never applied again.
//
// Invariants: (1) the history is the commits horizon() + 1 .. revision(); applied in order to the
// text at the horizon they give text(). (2) Each client's decisions were for 1, 2, .. seq.
//
// Complexity: a submission of n components that is k revisions behind is O((n + k) log n), linear
// in its text, O(log text) to apply, O(log clients) to find; hashes read 256 bytes of text a commit
// on average. Memory: the text, the commits since the horizon, 100 bytes or so a client.
// Pure values; thread-compatible.
#ifndef COTEXT_OT_SERVER_STATE_H_
#define COTEXT_OT_SERVER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/server_snapshot.h"
#include "ot/submission.h"

namespace cotext {

// Part of the document: the state depends on them.
struct OtServerOptions {
  uint64_t max_text_bytes = TextBufferOptions::kMaxBytes;
  uint64_t max_clients = uint64_t{1} << 20U;
  // Revisions that are multiples of it get a hash, none if 0. It is doubled for long texts, until
  // no more than 256 bytes are hashed a commit.
  uint64_t hash_interval = 256;
};

struct OtOutcome {
  Expected<uint64_t> revision;  // That it was committed as, or why it was refused.
  bool is_duplicate = false;    // It was decided before, and nothing was done.
};

class OtServerState {
 public:
  // A document whose text at revision 0 is empty.
  explicit OtServerState(const OtServerOptions& options = {});

  // The state that a snapshot was taken of. kMalformedState if the snapshot contradicts itself,
  // kInvalidUtf8, kTooLarge past the options.
  static Expected<OtServerState> FromSnapshot(const OtSnapshot& snapshot,
                                              const OtServerOptions& options = {});
  OtSnapshot Snapshot() const;

  // The next two apply the next entry of the log.
  OtOutcome Apply(const OtSubmission& submission);
  // Drops the commits up to `revision` from the history: no submission older than that can be
  // committed any more. Does nothing if they are dropped already; kUnknownRevision if there are not
  // as many. An entry of the log, as which submissions are too old depends on where it stands.
  Expected<void> TruncateBefore(uint64_t revision);

  // Returns the answer to a submission that is decided already. It needs no entry of the log.
  std::optional<OtOutcome> FindDecided(const OtSubmission& submission) const;

  // Returns the commits that follow `revision`, the first `max_count` of them. kTooOld if they do
  // not reach back that far, kUnknownRevision if there is no such revision yet.
  Expected<std::vector<OtCommit>> CommittedSince(uint64_t revision, size_t max_count) const;

  // Returns a commit; good until the next entry.
  // REQUIRES: horizon() < revision <= this->revision().
  const OtCommit& CommitAt(uint64_t revision) const;

  // Returns the hash of the text at a revision, if it is one that has a hash and is not before the
  // horizon.
  std::optional<uint64_t> HashAt(uint64_t revision) const;

  const TextBuffer& text() const { return text_; }
  uint64_t revision() const { return revision_; }
  uint64_t horizon() const { return revision_ - history_.size(); }
  uint64_t log_position() const { return log_position_; }
  size_t client_count() const { return decisions_.size(); }

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  struct Commit {
    OtCommit commit;
    uint64_t length_before;  // Of the text, in code points.
  };

  static TextBufferOptions BufferOptions(const OtServerOptions& options);

  // Returns why a submission that was not decided cannot be either.
  Expected<void> CheckTurn(const OtSubmission& submission) const;
  // Returns the operation for the present text, or the reason to refuse it.
  Expected<Delta> TransformToNow(const OtSubmission& submission) const;
  Expected<uint64_t> Decide(const OtSubmission& submission);

  uint64_t LengthAt(uint64_t revision) const;

  Expected<void> LoadDecisions(const OtSnapshot& snapshot);
  Expected<void> LoadHistory(const OtSnapshot& snapshot);
  Expected<void> LoadHashes(const OtSnapshot& snapshot);

  OtServerOptions options_;
  TextBuffer text_;
  uint64_t revision_ = 0;
  uint64_t log_position_ = 0;
  std::deque<Commit> history_;
  std::map<OtClientId, OtDecision> decisions_;
  std::deque<OtRevisionHash> hashes_;
};

}  // namespace cotext

#endif  // COTEXT_OT_SERVER_STATE_H_
