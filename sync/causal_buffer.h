// Updates that came before something they follow: they wait until it is there.
//
// Bounded: what does not fit is not taken, and is asked for again by whoever asks for what is
// missing. Finding one that is ready is linear in what waits, which is at most kUpdatesMax.
// Thread-compatible.
#ifndef COTEXT_SYNC_CAUSAL_BUFFER_H_
#define COTEXT_SYNC_CAUSAL_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/update_tools.h"
#include "crdt/version_vector.h"
#include "sync/description.h"
#include "sync/messages.h"

namespace cotext::sync {

class CausalBuffer {
 public:
  static constexpr size_t kUpdatesMax = 256;
  static constexpr size_t kOfOneSessionMax = 64;
  static constexpr size_t kBytesMax = size_t{1} << 22U;

  struct Waiting {
    std::string update;
    UpdateRange range;
    SessionId from = 0;
  };

  // Returns whether there was room.
  bool Add(Waiting waiting) {
    if (waiting_.size() >= kUpdatesMax || bytes_ + waiting.update.size() > kBytesMax) return false;
    const auto from = std::ranges::count(waiting_, waiting.from, &Waiting::from);
    if (static_cast<size_t>(from) >= kOfOneSessionMax) return false;
    bytes_ += waiting.update.size();
    waiting_.push_back(std::move(waiting));
    return true;
  }

  // Takes out the first of those that `version` has everything for.
  std::optional<Waiting> TakeReady(const VersionVector& version) {
    const auto ready = std::ranges::find_if(
        waiting_, [&](const Waiting& waiting) { return version.Covers(waiting.range.needs); });
    if (ready == waiting_.end()) return std::nullopt;
    Waiting taken = std::move(*ready);
    bytes_ -= taken.update.size();
    waiting_.erase(ready);
    return taken;
  }

  // Returns whether there was anything.
  bool DropFrom(SessionId session) {
    const size_t dropped = std::erase_if(waiting_, [&](const Waiting& waiting) {
      if (waiting.from != session) return false;
      bytes_ -= waiting.update.size();
      return true;
    });
    return dropped > 0;
  }

  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }
  size_t bytes() const { return bytes_; }

  void Describe(Description& to) const {
    to.Number(waiting_.size());
    for (const Waiting& waiting : waiting_) {
      to.Bytes(waiting.update);
      to.Number(waiting.from);
    }
  }

 private:
  std::vector<Waiting> waiting_;  // In the order in which they came.
  size_t bytes_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_CAUSAL_BUFFER_H_
