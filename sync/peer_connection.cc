#include "sync/peer_connection.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cotext::sync {

PeerConnection::PeerConnection(RgaDocument& document, Channel channel, RandomBits random,
                               const PeerConnectionOptions& options)
    : channel_(channel),
      random_(std::move(random)),
      options_(options),
      session_(document, channel, options.session),
      backoff_(options.backoff) {}

// What this end shows.

Expected<void> PeerConnection::SetPresence(std::string state) {
  if (state.size() > kPresenceStateMax) {
    return MakeError(ErrorCode::kTooLarge, "a presence state has at most 4096 bytes");
  }
  has_state_to_send_ |= state != state_;
  state_ = std::move(state);
  return {};
}

void PeerConnection::SetTyping(bool is_typing) {
  // Said again while it lasts: the other end forgets.
  has_typing_to_send_ |= is_typing || is_typing_;
  is_typing_ = is_typing;
}

// The connection.

void PeerConnection::Start(uint64_t now_ms) {
  if (phase_ != Phase::kStopped) return;
  failure_.reset();
  backoff_.Reset();
  phase_ = Phase::kWaiting;
  if (options_.connects) retry_at_ms_ = now_ms;
}

void PeerConnection::OnConnected(uint64_t now_ms) {
  if (phase_ == Phase::kStopped) return;
  phase_ = Phase::kConnected;
  retry_at_ms_.reset();
  heard_at_ms_ = now_ms;
  pinged_at_ms_.reset();
  session_.OnConnected();
  link_.reset();
  link_.emplace(pool_, options_.link);
  seen_.reset();
  // What is shown is said at once: also that it is nothing.
  has_state_to_send_ = true;
  has_typing_to_send_ = false;
  is_typing_ = false;
  presence_due_ms_ = now_ms;
}

void PeerConnection::Lose(uint64_t now_ms) {
  phase_ = Phase::kWaiting;
  link_.reset();
  seen_.reset();
  pinged_at_ms_.reset();
  if (options_.connects) retry_at_ms_ = now_ms + backoff_.NextMs(random_());
}

void PeerConnection::OnDisconnected(uint64_t now_ms) {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kConnected) Lose(now_ms);
}

void PeerConnection::Fail(Error error) {
  actions_.emplace_back(Disconnect{});
  phase_ = Phase::kStopped;
  link_.reset();
  seen_.reset();
  retry_at_ms_.reset();
  failure_ = std::move(error);
}

void PeerConnection::OnPacket(const Packet& packet, size_t bytes, uint64_t now_ms) {
  if (phase_ != Phase::kConnected) return;
  heard_at_ms_ = now_ms;
  pinged_at_ms_.reset();
  backoff_.Reset();
  if (packet.head.first == 0 && !packet.messages.empty()) {
    for (const Message& message : packet.messages) OnControl(message);
    return;
  }
  const Expected<size_t> fresh = link_->Accept(packet.head, packet.messages.size(), bytes, now_ms);
  if (!fresh) return Fail(fresh.error());
  for (const Message& message : std::span(packet.messages).subspan(*fresh)) {
    if (auto taken = OnMessage(message, now_ms); !taken) return Fail(std::move(taken.error()));
  }
}

void PeerConnection::OnControl(const Message& message) {
  if (message.kind == MessageKind::kPing) SendControl(ToMessage(Pong{.value = message.numbers[0]}));
}

Expected<void> PeerConnection::OnMessage(const Message& message, uint64_t now_ms) {
  if (message.channel != channel_) return {};
  if (message.kind == MessageKind::kPresence) {
    Expected<Presence> presence = ReadPresence(message);
    if (!presence) return std::unexpected(std::move(presence.error()));
    if (!seen_) seen_.emplace();
    seen_->state = std::move(presence->state);
    return {};
  }
  if (message.kind == MessageKind::kTyping) {
    const Expected<Typing> typing = ReadTyping(message);
    if (!typing) return std::unexpected(typing.error());
    if (!seen_) seen_.emplace();
    seen_->typing_until_ms = typing->is_typing ? now_ms + kTypingMs : 0;
    return {};
  }
  return session_.OnMessage(message, now_ms);
}

// What is sent.

void PeerConnection::SendControl(Message message) {
  Packet packet;
  packet.messages.push_back(std::move(message));
  actions_.emplace_back(std::move(packet));
}

void PeerConnection::QueuePresence(uint64_t now_ms) {
  if (!has_presence_to_send() || now_ms < presence_due_ms_) return;
  presence_due_ms_ = now_ms + kTellEveryMs;
  if (std::exchange(has_state_to_send_, false)) {
    link_->Push(ToMessage(Presence{.channel = channel_, .state = state_}));
  }
  if (std::exchange(has_typing_to_send_, false)) {
    link_->Push(ToMessage(Typing{.channel = channel_, .is_typing = is_typing_}));
  }
}

Expected<void> PeerConnection::QueueMessages(uint64_t now_ms) {
  // What waits for the other end is bounded by what it takes; the rest waits in the document.
  if (!has_room()) return {};
  Expected<std::vector<Message>> messages = session_.TakeMessages(now_ms);
  if (!messages) return std::unexpected(std::move(messages.error()));
  for (Message& message : *messages) link_->Push(std::move(message));
  QueuePresence(now_ms);
  return {};
}

std::vector<ClientAction> PeerConnection::TakeActions(uint64_t now_ms) {
  if (phase_ == Phase::kWaiting && retry_at_ms_ && now_ms >= *retry_at_ms_) {
    retry_at_ms_.reset();
    phase_ = Phase::kConnecting;
    actions_.emplace_back(Connect{});
  }
  if (phase_ == Phase::kConnected) {
    if (auto queued = QueueMessages(now_ms); !queued) {
      Fail(std::move(queued.error()));
      return std::exchange(actions_, {});
    }
    while (auto outgoing = link_->TakePacket(now_ms)) {
      Packet packet{.head = outgoing->head, .messages = {}};
      for (const MessageRef ref : outgoing->messages) packet.messages.push_back(pool_.Get(ref));
      actions_.emplace_back(std::move(packet));
    }
  }
  return std::exchange(actions_, {});
}

// Time.

void PeerConnection::OnTick(uint64_t now_ms) {
  if (phase_ != Phase::kConnected) return;
  if (seen_ && seen_->is_typing() && now_ms >= seen_->typing_until_ms) seen_->typing_until_ms = 0;
  if (pinged_at_ms_ && now_ms >= *pinged_at_ms_ + options_.answer_ms) {
    actions_.emplace_back(Disconnect{});
    return Lose(now_ms);
  }
  if (!pinged_at_ms_ && now_ms >= heard_at_ms_ + options_.ping_ms) {
    pinged_at_ms_ = now_ms;
    SendControl(ToMessage(Ping{.value = now_ms}));
  }
}

std::optional<uint64_t> PeerConnection::NextTimeMs() const {
  if (phase_ != Phase::kConnected) return retry_at_ms_;
  uint64_t next =
      pinged_at_ms_ ? *pinged_at_ms_ + options_.answer_ms : heard_at_ms_ + options_.ping_ms;
  if (seen_ && seen_->is_typing()) next = std::min(next, seen_->typing_until_ms);
  if (const auto due = link_->NextTimeMs()) next = std::min(next, *due);
  if (!has_room()) return next;
  if (has_presence_to_send()) next = std::min(next, presence_due_ms_);
  if (const auto due = session_.NextTimeMs()) next = std::min(next, *due);
  return next;
}

}  // namespace cotext::sync
