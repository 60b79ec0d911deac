// What an OT server knows of a document: a function of the document's log and nothing else.
//
// The log is a sequence of submissions as they were sent, and of truncations. Its store decides the
// order; whoever applies the same entries with the same options has the same state, on any machine,
// at once or from a snapshot on. So answers depend on the log alone, and are given once the entry
// has come back from the store. What cannot be committed only advances log_position().
//
// Apply takes these steps; the first that fails refuses the submission.
//
//     step                                                     error               decided
//     client and seq in their range                            kInvalidId          no
//     seq decided before: the answer it got, if it is the      kSuperseded,
//       client's last and the same; nothing else happens         kReplicaConflict    before
//     of a client that is not remembered:
//       base >= forgotten_below()                              kClientForgotten    no
//     seq is the client's next, or anybody may be forgotten    kSequenceGap        no
//     base <= revision()                                       kUnknownRevision    yes
//     base >= horizon()                                        kTooOld             yes
//     the operation fits the text at base                      kDeltaMismatch      yes
//     transformed past each commit since base, one after       kDeltaMismatch,
//       the other, as the left one; deletes that carry text      kTooLarge           yes
//       agree with the text, which stays below the maximum,
//       and so do the bytes of the operation
//
// A submission that is decided stays so: committed or refused, the same seq gets the same answer,
// also after its commit was dropped from the history, and is never applied again.
//
// The last decision of options.max_clients clients is remembered. When another one comes, the
// client is forgotten whose last decision was made at the least revision, the least id of several.
// forgotten_below() is one more than the greatest such revision, but never more than revision():
// what a forgotten client had committed had a base below it, and is not applied again. docs/OT.md
// says how who gets kClientForgotten goes on.
//
// Invariants: (1) the history is the commits horizon() + 1 .. revision(); applied in order to the
// text at the horizon they give text(). (2) Each client's decisions were for ascending numbers.
// (3) The authors of commits after revision forgotten_below() are remembered.
//
// Complexity: a submission of n components that is k revisions behind is O((n + k) log n), linear
// in its text, O(log text) to apply, O(log clients) to find; hashes read 256 bytes of text a commit
// on average. Memory: text, commits since the horizon, 200 bytes a client. Thread-compatible.
#ifndef COTEXT_OT_SERVER_STATE_H_
#define COTEXT_OT_SERVER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/server_snapshot.h"
#include "ot/submission.h"

namespace cotext {

// Part of the document: the state depends on them.
struct OtServerOptions {
  uint64_t max_text_bytes = TextBufferOptions::kMaxBytes;
  // Of an operation as it is committed, which what was committed meanwhile lengthens: a delete
  // falls apart around each insert within it. One that got longer is refused.
  uint64_t max_commit_bytes = uint64_t{1} << 20U;
  // Whose decisions are remembered; 1 at least. As many must write before one who has not come back
  // for the answer to his last submission is forgotten.
  uint64_t max_clients = uint64_t{1} << 14U;
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
  // The same with neither text nor history, which text() and CommitAt have.
  OtSnapshot SnapshotWithoutTexts() const;

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
  // How many clients are remembered, and the base from which on others may submit.
  size_t client_count() const { return decisions_.size(); }
  uint64_t forgotten_below() const { return forgotten_below_; }

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
  void Remember(const OtDecision& decision);
  void ForgetOneClient();

  uint64_t LengthAt(uint64_t revision) const;
  // Returns whether a commit is not after the last decision on its author, as far as remembered.
  bool IsAuthorKnown(const OtCommit& commit) const;

  Expected<void> LoadDecisions(const OtSnapshot& snapshot);
  Expected<void> LoadHistory(const OtSnapshot& snapshot);
  Expected<void> LoadHashes(const OtSnapshot& snapshot);

  OtServerOptions options_;
  TextBuffer text_;
  uint64_t revision_ = 0;
  uint64_t log_position_ = 0;
  std::deque<Commit> history_;
  std::map<OtClientId, OtDecision> decisions_;
  std::set<std::pair<uint64_t, OtClientId>> by_revision_;  // Of all decisions: when, and whose.
  uint64_t forgotten_below_ = 0;
  std::deque<OtRevisionHash> hashes_;
};

}  // namespace cotext

#endif  // COTEXT_OT_SERVER_STATE_H_
