// What a server is, for a search through its states (description.h).
#include <algorithm>
#include <cstdint>
#include <optional>

#include "sync/description.h"
#include "sync/server.h"

namespace cotext::sync {
namespace {

void Describe(const Identity& identity, Description& to) {
  to.Bytes(identity.user);
  to.Number(identity.grants.size());
  for (const Grant& grant : identity.grants) {
    to.Bytes(grant.documents);
    to.Number(grant.rights);
    to.Number(grant.is_read_only ? 1 : 0);
  }
}

}  // namespace

void Server::Describe(Description& to) const {
  to.Number(sessions_.size());
  for (const auto& [id, session] : sessions_) DescribeSession(session, to);
  to.Number(next_session_);
  // Those that did not say Hello; the others were told with their sessions.
  for (const auto& [id, connection] : connections_) {
    if (connection.session) continue;
    to.Name(id);
    sync::Describe(connection.identity, to);
    to.Due(connection.opened_at_ms + options_.greeting_ms);
  }
  to.Number(hubs_.size());
  for (const auto& [channel, entry] : hubs_) {
    to.Number(channel);
    to.Bytes(entry.hub->name());
    entry.hub->Describe(to);
    to.Due(entry.drop_at_ms);
  }
  to.Number(next_channel_);
  to.Number(stepping_.size());
  for (const Channel channel : stepping_) to.Number(channel);
  to.Number(loads_waiting_.size());
  for (const Channel channel : loads_waiting_) to.Number(channel);
  to.Number(tickets_.size());
  for (const auto& [ticket, call] : tickets_) {
    to.Number(call.channel);
    to.Number(static_cast<uint64_t>(call.kind));
  }
  to.Number(is_shutting_down_ ? 1 : 0);
}

void Server::DescribeSession(const ServerSession& session, Description& to) const {
  to.Number(session.id);
  to.Bytes(session.token);
  sync::Describe(session.identity, to);
  session.link.Describe(to);
  to.Due(StallDue(session));
  to.Number(session.connection ? 1 : 0);
  if (session.connection) {
    const Connection& connection = connections_.at(*session.connection);
    to.Name(*session.connection);
    sync::Describe(connection.identity, to);
    const uint64_t ping_ms = connection.heard_at_ms + options_.ping_ms;
    to.Due(connection.is_pinged ? std::nullopt : std::optional(ping_ms));
    to.Due(connection.heard_at_ms + options_.silence_ms);
  } else {
    to.Due(session.detached_at_ms + options_.expiry_ms);
  }
  to.Number(session.channels.size());
  for (const Channel channel : session.channels) to.Number(channel);
  to.Number(session.former_channels.size());
  for (const Channel channel : session.former_channels.channels()) to.Number(channel);
  const uint64_t opens = session.opens_left + NewOpens(session, to.now_ms());
  to.Room(std::min<uint64_t>(opens, options_.channels_max));
  to.Number(session.pulled_bytes);
  to.Number(session.is_dirty ? 1 : 0);
}

}  // namespace cotext::sync
