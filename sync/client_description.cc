// What a client is, for a search through its states (description.h).
#include <optional>

#include "sync/client.h"
#include "sync/description.h"

namespace cotext::sync {

void Client::Describe(Description& to) const {
  to.Number(static_cast<uint64_t>(phase_));
  to.Number(static_cast<uint64_t>(status_));
  const bool is_connected = phase_ == Phase::kGreeting || phase_ == Phase::kReady;
  const auto due = [&](bool is_so, uint64_t at_ms) {
    to.Due(is_so ? std::optional(at_ms) : std::nullopt);
  };
  due(phase_ == Phase::kWaiting, retry_at_ms_);
  due(is_connected && !pinged_at_ms_, heard_at_ms_ + options_.ping_ms);
  due(is_connected && pinged_at_ms_, pinged_at_ms_ ? AnswerDueMs() : 0);
  to.Number(backoff_.attempts());
  to.Number(asked_for_ms_);
  to.Number(session_);
  to.Bytes(token_);
  to.Number(link_ ? 1 : 0);
  if (link_) link_->Describe(to);
  to.Number(next_document_);
  to.Number(last_queued_);
  to.Number(next_request_);
  to.Number(abandoned_.size());
  for (const auto& [request, name] : abandoned_) {
    to.Number(request);
    to.Bytes(name);
  }
  to.Number(entries_.size());
  for (const auto& [key, entry] : entries_) {
    to.Number(key);
    DescribeEntry(entry, to);
  }
}

void Client::DescribeEntry(const Entry& entry, Description& to) const {
  to.Bytes(entry.name);
  entry.exchange.Describe(to);
  to.Number(entry.request);
  to.Due(entry.hold_until_ms == 0 ? std::nullopt : std::optional(entry.hold_until_ms));
  to.Number(entry.has_failed ? 1 : 0);
  to.Number(entry.is_caught_up ? 1 : 0);
  to.Number(entry.presence.users().size());
  for (const auto& [session, user] : entry.presence.users()) {
    to.Number(session);
    to.Bytes(user.user);
    to.Bytes(user.state);
    to.Number(user.is_typing ? 1 : 0);
  }
  to.Bytes(entry.state);
  to.Number(entry.is_typing ? 1 : 0);
  to.Number(entry.has_state_to_send ? 1 : 0);
  to.Number(entry.has_typing_to_send ? 1 : 0);
  to.Due(entry.state_from_ms);
  to.Due(entry.typing_from_ms);
  to.Number(entry.is_typing_told ? 1 : 0);
  to.Due(entry.typing_told_at_ms + options_.typing_again_ms);
  to.Due(entry.is_held_told ? std::nullopt : entry.held_at_ms);
  to.Number(entry.is_held_told ? 1 : 0);
}

}  // namespace cotext::sync
