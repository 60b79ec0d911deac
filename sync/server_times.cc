// What a server does because time has passed.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sync/server.h"

namespace cotext::sync {

std::optional<uint64_t> Server::DueOf(const Connection& connection) const {
  if (!connection.session) return connection.opened_at_ms + options_.greeting_ms;
  return connection.heard_at_ms + (connection.is_pinged ? options_.silence_ms : options_.ping_ms);
}

std::optional<uint64_t> Server::DueOf(const ServerSession& session) const {
  if (!session.connection) return session.detached_at_ms + options_.expiry_ms;
  std::optional<uint64_t> due = session.link.NextTimeMs();
  if (const auto stall = StallDue(session)) due = std::min(due.value_or(UINT64_MAX), *stall);
  return due;
}

std::optional<uint64_t> Server::StallDue(const ServerSession& session) const {
  const auto waiting = session.link.waiting_since_ms();
  if (!waiting || !session.connection) return std::nullopt;
  const uint64_t due_ms = *waiting + options_.stall_ms;
  const auto uploaded_at_ms = connections_.at(*session.connection).uploaded_at_ms;
  if (!uploaded_at_ms) return due_ms;
  const uint64_t latest_ms = *waiting + kUploadStalls * options_.stall_ms;
  return std::clamp(*uploaded_at_ms + options_.ping_ms, due_ms, latest_ms);
}

DueTimes<ConnectionId>::Thing Server::LookAtConnection(ConnectionId id) {
  Connection* const connection = FindConnection(id);
  if (connection == nullptr) return {};
  return {.mark = &connection->due, .due_ms = DueOf(*connection)};
}

DueTimes<SessionId>::Thing Server::LookAtSession(SessionId id) {
  ServerSession* const session = FindSession(id);
  if (session == nullptr) return {};
  return {.mark = &session->due, .due_ms = DueOf(*session)};
}

DueTimes<Channel>::Thing Server::LookAtHub(Channel channel) {
  const auto found = hubs_.find(channel);
  if (found == hubs_.end()) return {};
  return {.mark = &found->second.due, .due_ms = found->second.hub->NextTimeMs()};
}

void Server::NoteDue(ConnectionId id, Connection& connection) {
  connections_due_.Note(id, connection.due, DueOf(connection));
}

void Server::NoteDue(ServerSession& session) {
  sessions_due_.Note(session.id, session.due, DueOf(session));
}

void Server::OnTick(uint64_t now_ms) {
  now_ms_ = now_ms;
  CheckSilence(now_ms);
  CheckSessions(now_ms);
  CheckHubs(now_ms);
  Step(now_ms);
  DropIdleHubs(now_ms);
}

void Server::CheckSilence(uint64_t now_ms) {
  std::vector<std::pair<ConnectionId, std::optional<SessionId>>> late;
  const auto look = [this](ConnectionId id) { return LookAtConnection(id); };
  for (const ConnectionId id : connections_due_.TakeDue(now_ms, look)) {
    Connection& connection = connections_.at(id);
    const bool is_late =
        !connection.session || now_ms >= connection.heard_at_ms + options_.silence_ms;
    if (is_late) {
      late.emplace_back(id, connection.session);
    } else {
      connection.is_pinged = true;
      SendControl(id, ToMessage(Ping{.value = now_ms}));
    }
    NoteDue(id, connection);
  }
  const Error silent{ErrorCode::kTimedOut, "nothing was heard of the client for too long"};
  for (const auto& [id, session] : late)
    session ? Expel(*session, silent) : Refuse(id, silent, 1000);
}

void Server::CheckSessions(uint64_t now_ms) {
  std::vector<SessionId> expired;
  std::vector<SessionId> stalled;
  const auto look = [this](SessionId id) { return LookAtSession(id); };
  for (const SessionId id : sessions_due_.TakeDue(now_ms, look)) {
    ServerSession& session = sessions_.at(id);
    const auto stall_ms = StallDue(session);
    if (!session.connection) {
      expired.push_back(id);
    } else if (stall_ms && now_ms >= *stall_ms) {
      stalled.push_back(id);
    } else {
      MarkDirty(session);
    }
    NoteDue(session);
  }
  for (const SessionId id : expired) EndSession(id);
  for (const SessionId id : stalled) {
    Expel(id, {ErrorCode::kTooSlow, "the client takes nothing any more"});
  }
}

void Server::CheckHubs(uint64_t now_ms) {
  const auto look = [this](Channel channel) { return LookAtHub(channel); };
  for (const Channel channel : hubs_due_.TakeDue(now_ms, look)) {
    Hub& hub = *hubs_.at(channel).hub;
    hub.OnTick(now_ms);
    Collect(hub);
  }
}

std::optional<uint64_t> Server::NextTimeMs() {
  std::optional<uint64_t> next;
  const auto consider = [&](std::optional<uint64_t> due_ms) {
    if (due_ms) next = std::min(next.value_or(UINT64_MAX), *due_ms);
  };
  consider(connections_due_.NextMs([this](ConnectionId id) { return LookAtConnection(id); }));
  consider(sessions_due_.NextMs([this](SessionId id) { return LookAtSession(id); }));
  consider(hubs_due_.NextMs([this](Channel channel) { return LookAtHub(channel); }));
  if (!idle_hubs_.empty()) consider(idle_hubs_.begin()->first);
  if (!stepping_.empty()) consider(now_ms_);
  return next;
}

}  // namespace cotext::sync
