// What a server does with documents: hubs that are made, that want something done, and that go.
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "document/check.h"
#include "document/document_id.h"
#include "sync/server.h"

namespace cotext::sync {
namespace {

DocumentId MakeDocumentId(const Server::RandomBits& random) {
  DocumentId id;
  uint64_t bits = 0;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (i % 8 == 0) bits = random();
    id.bytes[i] = static_cast<uint8_t>(bits >> 8 * (i % 8));
  }
  return id;
}

}  // namespace

Hub* Server::FindOrMakeHub(const std::string& name) {
  if (const auto found = channels_.find(name); found != channels_.end()) {
    return hubs_.at(found->second).hub.get();
  }
  if (hubs_.size() >= options_.hubs_max) {
    if (idle_hubs_.empty()) return nullptr;
    DropHub(idle_hubs_.begin()->second);
  }
  const Channel channel = next_channel_++;
  channels_.emplace(name, channel);
  auto hub = std::make_unique<Hub>(pool_, channel, name, MakeDocumentId(random_), options_.hub);
  return hubs_.emplace(channel, HubEntry{.hub = std::move(hub)}).first->second.hub.get();
}

const Hub* Server::FindHub(std::string_view document) const {
  const auto found = channels_.find(document);
  return found == channels_.end() ? nullptr : hubs_.at(found->second).hub.get();
}

void Server::Collect(Hub& hub) {
  HubOutput output = hub.TakeOutput();
  for (const HubSend& send : output.sends) {
    for (size_t i = 1; i < send.to.size(); ++i) pool_.Hold(send.message);
    for (const SessionId id : send.to) {
      ServerSession* const session = FindSession(id);
      if (session == nullptr) {
        pool_.Release(send.message);
        continue;
      }
      session->link.Push(send.message);
      MarkDirty(*session);
      if (session->link.queued_bytes() > options_.lag_bytes) hub.Lag(id);
    }
  }
  for (HubStoreCall& call : output.store_calls) CallFor(hub, std::move(call));
  for (const SessionId id : output.refused) {
    if (ServerSession* const session = FindSession(id)) session->channels.erase(hub.channel());
  }
  for (const SessionId id : output.closed) {
    ServerSession* const session = FindSession(id);
    if (session == nullptr) continue;
    session->channels.erase(hub.channel());
    session->former_channels.Add(hub.channel(), options_.channels_max);
  }
  for (HubExpel& expel : output.expels) expels_.emplace_back(std::move(expel), hub.channel());
  for (Error& why : output.unreadable) {
    if (unreadable_.size() == kUnreadableMax) break;
    unreadable_.push_back({.document = hub.name(), .why = std::move(why)});
  }
  ExpelAll();
  NoteState(hub);
}

void Server::CallFor(Hub& hub, HubStoreCall call) {
  if (!std::holds_alternative<HubLoad>(call)) return CallStoreFor(hub, std::move(call));
  loads_waiting_.push_back(hub.channel());
}

// Whoever has a document open is not to lose it; for others there is room, or there is not.
void Server::StartLoads() {
  constexpr uint64_t kRetryMs = 5000;
  while (!loads_waiting_.empty() && loads_ < options_.loads_max) {
    MakeRoom();
    Hub& hub = *hubs_.at(loads_waiting_.front()).hub;
    loads_waiting_.pop_front();
    if (has_room() || hub.has_members()) {
      ++loads_;
      CallStoreFor(hub, HubLoad{});
    } else {
      hub.OnNoRoom(kRetryMs, now_ms_);
      Collect(hub);
    }
  }
}

void Server::MakeRoom() {
  constexpr uint64_t kRestAgainMs = 1000;
  while (!has_room() && !idle_hubs_.empty()) DropHub(idle_hubs_.begin()->second);
  if (has_room() || now_ms_ < rest_all_at_ms_) return;
  rest_all_at_ms_ = now_ms_ + kRestAgainMs;
  for (auto& [channel, entry] : hubs_) {
    entry.hub->Rest(kRestAgainMs, now_ms_);
    NoteState(*entry.hub);
  }
}

void Server::CallStoreFor(Hub& hub, HubStoreCall call) {
  const Ticket ticket = next_ticket_++;
  const auto kind = static_cast<CallKind>(call.index());
  static_assert(std::is_same_v<std::variant_alternative_t<1, HubStoreCall>, HubAppend>);
  tickets_.emplace(ticket, Call{.channel = hub.channel(), .kind = kind});
  actions_.emplace_back(
      CallStore{.document = hub.name(), .ticket = ticket, .call = std::move(call)});
}

std::vector<CallStore> Server::TakeStoreCalls() {
  std::vector<CallStore> calls;
  const auto end = std::remove_if(actions_.begin(), actions_.end(), [&calls](ServerAction& action) {
    CallStore* const call = std::get_if<CallStore>(&action);
    if (call != nullptr) calls.push_back(std::move(*call));
    return call != nullptr;
  });
  actions_.erase(end, actions_.end());
  return calls;
}

void Server::OnStoreAnswer(StoreAnswer answer, uint64_t now_ms) {
  now_ms_ = now_ms;
  const auto found = tickets_.find(answer.ticket);
  COTEXT_CHECK(found != tickets_.end());
  const Call call = found->second;
  tickets_.erase(found);
  Hub& hub = *hubs_.at(call.channel).hub;
  if (call.kind == CallKind::kLoad) {
    --loads_;
    Expected<StoredLog> log = std::move(answer.log);
    if (!answer.position) log = std::unexpected(std::move(answer.position.error()));
    hub.OnLoaded(std::move(log), now_ms);
  } else if (call.kind == CallKind::kAppend) {
    hub.OnAppended(answer.position);
  } else {
    hub.OnCompacted(answer.position);
  }
  Collect(hub);
  if (call.kind != CallKind::kCompact) NoteNews(hub);
}

void Server::NoteNews(const Hub& hub) {
  if (!std::exchange(hubs_.at(hub.channel()).has_news, true)) news_.push_back(hub.channel());
}

void Server::TellNews() {
  for (const Channel channel : std::exchange(news_, {})) {
    const auto found = hubs_.find(channel);
    if (found == hubs_.end()) continue;
    found->second.has_news = false;
    Hub& hub = *found->second.hub;
    hub.TellFresh();
    Collect(hub);
    // They have something to pull now.
    for (const SessionId id : hub.Behind()) MarkDirty(sessions_.at(id));
  }
}

void Server::Step(uint64_t now_ms) {
  now_ms_ = now_ms;
  if (stepping_.empty()) return;
  const Channel channel = stepping_.front();
  stepping_.pop_front();
  const auto found = hubs_.find(channel);
  if (found == hubs_.end()) return;
  found->second.is_stepping = false;
  Hub& hub = *found->second.hub;
  if (!hub.has_steps()) return;
  const bool was_ready = hub.is_ready();
  hub.Step(now_ms);
  Collect(hub);
  if (!was_ready) NoteNews(hub);
}

void Server::NoteState(const Hub& hub) {
  HubEntry& entry = hubs_.at(hub.channel());
  opening_bytes_ -= std::exchange(entry.opening_bytes, hub.opening_bytes());
  opening_bytes_ += entry.opening_bytes;
  document_bytes_ -= std::exchange(entry.bytes, hub.bytes());
  document_bytes_ += entry.bytes;
  hubs_due_.Note(hub.channel(), entry.due, entry.hub->NextTimeMs());
  if (hub.has_steps() && !std::exchange(entry.is_stepping, true))
    stepping_.push_back(hub.channel());
  if (hub.is_idle() == entry.drop_at_ms.has_value()) return;
  if (entry.drop_at_ms) {
    idle_hubs_.erase({*entry.drop_at_ms, hub.channel()});
    entry.drop_at_ms.reset();
    return;
  }
  entry.drop_at_ms = hub.was_entered() ? now_ms_ + options_.hub_idle_ms : now_ms_;
  idle_hubs_.emplace(*entry.drop_at_ms, hub.channel());
}

bool Server::Forget(std::string_view document) {
  const auto found = channels_.find(document);
  if (found == channels_.end()) return true;
  if (!hubs_.at(found->second).drop_at_ms) return false;
  DropHub(found->second);
  return true;
}

void Server::DropHub(Channel channel) {
  const auto found = hubs_.find(channel);
  idle_hubs_.erase({*found->second.drop_at_ms, channel});
  document_bytes_ -= found->second.bytes;
  hubs_due_.Forget(channel, found->second.due);
  channels_.erase(found->second.hub->name());
  hubs_.erase(found);
}

void Server::DropIdleHubs(uint64_t now_ms) {
  while (!idle_hubs_.empty() && idle_hubs_.begin()->first <= now_ms) {
    DropHub(idle_hubs_.begin()->second);
  }
}

}  // namespace cotext::sync
