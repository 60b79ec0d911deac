#include "sync/ot_client.h"

#include <utility>

#include "document/varint.h"
#include "ot/operation_codec.h"
#include "ot/submission.h"
#include "sync/revision_bytes.h"

namespace cotext::sync {

Open OtClient::OpenMessage(std::string name, uint64_t request) const {
  return Open{
      .request = request,
      .engine = Engine::kOt,
      .writer = replica_->client().value,
      .id = id_,
      .name = std::move(name),
      .version = replica_->needs_snapshot() ? std::string() : RevisionBytes(replica_->revision())};
}

Expected<void> OtClient::OnOpened(const Opened& opened) {
  if (opened.engine != Engine::kOt) {
    return MakeError(ErrorCode::kWrongEngine, "the server's document uses the other engine");
  }
  if (id_ != DocumentId{} && id_ != opened.id) {
    return MakeError(ErrorCode::kDocumentReplaced, "the server's document is another one");
  }
  const Expected<uint64_t> revision = ReadRevision(opened.version);
  if (!revision) return std::unexpected(revision.error());
  // Its text is older than this one, and what it will commit from there on is something else.
  if (*revision < replica_->revision()) {
    // What is pending cannot be submitted to it: the application decides what becomes of it. Who
    // has nothing can go on with a server that has it all.
    const bool has_pending = replica_->edits_unsent() + replica_->edits_unacknowledged() > 0;
    const bool can_give_up = has_pending && !replica_->document().in_transaction();
    if (auto edits = can_give_up ? replica_->GiveUp() : std::nullopt) {
      handed_back_.push_back(std::move(*edits));
    }
    return MakeError(ErrorCode::kUnknownRevision,
                     "the server has lost revisions that this client has seen");
  }
  id_ = opened.id;
  channel_ = opened.channel;
  rights_ = opened.rights;
  goal_ = *revision;
  text_.clear();
  has_asked_for_text_ = false;
  replica_->Reconnect();
  // What the replica lacks comes unasked.
  return replica_->OnTooOld(opened.horizon);
}

void OtClient::OnClosed() {
  channel_ = 0;
  text_.clear();
  has_asked_for_text_ = false;
}

Expected<void> OtClient::OnMessage(const Message& message) {
  COTEXT_RETURN_IF_ERROR(Take(message));
  if (!replica_->is_stopped()) return {};
  if (auto edits = replica_->GiveUp()) handed_back_.push_back(std::move(*edits));
  return MakeError(ErrorCode::kClientStopped, "nothing can be submitted under this id any more");
}

Expected<void> OtClient::Take(const Message& message) {
  switch (message.kind) {
    case MessageKind::kCommit: return OnCommit(message);
    case MessageKind::kAck: return OnAck(message);
    case MessageKind::kRefusal: return OnRefusal(message);
    case MessageKind::kSnapshot: return OnSnapshot(message);
    case MessageKind::kHash: return OnHash(message);
    default: return {};
  }
}

Expected<void> OtClient::OnCommit(const Message& message) {
  const Expected<Commit> commit = ReadCommit(message);
  if (!commit) return std::unexpected(commit.error());
  Expected<Delta> operation = DecodeOperation(commit->operation);
  if (!operation) return std::unexpected(std::move(operation.error()));
  return replica_->OnCommit(OtCommit{.revision = commit->revision,
                                     .client = {.value = commit->client},
                                     .seq = commit->seq,
                                     .operation = std::move(*operation)});
}

Expected<void> OtClient::OnAck(const Message& message) {
  const Expected<Ack> ack = ReadAck(message);
  if (!ack) return std::unexpected(ack.error());
  if (ack->writer != replica_->client().value || ack->level != AckLevel::kDurable) return {};
  return replica_->OnAcknowledged(ack->upto, ack->revision);
}

Expected<void> OtClient::OnRefusal(const Message& message) {
  const Expected<Refusal> refusal = ReadRefusal(message);
  if (!refusal) return std::unexpected(refusal.error());
  if (refusal->client != replica_->client().value) return {};
  COTEXT_RETURN_IF_ERROR(replica_->OnTooOld(refusal->horizon));
  return replica_->OnRefused(refusal->seq, refusal->code, refusal->revision);
}

Expected<void> OtClient::OnSnapshot(const Message& message) {
  const Expected<Snapshot> snapshot = ReadSnapshot(message);
  if (!snapshot) return std::unexpected(snapshot.error());
  if (snapshot->offset == 0) {
    text_.clear();
    text_revision_ = snapshot->revision;
  }
  // Of one that was broken off, the rest is of no use.
  if (snapshot->offset != text_.size() || snapshot->revision != text_revision_) return {};
  if (snapshot->total > TextBufferOptions::kMaxBytes) {
    return MakeError(ErrorCode::kTooLarge, "the server's text is too long");
  }
  text_ += snapshot->piece;
  if (text_.size() < snapshot->total) return {};
  const std::string text = std::exchange(text_, {});
  if (!std::exchange(has_asked_for_text_, false) && text_revision_ > replica_->revision()) {
    // A text in place of commits says that those are gone, and none of them will come.
    COTEXT_RETURN_IF_ERROR(replica_->OnTooOld(text_revision_));
  }
  Expected<OtSnapshotOutcome> outcome = replica_->OnSnapshot(text_revision_, text);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (outcome->handed_back) handed_back_.push_back(std::move(*outcome->handed_back));
  return {};
}

Expected<void> OtClient::OnHash(const Message& message) {
  const Expected<HashMessage> hash = ReadHash(message);
  if (!hash) return std::unexpected(hash.error());
  const Expected<bool> compared = replica_->OnTextHash(hash->revision, hash->hash);
  if (!compared) return std::unexpected(compared.error());
  return {};
}

Expected<std::vector<Message>> OtClient::TakeMessages(size_t /*bytes_max*/) {
  std::vector<Message> messages;
  if (!is_open()) return messages;
  if (const auto missing = replica_->NextMissing()) {
    messages.push_back(
        ToMessage(Request{.channel = channel_, .version = RevisionBytes(missing->after)}));
  }
  if (replica_->needs_snapshot() && !std::exchange(has_asked_for_text_, true)) {
    messages.push_back(ToMessage(Request{.channel = channel_, .version = {}}));
  }
  if ((rights_ & kMayWrite) == 0) return messages;
  while (const auto submission = replica_->NextSubmission()) {
    messages.push_back(ToMessage(Submit{.channel = channel_,
                                        .client = submission->client.value,
                                        .seq = submission->seq,
                                        .base = submission->base,
                                        .operation = EncodeOperation(submission->operation)}));
  }
  return messages;
}

}  // namespace cotext::sync
