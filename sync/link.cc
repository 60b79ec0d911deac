#include "sync/link.h"

#include <algorithm>
#include <utility>

#include "document/check.h"
#include "sync/slow_line.h"

namespace cotext::sync {

Link::Link(Link&& other) noexcept
    : pool_(other.pool_),
      options_(other.options_),
      queue_(std::exchange(other.queue_, {})),
      acknowledged_(other.acknowledged_),
      ever_sent_(other.ever_sent_),
      sent_(std::exchange(other.sent_, 0)),
      sent_bytes_(std::exchange(other.sent_bytes_, 0)),
      queued_bytes_(std::exchange(other.queued_bytes_, 0)),
      resend_wait_ms_(other.resend_wait_ms_),
      sent_at_ms_(other.sent_at_ms_),
      waiting_since_ms_(other.waiting_since_ms_),
      received_(other.received_),
      told_received_(other.told_received_),
      held_until_ms_(other.held_until_ms_),
      unacknowledged_bytes_(other.unacknowledged_bytes_),
      ack_due_ms_(other.ack_due_ms_),
      ask_again_(other.ask_again_),
      answered_(other.answered_) {}

Link::~Link() {
  for (const Queued& queued : queue_) pool_->Release(queued.ref);
}

void Link::Push(MessageRef ref) {
  const size_t cost = CostOf(pool_->Get(ref));
  queue_.push_back(Queued{.ref = ref, .cost = cost});
  queued_bytes_ += cost;
}

Expected<size_t> Link::Accept(const PacketHead& head, size_t messages, size_t bytes,
                              uint64_t now_ms) {
  if (head.received > ever_sent_) {
    return MakeError(ErrorCode::kBadMessage, "acknowledges messages that were not sent");
  }
  Acknowledge(head.received, now_ms);
  if (head.again && std::exchange(answered_, head.received) != head.received) SendAgain();
  if (head.first == 0 || messages == 0) return 0;

  const uint64_t next = received_ + 1;
  if (head.first > next) {
    ask_again_ = true;
    return messages;
  }
  const size_t known = static_cast<size_t>(std::min<uint64_t>(next - head.first, messages));
  received_ += messages - known;
  unacknowledged_bytes_ += bytes;
  if (!ack_due_ms_) ack_due_ms_ = now_ms + options_.ack_delay_ms;
  // What comes twice was not known to have come.
  if (known > 0 || unacknowledged_bytes_ >= options_.window_bytes / 4) ack_due_ms_ = now_ms;
  return known;
}

void Link::Acknowledge(uint64_t received, uint64_t now_ms) {
  if (received <= acknowledged_) return;
  for (uint64_t count = received - acknowledged_; count > 0; --count) {
    const Queued& queued = queue_.front();
    pool_->Release(queued.ref);
    queued_bytes_ -= queued.cost;
    // What was to be sent again had come after all.
    if (sent_ > 0) {
      sent_bytes_ -= queued.cost;
      --sent_;
    }
    queue_.pop_front();
  }
  acknowledged_ = received;
  resend_wait_ms_ = options_.resend_ms;
  sent_at_ms_.reset();
  waiting_since_ms_.reset();
  if (sent_ > 0) sent_at_ms_ = waiting_since_ms_ = now_ms;
}

void Link::SendAgain() {
  sent_at_ms_.reset();
  sent_ = 0;
  sent_bytes_ = 0;
}

bool Link::Resume(uint64_t received) {
  if (received < acknowledged_ || received > ever_sent_) return false;
  Acknowledge(received, 0);
  SendAgain();
  waiting_since_ms_.reset();
  ask_again_ = false;
  answered_.reset();
  return true;
}

size_t Link::next_packet_bytes() const {
  if (sent_ == 0) return 0;
  return std::min(sent_bytes_, std::max(queue_.front().cost, options_.packet_bytes));
}

// REQUIRES: something was sent, and the wait for sending it again runs.
uint64_t Link::OverdueMs() const {
  return *sent_at_ms_ + std::max(resend_wait_ms_, options_.resend_ms) +
         SlowLineMs(next_packet_bytes());
}

PacketHead Link::Head(uint64_t now_ms) {
  if (now_ms >= held_until_ms_) {
    told_received_ = received_;
    ack_due_ms_.reset();
    unacknowledged_bytes_ = 0;
  }
  return PacketHead{.received = told_received_, .again = std::exchange(ask_again_, false)};
}

std::optional<Link::Outgoing> Link::TakePacket(uint64_t now_ms) {
  const bool can_resend = options_.resend_ms > 0 && sent_at_ms_ && sent_ > 0;
  if (can_resend && now_ms >= OverdueMs()) {
    SendAgain();
    // Somebody who is slow is not made slower.
    constexpr uint64_t kLongest = 30'000;
    resend_wait_ms_ = std::min(2 * std::max(resend_wait_ms_, options_.resend_ms), kLongest);
  }
  std::vector<MessageRef> messages;
  const uint64_t first = acknowledged_ + sent_ + 1;
  for (size_t bytes = 0; sent_ < queue_.size(); ++sent_) {
    const Queued& next = queue_[sent_];
    const bool fits = (messages.empty() || bytes + next.cost <= options_.packet_bytes) &&
                      (sent_ == 0 || sent_bytes_ + next.cost <= options_.window_bytes);
    if (!fits) break;
    messages.push_back(next.ref);
    bytes += next.cost;
    sent_bytes_ += next.cost;
  }
  const bool is_due = ack_due_ms_ && std::max(*ack_due_ms_, held_until_ms_) <= now_ms;
  const bool owes = ask_again_ || is_due;
  if (messages.empty() && !owes) return std::nullopt;
  Outgoing packet{.head = Head(now_ms), .messages = std::move(messages)};
  if (packet.messages.empty()) return packet;
  packet.head.first = first;
  ever_sent_ = std::max(ever_sent_, acknowledged_ + sent_);
  if (!sent_at_ms_) sent_at_ms_ = now_ms;
  if (!waiting_since_ms_) waiting_since_ms_ = now_ms;
  return packet;
}

std::optional<uint64_t> Link::NextTimeMs() const {
  std::optional<uint64_t> next = ack_due_ms_;
  if (next) next = std::max(*next, held_until_ms_);
  if (options_.resend_ms > 0 && sent_at_ms_ && sent_ > 0) {
    const uint64_t overdue = OverdueMs();
    next = next ? std::min(*next, overdue) : overdue;
  }
  return next;
}

void Link::CheckInvariants() const {
  COTEXT_CHECK(sent_ <= queue_.size());
  COTEXT_CHECK(acknowledged_ + sent_ <= ever_sent_);
  COTEXT_CHECK(ever_sent_ <= acknowledged_ + queue_.size());
  size_t bytes = 0;
  size_t sent_bytes = 0;
  for (size_t i = 0; i < queue_.size(); ++i) {
    COTEXT_CHECK(CostOf(pool_->Get(queue_[i].ref)) == queue_[i].cost);
    bytes += queue_[i].cost;
    if (i < sent_) sent_bytes += queue_[i].cost;
  }
  COTEXT_CHECK(bytes == queued_bytes_);
  COTEXT_CHECK(sent_bytes == sent_bytes_);
}

}  // namespace cotext::sync
