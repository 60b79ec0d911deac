// A session in a document, as the document's hub sees it.
#ifndef COTEXT_SYNC_HUB_MEMBER_H_
#define COTEXT_SYNC_HUB_MEMBER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "crdt/version_vector.h"
#include "sync/due_times.h"
#include "sync/messages.h"

namespace cotext::sync {

// An upload that is not durable yet.
struct Unacknowledged {
  uint64_t upto = 0;
  uint64_t since_ms = 0;         // When the first came that is_received_told does not count.
  bool is_received_told = true;  // Of all up to `upto`.
  DueMark due = {};              // To be told.
};

struct HubMember {
  std::string user;
  Rights rights = 0;
  uint64_t writer = 0;  // What it opened the document to write under.
  bool is_seen = false;

  // Who is not live is behind: hears nothing of what is new, and pulls what it lacks of what is
  // durable.
  bool is_live = false;
  VersionVector known = {};                // RGA: what it has, and
  size_t position = 0;                     // where in the log to look for what it lacks;
  size_t base_sent = 0;                    // how much of the base, if it has nothing of that.
  std::optional<uint64_t> revision = {};   // OT: what it has; nothing if it needs the text,
  uint64_t text_from = 0;                  // one of this revision or a later one;
  uint64_t text = 0;                       // which text it is being sent, 0 if none,
  size_t text_sent = 0;                    // and how much of it.
  std::set<uint64_t> untold_writers = {};  // Of those who relay: before that, whose they are.
  std::set<SessionId> news = {};           // Whose presence changed meanwhile, and
  std::set<SessionId> left = {};           // who of them has gone.

  bool is_asked =
      false;  // For what is missing, and has not sent anything since that could be taken.
  std::map<uint64_t, Unacknowledged> unacknowledged = {};  // By writer.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_HUB_MEMBER_H_
