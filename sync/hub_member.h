// A session in a document, as the document's hub sees it.
#ifndef COTEXT_SYNC_HUB_MEMBER_H_
#define COTEXT_SYNC_HUB_MEMBER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "crdt/version_vector.h"
#include "sync/messages.h"

namespace cotext::sync {

// An upload that is not durable yet.
struct Unacknowledged {
  uint64_t upto = 0;
  uint64_t since_ms = 0;
  bool is_received_told = false;
};

struct HubMember {
  std::string user;
  Rights rights = 0;
  bool is_seen = false;

  // Who is not live is behind: hears nothing of what is new, and pulls what it lacks of what is
  // durable.
  bool is_live = false;
  VersionVector known = {};               // RGA: what it has when it is done with the backlog.
  std::optional<uint64_t> revision = {};  // OT: likewise; nothing if it needs the text.
  std::deque<Message> backlog = {};       // What it gets next.
  std::set<SessionId> news = {};          // Whose presence changed meanwhile.

  bool is_asked =
      false;  // For what is missing, and has not sent anything since that could be taken.
  bool is_dropped = false;  // Something that came too early found no room.
  std::map<uint64_t, Unacknowledged> unacknowledged = {};  // By writer.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_HUB_MEMBER_H_
