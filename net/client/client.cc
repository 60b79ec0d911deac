#include "net/client/client.h"

#include <algorithm>
#include <chrono>
#include <variant>

#include "net/base/secret_bits.h"
#include "net/base/url.h"
#include "proto/wire.h"

namespace cotext::net {
namespace {

// Ids are random below a limit that is a power of two, and not 0.
uint64_t RandomBelow(uint64_t limit) {
  uint64_t id = 0;
  while (id == 0) id = SecretBits() % limit;
  return id;
}

}  // namespace

ReplicaId RandomReplicaId() { return {RandomBelow(kIdLimit)}; }
OtClientId RandomOtClientId() { return {RandomBelow(kOtIdLimit)}; }

Client::Client(ClientOptions options)
    : options_(std::move(options)), sync_(SecretBits, options_.sync) {}

Expected<std::unique_ptr<Client>> Client::Create(ClientOptions options) {
  auto url = ParseServerUrl(options.url);
  if (!url) return std::unexpected(std::move(url).error());
  std::unique_ptr<Client> client(new Client(std::move(options)));
  auto connection = ClientConnection::Create({.url = *std::move(url),
                                              .tls = client->options_.tls,
                                              .choice = client->options_.choice,
                                              .poll = client->options_.poll,
                                              .look_up = client->options_.look_up,
                                              .on_news = [it = client.get()] { it->NoteNews(); }});
  if (!connection) return std::unexpected(std::move(connection).error());
  client->connection_ = *std::move(connection);
  return client;
}

Client::~Client() {
  // One that is half made has no connection.
  if (connection_ == nullptr) return;
  Stop();
  // Its thread uses what is below.
  connection_.reset();
}

sync::DocumentKey Client::Open(std::string name, RgaDocument& document,
                               std::vector<ReplicaId> former_replicas) {
  return sync_.Open(std::move(name), document, std::move(former_replicas));
}

sync::DocumentKey Client::Open(std::string name, OtReplica& replica, const DocumentId& id) {
  return sync_.Open(std::move(name), replica, id);
}

void Client::Start() {
  sync_.Start(connection_->NowMs());
  Pump();
}

void Client::Stop() {
  sync_.Stop(connection_->NowMs());
  DoActions();
}

// What comes in.

void Client::NoteNews() {
  {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
  }
  news_.notify_one();
  if (options_.on_wake) options_.on_wake();
}

void Client::OnConnectionEvent(ConnectionEvent& event) {
  const uint64_t now_ms = connection_->NowMs();
  switch (event.kind) {
    case ConnectionEvent::Kind::kOpened: return sync_.OnConnected(now_ms);
    case ConnectionEvent::Kind::kLost:
      return sync_.OnDisconnected(event.end.error, event.end.is_final, now_ms);
    case ConnectionEvent::Kind::kPiece: return sync_.OnSignOfLife(now_ms);
    case ConnectionEvent::Kind::kPacket: break;
  }
  const auto packet = proto::DecodePacket(event.packet);
  packet ? sync_.OnPacket(*packet, event.packet.size(), now_ms)
         : sync_.OnGarbage(packet.error(), now_ms);
}

// What goes out.

void Client::DoActions() {
  const std::vector<sync::ClientAction> actions = sync_.TakeActions(connection_->NowMs());
  const auto is_packet = [](const auto& action) {
    return std::holds_alternative<sync::Packet>(action);
  };
  const bool is_due = save_at_ms_ && connection_->NowMs() >= *save_at_ms_;
  const bool may_send = (!is_due && std::ranges::none_of(actions, is_packet)) || MaySend();
  if (may_send && !save_at_ms_) {
    for (const sync::Packet& packet : std::exchange(held_, {})) Send(packet);
  }
  for (const sync::ClientAction& action : actions) {
    if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
      // What has no number has no edits; without it the connection would be lost.
      const bool has_numbers = packet->head.first != 0;
      may_send || !has_numbers ? Send(*packet) : held_.push_back(*packet);
      continue;
    }
    // The link sends again what did not go out over the connection before.
    held_.clear();
    if (std::holds_alternative<sync::Connect>(action)) {
      connection_->Connect(Token());
    } else {
      connection_->Disconnect();
    }
  }
}

bool Client::MaySend() {
  if (!options_.before_send) return true;
  Expected<void> saved = options_.before_send();
  if (saved) {
    save_at_ms_.reset();
    return true;
  }
  if (!save_at_ms_) save_failure_ = std::move(saved).error();
  save_at_ms_ = connection_->NowMs() + options_.save_retry_ms;
  return false;
}

void Client::TellEvents() {
  std::vector<sync::ClientEvent> events = sync_.TakeEvents();
  if (auto failure = std::exchange(save_failure_, std::nullopt)) {
    events.emplace_back(sync::EditsHeld{.reason = *std::move(failure)});
  }
  for (const sync::ClientEvent& event : events) {
    if (options_.on_event) options_.on_event(event);
  }
}

void Client::Pump() {
  {
    const std::lock_guard lock(mutex_);
    has_news_ = false;
  }
  for (ConnectionEvent& event : connection_->TakeEvents()) {
    OnConnectionEvent(event);
    // What one packet brings about goes before what the next one does.
    DoActions();
  }
  sync_.OnTick(connection_->NowMs());
  DoActions();
  TellEvents();
  WakeInTime();
}

// One that was set and is not due yet need not be set again.
void Client::WakeInTime() {
  constexpr uint64_t kSlackMs = 20;
  const uint64_t now_ms = connection_->NowMs();
  std::optional<uint64_t> next_ms = sync_.NextTimeMs();
  if (save_at_ms_) next_ms = std::min(next_ms.value_or(UINT64_MAX), *save_at_ms_);
  // Whoever is due and does nothing is asked again, but not at once.
  if (next_ms) next_ms = std::max(*next_ms, now_ms + 1);
  if (next_ms == wake_at_ms_ && (!next_ms || *next_ms > now_ms + kSlackMs)) return;
  wake_at_ms_ = next_ms;
  connection_->WakeAt(next_ms);
}

bool Client::WaitUntil(const Predicate& predicate, uint64_t timeout_ms) {
  const uint64_t until_ms = connection_->NowMs() + timeout_ms;
  while (true) {
    Pump();
    if (predicate()) return true;
    const uint64_t now_ms = connection_->NowMs();
    if (now_ms >= until_ms || status() == sync::ConnectionStatus::kDisconnected) return false;
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::chrono::milliseconds(until_ms - now_ms), [&] { return has_news_; });
  }
}

}  // namespace cotext::net
