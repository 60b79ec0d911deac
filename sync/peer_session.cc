#include "sync/peer_session.h"

#include <string>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "sync/message.h"
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
  behind_since_ms_.reset();
  base_sent_ = std::string();
  base_ = BasePieces();
}

void PeerSession::OnTheyHave(const VersionVector& version) {
  if (!theirs_) theirs_.emplace();
  theirs_->Join(version);
  sent_.Join(version);
}

Expected<void> PeerSession::OnMessage(const Message& message, uint64_t now_ms) {
  if (message.kind == MessageKind::kVersion) return OnVersion(message, now_ms);
  if (message.kind == MessageKind::kUpdate) return OnUpdate(message);
  if (message.kind == MessageKind::kBase) return OnBase(message);
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
  if (theirs_ != *version) behind_since_ms_.reset();
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
  return TakeWaiting();
}

Expected<void> PeerSession::OnBase(const Message& message) {
  Expected<std::optional<std::string>> base = base_.Add(message);
  if (!base) return std::unexpected(std::move(base.error()));
  if (!*base) return {};
  if (auto merged = document_->MergeBase(**base); !merged) {
    // Others may have brought something meanwhile: they are told what is here, and decide.
    if (merged.error().code != ErrorCode::kHistoryTrimmed) return merged;
  }
  must_tell_ = true;
  return TakeWaiting();
}

Expected<void> PeerSession::TakeWaiting() {
  while (auto ready = waiting_.TakeReady(document_->version_vector())) {
    COTEXT_RETURN_IF_ERROR(document_->Merge(ready->update));
  }
  return {};
}

// Some pieces of it; what follows it comes with the next call.
Expected<void> PeerSession::AddBase(std::vector<Message>& messages) {
  constexpr size_t kAtOnce = 16 * kPieceBytesMax;
  if (base_sent_.empty()) {
    Expected<std::string> base = document_->EncodeBase();
    if (!base) return std::unexpected(std::move(base.error()));
    base_sent_ = *std::move(base);
    base_offset_ = 0;
  }
  for (size_t bytes = 0; bytes < kAtOnce && base_offset_ < base_sent_.size();) {
    std::string piece = base_sent_.substr(base_offset_, kPieceBytesMax);
    const BaseMessage message{.channel = channel_,
                              .offset = base_offset_,
                              .total = base_sent_.size(),
                              .piece = std::move(piece)};
    bytes += message.piece.size();
    base_offset_ += message.piece.size();
    messages.push_back(ToMessage(message));
  }
  if (base_offset_ < base_sent_.size()) return {};
  base_sent_ = std::string();
  sent_.Join(document_->horizon());
  return {};
}

Expected<void> PeerSession::AddUpdates(std::vector<Message>& messages) {
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
  return {};
}

Expected<std::vector<Message>> PeerSession::TakeMessages(uint64_t now_ms) {
  std::vector<Message> messages;
  const VersionVector mine = document_->version_vector();
  // Before they have said what they have, everything might be sent in vain.
  const bool has_horizon = sent_.Covers(document_->horizon());
  if (has_horizon || sent_.empty()) {
    behind_since_ms_.reset();
  } else if (!behind_since_ms_) {
    behind_since_ms_ = now_ms;
  }
  // Others may bring them what is gone here.
  const bool may_catch_up = behind_since_ms_ && now_ms < *behind_since_ms_ + options_.behind_ms;
  if (theirs_ && !sent_.Covers(mine) && !may_catch_up) {
    const bool lacks_base = sent_.empty() && !has_horizon;
    COTEXT_RETURN_IF_ERROR(lacks_base ? AddBase(messages) : AddUpdates(messages));
    sent_at_ms_ = now_ms;
    has_sent_ = true;
  }
  has_more_ = theirs_ && !sent_.Covers(mine) && !may_catch_up;
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
