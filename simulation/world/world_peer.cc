#include "simulation/world/world_peer.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "document/check.h"
#include "proto/wire.h"
#include "simulation/check/operation_records.h"
#include "simulation/check/violation.h"
#include "simulation/world/network_path.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext {
namespace {

constexpr sync::Channel kDocument = 1;
constexpr uint64_t kMillisecond = 1'000;
constexpr uint64_t kSaveUsMax = 3'000'000;
// Whoever is seen where nobody is: gone since ever.
constexpr SessionName kNobody = 0;

}  // namespace

WorldPeer::WorldPeer(WorldContext& context, const WorldPeerOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)),
      unique_(options.node, options.replicas),
      copy_(context, options.node, options.saves) {
  context.record.presence.gone_at_us[kNobody] = 0;
}

// Starting and crashing.

void WorldPeer::Start() {
  COTEXT_CHECK(process_ == nullptr);
  context_->network.Start(options_.node);
  copy_.Start(random_);
  if (std::exchange(has_started_, true)) Note(DurabilityEvent::Kind::kFound);
  process_ = std::make_unique<Process>();
  process_->recorder = std::make_unique<IntentRecorder>(copy_.document(), options_.node);
  process_->actor = std::make_unique<UserActor>(
      copy_.document(), [this](std::string_view text) { return unique_.InPlaceOf(text); });
  process_->session = ++context_->peer_lives;
  process_->saved = document().version_vector();
  for (const NodeNumber node : options_.neighbours) {
    sync::PeerConnectionOptions options = options_.connection;
    options.connects = options_.node < node;
    auto end = std::make_unique<sync::PeerConnection>(
        copy_.rga(), kDocument, [this] { return random_.Next(); }, options);
    end->Start(LocalMs());
    process_->neighbours.emplace(node, Neighbour{.end = std::move(end)});
  }
  Pump();
}

// Writes down what the disk has.
void WorldPeer::Note(DurabilityEvent::Kind kind) {
  context_->record.durability.push_back({.kind = kind,
                                         .at_us = context_->now_us,
                                         .node = options_.node,
                                         .extent = ExtentOf(document().version_vector()),
                                         .store = options_.node});
}

void WorldPeer::Save() {
  process_->save_at_us.reset();
  if (!options_.saves) return;
  if (Happens(random_, disk_failures_ppm_)) return SaveSoon();
  copy_.Save();
  process_->saved = document().version_vector();
  Note(DurabilityEvent::Kind::kAcknowledged);
}

void WorldPeer::SaveSoon() {
  if (!options_.saves || process_->save_at_us) return;
  process_->save_at_us = context_->now_us + random_.Below(kSaveUsMax);
}

void WorldPeer::Leave() {
  if (process_ == nullptr) return;
  Save();
  Crash();
}

void WorldPeer::Crash() {
  if (process_ == nullptr) return;
  context_->record.presence.gone_at_us[process_->session] = context_->now_us;
  process_.reset();
  copy_.Crash();
}

// Input.

void WorldPeer::Do(const UserAction& action) {
  if (process_ == nullptr) return;
  copy_.BeginEdit();
  const auto done = process_->actor->Do(action);
  COTEXT_CHECK(done.has_value());
  context_->record.has_unique_text &= !unique_.is_exhausted();
  copy_.EndEdit(*process_->recorder);
  if (const auto& caret = process_->actor->caret_anchor()) process_->shown = caret->bytes();
  for (auto& [node, neighbour] : process_->neighbours) {
    const auto shown = neighbour.end->SetPresence(process_->shown);
    COTEXT_CHECK(shown.has_value());
    if (IsEdit(action.kind)) neighbour.end->SetTyping(true);
  }
  Pump();
}

void WorldPeer::OnNetwork(NetworkEvent event) {
  if (process_ == nullptr) return;
  const auto found = process_->neighbours.find(event.peer);
  if (found == process_->neighbours.end()) return;
  Neighbour& neighbour = found->second;
  if (event.kind == NetworkEvent::Kind::kOpened) {
    OnOpened(neighbour, event);
  } else if (neighbour.connection != event.connection) {
    return;
  } else if (event.kind == NetworkEvent::Kind::kPacket) {
    OnPacket(neighbour, event);
  } else {
    neighbour.connection.reset();
    neighbour.end->OnDisconnected(LocalMs());
  }
  Pump();
}

void WorldPeer::OnOpened(Neighbour& neighbour, const NetworkEvent& event) {
  const bool connects = options_.node < event.peer;
  if (connects && neighbour.connection != event.connection) return;
  // The other end has lost the connection before, and this one has not noticed.
  if (!connects && neighbour.connection) {
    context_->network.Close(*neighbour.connection, options_.node, context_->now_us);
  }
  neighbour.connection = event.connection;
  context_->connection_ends[{event.connection, options_.node}] = process_->session;
  neighbour.end->OnConnected(LocalMs());
}

void WorldPeer::OnPacket(Neighbour& neighbour, const NetworkEvent& event) {
  const auto packet = proto::DecodePacket(event.packet);
  // A damaged datagram is a lost one; on other connections there are none.
  if (!packet) return;
  neighbour.end->OnPacket(*packet, event.packet.size(), LocalMs());
  copy_.OnProgress();
  if (!neighbour.end->failure()) return;
  context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(options_.node) +
                                " gives up " + NodeName(event.peer) + ": " +
                                neighbour.end->failure()->message);
}

// Time.

void WorldPeer::OnTime() {
  if (process_ == nullptr) return;
  process_->ticked_at_us = context_->now_us;
  if (process_->save_at_us && *process_->save_at_us <= context_->now_us) Save();
  for (auto& [node, neighbour] : process_->neighbours) neighbour.end->OnTick(LocalMs());
  Pump();
}

std::optional<uint64_t> WorldPeer::NextTimeUs() const {
  if (process_ == nullptr) return std::nullopt;
  std::optional<uint64_t> next = process_->save_at_us;
  for (const auto& [node, neighbour] : process_->neighbours) {
    const auto due_ms = neighbour.end->NextTimeMs();
    if (!due_ms) continue;
    uint64_t due_us = std::max(context_->now_us, clock_.VirtualUs(*due_ms));
    // Whoever is due and does nothing is asked again, but not at once.
    if (process_->ticked_at_us) due_us = std::max(due_us, *process_->ticked_at_us + kMillisecond);
    next = std::min(next.value_or(UINT64_MAX), due_us);
  }
  return next;
}

// Output.

void WorldPeer::Pump() {
  if (options_.saves && document().version_vector() != process_->saved) SaveSoon();
  for (auto& [node, neighbour] : process_->neighbours) {
    for (const sync::ClientAction& action : neighbour.end->TakeActions(LocalMs())) {
      Do(node, neighbour, action);
    }
    context_->record.NoteBuffer(options_.node, "peer queue", neighbour.end->queued_bytes(),
                                context_->now_us);
  }
}

void WorldPeer::Do(NodeNumber node, Neighbour& neighbour, const sync::ClientAction& action) {
  VirtualNetwork& network = context_->network;
  if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
    if (!neighbour.connection) return;
    network.Send(*neighbour.connection, options_.node, proto::EncodePacket(*packet),
                 context_->now_us);
    return;
  }
  if (neighbour.connection) {
    network.Close(*neighbour.connection, options_.node, context_->now_us);
    neighbour.connection.reset();
  }
  if (!std::holds_alternative<sync::Connect>(action)) return;
  neighbour.connection =
      network.Connect(options_.node, node, context_->connections, context_->now_us);
}

// State.

bool WorldPeer::IsSettled() const {
  if (process_ == nullptr) return false;
  for (const auto& [what, count] : Progress().waiting) {
    if (count > 0) return false;
  }
  return true;
}

NodeProgress WorldPeer::Progress() const {
  NodeProgress progress{.node = options_.node};
  if (process_ == nullptr) return progress;
  progress.waiting["unsaved"] = process_->save_at_us ? 1 : 0;
  for (const auto& [node, neighbour] : process_->neighbours) {
    progress.waiting["peers to connect to"] += neighbour.end->is_connected() ? 0 : 1;
    progress.waiting["peers out of step"] += neighbour.end->is_in_step() ? 0 : 1;
    progress.waiting["bytes in queues"] += neighbour.end->queued_bytes();
  }
  return progress;
}

// The session at the other end of a connection; without one there is nobody.
SessionName WorldPeer::SessionOf(NodeNumber node, const Neighbour& neighbour) const {
  if (!neighbour.connection) return kNobody;
  const auto session = context_->connection_ends.find({*neighbour.connection, node});
  return session == context_->connection_ends.end() ? kNobody : session->second;
}

PresenceSample WorldPeer::SeenPresence() const {
  PresenceSample sample{.at_us = context_->now_us, .node = options_.node};
  for (const auto& [node, neighbour] : process_->neighbours) {
    const auto& seen = neighbour.end->seen();
    if (!seen) continue;
    // Nobody goes on typing for ever.
    sample.seen[SessionOf(node, neighbour)] = seen->state + (seen->is_typing() ? " typing" : "");
  }
  return sample;
}

}  // namespace cotext
