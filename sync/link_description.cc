// What an end of a session is, for a search through its states (description.h).
#include <algorithm>
#include <optional>

#include "sync/description.h"
#include "sync/link.h"

namespace cotext::sync {

void Link::Describe(Description& to) const {
  to.Number(acknowledged_);
  to.Number(ever_sent_);
  to.Number(sent_);
  to.Number(queue_.size());
  for (const Queued& queued : queue_) to.Add(pool_->Get(queued.ref));
  const bool sends_again = options_.resend_ms > 0;
  const uint64_t wait_ms = std::max(resend_wait_ms_, options_.resend_ms);
  to.Number(sends_again ? wait_ms : 0);
  to.Due(sends_again && sent_at_ms_ ? std::optional(OverdueMs()) : std::nullopt);
  to.Number(received_);
  to.Number(unacknowledged_bytes_);
  to.Number(to.now_ms() < held_until_ms_ ? received_ - told_received_ : 0);
  to.Due(ack_due_ms_ ? std::optional(std::max(*ack_due_ms_, held_until_ms_)) : std::nullopt);
  to.Number(ask_again_ ? 1 : 0);
  to.Number(answered_ ? *answered_ + 1 : 0);
}

}  // namespace cotext::sync
