// Who else is in a document, as a client was told.
//
// Thread-compatible; O(log n) each.
#ifndef COTEXT_SYNC_PRESENCE_VIEW_H_
#define COTEXT_SYNC_PRESENCE_VIEW_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "sync/messages.h"

namespace cotext::sync {

struct PresentUser {
  std::string user;
  std::string state;  // The application's bytes.
  bool is_typing = false;

  friend bool operator==(const PresentUser&, const PresentUser&) = default;
};

class PresenceView {
 public:
  // Of a server that sends more, the rest is not kept.
  static constexpr size_t kSessionsMax = 8192;

  // These return whether anything changed. What is said of somebody who did not join is ignored.
  bool OnJoin(Join join) {
    if (users_.size() >= kSessionsMax && !users_.contains(join.session)) return false;
    PresentUser user{.user = std::move(join.user), .state = std::move(join.state)};
    PresentUser& kept = users_[join.session];
    if (kept == user && !user.user.empty()) return false;
    kept = std::move(user);
    return true;
  }
  bool OnPart(const Part& part) { return users_.erase(part.session) > 0; }
  bool OnPresence(Presence presence) {
    const auto found = users_.find(presence.session);
    if (found == users_.end() || found->second.state == presence.state) return false;
    found->second.state = std::move(presence.state);
    return true;
  }
  bool OnTyping(const Typing& typing) {
    const auto found = users_.find(typing.session);
    if (found == users_.end() || found->second.is_typing == typing.is_typing) return false;
    found->second.is_typing = typing.is_typing;
    return true;
  }
  void Clear() { users_.clear(); }

  const std::map<SessionId, PresentUser>& users() const { return users_; }

 private:
  std::map<SessionId, PresentUser> users_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PRESENCE_VIEW_H_
