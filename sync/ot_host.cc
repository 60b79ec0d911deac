#include "sync/ot_host.h"

#include <algorithm>

#include "document/check.h"
#include "document/varint.h"
#include "ot/log_codec.h"
#include "ot/log_entry.h"
#include "ot/operation_codec.h"
#include "ot/snapshot_codec.h"

namespace cotext::sync {
namespace {

OtServerOptions FitForMessages(OtServerOptions options) {
  options.max_commit_bytes = std::min<uint64_t>(options.max_commit_bytes, kMessageBytesMax);
  return options;
}

}  // namespace

OtHost::OtHost(Channel channel, const OtServerOptions& options)
    : channel_(channel), options_(FitForMessages(options)), state_(options_) {}

Expected<void> OtHost::Restore(const Record& record) {
  switch (record.kind) {
    case RecordKind::kWriter: return writers_.Restore(record.bytes);
    case RecordKind::kOtState: {
      Expected<OtSnapshot> snapshot = DecodeOtSnapshot(record.bytes);
      if (!snapshot) return std::unexpected(std::move(snapshot.error()));
      Expected<OtServerState> state = OtServerState::FromSnapshot(*snapshot, options_);
      if (!state) return std::unexpected(std::move(state.error()));
      state_ = std::move(*state);
      return {};
    }
    case RecordKind::kSubmission: {
      Expected<OtSubmission> submission = DecodeSubmission(record.bytes);
      if (!submission) return std::unexpected(std::move(submission.error()));
      state_.Apply(*submission);
      return {};
    }
    case RecordKind::kTruncation: {
      ByteReader reader(record.bytes);
      const auto revision = reader.Varint();
      if (!revision || !reader.done()) break;
      return state_.TruncateBefore(*revision);
    }
    default: break;
  }
  return MakeError(ErrorCode::kMalformedState, "the log of an OT document has another's record");
}

Expected<void> OtHost::CheckWriter(const Uploader& uploader, uint64_t client) const {
  if ((uploader.rights & kMayWrite) == 0) {
    return MakeError(ErrorCode::kForbidden, "may not write");
  }
  const std::string* const user = writers_.UserOf(client);
  if (user == nullptr && writers_.size() >= kWritersMax) {
    return MakeError(ErrorCode::kTooLarge, "the document has as many writers as it may");
  }
  if (user == nullptr || *user == uploader.user) return {};
  return MakeError(ErrorCode::kForgedIdentity,
                   "client " + std::to_string(client) + " is somebody else's");
}

Message OtHost::Answer(const OtSubmission& submission, const OtOutcome& outcome) const {
  if (outcome.revision) {
    return ToMessage(Ack{.channel = channel_,
                         .level = AckLevel::kDurable,
                         .writer = submission.client.value,
                         .upto = submission.seq,
                         .revision = *outcome.revision});
  }
  return ToMessage(Refusal{.channel = channel_,
                           .client = submission.client.value,
                           .seq = submission.seq,
                           .code = outcome.revision.error().code,
                           .horizon = state_.horizon(),
                           .revision = state_.revision()});
}

Expected<OtHost::Taken> OtHost::Take(const Uploader& uploader, const Submit& submit) {
  COTEXT_RETURN_IF_ERROR(CheckWriter(uploader, submit.client));
  if (submit.operation.size() > kSubmissionBytesMax) {
    return MakeError(ErrorCode::kTooLarge, "an operation is too long");
  }
  Expected<Delta> operation = DecodeOperation(submit.operation);
  if (!operation) return std::unexpected(std::move(operation.error()));
  OtSubmission submission{.client = {.value = submit.client},
                          .seq = submit.seq,
                          .base = submit.base,
                          .operation = std::move(*operation)};
  Taken taken;
  if (const auto decided = state_.FindDecided(submission)) {
    taken.answer = Answer(submission, *decided);
    return taken;
  }
  const auto on_its_way = std::ranges::find(pending_, submission, &Pending::submission);
  if (on_its_way != pending_.end()) {
    // The answer goes to where the client is now.
    on_its_way->from = uploader.session;
    return taken;
  }
  if (writers_.UserOf(submit.client) == nullptr) {
    taken.records.push_back(writers_.Give(submit.client, uploader.user));
  }
  taken.records.push_back(
      Record{.kind = RecordKind::kSubmission, .bytes = EncodeSubmission(submission)});
  pending_.push_back(Pending{.submission = std::move(submission), .from = uploader.session});
  return taken;
}

OtHost::Decided OtHost::OnAppended() {
  const Pending pending = std::move(pending_.front());
  pending_.pop_front();
  const OtOutcome outcome = state_.Apply(pending.submission);
  Decided decided{.from = pending.from, .client = pending.submission.client.value};
  if (!outcome.revision || outcome.is_duplicate) {
    decided.refusal = Answer(pending.submission, outcome);
    return decided;
  }
  const uint64_t revision = *outcome.revision;
  if (making_) making_->writer.OnCommit(state_.CommitAt(revision).operation);
  decided.commit = CommitOf(revision);
  if (const auto hash = state_.HashAt(revision)) {
    decided.hash = ToMessage(HashMessage{.channel = channel_, .revision = revision, .hash = *hash});
  }
  return decided;
}

bool OtHost::CanFollow(uint64_t revision) const {
  return revision >= state_.horizon() && revision <= state_.revision();
}

std::optional<Record> OtHost::Truncate(uint64_t most) {
  if (truncating_ || making_) return std::nullopt;
  if (state_.revision() - state_.horizon() <= most) return std::nullopt;
  truncating_ = state_.revision() - most / 2;
  return TruncationAt(*truncating_);
}

Record OtHost::TruncationAt(uint64_t revision) {
  Record record{.kind = RecordKind::kTruncation, .bytes = {}};
  AppendVarint(record.bytes, revision);
  return record;
}

void OtHost::OnTruncated() {
  // There were as many commits when it was decided.
  COTEXT_CHECK(state_.TruncateBefore(*truncating_).has_value());
  truncating_.reset();
}

Message OtHost::CommitOf(uint64_t revision) const {
  const OtCommit& commit = state_.CommitAt(revision);
  return ToMessage(Commit{.channel = channel_,
                          .revision = commit.revision,
                          .client = commit.client.value,
                          .seq = commit.seq,
                          .operation = EncodeOperation(commit.operation)});
}

std::vector<Record> OtHost::Snapshot() const {
  std::vector<Record> records = writers_.Records();
  records.push_back(
      Record{.kind = RecordKind::kOtState, .bytes = EncodeOtSnapshot(state_.Snapshot())});
  return records;
}

void OtHost::BeginSnapshot() {
  COTEXT_CHECK(!is_truncating());
  making_ = Making{.writer = {}, .made = {}};
}

std::optional<OtHost::Made> OtHost::MakeSnapshot(size_t bytes, uint64_t position) {
  const bool was_fixed = making_->writer.is_fixed();
  const bool is_whole = making_->writer.Write(state_, bytes);
  if (!was_fixed && making_->writer.is_fixed()) {
    making_->made = {.up_to = position, .records = writers_.Records()};
  }
  if (!is_whole) return std::nullopt;
  Making making = *std::exchange(making_, std::nullopt);
  making.made.records.push_back(
      Record{.kind = RecordKind::kOtState, .bytes = std::move(making.writer).Take()});
  return std::move(making.made);
}

}  // namespace cotext::sync
