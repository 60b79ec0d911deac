#include "simulation/world/world_bridge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "crdt/ids.h"
#include "document/check.h"
#include "document/error.h"
#include "proto/wire.h"
#include "simulation/check/operation_records.h"
#include "simulation/check/violation.h"
#include "sync/packet.h"

namespace cotext {
namespace {

constexpr uint64_t kMillisecond = 1'000;

}  // namespace

WorldBridge::WorldBridge(WorldContext& context, const WorldBridgeOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)) {}

void WorldBridge::Start() {
  COTEXT_CHECK(process_ == nullptr);
  context_->network.Start(options_.node);
  process_ = std::make_unique<Process>();
  process_->bridge = std::make_unique<sync::Bridge>(
      [this] { return random_.Next(); },
      sync::BridgeOptions{.document = "doc",
                          .id = context_->document_id,
                          .replica = ReplicaId{random_.Between(1, kIdLimit - 1)},
                          .servers = options_.servers.size(),
                          .client = options_.client});
  process_->connections.resize(options_.servers.size());
  process_->copy = context_->next_copy++;
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    process_->bridge->client(server).Start(LocalMs());
  }
  Pump();
}

void WorldBridge::Crash() { process_.reset(); }

void WorldBridge::Leave() {
  if (process_ == nullptr) return;
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    process_->bridge->client(server).Stop(LocalMs());
  }
  TakeActions();
  Crash();
}

// Input.

void WorldBridge::OnNetwork(NetworkEvent event) {
  if (process_ == nullptr) return;
  const auto found = std::ranges::find(process_->connections, std::optional(event.connection));
  if (found == process_->connections.end()) return;
  const auto server = static_cast<size_t>(found - process_->connections.begin());
  sync::Client& client = process_->bridge->client(server);
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened: client.OnConnected(LocalMs()); break;
    case NetworkEvent::Kind::kPacket:
      // A damaged datagram is a lost one; on other connections there are none.
      if (const auto packet = proto::DecodePacket(event.packet)) {
        client.OnPacket(*packet, event.packet.size(), LocalMs());
        NoteDeliveries();
      }
      break;
    case NetworkEvent::Kind::kClosed:
      found->reset();
      client.OnDisconnected({ErrorCode::kIo, "the connection was lost"}, event.packet == "final",
                            LocalMs());
      break;
  }
  Pump();
}

void WorldBridge::NoteDeliveries() {
  const Update changes = document().ChangesSince(process_->delivered);
  for (Delivery& delivery : DeliveriesOf(changes, process_->copy, context_->now_us)) {
    context_->record.deliveries.push_back(std::move(delivery));
  }
  process_->delivered = document().version_vector();
}

void WorldBridge::OnTime() {
  if (process_ == nullptr) return;
  process_->ticked_at_us = context_->now_us;
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    process_->bridge->client(server).OnTick(LocalMs());
  }
  Pump();
}

std::optional<uint64_t> WorldBridge::NextTimeUs() const {
  if (process_ == nullptr) return std::nullopt;
  std::optional<uint64_t> next;
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    const auto due_ms = process_->bridge->client(server).NextTimeMs();
    if (!due_ms) continue;
    uint64_t due_us = std::max(context_->now_us, clock_.VirtualUs(*due_ms));
    // Whoever is due and does nothing is asked again, but not at once.
    if (process_->ticked_at_us) due_us = std::max(due_us, *process_->ticked_at_us + kMillisecond);
    next = std::min(next.value_or(UINT64_MAX), due_us);
  }
  return next;
}

// Output.

void WorldBridge::Pump() {
  for (const sync::Bridge::Event& event : process_->bridge->Share()) NoteEvent(event);
  TakeActions();
}

void WorldBridge::TakeActions() {
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    sync::Client& client = process_->bridge->client(server);
    for (const sync::ClientAction& action : client.TakeActions(LocalMs())) Do(server, action);
    context_->record.NoteBuffer(options_.node, "client queue", client.queued_bytes(),
                                context_->now_us);
  }
}

void WorldBridge::NoteEvent(const sync::Bridge::Event& event) {
  const std::string who = AtTime(context_->now_us) + " " + NodeName(options_.node);
  Violations& refusals = context_->record.refusals;
  if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event.event)) {
    refusals.Add(who + " lost its document: " + failed->error.message);
  }
  const auto* const changed = std::get_if<sync::StatusChanged>(&event.event);
  if (changed == nullptr || changed->status != sync::ConnectionStatus::kDisconnected) return;
  refusals.Add(who + " is disconnected for good: " + changed->reason.message);
}

void WorldBridge::Do(size_t server, const sync::ClientAction& action) {
  VirtualNetwork& network = context_->network;
  std::optional<ConnectionNumber>& connection = process_->connections[server];
  if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
    if (!connection) return;
    network.Send(*connection, options_.node, proto::EncodePacket(*packet), context_->now_us);
    return;
  }
  if (connection) network.Close(*connection, options_.node, context_->now_us);
  connection.reset();
  if (!std::holds_alternative<sync::Connect>(action)) return;
  connection = network.Connect(options_.node, options_.servers[server], context_->connections,
                               context_->now_us);
}

// State.

bool WorldBridge::IsSettled() const {
  if (process_ == nullptr) return false;
  for (const auto& [what, count] : Progress().waiting) {
    if (count > 0) return false;
  }
  return true;
}

NodeProgress WorldBridge::Progress() const {
  NodeProgress progress{.node = options_.node};
  if (process_ == nullptr) return progress;
  for (size_t server = 0; server < options_.servers.size(); ++server) {
    const sync::Client& client = process_->bridge->client(server);
    const bool is_connected = client.status() == sync::ConnectionStatus::kConnected;
    const bool is_caught_up = client.IsCaughtUp(process_->bridge->key(server));
    progress.waiting["servers to connect to"] += is_connected ? 0 : 1;
    progress.waiting["servers to catch up with"] += is_caught_up ? 0 : 1;
    progress.waiting["bytes in queues"] += client.queued_bytes();
  }
  return progress;
}

}  // namespace cotext
