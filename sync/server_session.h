// A session at its server: what outlives a connection. server.h has the rules.
#ifndef COTEXT_SYNC_SERVER_SESSION_H_
#define COTEXT_SYNC_SERVER_SESSION_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sync/due_times.h"
#include "sync/former_channels.h"
#include "sync/grants.h"
#include "sync/link.h"
#include "sync/messages.h"
#include "sync/rate_meter.h"

namespace cotext::sync {

using ConnectionId = uint64_t;

struct ServerSession {
  ServerSession(SessionId number, std::string secret, Identity who, MessagePool& pool,
                const LinkOptions& options)
      : id(number), token(std::move(secret)), identity(std::move(who)), link(pool, options) {}

  SessionId id;
  std::string token;
  Identity identity;
  Link link;
  std::optional<ConnectionId> connection = {};  // Nothing while it is detached.
  uint64_t detached_at_ms = 0;
  std::set<Channel> channels = {};      // What it has open.
  FormerChannels former_channels = {};  // What the server has closed.
  // How many documents it may ask for at once by now, and since when.
  uint64_t opens_left = 0;
  uint64_t opens_since_ms = 0;
  // What waited when it last pulled, until less waits than may. That is no reason to end it: one
  // piece of what it lacks may be more than may wait, and would be again.
  size_t pulled_bytes = 0;
  RateMeter messages = {};
  RateMeter bytes = {};
  bool is_dirty = false;  // Has something to send, or to pull.
  DueMark due = {};
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SERVER_SESSION_H_
