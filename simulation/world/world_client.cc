#include "simulation/world/world_client.h"
#include "proto/wire.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "document/check.h"
#include "document/error.h"
#include "simulation/check/operation_records.h"
#include "sync/client_event.h"
#include "sync/message.h"
#include "sync/messages.h"

namespace cotext {
namespace {

constexpr std::string_view kDocument = "doc";
constexpr uint64_t kMillisecond = 1'000;
constexpr uint64_t kSaveUsMax = 3'000'000;

}  // namespace

WorldClient::WorldClient(WorldContext& context, const WorldClientOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)),
      unique_(options.replica, options.replicas) {}

// Starting and crashing.

void WorldClient::Start() {
  COTEXT_CHECK(process_ == nullptr);
  context_->network.Start(options_.node);
  const std::vector<ReplicaId> former = replicas_;
  replicas_.push_back(ReplicaId{random_.Between(1, kIdLimit - 1)});
  auto process = std::make_unique<Process>();
  process->document = std::make_unique<RgaDocument>(replicas_.back());
  Load(*process);
  process->recorder = std::make_unique<IntentRecorder>(*process->document, options_.node);
  process->actor = std::make_unique<UserActor>(
      *process->document, [this](std::string_view text) { return unique_.InPlaceOf(text); });
  process->client =
      std::make_unique<sync::Client>([this] { return random_.Next(); }, options_.client);
  process->copy = context_->next_copy++;
  process->key = process->client->Open(std::string(kDocument), *process->document, former);
  process_ = std::move(process);
  NoteDeliveries();
  process_->client->Start(LocalMs());
  Pump();
}

void WorldClient::Load(Process& process) {
  if (disk_.id != DocumentId{}) process.document->SetId(disk_.id);
  if (disk_.update.empty()) return;
  const auto merged = process.document->Merge(disk_.update);
  COTEXT_CHECK(merged.has_value());
}

void WorldClient::Save() {
  const auto update = process_->document->EncodeSince(Version{VersionVector().Encode()});
  COTEXT_CHECK(update.has_value());
  disk_ = Disk{.update = *update,
               .version = process_->document->version_vector(),
               .id = process_->document->id()};
  process_->save_at_us.reset();
}

void WorldClient::Leave() {
  if (process_ == nullptr) return;
  if (options_.saves) Save();
  process_->client->Stop(LocalMs());
  TakeActions();
  Crash();
}

void WorldClient::Crash() {
  if (process_ == nullptr) return;
  const uint64_t saved = disk_.version.CounterOf(replicas_.back());
  const std::vector<EditRecord> lost = OperationsOf(process_->document->OwnChangesFrom(saved + 1));
  std::vector<EditRecord>& all = context_->record.lost;
  all.insert(all.end(), lost.begin(), lost.end());
  if (process_->session != 0) {
    context_->record.presence.gone_at_us[process_->session] = context_->now_us;
  }
  process_.reset();
}

// Input.

void WorldClient::Do(const UserAction& action) {
  if (process_ == nullptr) return;
  const uint64_t first_counter = process_->document->next_counter();
  const auto done = process_->actor->Do(action);
  COTEXT_CHECK(done.has_value());
  context_->record.has_unique_text &= !unique_.is_exhausted();
  NoteEdit(first_counter);
  if (const auto& caret = process_->actor->caret_anchor()) {
    process_->shown = caret->bytes();
    const auto shown = process_->client->SetPresence(process_->key, process_->shown);
    COTEXT_CHECK(shown.has_value());
  }
  if (IsEdit(action.kind)) {
    const auto told = process_->client->SetTyping(process_->key, true);
    COTEXT_CHECK(told.has_value());
  }
  Pump();
}

// Writes down what the user has just done.
void WorldClient::NoteEdit(uint64_t first_counter) {
  const std::vector<EditRecord> made =
      OperationsOf(process_->document->OwnChangesFrom(first_counter));
  if (made.empty()) return;
  std::vector<EditRecord>& all = context_->record.made;
  all.insert(all.end(), made.begin(), made.end());
  process_->recorder->EndIntent({.counter = made.back().number, .replica = replicas_.back()});
  std::vector<UserIntent>& intents = context_->record.intents;
  for (UserIntent& intent : process_->recorder->Take()) intents.push_back(std::move(intent));
  NoteDeliveries();
  if (options_.saves && !process_->save_at_us) {
    process_->save_at_us = context_->now_us + random_.Below(kSaveUsMax);
  }
}

void WorldClient::NoteDeliveries() {
  const RgaDocument& document = *process_->document;
  if (document.version_vector() == process_->delivered) return;
  const Update changes = document.ChangesSince(process_->delivered);
  for (Delivery& delivery : DeliveriesOf(changes, process_->copy, context_->now_us)) {
    context_->record.deliveries.push_back(std::move(delivery));
  }
  process_->delivered = document.version_vector();
}

void WorldClient::OnNetwork(NetworkEvent event) {
  if (process_ == nullptr || event.connection != process_->connection) return;
  sync::Client& client = *process_->client;
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened: client.OnConnected(LocalMs()); break;
    case NetworkEvent::Kind::kPacket: OnPacket(event); break;
    case NetworkEvent::Kind::kClosed:
      process_->connection.reset();
      client.OnDisconnected({ErrorCode::kIo, "the connection was lost"}, event.packet == "final",
                            LocalMs());
      break;
  }
  Pump();
}

void WorldClient::OnPacket(const NetworkEvent& event) {
  const auto packet = proto::DecodePacket(event.packet);
  // A damaged datagram is a lost one; on other connections there are none.
  if (!packet) return;
  NoteMessages(*packet);
  process_->client->OnPacket(*packet, event.packet.size(), LocalMs());
  NoteDeliveries();
}

void WorldClient::NoteMessages(const sync::Packet& packet) {
  for (const sync::Message& message : packet.messages) {
    if (message.kind == sync::MessageKind::kWelcome) {
      process_->server_life = context_->connection_lives.at(*process_->connection);
    }
    if (message.kind != sync::MessageKind::kAck) continue;
    const auto ack = sync::ReadAck(message);
    if (!ack || ack->level != sync::AckLevel::kDurable) continue;
    context_->record.durability.push_back({.kind = DurabilityEvent::Kind::kAcknowledged,
                                           .at_us = context_->now_us,
                                           .node = options_.node,
                                           .extent = {{ack->writer, ack->upto}}});
  }
}

// Time.

void WorldClient::OnTime() {
  if (process_ == nullptr) return;
  process_->ticked_at_us = context_->now_us;
  if (process_->save_at_us && *process_->save_at_us <= context_->now_us) Save();
  process_->client->OnTick(LocalMs());
  Pump();
}

std::optional<uint64_t> WorldClient::NextTimeUs() const {
  if (process_ == nullptr) return std::nullopt;
  std::optional<uint64_t> next = process_->save_at_us;
  if (const auto due_ms = process_->client->NextTimeMs()) {
    uint64_t due_us = std::max(context_->now_us, clock_.VirtualUs(*due_ms));
    // Whoever is due and does nothing is asked again, but not at once.
    if (process_->ticked_at_us) due_us = std::max(due_us, *process_->ticked_at_us + kMillisecond);
    next = std::min(next.value_or(UINT64_MAX), due_us);
  }
  return next;
}

// Output.

void WorldClient::Pump() {
  TakeActions();
  context_->record.NoteBuffer(options_.node, "client queue", process_->client->queued_bytes(),
                              context_->now_us);
  TakeEvents();
  NoteSession();
}

void WorldClient::TakeActions() {
  for (sync::ClientAction& action : process_->client->TakeActions(LocalMs())) {
    VirtualNetwork& network = context_->network;
    if (std::holds_alternative<sync::Connect>(action)) {
      if (process_->connection) {
        network.Close(*process_->connection, options_.node, context_->now_us);
      }
      process_->connection =
          network.Connect(options_.node, options_.server, context_->connections, context_->now_us);
    } else if (!process_->connection) {
      continue;
    } else if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
      network.Send(*process_->connection, options_.node, proto::EncodePacket(*packet),
                   context_->now_us);
    } else {
      network.Close(*process_->connection, options_.node, context_->now_us);
      process_->connection.reset();
    }
  }
}

void WorldClient::TakeEvents() {
  Violations& refusals = context_->record.refusals;
  const std::string who = AtTime(context_->now_us) + " " + NodeName(options_.node);
  for (const sync::ClientEvent& event : process_->client->TakeEvents()) {
    if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event)) {
      refusals.Add(who + " lost its document: " + failed->error.message);
    }
    const auto* const changed = std::get_if<sync::StatusChanged>(&event);
    if (changed != nullptr && changed->status == sync::ConnectionStatus::kDisconnected) {
      refusals.Add(who + " is disconnected for good: " + changed->reason.message);
    }
  }
}

// Writes down that the client has another session.
void WorldClient::NoteSession() {
  const uint64_t number = process_->client->session();
  const SessionName session = number == 0 ? 0 : (process_->server_life << 32U) + number;
  if (session == process_->session) return;
  if (process_->session != 0) {
    context_->record.presence.gone_at_us[process_->session] = context_->now_us;
  }
  process_->session = session;
}

// State.

bool WorldClient::is_connected() const {
  return process_->client->status() == sync::ConnectionStatus::kConnected;
}

SessionName WorldClient::session() const { return process_->session; }

bool WorldClient::IsSettled() const {
  if (process_ == nullptr || !is_connected()) return false;
  const sync::Client& client = *process_->client;
  return client.IsCaughtUp(process_->key) && client.Count(process_->key).all_durable() &&
         client.queued_bytes() == 0;
}

NodeProgress WorldClient::Progress() const {
  NodeProgress progress{.node = options_.node};
  if (process_ == nullptr) return progress;
  const sync::Client& client = *process_->client;
  const sync::EditCounts counts = client.Count(process_->key);
  progress.waiting = {{"to be connected", is_connected() ? 0 : 1},
                      {"to catch up", client.IsCaughtUp(process_->key) ? 0 : 1},
                      {"unsent", counts.unsent},
                      {"unacknowledged", counts.unacknowledged},
                      {"not durable", counts.not_durable},
                      {"bytes in the queue", client.queued_bytes()}};
  return progress;
}

PresenceSample WorldClient::SeenPresence() const {
  PresenceSample sample{.at_us = context_->now_us, .node = options_.node};
  const uint64_t life = process_->server_life << 32U;
  for (const auto& [session, user] : process_->client->presence(process_->key).users()) {
    // Nobody goes on typing for ever.
    sample.seen[life + session] = user.state + (user.is_typing ? " typing" : "");
  }
  return sample;
}

}  // namespace cotext
