// An OT document and its link to a server: what a session holds for a document of OT.
//
// The program edits document() like any other; what was done there, undo too, is composed and
// submitted. What others did comes in by OnCommit and goes on as events of kRemote. Nothing is
// sent here: whoever owns the connection asks NextSubmission and NextMissing after every call and
// at the end of every transaction, and hands in what the server says, in any order and as often as
// it comes. The rules are those of OtClientState, where the invariant is that
//
//     document().Text() = S(revision()) . in flight . buffer                      (invariant)
//
//   * New connection: Reconnect, ask for the commits after revision(), submit NextSubmission.
//     Doing so at any other time does no harm.
//   * Kept over restarts: Save, after NextSubmission and before that is sent. Steps of undo and
//     anchors are not kept.
//   * needs_snapshot(): too much was missed, or a submission was refused. Edits go on, but will not
//     be submitted: OnSnapshot replaces the text and hands them back, with all that was pending.
//     What becomes of them is for the application to decide.
//   * is_stopped(): nothing can be sent under this id any more. GiveUp hands back all.
//
// A call that returns an error has changed nothing. kTransactionOpen and kReentrantEdit: come again
// after the transaction, or the event. kTooLarge: the text has no room for what others did.
// kDiverged, kReplicaConflict, kUnexpectedAnswer: only GiveUp is left.
//
// Complexity: an edit, or a commit, as OtDocument and PendingOperation have it; Save and OnSnapshot
// linear in the text, but for DiffTexts. Thread-compatible.
#ifndef COTEXT_OT_OT_REPLICA_H_
#define COTEXT_OT_OT_REPLICA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "ot/client_codec.h"
#include "ot/client_state.h"
#include "ot/ot_document.h"
#include "ot/pending_operation.h"
#include "ot/submission.h"

namespace cotext {

struct OtReplicaOptions {
  OtDocumentOptions document = {};
  OtClientOptions client = {};
};

// Edits that will not be committed, for the application to keep.
struct OtHandedBack {
  OtReturned returned;
  std::string local_text;  // What the user saw: that after the operation.
};

struct OtSnapshotOutcome {
  bool is_taken = false;  // The text is that of the snapshot now.
  std::optional<OtHandedBack> handed_back = {};
};

class OtReplica {
 public:
  // One that holds the text at `revision` and has sent nothing under its id. Errors: those of
  // OtDocument::FromText, kInvalidId for the client, kTooLarge for the revision.
  static Expected<std::unique_ptr<OtReplica>> FromText(OtClientId client, uint64_t revision,
                                                       std::string_view text,
                                                       const OtReplicaOptions& options = {});

  // One that was saved. Errors: those of DecodeOtReplica, OtClientState::Restore and
  // OtDocument::FromText; kMalformedState if the text does not fit the rest.
  static Expected<std::unique_ptr<OtReplica>> Load(std::string_view bytes,
                                                   const OtReplicaOptions& options = {});
  // kTransactionOpen; kClientStopped.
  Expected<std::string> Save() const;

  OtReplica(const OtReplica&) = delete;
  OtReplica& operator=(const OtReplica&) = delete;
  ~OtReplica();

  OtDocument& document() { return *document_; }
  const OtDocument& document() const { return *document_; }

  // Returns what is to be sent and was not handed out since it is in flight, or since Reconnect.
  std::optional<OtSubmission> NextSubmission();
  // Returns what commits were found missing and not asked for yet.
  std::optional<OtMissing> NextMissing();
  void Reconnect();

  Expected<void> OnCommit(const OtCommit& commit);
  Expected<void> OnAcknowledged(uint64_t seq, uint64_t revision);
  // The server, at `revision`, has refused a submission.
  Expected<void> OnRefused(uint64_t seq, ErrorCode refusal, uint64_t revision);
  // The server has told its revision, or that it has no commits from before its horizon.
  Expected<void> OnRevision(uint64_t revision);
  Expected<void> OnTooOld(uint64_t horizon);
  // The text at a revision came; kInvalidUtf8, kTooLarge for it.
  Expected<OtSnapshotOutcome> OnSnapshot(uint64_t revision, std::string_view text);
  // The hash of the text at a revision came. Returns whether it was compared.
  Expected<bool> OnTextHash(uint64_t revision, uint64_t hash) const;

  // Hands back all that is not committed, if there is anything, and stops. The document lives on
  // without a server.
  // REQUIRES: no transaction is open.
  std::optional<OtHandedBack> GiveUp();

  // Where somebody else's position is in the text, and where one's own is in S(revision()), for
  // others: OtClientState::ToLocal, FromLocal.
  std::optional<CodePointOffset> ToLocal(uint64_t revision, CodePointOffset position,
                                         Bias bias) const {
    return state_.ToLocal(revision, position, bias);
  }
  std::optional<CodePointOffset> FromLocal(CodePointOffset position, Bias bias) const {
    return state_.FromLocal(position, bias);
  }

  OtClientId client() const { return state_.client(); }
  uint64_t revision() const { return state_.revision(); }
  // The number that the next submission will have.
  uint64_t next_seq() const { return state_.next_seq(); }
  bool needs_snapshot() const { return state_.state() == OtClientState::State::kNeedsSnapshot; }
  bool is_stopped() const { return state_.state() == OtClientState::State::kStopped; }
  // Edits, a transaction each, that were sent and not answered; that were not sent, or will not be
  // and were not handed back yet.
  uint64_t edits_unacknowledged() const { return state_.edits_in_flight(); }
  uint64_t edits_unsent() const { return state_.edits_unsent() + returned_edits_; }

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  OtReplica(std::unique_ptr<OtDocument> document, OtClientState state);

  bool is_following() const { return !needs_snapshot() && !is_stopped(); }
  void OnLocalEdit(const Delta& delta);
  // Does what the state says, given what was pending before.
  Expected<void> React(const Expected<OtClientEffects>& effects, uint64_t edits_before);
  uint64_t PendingEdits() const { return state_.edits_in_flight() + state_.edits_unsent(); }
  Expected<void> CheckRoomFor(const Delta& operation) const;
  // Takes out what will not be committed.
  std::optional<OtHandedBack> HandBack();
  bool TextFits(uint64_t length) const;

  std::unique_ptr<OtDocument> document_;
  OtClientState state_;
  Document::SubscriptionId subscription_ = 0;
  bool must_send_ = false;  // What is in flight was not handed out.
  std::optional<OtMissing> missing_;
  // What will not be committed, without its operation, which is `returned_operation_`. Edits made
  // while nothing can be submitted go there, too.
  std::optional<OtReturned> returned_;
  PendingOperation returned_operation_;
  uint64_t returned_edits_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_OT_OT_REPLICA_H_
