// When each of many things is due next, so that a turn costs what is due, not what there is.
//
// A thing may be noted for earlier than it is due, never for later: what puts it off, as every word
// of a client does its time-out, need not be noted. Where the thing is looked at when that time has
// come it is noted anew, which was paid for by what put it off.
//
//     Note -> ... -> TakeDue: those that are due, to be noted again by whoever did what was due
//
// O(log n) a call on average, and O(1) for what was only put off. Thread-compatible.
#ifndef COTEXT_SYNC_DUE_TIMES_H_
#define COTEXT_SYNC_DUE_TIMES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "document/sort.h"

namespace cotext::sync {

// Within a thing: for when it is noted.
struct DueMark {
  uint64_t at_ms = UINT64_MAX;
};

template <typename Id>
class DueTimes {
 public:
  // A thing as it is now, which `look(id)` returns below: no mark if there is none, no time if it
  // is not due at any.
  struct Thing {
    DueMark* mark = nullptr;
    std::optional<uint64_t> due_ms = {};
  };

  void Note(const Id& id, DueMark& mark, std::optional<uint64_t> due_ms) {
    if (!due_ms || *due_ms >= mark.at_ms) return;
    Forget(id, mark);
    times_.emplace(*due_ms, id);
    mark.at_ms = *due_ms;
  }

  // To be called before a thing goes; otherwise something is kept for it until its time.
  void Forget(const Id& id, DueMark& mark) {
    if (mark.at_ms != UINT64_MAX) times_.erase({mark.at_ms, id});
    mark.at_ms = UINT64_MAX;
  }

  // Takes those that are due, in the order of their ids.
  template <typename Look>
  std::vector<Id> TakeDue(uint64_t now_ms, const Look& look) {
    std::vector<Id> due;
    while (!times_.empty() && times_.begin()->first <= now_ms) {
      const auto [id, thing] = TakeFirst(look);
      if (thing.mark == nullptr || !thing.due_ms) continue;
      if (*thing.due_ms <= now_ms) {
        due.push_back(id);
      } else {
        Note(id, *thing.mark, thing.due_ms);
      }
    }
    Sort(due);
    return due;
  }

  // When the next of them is due; nothing if none is.
  template <typename Look>
  std::optional<uint64_t> NextMs(const Look& look) {
    while (!times_.empty()) {
      const uint64_t at_ms = times_.begin()->first;
      const auto [id, thing] = TakeFirst(look);
      if (thing.mark == nullptr) continue;
      Note(id, *thing.mark, thing.due_ms);
      if (thing.due_ms && *thing.due_ms <= at_ms) return thing.due_ms;
    }
    return std::nullopt;
  }

  size_t size() const { return times_.size(); }

 private:
  // Takes out what is noted first, and looks at it: as if it were gone, if that was a former thing.
  template <typename Look>
  std::pair<Id, Thing> TakeFirst(const Look& look) {
    const auto [at_ms, id] = *times_.begin();
    times_.erase(times_.begin());
    Thing thing = look(id);
    if (thing.mark == nullptr || thing.mark->at_ms != at_ms) return {id, Thing{}};
    thing.mark->at_ms = UINT64_MAX;
    return {id, thing};
  }

  std::set<std::pair<uint64_t, Id>> times_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_DUE_TIMES_H_
