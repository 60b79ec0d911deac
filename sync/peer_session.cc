#include "sync/peer_session.h"

#include <string>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "sync/pieces.h"

namespace cotext::sync {

void PeerSession::OnConnected() {
  theirs_.reset();
  sent_ = VersionVector();
  has_sent_ = false;
  has_more_ = false;
  told_.reset();
  must_tell_ = true;
  waiting_ = CausalBuffer();
}

void PeerSession::OnTheyHave(const VersionVector& version) {
  if (!theirs_) theirs_.emplace();
  theirs_->Join(version);
  sent_.Join(version);
}

Expected<void> PeerSession::OnMessage(const Message& message, uint64_t now_ms) {
  if (message.kind == MessageKind::kVersion) return OnVersion(message, now_ms);
  if (message.kind == MessageKind::kUpdate) return OnUpdate(message);
  return {};
}

Expected<void> PeerSession::OnVersion(const Message& message, uint64_t now_ms) {
  const Expected<VersionMessage> read = ReadVersion(message);
  if (!read) return std::unexpected(read.error());
  Expected<VersionVector> version = VersionVector::Decode(read->version);
  if (!version) return std::unexpected(std::move(version.error()));
  // What was sent a moment ago may not be in it yet.
  const bool is_fresh = has_sent_ && now_ms < sent_at_ms_ + options_.tell_ms;
  if (!is_fresh) sent_ = *version;
  theirs_ = std::move(*version);
  const bool is_told = told_ == document_->version_vector() && is_in_step() &&
                       now_ms < told_at_ms_ + options_.tell_ms;
  must_tell_ |= !is_told && (is_in_step() || !document_->version_vector().Covers(*theirs_));
  return {};
}

Expected<void> PeerSession::OnUpdate(const Message& message) {
  Expected<UpdateMessage> read = ReadUpdate(message);
  if (!read) return std::unexpected(std::move(read.error()));
  Expected<UpdateRange> range = RangeOfUpdate(read->update);
  if (!range) return std::unexpected(std::move(range.error()));
  OnTheyHave(range->reaches);
  if (!document_->version_vector().Covers(range->needs)) {
    // One that finds no room comes again, as they are told that it is not here.
    waiting_.Add({.update = std::move(read->update), .range = std::move(*range)});
    must_tell_ = true;
    return {};
  }
  COTEXT_RETURN_IF_ERROR(document_->Merge(read->update));
  while (auto ready = waiting_.TakeReady(document_->version_vector())) {
    COTEXT_RETURN_IF_ERROR(document_->Merge(ready->update));
  }
  return {};
}

Expected<std::vector<Message>> PeerSession::TakeMessages(uint64_t now_ms) {
  std::vector<Message> messages;
  const VersionVector mine = document_->version_vector();
  // Before they have said what they have, everything might be sent in vain.
  if (theirs_ && !sent_.Covers(mine)) {
    Expected<std::string> update = document_->EncodeSince(sent_, options_.operations_at_once);
    if (!update) return std::unexpected(std::move(update.error()));
    const Expected<UpdateRange> range = RangeOfUpdate(*update);
    if (!range) return std::unexpected(range.error());
    Expected<std::vector<std::string>> pieces = InPieces(std::move(*update));
    if (!pieces) return std::unexpected(std::move(pieces.error()));
    for (std::string& piece : *pieces) {
      messages.push_back(ToMessage(UpdateMessage{.channel = channel_, .update = std::move(piece)}));
    }
    sent_.Join(range->reaches);
    sent_at_ms_ = now_ms;
    has_sent_ = true;
  }
  has_more_ = theirs_ && !sent_.Covers(mine);
  const bool is_due = !is_in_step() && now_ms >= told_at_ms_ + options_.tell_ms;
  if (!must_tell_ && !is_due) return messages;
  must_tell_ = false;
  told_at_ms_ = now_ms;
  messages.push_back(ToMessage(VersionMessage{.channel = channel_, .version = mine.Encode()}));
  told_ = mine;
  return messages;
}

std::optional<uint64_t> PeerSession::NextTimeMs() const {
  if (has_more_) return sent_at_ms_;
  if (must_tell_) return told_at_ms_;
  if (is_in_step()) return std::nullopt;
  return told_at_ms_ + options_.tell_ms;
}

}  // namespace cotext::sync
