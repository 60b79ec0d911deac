#include "ot/ot_replica.h"

#include <utility>

#include "document/check.h"
#include "document/text_diff.h"
#include "document/utf8.h"

namespace cotext {
namespace {

uint64_t InsertedBytes(const Delta& delta) {
  uint64_t bytes = 0;
  for (const Delta::Component& component : delta) {
    if (component.kind == Delta::Kind::kInsert) bytes += component.text.size();
  }
  return bytes;
}

// Far more than texts have, and so little that edits and commits always find room in the state.
constexpr uint64_t kLoadedLengthMax = OtClientState::kMaxTextLength / 16;

std::unexpected<Error> NoRoom() {
  return MakeError(ErrorCode::kTooLarge, "the text has no room for what others did");
}

}  // namespace

OtReplica::OtReplica(std::unique_ptr<OtDocument> document, OtClientState state)
    : document_(std::move(document)), state_(std::move(state)) {
  must_send_ = state_.Resend().has_value();
  document_->SetRevision(state_.revision());
  subscription_ = document_->Subscribe([this](const DeltaEvent& event) {
    if (event.origin != EditOrigin::kRemote) OnLocalEdit(event.delta);
  });
}

OtReplica::~OtReplica() { document_->Unsubscribe(subscription_); }

Expected<std::unique_ptr<OtReplica>> OtReplica::FromText(OtClientId client, uint64_t revision,
                                                         std::string_view text,
                                                         const OtReplicaOptions& options) {
  if (!IsValid(client)) return MakeError(ErrorCode::kInvalidId, "not the id of a client");
  if (revision >= kOtCountLimit) return MakeError(ErrorCode::kTooLarge, "not a revision");
  Expected<std::unique_ptr<OtDocument>> document = OtDocument::FromText(text, options.document);
  COTEXT_RETURN_IF_ERROR(document);
  OtClientState state(client, revision, (*document)->metrics().code_points, options.client);
  return std::unique_ptr<OtReplica>(new OtReplica(*std::move(document), std::move(state)));
}

// Keeping.

Expected<std::string> OtReplica::Save() const {
  if (is_stopped()) return MakeError(ErrorCode::kClientStopped, "the client has given up");
  if (document_->in_transaction()) {
    return MakeError(ErrorCode::kTransactionOpen, "the document is inside a transaction");
  }
  OtSavedReplica saved{.client = state_.Save(), .text = document_->Text()};
  if (returned_) {
    saved.returned = returned_;
    saved.returned->operation = returned_operation_.ToDelta();
    saved.returned_edits = returned_edits_;
  }
  return EncodeOtReplica(saved);
}

Expected<std::unique_ptr<OtReplica>> OtReplica::Load(std::string_view bytes,
                                                     const OtReplicaOptions& options) {
  Expected<OtSavedReplica> saved = DecodeOtReplica(bytes);
  COTEXT_RETURN_IF_ERROR(saved);
  for (const uint64_t length :
       {saved->client.text_length, saved->client.in_flight_now.target_length(),
        saved->client.buffer.target_length()}) {
    if (length > kLoadedLengthMax) {
      return MakeError(ErrorCode::kMalformedState, "the saved lengths are no text's");
    }
  }
  Expected<OtClientState> state = OtClientState::Restore(std::move(saved->client), options.client);
  COTEXT_RETURN_IF_ERROR(state);
  Expected<std::unique_ptr<OtDocument>> document =
      OtDocument::FromText(saved->text, options.document);
  COTEXT_RETURN_IF_ERROR(document);
  std::unique_ptr<OtReplica> replica(new OtReplica(*std::move(document), *std::move(state)));
  if (saved->returned) {
    replica->returned_operation_ = PendingOperation(std::exchange(saved->returned->operation, {}));
    replica->returned_ = std::move(saved->returned);
    replica->returned_edits_ = saved->returned_edits;
  }
  if (replica->TextFits(replica->document_->metrics().code_points)) return replica;
  return MakeError(ErrorCode::kMalformedState, "the saved text does not fit what is pending");
}

bool OtReplica::TextFits(uint64_t length) const {
  if (is_following()) return !returned_ && state_.local_length() == length;
  if (!returned_) return returned_edits_ == 0;
  return returned_operation_.target_length() <= length &&
         returned_operation_.base_length() <= OtClientState::kMaxTextLength;
}

// Local edits.

// The state takes whatever was done to the text: its own bounds are far beyond those of the text,
// and the delta carries no deleted text that could differ.
void OtReplica::OnLocalEdit(const Delta& delta) {
  if (is_following()) {
    const Expected<OtClientEffects> effects = state_.Edit(delta);
    COTEXT_CHECK(effects.has_value());
    must_send_ = must_send_ || effects->send.has_value();
    return;
  }
  if (is_stopped() && !returned_) return;
  if (!returned_) returned_ = OtReturned{.operation = {}, .revision = state_.revision()};
  COTEXT_CHECK(returned_operation_.Compose(delta).has_value());
  ++returned_edits_;
}

std::optional<OtSubmission> OtReplica::NextSubmission() {
  if (!std::exchange(must_send_, false)) return std::nullopt;
  return state_.Resend();
}

std::optional<OtMissing> OtReplica::NextMissing() { return std::exchange(missing_, std::nullopt); }

void OtReplica::Reconnect() {
  must_send_ = state_.Resend().has_value();
  missing_.reset();
}

// What the server says.

Expected<void> OtReplica::React(const Expected<OtClientEffects>& effects, uint64_t edits_before) {
  COTEXT_RETURN_IF_ERROR(effects);
  document_->SetRevision(state_.revision());
  must_send_ = effects->send.has_value() || (must_send_ && state_.Resend());
  if (effects->missing) missing_ = effects->missing;
  if (effects->returned) {
    returned_ = effects->returned;
    returned_operation_ = PendingOperation(std::exchange(returned_->operation, {}));
    returned_edits_ = edits_before;
  }
  if (effects->change.empty()) return {};
  const Expected<void> applied = document_->ApplyRemote(WithoutDeletedText(effects->change));
  COTEXT_CHECK(applied.has_value());
  return {};
}

Expected<void> OtReplica::CheckRoomFor(const Delta& operation) const {
  COTEXT_RETURN_IF_ERROR(document_->CheckMayApplyRemote());
  if (InsertedBytes(operation) > document_->max_bytes() - document_->metrics().bytes) {
    return NoRoom();
  }
  return {};
}

Expected<void> OtReplica::OnCommit(const OtCommit& commit) {
  COTEXT_RETURN_IF_ERROR(CheckRoomFor(commit.operation));
  const uint64_t edits = PendingEdits();
  return React(state_.OnCommitted(commit), edits);
}

Expected<void> OtReplica::OnAcknowledged(uint64_t seq, uint64_t revision) {
  // If anything is handed back, then what was not sent.
  const uint64_t edits = state_.edits_unsent();
  return React(state_.OnAcknowledged(seq, revision), edits);
}

Expected<void> OtReplica::OnRefused(uint64_t seq, ErrorCode refusal, uint64_t revision) {
  const uint64_t edits = PendingEdits();
  return React(refusal == ErrorCode::kClientForgotten ? state_.OnForgotten(seq, revision)
                                                      : state_.OnRefused(seq, refusal),
               edits);
}

Expected<void> OtReplica::OnRevision(uint64_t revision) {
  return React(state_.OnRevision(revision), PendingEdits());
}

Expected<void> OtReplica::OnTooOld(uint64_t horizon) {
  return React(state_.OnHorizon(horizon), PendingEdits());
}

Expected<OtSnapshotOutcome> OtReplica::OnSnapshot(uint64_t revision, std::string_view text) {
  COTEXT_RETURN_IF_ERROR(document_->CheckMayApplyRemote());
  if (!IsValidUtf8(text)) {
    return MakeError(ErrorCode::kInvalidUtf8, "the snapshot's text is not valid UTF-8");
  }
  if (text.size() > document_->max_bytes()) return NoRoom();
  const Expected<bool> taken = state_.OnSnapshot(revision, CountCodePoints(text));
  COTEXT_RETURN_IF_ERROR(taken);
  if (!*taken) return OtSnapshotOutcome{};
  OtSnapshotOutcome outcome{.is_taken = true, .handed_back = HandBack()};
  document_->SetRevision(state_.revision());
  const Delta change = DiffTexts(document_->Text(), text);
  if (!change.empty()) COTEXT_CHECK(document_->ApplyRemote(change).has_value());
  return outcome;
}

Expected<bool> OtReplica::OnTextHash(uint64_t revision, uint64_t hash) const {
  if (document_->in_transaction()) return false;
  return state_.OnTextHash(revision, hash, document_->buffer());
}

std::optional<OtHandedBack> OtReplica::HandBack() {
  if (!returned_) return std::nullopt;
  OtHandedBack handed_back{.returned = *std::exchange(returned_, std::nullopt),
                           .local_text = document_->Text()};
  handed_back.returned.operation = returned_operation_.ToDelta();
  returned_operation_ = PendingOperation();
  returned_edits_ = 0;
  if (handed_back.returned.operation.empty()) return std::nullopt;
  return handed_back;
}

std::optional<OtHandedBack> OtReplica::GiveUp() {
  COTEXT_CHECK(!document_->in_transaction());
  OtReturned pending = state_.GiveUp();
  if (!returned_) {
    returned_operation_ = PendingOperation(std::exchange(pending.operation, {}));
    returned_ = std::move(pending);
  }
  must_send_ = false;
  missing_.reset();
  return HandBack();
}

void OtReplica::CheckInvariants() const {
  document_->CheckInvariants();
  state_.CheckInvariants();
  returned_operation_.CheckInvariants();
  COTEXT_CHECK(document_->revision() == state_.revision());
  COTEXT_CHECK(!must_send_ || state_.Resend());
  COTEXT_CHECK(returned_ || returned_operation_.empty());
  if (!document_->in_transaction()) COTEXT_CHECK(TextFits(document_->metrics().code_points));
}

}  // namespace cotext
