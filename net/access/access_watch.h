// What becomes of those who were let in: each is told when what he may do changes, or ends
// (access.h), however he is connected.
//
// For the driver's thread. REQUIRES: access and schedule outlive it.
#ifndef COTEXT_NET_ACCESS_ACCESS_WATCH_H_
#define COTEXT_NET_ACCESS_ACCESS_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/access/access.h"
#include "net/base/schedule.h"
#include "sync/grants.h"

namespace cotext::net {

class AccessWatch {
 public:
  // What he may do from now on, or why no more; after that it is not called again.
  using OnChange = std::function<void(Expected<std::vector<sync::Grant>>)>;
  using Id = uint64_t;

  // `wall_ms` is the clock of tokens: milliseconds since 1970.
  AccessWatch(Access& access, Schedule& schedule, std::function<uint64_t()> wall_ms)
      : access_(&access), schedule_(&schedule), wall_ms_(std::move(wall_ms)) {}
  AccessWatch(const AccessWatch&) = delete;
  AccessWatch& operator=(const AccessWatch&) = delete;
  ~AccessWatch() { schedule_->Cancel(timer_); }

  uint64_t WallMs() const { return wall_ms_(); }
  Access& access() { return *access_; }

  Id Add(Admission admission, OnChange on_change);
  void Remove(Id id);

  // Access::Restrict or Lift was called.
  void Check();

 private:
  void Plan();

  Access* access_;
  Schedule* schedule_;
  std::function<uint64_t()> wall_ms_;
  std::map<Id, OnChange> watched_;
  Id next_ = 1;
  Schedule::TaskId timer_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_ACCESS_WATCH_H_
