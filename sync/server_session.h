// A session at its server: what outlives a connection. server.h has the rules.
#ifndef COTEXT_SYNC_SERVER_SESSION_H_
#define COTEXT_SYNC_SERVER_SESSION_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sync/grants.h"
#include "sync/link.h"
#include "sync/messages.h"

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
  std::set<Channel> channels = {};  // What it has open.
  // What the server has closed: messages may be on their way still.
  std::set<Channel> former_channels = {};
  bool is_dirty = false;  // Has something to send, or to pull.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SERVER_SESSION_H_
