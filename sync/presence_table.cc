#include "sync/presence_table.h"

#include <algorithm>
#include <utility>

namespace cotext::sync {
namespace {

std::unexpected<Error> Unseen() {
  return MakeError(ErrorCode::kForbidden, "the session is not seen in this document");
}

}  // namespace

PresenceTable::News PresenceTable::JoinOf(SessionId session, const Entry& entry) const {
  return News{
      .session = session,
      .message = ToMessage(
          Join{.channel = channel_, .session = session, .user = entry.user, .state = entry.state})};
}

PresenceTable::News PresenceTable::PartOf(SessionId session) const {
  return News{.session = session,
              .message = ToMessage(Part{.channel = channel_, .session = session})};
}

PresenceTable::News PresenceTable::PresenceOf(SessionId session, const Entry& entry) const {
  return News{.session = session,
              .message = ToMessage(
                  Presence{.channel = channel_, .session = session, .state = entry.state})};
}

PresenceTable::News PresenceTable::TypingOf(SessionId session, bool is_typing) const {
  return News{.session = session,
              .message = ToMessage(
                  Typing{.channel = channel_, .session = session, .is_typing = is_typing})};
}

void PresenceTable::TellDue(SessionId session, Entry& entry, uint64_t now_ms,
                            std::vector<News>& news) {
  if (!entry.is_told && now_ms >= entry.tell_from_ms) {
    entry.is_told = true;
    entry.tell_from_ms = now_ms + kTellEveryMs;
    news.push_back(PresenceOf(session, entry));
  }
  const bool is_typing = entry.typing_until_ms != 0;
  if (is_typing != entry.is_typing_told && now_ms >= entry.typing_from_ms) {
    entry.is_typing_told = is_typing;
    entry.typing_from_ms = now_ms + kTellEveryMs;
    news.push_back(TypingOf(session, is_typing));
  }
  due_.Note(session, entry.due, DueOf(entry));
}

std::optional<PresenceTable::News> PresenceTable::Enter(SessionId session, std::string_view user) {
  if (entries_.size() >= kSessionsMax) return std::nullopt;
  const auto [at, is_new] = entries_.emplace(session, Entry{.user = std::string(user)});
  if (!is_new) return std::nullopt;
  return JoinOf(session, at->second);
}

std::optional<PresenceTable::News> PresenceTable::Leave(SessionId session) {
  const auto found = entries_.find(session);
  if (found == entries_.end()) return std::nullopt;
  due_.Forget(session, found->second.due);
  entries_.erase(found);
  return PartOf(session);
}

Expected<std::vector<PresenceTable::News>> PresenceTable::SetState(SessionId session,
                                                                   std::string_view state,
                                                                   uint64_t now_ms) {
  const auto found = entries_.find(session);
  if (found == entries_.end()) return Unseen();
  Entry& entry = found->second;
  std::vector<News> news;
  if (entry.state == state) return news;
  entry.state = state;
  entry.is_told = false;
  TellDue(session, entry, now_ms, news);
  return news;
}

Expected<std::vector<PresenceTable::News>> PresenceTable::SetTyping(SessionId session,
                                                                    bool is_typing,
                                                                    uint64_t now_ms) {
  const auto found = entries_.find(session);
  if (found == entries_.end()) return Unseen();
  std::vector<News> news;
  found->second.typing_until_ms = is_typing ? now_ms + kTypingMs : 0;
  TellDue(session, found->second, now_ms, news);
  return news;
}

std::vector<PresenceTable::News> PresenceTable::OnTick(uint64_t now_ms) {
  std::vector<News> news;
  const auto look = [this](SessionId session) { return Look(session); };
  for (const SessionId session : due_.TakeDue(now_ms, look)) {
    Entry& entry = entries_.at(session);
    if (now_ms >= entry.typing_until_ms) entry.typing_until_ms = 0;
    TellDue(session, entry, now_ms, news);
  }
  return news;
}

std::optional<uint64_t> PresenceTable::NextTimeMs() {
  return due_.NextMs([this](SessionId session) { return Look(session); });
}

std::optional<uint64_t> PresenceTable::DueOf(const Entry& entry) {
  std::optional<uint64_t> next;
  const auto consider = [&](uint64_t time) { next = next ? std::min(*next, time) : time; };
  if (!entry.is_told) consider(entry.tell_from_ms);
  if (entry.typing_until_ms != 0) consider(entry.typing_until_ms);
  if ((entry.typing_until_ms != 0) != entry.is_typing_told) consider(entry.typing_from_ms);
  return next;
}

DueTimes<SessionId>::Thing PresenceTable::Look(SessionId session) {
  const auto found = entries_.find(session);
  if (found == entries_.end()) return {};
  return {.mark = &found->second.due, .due_ms = DueOf(found->second)};
}

std::vector<PresenceTable::News> PresenceTable::About(SessionId session) const {
  std::vector<News> news;
  const auto found = entries_.find(session);
  if (found == entries_.end()) {
    news.push_back(PartOf(session));
    return news;
  }
  news.push_back(JoinOf(session, found->second));
  if (found->second.typing_until_ms != 0) news.push_back(TypingOf(session, true));
  return news;
}

std::vector<SessionId> PresenceTable::Sessions() const {
  std::vector<SessionId> sessions;
  for (const auto& [session, entry] : entries_) sessions.push_back(session);
  return sessions;
}

void PresenceTable::Describe(Description& to) const {
  to.Number(entries_.size());
  for (const auto& [session, entry] : entries_) {
    to.Number(session);
    to.Bytes(entry.user);
    to.Bytes(entry.state);
    to.Number(entry.is_told ? 1 : 0);
    to.Due(entry.tell_from_ms);
    to.Due(entry.typing_until_ms == 0 ? std::nullopt : std::optional(entry.typing_until_ms));
    to.Number(entry.is_typing_told ? 1 : 0);
    to.Due(entry.typing_from_ms);
  }
}

}  // namespace cotext::sync
