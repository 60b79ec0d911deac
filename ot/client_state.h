// An OT client between its editor and a server: what is sent, what waits, what becomes of the
// commits of others.
//
// One submission is in flight at a time, and its bytes and base never change; edits made meanwhile
// gather in the buffer. S(v) being the text at the revision v that the client follows,
//
//     local text = S(v) . in flight . buffer                                     (invariant)
//
// where "in flight" is the submission transformed past what was committed since its base, one
// commit after the other, as the left one: exactly as the server will. So it is what the server
// commits, and the invariant holds behind the acknowledgement too. docs/OT.md has the proof.
//
//     state                   edit e         commit v+1 of others    v+1 is ours, acknowledged
//     kSynchronized           send e         v+1; apply it           (as of others)
//     kAwaiting               buffer e       v+1; apply it, past     v+1; kSynchronized
//     kAwaitingWithBuffer     buffer . e       in flight and buffer  v+1; send the buffer
//     kNeedsSnapshot          error          ignored                 ignored
//     kStopped                error          error                   error
//
//   * Old and repeated commits and answers are ignored; a gap is reported as missing, nothing is
//     applied out of order. Ask for what follows revision() then and on every connection, and send
//     Resend() there: it does no harm at any time. An own commit acts as the acknowledgement.
//   * A refusal for kTooOld of a submission whose base is behind v is answered by a new submission
//     at v. Any other hands back all that is not committed, as one operation over S(v), and leads
//     to kNeedsSnapshot; or to kStopped where nothing can be sent under this id any more.
//   * If v is before the server's horizon, what is in flight is resent to learn what became of it.
//     If it was committed where the client cannot follow, the buffer is handed back, over S(v) . in
//     flight.
//   * A server that has forgotten the client will not commit what is in flight after the revision w
//     that it names (OnForgotten). Who has followed up to w and saw no commit of its own submits
//     anew, at v; who cannot follow hands all back.
//   * More than max_submission_bytes are sent in parts.
//
// What is sent must be saved first (Save, with the local text, at one stroke): a client that comes
// back must know all it ever sent. Errors of On...: kDiverged, kReplicaConflict, kUnexpectedAnswer
// if the server contradicts itself or what was sent; nothing is changed, only GiveUp is left.
//
// Complexity: that of PendingOperation for each edit and commit. The state holds no text but that
// of its operations. Positions and lengths are in code points. Pure values; thread-compatible.
#ifndef COTEXT_OT_CLIENT_STATE_H_
#define COTEXT_OT_CLIENT_STATE_H_

#include <cstdint>
#include <optional>

#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/text_buffer.h"
#include "ot/pending_operation.h"
#include "ot/submission.h"

namespace cotext {

// Edits that will not be committed any more, for the application to keep.
struct OtReturned {
  Delta operation;
  uint64_t revision = 0;           // It is for the text at this revision,
  bool follows_in_flight = false;  // or that with what was in flight, which is committed.
  bool may_be_committed = false;   // Of what was in flight nobody can tell.

  friend bool operator==(const OtReturned&, const OtReturned&) = default;
};

// Commits that have not come: those after `after`, up to `up_to`.
struct OtMissing {
  uint64_t after = 0;
  uint64_t up_to = 0;
  friend bool operator==(const OtMissing&, const OtMissing&) = default;
};

// What to do after an input, all that is set.
struct OtClientEffects {
  Delta change = {};                      // To be applied to the local text.
  std::optional<OtSubmission> send = {};  // To be saved and sent.
  std::optional<OtMissing> missing = {};  // To be asked for.
  std::optional<OtReturned> returned = {};
};

struct OtClientOptions {
  // As EncodeOperation writes an operation; but for one component that cannot be cut.
  uint64_t max_submission_bytes = uint64_t{1} << 18U;
};

// A client as plain values, to be kept over restarts.
struct OtSavedClient {
  OtClientId client;
  uint64_t next_seq = 1;
  uint64_t revision = 0;
  uint64_t text_length = 0;               // At that revision.
  std::optional<OtSubmission> in_flight;  // As it was sent.
  Delta in_flight_now;                    // As it is at that revision.
  Delta buffer;
  uint64_t edits_in_flight = 0;
  uint64_t edits_unsent = 0;
  bool needs_snapshot = false;

  friend bool operator==(const OtSavedClient&, const OtSavedClient&) = default;
};

class OtClientState {
 public:
  enum class State : uint8_t {
    kSynchronized,
    kAwaiting,
    kAwaitingWithBuffer,
    kNeedsSnapshot,
    kStopped
  };

  // What the text and all that is pending may come to. A commit lengthens each of the three by its
  // own length at most, so they stay below four times this, and transforms below Delta::kMaxLength.
  static constexpr uint64_t kMaxTextLength = Delta::kMaxLength / 16;

  // A client that holds the text at `revision`, of that length, and has sent nothing under its id.
  // REQUIRES: the id is valid; revision < kOtCountLimit; text_length <= kMaxTextLength.
  OtClientState(OtClientId client, uint64_t revision, uint64_t text_length,
                const OtClientOptions& options = {});

  // kMalformedState if the values contradict each other.
  static Expected<OtClientState> Restore(OtSavedClient saved, const OtClientOptions& options = {});
  // REQUIRES: state() is not kStopped.
  OtSavedClient Save() const;

  // Takes an edit that was made of the local text. kDeltaMismatch if it cannot have been, kTooLarge
  // past kMaxTextLength, kTooOld while a snapshot is needed.
  Expected<OtClientEffects> Edit(const Delta& edit);

  // A commit came, of whomever.
  Expected<OtClientEffects> OnCommitted(const OtCommit& commit);
  // The server says that it has committed a submission of this client as `revision`.
  Expected<OtClientEffects> OnAcknowledged(uint64_t seq, uint64_t revision);
  // The server has refused a submission of this client.
  Expected<OtClientEffects> OnRefused(uint64_t seq, ErrorCode refusal);
  // The server, at `revision`, has answered kClientForgotten to a submission of this client.
  Expected<OtClientEffects> OnForgotten(uint64_t seq, uint64_t revision);
  // The server has told its revision, or what it can serve commits from on.
  Expected<OtClientEffects> OnRevision(uint64_t revision);
  Expected<OtClientEffects> OnHorizon(uint64_t horizon);

  // The text at a revision came. Returns whether it becomes the local text: if one is needed, or
  // nothing is pending and it is newer.
  Expected<bool> OnSnapshot(uint64_t revision, uint64_t text_length);

  // The hash of the text at a revision came. Returns whether it was compared: that takes a local
  // text at that revision without pending edits. kDiverged if it differs.
  Expected<bool> OnTextHash(uint64_t revision, uint64_t hash, const TextBuffer& local_text) const;

  // Returns what is in flight, exactly as it was sent first.
  const std::optional<OtSubmission>& Resend() const { return in_flight_; }

  // Takes all that is not committed out and stops.
  OtReturned GiveUp();

  // Returns where a position in S(revision) lies in the local text; nothing if the client does not
  // follow just that revision, or the text is shorter. Whoever holds positions of others moves them
  // by each commit, as TransformPosition says, and asks here only to show them. Linear in what is
  // pending.
  std::optional<CodePointOffset> ToLocal(uint64_t revision, CodePointOffset position,
                                         Bias bias) const;
  // Returns where a position in the local text lies in S(revision()), as others are to be told;
  // nothing while no revision is followed, or past the end. Linear in what is pending.
  std::optional<CodePointOffset> FromLocal(CodePointOffset position, Bias bias) const;

  State state() const;
  OtClientId client() const { return client_; }
  uint64_t next_seq() const { return next_seq_; }
  uint64_t revision() const { return revision_; }
  // Edits that were sent and not acknowledged, and that were not sent; one that is sent in parts is
  // both for a while.
  uint64_t edits_in_flight() const { return edits_in_flight_; }
  uint64_t edits_unsent() const { return edits_unsent_; }
  // The length of the local text.
  // REQUIRES: state() is neither kNeedsSnapshot nor kStopped.
  uint64_t local_length() const;

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  enum class Mode : uint8_t { kFollowing, kNeedsSnapshot, kStopped };

  // Answers to submissions that are not in flight any more are ignored; returns whether this one is
  // to be, or that nothing like it was ever sent.
  Expected<bool> IsStale(uint64_t seq) const;
  Expected<void> CheckNotStopped() const;
  // Returns whether the server has no commits any more that could follow revision_.
  bool IsBehindHorizon() const { return revision_ < horizon_; }

  // Returns whether one more operation keeps all lengths in bounds.
  bool HasRoomFor(const Delta& delta) const;
  // Returns whether what is pending can be done to the text, and lengths are in bounds.
  bool PendingFits() const;

  // Returns in flight . buffer.
  Delta Pending() const;
  // Hands out all that is pending.
  OtReturned Return(Mode next);
  // Puts an operation, or a part of it and the rest into the buffer, in flight.
  OtSubmission Submit(Delta operation);
  // Submits anew what is pending, none of which is or will be committed.
  OtClientEffects Resubmit();
  OtClientEffects Acknowledge();
  OtClientEffects Gap(uint64_t revision);
  Expected<OtClientEffects> FollowOther(const OtCommit& commit);

  OtClientOptions options_;
  OtClientId client_;
  uint64_t next_seq_ = 1;
  uint64_t revision_;
  uint64_t text_length_;  // At revision_.
  uint64_t horizon_ = 0;  // The greatest the server has named. No snapshot before it is taken.
  // Where it is certain that what is in flight was not committed, once the server has forgotten.
  // It is not saved: the server says so again.
  std::optional<uint64_t> resubmit_at_;
  Mode mode_ = Mode::kFollowing;
  std::optional<OtSubmission> in_flight_;
  PendingOperation in_flight_now_;  // in_flight_ for the text at revision_.
  PendingOperation buffer_;         // For the text after it; empty if nothing is in flight.
  uint64_t edits_in_flight_ = 0;
  uint64_t edits_unsent_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_OT_CLIENT_STATE_H_
