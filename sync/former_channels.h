// Documents that a server has closed for a session: messages may be on their way still, and are
// ignored instead of ending the session.
//
// Of more than its maximum the earliest is forgotten: by then its last message has come. O(log n),
// Remove O(n). Thread-compatible.
#ifndef COTEXT_SYNC_FORMER_CHANNELS_H_
#define COTEXT_SYNC_FORMER_CHANNELS_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <set>

#include "sync/messages.h"

namespace cotext::sync {

class FormerChannels {
 public:
  void Add(Channel channel, size_t max) {
    if (!channels_.insert(channel).second) return;
    order_.push_back(channel);
    while (order_.size() > max) {
      channels_.erase(order_.front());
      order_.pop_front();
    }
  }
  // It is open again.
  void Remove(Channel channel) {
    if (channels_.erase(channel) > 0) order_.erase(std::ranges::find(order_, channel));
  }

  bool Has(Channel channel) const { return channels_.contains(channel); }
  size_t size() const { return order_.size(); }
  // The earliest first.
  const std::deque<Channel>& channels() const { return order_; }

 private:
  std::set<Channel> channels_;
  std::deque<Channel> order_;  // The same, the earliest first.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_FORMER_CHANNELS_H_
