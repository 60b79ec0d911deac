// Who is there: the sessions that show themselves in a document, and what each shows of itself.
//
// The server owns it: an entry belongs to a session, carries the user that the server takes it for,
// and goes with the session. A state is told at most every kTellEveryMs, the latest one, and so is
// whether somebody types: however often a session changes either, others hear little of it, and at
// last what is true. Whoever types and does not say that he stopped is taken to have after
// kTypingMs.
//
// Inputs return what all others are to be told, each with the session it is about.
// O(log n) each, OnTick and NextTimeMs on average for each session that has something to tell.
// Thread-compatible.
#ifndef COTEXT_SYNC_PRESENCE_TABLE_H_
#define COTEXT_SYNC_PRESENCE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "sync/description.h"
#include "sync/due_times.h"
#include "sync/messages.h"

namespace cotext::sync {

class PresenceTable {
 public:
  static constexpr size_t kSessionsMax = 4096;
  static constexpr uint64_t kTellEveryMs = 50;
  static constexpr uint64_t kTypingMs = 5000;

  // What is to be told of a session.
  struct News {
    SessionId session = 0;
    Message message;
  };

  explicit PresenceTable(Channel channel) : channel_(channel) {}

  // Returns nothing if there are as many as may be: then the session stays unseen.
  std::optional<News> Enter(SessionId session, std::string_view user);
  std::optional<News> Leave(SessionId session);

  // kForbidden if the session is unseen.
  Expected<std::vector<News>> SetState(SessionId session, std::string_view state, uint64_t now_ms);
  Expected<std::vector<News>> SetTyping(SessionId session, bool is_typing, uint64_t now_ms);

  std::vector<News> OnTick(uint64_t now_ms);
  // When OnTick may have something; nothing if never.
  std::optional<uint64_t> NextTimeMs();

  // Returns all that there is to tell of a session, which may be that it is gone.
  std::vector<News> About(SessionId session) const;
  std::vector<SessionId> Sessions() const;

  bool Has(SessionId session) const { return entries_.contains(session); }

  size_t size() const { return entries_.size(); }

  void Describe(Description& to) const;

 private:
  struct Entry {
    std::string user = {};
    std::string state = {};
    bool is_told = true;           // What state says.
    uint64_t tell_from_ms = 0;     // A state is not told before.
    uint64_t typing_until_ms = 0;  // 0: is not typing.
    bool is_typing_told = false;   // What others were told.
    uint64_t typing_from_ms = 0;   // Typing is not told before.
    DueMark due = {};
  };

  News JoinOf(SessionId session, const Entry& entry) const;
  News PartOf(SessionId session) const;
  News PresenceOf(SessionId session, const Entry& entry) const;
  News TypingOf(SessionId session, bool is_typing) const;
  static std::optional<uint64_t> DueOf(const Entry& entry);
  DueTimes<SessionId>::Thing Look(SessionId session);
  // Adds what of an entry is to be told now.
  void TellDue(SessionId session, Entry& entry, uint64_t now_ms, std::vector<News>& news);

  Channel channel_;
  std::map<SessionId, Entry> entries_;
  DueTimes<SessionId> due_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PRESENCE_TABLE_H_
