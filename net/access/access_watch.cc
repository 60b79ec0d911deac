#include "net/access/access_watch.h"

#include <algorithm>
#include <optional>

namespace cotext::net {
namespace {

// The clock of tokens can be set, so it is looked at again after this, however far off an end is.
constexpr uint64_t kLookMsMax = 60'000;

}  // namespace

AccessWatch::Id AccessWatch::Add(Admission admission, OnChange on_change) {
  const Id id = next_++;
  watched_.emplace(id, std::move(on_change));
  access_->OnConnect(id, std::move(admission));
  Plan();
  return id;
}

void AccessWatch::Remove(Id id) {
  if (watched_.erase(id) > 0) access_->OnDisconnect(id);
}

void AccessWatch::Check() {
  for (AccessChange& change : access_->TakeChanges(WallMs())) {
    const auto found = watched_.find(change.connection);
    if (found == watched_.end()) continue;
    const OnChange on_change = found->second;
    if (!change.grants) watched_.erase(found);
    on_change(std::move(change.grants));
  }
  Plan();
}

void AccessWatch::Plan() {
  schedule_->Cancel(timer_);
  const std::optional<uint64_t> next = access_->NextTimeMs();
  if (!next) return;
  const uint64_t now_ms = WallMs();
  const uint64_t wait_ms = *next > now_ms ? *next - now_ms : 0;
  timer_ = schedule_->After(std::min(wait_ms, kLookMsMax), [this] {
    timer_ = 0;
    Check();
  });
}

}  // namespace cotext::net
