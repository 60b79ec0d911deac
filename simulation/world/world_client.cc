#include "simulation/world/world_client.h"
#include "proto/wire.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

#include "document/check.h"
#include "document/error.h"
#include "simulation/check/violation.h"
#include "sync/message.h"

namespace cotext {
namespace {

constexpr std::string_view kDocument = "doc";
constexpr uint64_t kMillisecond = 1'000;
constexpr uint64_t kSaveUsMax = 3'000'000;
constexpr uint64_t kOpenAgainUs = 2'000'000;
constexpr size_t kOverheardMax = 16;

}  // namespace

WorldClient::WorldClient(WorldContext& context, const WorldClientOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)),
      unique_(options.replica, options.replicas),
      document_(context, options.node, options.saves),
      server_(options.server) {}

// Starting and crashing.

void WorldClient::Start() {
  COTEXT_CHECK(process_ == nullptr);
  context_->network.Start(options_.node);
  document_.Start(random_);
  auto process = std::make_unique<Process>();
  process->recorder = std::make_unique<IntentRecorder>(document_.document(), options_.node);
  process->actor = std::make_unique<UserActor>(
      document_.document(), [this](std::string_view text) { return unique_.InPlaceOf(text); });
  process->client =
      std::make_unique<sync::Client>([this] { return random_.Next(); }, options_.client);
  process->key = document_.Open(*process->client, kDocument);
  process->lost_at_us = context_->now_us;
  process_ = std::move(process);
  process_->client->Start(LocalMs());
  Pump();
}

void WorldClient::Save() {
  document_.Save();
  process_->save_at_us.reset();
}

void WorldClient::Leave() {
  if (process_ == nullptr) return;
  Save();
  process_->client->Stop(LocalMs());
  TakeActions();
  Crash();
}

void WorldClient::Crash() {
  if (process_ == nullptr) return;
  if (process_->session != 0) {
    context_->record.presence.gone_at_us[process_->session] = context_->now_us;
  }
  process_.reset();
  document_.Crash();
}

// Input.

void WorldClient::Do(const UserAction& action) {
  if (process_ == nullptr) return;
  document_.BeginEdit();
  const auto done = process_->actor->Do(action);
  COTEXT_CHECK(done.has_value());
  context_->record.has_unique_text &= !unique_.is_exhausted();
  if (document_.EndEdit(*process_->recorder)) SaveSoon();
  NoteArrivals();
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

void WorldClient::SaveSoon() {
  if (!options_.saves || process_->save_at_us) return;
  process_->save_at_us = context_->now_us + random_.Below(kSaveUsMax);
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
  NoteWelcome(*packet);
  std::vector<DurabilityEvent>& told = context_->record.durability;
  size_t before = told.size();
  document_.OnPacket(*packet);
  for (; before < told.size(); ++before) {
    told[before].store = server_;
    for (const auto& [writer, number] : told[before].extent) {
      context_->known_writers[server_].insert(writer);
    }
  }
  process_->client->OnPacket(*packet, event.packet.size(), LocalMs());
  document_.OnProgress();
  NoteArrivals();
}

void WorldClient::NoteArrivals() {
  context_->record.NoteArrivals(options_.node, process_->recorder->TakeArrived(), context_->now_us);
}

void WorldClient::NoteWelcome(const sync::Packet& packet) {
  for (const sync::Message& message : packet.messages) {
    if (message.kind != sync::MessageKind::kWelcome) continue;
    process_->server_life = context_->connection_lives.at(*process_->connection);
    if (const auto welcome = sync::ReadWelcome(message)) context_->tokens.insert(welcome->token);
  }
}

// Time.

void WorldClient::OnTime() {
  if (process_ == nullptr) return;
  process_->ticked_at_us = context_->now_us;
  if (process_->save_at_us && *process_->save_at_us <= context_->now_us) Save();
  if (process_->open_at_us && *process_->open_at_us <= context_->now_us) OpenAgain();
  process_->client->OnTick(LocalMs());
  Pump();
}

std::optional<uint64_t> WorldClient::NextTimeUs() const {
  if (process_ == nullptr) return std::nullopt;
  std::optional<uint64_t> next = process_->save_at_us;
  if (process_->open_at_us) next = std::min(next.value_or(UINT64_MAX), *process_->open_at_us);
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
      ChooseServer();
      process_->connection =
          network.Connect(options_.node, server_, context_->connections, context_->now_us);
    } else if (!process_->connection) {
      continue;
    } else if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
      Send(*packet);
    } else {
      network.Close(*process_->connection, options_.node, context_->now_us);
      process_->connection.reset();
    }
  }
}

void WorldClient::Send(const sync::Packet& packet) {
  document_.OnSend(packet);
  const std::string bytes = proto::EncodePacket(packet);
  if (context_->is_overheard) {
    context_->overheard.push_back(bytes);
    if (context_->overheard.size() > kOverheardMax) context_->overheard.pop_front();
  }
  context_->network.Send(*process_->connection, options_.node, bytes, context_->now_us);
}

// Goes on to another server if the present one was not reached for long.
void WorldClient::ChooseServer() {
  if (options_.other_servers.empty() || !process_->lost_at_us) return;
  if (context_->now_us < *process_->lost_at_us + options_.failover_us) return;
  process_->lost_at_us = context_->now_us;
  ++context_->failovers;
  options_.other_servers.push_back(server_);
  server_ = options_.other_servers.front();
  options_.other_servers.erase(options_.other_servers.begin());
}

void WorldClient::TakeEvents() {
  for (const sync::ClientEvent& event : process_->client->TakeEvents()) {
    if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event)) OnFailed(*failed);
    if (const auto* const opened = std::get_if<sync::DocumentOpened>(&event)) {
      document_.OnOpened(opened->id);
    }
    if (const auto* const back = std::get_if<sync::EditsHandedBack>(&event)) {
      document_.OnHandedBack(back->edits);
      SaveSoon();
    }
    const auto* const changed = std::get_if<sync::StatusChanged>(&event);
    if (changed != nullptr && changed->status == sync::ConnectionStatus::kDisconnected) {
      context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(options_.node) +
                                    " is disconnected for good: " + changed->reason.message);
    }
  }
}

// Only whose rights were taken may lose a document, and only for that.
void WorldClient::OnFailed(const sync::DocumentFailed& failed) {
  if (failed.error.code != ErrorCode::kForbidden || !context_->restricted.contains(options_.node)) {
    context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(options_.node) +
                                  " lost its document: " + failed.error.message);
    return;
  }
  process_->open_at_us = context_->now_us + kOpenAgainUs;
}

void WorldClient::OpenAgain() {
  process_->open_at_us.reset();
  process_->client->Close(process_->key);
  process_->key = document_.Open(*process_->client, kDocument);
  const auto shown = process_->client->SetPresence(process_->key, process_->shown);
  COTEXT_CHECK(shown.has_value());
}

// Writes down that the client has another session.
void WorldClient::NoteSession() {
  if (is_connected()) {
    process_->lost_at_us.reset();
  } else if (!process_->lost_at_us) {
    process_->lost_at_us = context_->now_us;
  }
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
  if (process_->open_at_us) return false;
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
                      {"to open it again", process_->open_at_us ? 1 : 0},
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
