#include "ot/client_state.h"

#include <algorithm>
#include <string>
#include <utility>

#include "document/check.h"
#include "ot/position_before.h"
#include "ot/split_operation.h"
#include "ot/text_hash.h"
#include "ot/transform.h"

namespace cotext {
namespace {

// Returns the length of a text of `length` code points after an operation that fits it.
template <typename Operation>
uint64_t LengthAfter(uint64_t length, const Operation& operation) {
  return length - operation.base_length() + operation.target_length();
}

bool CarriesDeletedText(const Delta& delta) {
  for (const Delta::Component& component : delta) {
    if (component.kind == Delta::Kind::kDelete && component.has_text()) return true;
  }
  return false;
}

std::unexpected<Error> Malformed(std::string what) {
  return MakeError(ErrorCode::kMalformedState, "the saved client's " + std::move(what));
}

}  // namespace

OtClientState::OtClientState(OtClientId client, uint64_t revision, uint64_t text_length,
                             const OtClientOptions& options)
    : options_(options), client_(client), revision_(revision), text_length_(text_length) {
  COTEXT_CHECK(IsValid(client));
  COTEXT_CHECK(revision < kOtCountLimit);
  COTEXT_CHECK(text_length <= kMaxTextLength);
}

Expected<OtClientState> OtClientState::Restore(OtSavedClient saved,
                                               const OtClientOptions& options) {
  if (!IsValid(saved.client) || saved.next_seq == 0 || saved.next_seq >= kOtCountLimit ||
      saved.revision >= kOtCountLimit) {
    return Malformed("id, sequence number or revision is out of its range");
  }
  if (saved.in_flight) {
    if (saved.in_flight->client != saved.client || saved.in_flight->seq + 1 != saved.next_seq ||
        saved.in_flight->seq == 0 || saved.in_flight->base > saved.revision ||
        saved.needs_snapshot) {
      return Malformed("submission is not the last one, at its revision");
    }
  } else if (!saved.in_flight_now.empty() || !saved.buffer.empty()) {
    return Malformed("operations wait for nothing");
  }
  if ((saved.edits_in_flight > 0) != saved.in_flight.has_value() ||
      saved.edits_in_flight >= kOtCountLimit || saved.edits_unsent >= kOtCountLimit ||
      (saved.edits_unsent > 0 ? !saved.in_flight : !saved.buffer.empty())) {
    return Malformed("operations are not of as many edits");
  }
  OtClientState state(saved.client, saved.revision, 0, options);
  state.text_length_ = saved.text_length;
  state.next_seq_ = saved.next_seq;
  if (saved.needs_snapshot) state.mode_ = Mode::kNeedsSnapshot;
  state.in_flight_ = std::move(saved.in_flight);
  state.in_flight_now_ = PendingOperation(std::move(saved.in_flight_now));
  state.buffer_ = PendingOperation(std::move(saved.buffer));
  state.edits_in_flight_ = saved.edits_in_flight;
  state.edits_unsent_ = saved.edits_unsent;
  if (!state.PendingFits()) return Malformed("operations do not fit its text");
  return state;
}

OtSavedClient OtClientState::Save() const {
  COTEXT_CHECK(mode_ != Mode::kStopped);
  return OtSavedClient{.client = client_,
                       .next_seq = next_seq_,
                       .revision = revision_,
                       .text_length = text_length_,
                       .in_flight = in_flight_,
                       .in_flight_now = in_flight_now_.ToDelta(),
                       .buffer = buffer_.ToDelta(),
                       .edits_in_flight = edits_in_flight_,
                       .edits_unsent = edits_unsent_,
                       .needs_snapshot = mode_ == Mode::kNeedsSnapshot};
}

Expected<OtClientEffects> OtClientState::Edit(const Delta& edit) {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (mode_ == Mode::kNeedsSnapshot) {
    return MakeError(ErrorCode::kTooOld, "the client needs a snapshot before it can go on");
  }
  const uint64_t length = local_length();
  if (edit.base_length() > length) {
    return MakeError(ErrorCode::kDeltaMismatch,
                     "the edit is for a text of at least " + std::to_string(edit.base_length()) +
                         " characters, the local one has " + std::to_string(length));
  }
  if (!HasRoomFor(edit)) return MakeError(ErrorCode::kTooLarge, "the text would be too long");
  OtClientEffects effects;
  if (edit.empty()) return effects;
  if (in_flight_) {
    COTEXT_RETURN_IF_ERROR(buffer_.Compose(edit));
    ++edits_unsent_;
  } else {
    edits_unsent_ = 1;
    effects.send = Submit(edit);
  }
  return effects;
}

OtSubmission OtClientState::Submit(Delta operation) {
  SplitDelta parts = SplitOperation(std::move(operation), options_.max_submission_bytes);
  in_flight_ = OtSubmission{
      .client = client_, .seq = next_seq_++, .base = revision_, .operation = parts.first};
  in_flight_now_ = PendingOperation(std::move(parts.first));
  // Of what is sent in parts, the last edit is unsent until the last part is sent.
  edits_in_flight_ = edits_unsent_;
  edits_unsent_ = parts.rest.empty() ? 0 : 1;
  buffer_ = PendingOperation(std::move(parts.rest));
  resubmit_at_.reset();
  return *in_flight_;
}

OtClientEffects OtClientState::Resubmit() {
  const uint64_t edits = edits_in_flight_ + edits_unsent_;
  Delta pending = Return(Mode::kFollowing).operation;
  OtClientEffects effects;
  if (pending.empty()) return effects;
  edits_unsent_ = edits;
  effects.send = Submit(std::move(pending));
  return effects;
}

Expected<OtClientEffects> OtClientState::OnCommitted(const OtCommit& commit) {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (mode_ == Mode::kNeedsSnapshot || commit.revision <= revision_) return OtClientEffects();
  if (commit.client == client_ && commit.seq >= next_seq_) {
    return MakeError(ErrorCode::kReplicaConflict, "somebody else writes under this client's id");
  }
  if (commit.revision > revision_ + 1) return Gap(commit.revision);
  // An earlier one may come after a snapshot that it was not in yet. It is like anybody's.
  const bool is_ours = commit.client == client_ && in_flight_ && commit.seq == in_flight_->seq;
  if (!is_ours) return FollowOther(commit);
  if (WithoutDeletedText(commit.operation) != WithoutDeletedText(in_flight_now_.ToDelta())) {
    return MakeError(ErrorCode::kDiverged,
                     "the server has transformed this client's operation to another one");
  }
  return Acknowledge();
}

// With room, and without deleted texts, which could differ, transforming cannot fail.
Expected<OtClientEffects> OtClientState::FollowOther(const OtCommit& commit) {
  if (commit.operation.base_length() > text_length_ || !HasRoomFor(commit.operation)) {
    return MakeError(ErrorCode::kDiverged,
                     "the operation committed as revision " + std::to_string(commit.revision) +
                         " does not fit a text of " + std::to_string(text_length_) + " characters");
  }
  OtClientEffects effects{.change = commit.operation};
  if (in_flight_) {
    if (CarriesDeletedText(effects.change)) effects.change = WithoutDeletedText(effects.change);
    for (PendingOperation* pending : {&in_flight_now_, &buffer_}) {
      Expected<Delta> passed = pending->TransformPast(effects.change, Side::kLeft);
      COTEXT_CHECK(passed.has_value());
      effects.change = *std::move(passed);
    }
  }
  text_length_ = LengthAfter(text_length_, commit.operation);
  ++revision_;
  if (resubmit_at_ && revision_ >= *resubmit_at_) effects.send = Resubmit().send;
  return effects;
}

OtClientEffects OtClientState::Acknowledge() {
  ++revision_;
  text_length_ = LengthAfter(text_length_, in_flight_now_);
  in_flight_.reset();
  in_flight_now_ = PendingOperation();
  edits_in_flight_ = 0;
  resubmit_at_.reset();
  OtClientEffects effects;
  if (buffer_.empty()) {
    edits_unsent_ = 0;
    // Nothing will come that follows this.
    if (IsBehindHorizon()) mode_ = Mode::kNeedsSnapshot;
  } else {
    effects.send = Submit(buffer_.ToDelta());
  }
  return effects;
}

Expected<OtClientEffects> OtClientState::OnAcknowledged(uint64_t seq, uint64_t revision) {
  const Expected<bool> stale = IsStale(seq);
  COTEXT_RETURN_IF_ERROR(stale);
  if (*stale) return OtClientEffects();
  if (revision <= revision_) {
    return MakeError(ErrorCode::kDiverged, "the client has another commit at the revision " +
                                               std::to_string(revision) +
                                               " that is said to be its own");
  }
  if (revision == revision_ + 1) return Acknowledge();
  if (!IsBehindHorizon()) return Gap(revision);
  OtClientEffects effects;
  effects.returned =
      OtReturned{.operation = buffer_.ToDelta(), .revision = revision_, .follows_in_flight = true};
  Return(Mode::kNeedsSnapshot);
  return effects;
}

Expected<OtClientEffects> OtClientState::OnRefused(uint64_t seq, ErrorCode refusal) {
  const Expected<bool> stale = IsStale(seq);
  COTEXT_RETURN_IF_ERROR(stale);
  OtClientEffects effects;
  if (*stale || !in_flight_) return effects;
  if (refusal == ErrorCode::kTooOld && in_flight_->base < revision_ && !IsBehindHorizon()) {
    return Resubmit();
  }
  // A server without our revision has lost what we know: no snapshot of it mends that.
  const bool goes_on = IsDecision(refusal) && refusal != ErrorCode::kUnknownRevision;
  effects.returned = Return(goes_on ? Mode::kNeedsSnapshot : Mode::kStopped);
  return effects;
}

// Its base is before that of all whose authors are remembered, so it will not be committed any
// more. If it was, then as a revision up to this one; and the own commit would have been seen.
Expected<OtClientEffects> OtClientState::OnForgotten(uint64_t seq, uint64_t revision) {
  const Expected<bool> stale = IsStale(seq);
  COTEXT_RETURN_IF_ERROR(stale);
  if (*stale) return OtClientEffects();
  if (revision_ >= revision) return Resubmit();
  if (!IsBehindHorizon()) {
    resubmit_at_ = std::max(revision, resubmit_at_.value_or(0));
    return Gap(revision);
  }
  // Only a snapshot that has it, if it was committed, will do.
  horizon_ = std::max(horizon_, revision);
  OtClientEffects effects;
  effects.returned = Return(Mode::kNeedsSnapshot);
  effects.returned->may_be_committed = true;
  return effects;
}

Expected<OtClientEffects> OtClientState::OnRevision(uint64_t revision) {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (mode_ == Mode::kNeedsSnapshot || revision <= revision_) return OtClientEffects();
  return Gap(revision);
}

Expected<OtClientEffects> OtClientState::OnHorizon(uint64_t horizon) {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (horizon > horizon_) horizon_ = horizon;
  if (mode_ == Mode::kNeedsSnapshot || !IsBehindHorizon()) return OtClientEffects();
  return Gap(horizon);
}

OtClientEffects OtClientState::Gap(uint64_t revision) {
  OtClientEffects effects;
  if (!IsBehindHorizon()) {
    effects.missing = OtMissing{.after = revision_, .up_to = revision};
  } else if (in_flight_) {
    effects.send = in_flight_;
  } else {
    mode_ = Mode::kNeedsSnapshot;
  }
  return effects;
}

Expected<bool> OtClientState::OnSnapshot(uint64_t revision, uint64_t text_length) {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (text_length > kMaxTextLength || revision >= kOtCountLimit) {
    return MakeError(ErrorCode::kTooLarge, "the snapshot's text is too long, or its revision");
  }
  const bool is_newer =
      revision > revision_ || (mode_ == Mode::kNeedsSnapshot && revision == revision_);
  if (in_flight_ || !is_newer || revision < horizon_) return false;
  revision_ = revision;
  text_length_ = text_length;
  mode_ = Mode::kFollowing;
  return true;
}

Expected<bool> OtClientState::OnTextHash(uint64_t revision, uint64_t hash,
                                         const TextBuffer& local_text) const {
  if (state() != State::kSynchronized || revision != revision_) return false;
  if (local_text.metrics().code_points == text_length_ && HashText(local_text) == hash) return true;
  return MakeError(ErrorCode::kDiverged,
                   "the text at revision " + std::to_string(revision) + " is not the server's");
}

OtReturned OtClientState::GiveUp() { return Return(Mode::kStopped); }

Delta OtClientState::Pending() const {
  const Delta in_flight = in_flight_now_.ToDelta();
  const Delta buffer = buffer_.ToDelta();
  Expected<Delta> pending = Compose(in_flight, buffer);
  // Only an edit that said it deletes another text than it does can fail to compose.
  if (!pending) pending = Compose(in_flight, WithoutDeletedText(buffer));
  COTEXT_CHECK(pending.has_value());
  return *std::move(pending);
}

OtReturned OtClientState::Return(Mode next) {
  OtReturned returned{.operation = Pending(), .revision = revision_};
  in_flight_.reset();
  in_flight_now_ = PendingOperation();
  buffer_ = PendingOperation();
  edits_in_flight_ = 0;
  edits_unsent_ = 0;
  resubmit_at_.reset();
  mode_ = next;
  return returned;
}

std::optional<CodePointOffset> OtClientState::ToLocal(uint64_t revision, CodePointOffset position,
                                                      Bias bias) const {
  if (mode_ != Mode::kFollowing || revision != revision_ || position.value > text_length_) {
    return std::nullopt;
  }
  if (!in_flight_) return position;
  position = TransformPosition(in_flight_now_.ToDelta(), position, bias);
  return TransformPosition(buffer_.ToDelta(), position, bias);
}

std::optional<CodePointOffset> OtClientState::FromLocal(CodePointOffset position, Bias bias) const {
  if (mode_ != Mode::kFollowing || position.value > local_length()) return std::nullopt;
  if (!in_flight_) return position;
  position = PositionBefore(buffer_.ToDelta(), position, bias);
  return PositionBefore(in_flight_now_.ToDelta(), position, bias);
}

auto OtClientState::state() const -> State {
  if (mode_ == Mode::kStopped) return State::kStopped;
  if (mode_ == Mode::kNeedsSnapshot) return State::kNeedsSnapshot;
  if (!in_flight_) return State::kSynchronized;
  return buffer_.empty() ? State::kAwaiting : State::kAwaitingWithBuffer;
}

bool OtClientState::HasRoomFor(const Delta& delta) const {
  const uint64_t others = text_length_ + in_flight_now_.target_length() + buffer_.target_length();
  return others <= kMaxTextLength && delta.target_length() <= kMaxTextLength - others;
}

bool OtClientState::PendingFits() const {
  constexpr uint64_t kMost = 4 * kMaxTextLength;
  return text_length_ <= kMost && in_flight_now_.base_length() <= text_length_ &&
         in_flight_now_.target_length() <= kMost &&
         buffer_.base_length() <= LengthAfter(text_length_, in_flight_now_) &&
         buffer_.target_length() <= kMost;
}

uint64_t OtClientState::local_length() const {
  COTEXT_CHECK(mode_ == Mode::kFollowing);
  return LengthAfter(LengthAfter(text_length_, in_flight_now_), buffer_);
}

Expected<bool> OtClientState::IsStale(uint64_t seq) const {
  COTEXT_RETURN_IF_ERROR(CheckNotStopped());
  if (seq == 0 || seq >= next_seq_) {
    return MakeError(ErrorCode::kUnexpectedAnswer, "the server answers submission " +
                                                       std::to_string(seq) +
                                                       ", which this client has not sent");
  }
  return !in_flight_ || seq != in_flight_->seq;
}

Expected<void> OtClientState::CheckNotStopped() const {
  if (mode_ != Mode::kStopped) return {};
  return MakeError(ErrorCode::kClientStopped, "the client has given up");
}

void OtClientState::CheckInvariants() const {
  in_flight_now_.CheckInvariants();
  buffer_.CheckInvariants();
  COTEXT_CHECK(PendingFits());
  if (in_flight_) {
    COTEXT_CHECK(mode_ == Mode::kFollowing);
    COTEXT_CHECK(in_flight_->client == client_);
    COTEXT_CHECK(in_flight_->seq + 1 == next_seq_);
    COTEXT_CHECK(in_flight_->base <= revision_);
    COTEXT_CHECK(edits_in_flight_ > 0);
    COTEXT_CHECK(buffer_.empty() || edits_unsent_ > 0);
  } else {
    COTEXT_CHECK(in_flight_now_.empty());
    COTEXT_CHECK(buffer_.empty());
    COTEXT_CHECK(edits_in_flight_ == 0);
    COTEXT_CHECK(edits_unsent_ == 0);
    COTEXT_CHECK(!resubmit_at_);
  }
}

}  // namespace cotext
