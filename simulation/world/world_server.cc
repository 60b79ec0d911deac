#include "simulation/world/world_server.h"
#include "proto/wire.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "document/check.h"
#include "document/error.h"
#include "simulation/check/operation_records.h"
#include "sync/grants.h"
#include "sync/hub_output.h"
#include "sync/revision_bytes.h"
#include "sync/server_output.h"

namespace cotext {
namespace {

constexpr std::string_view kDocument = "doc";
constexpr uint64_t kMillisecond = 1'000;

constexpr sync::Rights kUserRights = sync::kMayRead | sync::kMayWrite | sync::kMayShow;
constexpr sync::Rights kBridgeRights = sync::kMayRead | sync::kMayWrite | sync::kMayRelay;

}  // namespace

WorldServer::WorldServer(WorldContext& context, const WorldServerOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)),
      store_(options.store_kind, random_.Next(), options.store) {}

void WorldServer::Start() {
  Crash();
  life_ = ++context_->server_life;
  context_->network.Start(options_.node);
  server_ = std::make_unique<sync::Server>([this] { return random_.Next(); }, options_.server);
  Pump();
}

void WorldServer::Crash() {
  if (server_ == nullptr) return;
  // What was said to be durable is on the disk by now.
  NoteStored();
  store_.Crash();
  End();
}

void WorldServer::End() {
  server_.reset();
  sessions_.clear();
  connections_.clear();
  closed_.clear();
  appends_.clear();
  loads_.clear();
  is_stopping_ = false;
  ticked_at_us_.reset();
}

void WorldServer::ShutDown() {
  if (!is_running()) return;
  constexpr uint64_t kRetryMs = 500;
  server_->ShutDown(kRetryMs, LocalMs());
  is_stopping_ = true;
  Pump();
}

// What is stored.

void WorldServer::NoteStored() {
  const auto extent = StoredExtent();
  if (!extent) {
    context_->record.refusals.Add(AtTime(context_->now_us) + " the disk of " +
                                  NodeName(options_.node) +
                                  " has what cannot be read: " + extent.error().message);
    return;
  }
  context_->record.durability.push_back({.kind = DurabilityEvent::Kind::kFound,
                                         .at_us = context_->now_us,
                                         .node = options_.node,
                                         .extent = *extent});
}

Expected<EditExtent> WorldServer::StoredExtent() const {
  if (context_->engine == Engine::kOt) {
    const auto log = ReadOt();
    COTEXT_RETURN_IF_ERROR(log);
    return ExtentOf(log->state);
  }
  const auto document = ReadRga();
  COTEXT_RETURN_IF_ERROR(document);
  return ExtentOf((*document)->version_vector());
}

Expected<std::unique_ptr<RgaDocument>> WorldServer::ReadRga() const {
  auto document = std::make_unique<RgaDocument>(ReplicaId{.value = 1});
  const sync::StoredLog log = store_.Synced(kDocument);
  for (const std::vector<sync::Record>* records : {&log.snapshot, &log.tail}) {
    for (const sync::Record& record : *records) {
      if (record.kind != sync::RecordKind::kUpdate) continue;
      COTEXT_RETURN_IF_ERROR(document->Merge(record.bytes));
    }
  }
  return document;
}

Expected<OtLog> WorldServer::ReadOt() const {
  const sync::StoredLog log = store_.Synced(kDocument);
  std::vector<sync::Record> records = log.snapshot;
  records.insert(records.end(), log.tail.begin(), log.tail.end());
  return ReadOtLog(records, options_.server.hub.ot);
}

StoredEnd WorldServer::ReadStored() const {
  StoredEnd end{.is_ot = context_->engine == Engine::kOt};
  if (end.is_ot) {
    ReadStoredOt(end);
    return end;
  }
  const auto document = ReadRga();
  if (!document) {
    end.violations.push_back(
        {"durability", "the disk cannot be read: " + document.error().message});
    return end;
  }
  const Update changes = (*document)->ChangesSince({});
  end.copies.push_back({.node = options_.node,
                        .text = (*document)->Text(),
                        .version = (*document)->version().bytes,
                        .history = CanonicalHistory(changes)});
  end.extent = ExtentOf((*document)->version_vector());
  end.applied = OperationsOf(changes);
  return end;
}

// What is read and what the whole log comes to, decided once more, are two copies.
void WorldServer::ReadStoredOt(StoredEnd& end) const {
  Violations violations("durability");
  OtArchive archive = archive_;
  archive.OnFound(store_.Synced(kDocument));
  const auto all = ReadOtLog(archive.All(violations), options_.server.hub.ot);
  const auto stored = ReadOt();
  if (!all) violations.Add("the log cannot be read: " + all.error().message);
  if (!stored) violations.Add("the disk cannot be read: " + stored.error().message);
  end.violations = violations.Take();
  if (!all || !stored) return;
  const std::string history = HistoryAsSeen(all->commits, {});
  for (const OtServerState* state : {&stored->state, &all->state}) {
    end.copies.push_back({.node = options_.node,
                          .text = state->text().Text(),
                          .version = sync::RevisionBytes(state->revision()),
                          .history = history});
  }
  end.extent = ExtentOf(stored->state);
  end.commits = all->commits;
  for (const OtLogCommit& commit : all->commits) {
    end.applied.push_back(commit.submission);
    end.committed.emplace(commit.submission.writer, commit.submission.number);
  }
  for (const auto& [name, code] : all->refused) {
    if (code == ErrorCode::kTooOld) {
      end.refused.push_back({.writer = name.first, .number = name.second});
    }
  }
}

// Rights.

sync::Rights WorldServer::RightsOf(NodeNumber node) const {
  if (context_->IsBridge(node)) return kBridgeRights;
  const auto taken = taken_rights_.find(node);
  return taken == taken_rights_.end() ? kUserRights : kUserRights & ~taken->second;
}

sync::Identity WorldServer::IdentityOf(NodeNumber node) const {
  return {.user = "user " + std::to_string(node),
          .grants = {{.documents = "*", .rights = RightsOf(node)}}};
}

void WorldServer::SetTakenRights(NodeNumber node, sync::Rights taken) {
  if (std::exchange(taken_rights_[node], taken) == taken || server_ == nullptr) return;
  for (const auto& [session, whose] : sessions_) {
    if (whose == node) server_->SetGrants(session, IdentityOf(node).grants);
  }
  Pump();
}

// Who connected before his rights changed is known by those that he had then.
void WorldServer::OnWelcome(sync::ConnectionId connection, const sync::Message& message) {
  const auto welcome = sync::ReadWelcome(message);
  COTEXT_CHECK(welcome.has_value());
  const NodeNumber node = connections_.at(connection);
  sessions_[welcome->session] = node;
  server_->SetGrants(welcome->session, IdentityOf(node).grants);
}

// Input.

void WorldServer::OnNetwork(NetworkEvent event) {
  if (server_ == nullptr) return;
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened:
      context_->connection_lives[event.connection] = life_;
      connections_[event.connection] = event.peer;
      server_->OnConnect(event.connection, IdentityOf(event.peer), LocalMs());
      break;
    case NetworkEvent::Kind::kPacket: return OnPacket(event);
    case NetworkEvent::Kind::kClosed: server_->OnDisconnect(event.connection, LocalMs()); break;
  }
  Pump();
}

void WorldServer::OnPacket(const NetworkEvent& event) {
  HostileAct* const attack = ComingAttack(event);
  talking_ = event.peer;
  if (const auto packet = proto::DecodePacket(event.packet)) {
    server_->OnPacket(event.connection, *packet, event.packet.size(), LocalMs());
  } else if (attack != nullptr || context_->connections == ConnectionKind::kOrdered) {
    server_->OnGarbage(event.connection, packet.error(), LocalMs());
  }  // A damaged datagram is a lost one.
  Pump();
  talking_.reset();
  if (attack == nullptr) return;
  // Edits that wait for the document to be built are looked at later.
  const sync::Hub* const hub = server_->FindHub(kDocument);
  attack->may_go_on |= hub != nullptr && hub->has_steps();
  const auto closed = closed_.find(event.connection);
  if (closed == closed_.end()) return;
  // Who is attacked may find that the other is slow as well.
  attack->has_come = closed->second != ErrorCode::kTooSlow;
  attack->ended = closed->second;
}

// Returns the attack that a packet is, if the server is to see it.
HostileAct* WorldServer::ComingAttack(const NetworkEvent& event) {
  const auto coming = context_->coming_attacks.find(event.connection);
  if (coming == context_->coming_attacks.end() || coming->second.empty()) return nullptr;
  const auto [packet, number] = coming->second.front();
  if (packet != event.packet) return nullptr;
  coming->second.pop_front();
  const sync::Hub* const hub = server_->FindHub(kDocument);
  HostileAct& attack = context_->record.attacks[number];
  // As long as the store is down, edits are not looked at.
  attack.may_go_on |= hub == nullptr || !hub->is_ready();
  attack.has_come = !closed_.contains(event.connection) && connections_.contains(event.connection);
  return attack.has_come ? &attack : nullptr;
}

void WorldServer::OnTime() {
  if (server_ == nullptr) return;
  ticked_at_us_ = context_->now_us;
  server_->OnTick(LocalMs());
  Pump();
}

std::optional<uint64_t> WorldServer::NextTimeUs() const {
  if (server_ == nullptr) return std::nullopt;
  std::optional<uint64_t> next;
  for (const auto& due_ms : {server_->NextTimeMs(), store_.NextTimeMs()}) {
    if (!due_ms) continue;
    uint64_t due_us = std::max(context_->now_us, clock_.VirtualUs(*due_ms));
    // Whoever is due and does nothing is asked again, but not at once.
    if (ticked_at_us_) due_us = std::max(due_us, *ticked_at_us_ + kMillisecond);
    next = std::min(next.value_or(UINT64_MAX), due_us);
  }
  return next;
}

// Output.

void WorldServer::Pump() {
  while (true) {
    const std::vector<sync::ServerAction> actions = server_->TakeActions(LocalMs());
    for (const sync::ServerAction& action : actions) Do(action);
    store_.SetTime(LocalMs());
    std::vector<sync::StoreAnswer> answers = store_.calls().TakeAnswers();
    for (sync::StoreAnswer& answer : answers) OnStoreAnswer(std::move(answer));
    if (actions.empty() && answers.empty()) break;
  }
  NoteBuffers();
  if (!is_stopping_ || !server_->is_quiet()) return;
  store_.Close();
  End();
  context_->network.Kill(options_.node, context_->now_us);
}

void WorldServer::Do(const sync::ServerAction& action) {
  VirtualNetwork& network = context_->network;
  if (const auto* const send = std::get_if<sync::SendPacket>(&action)) {
    sync::Packet packet{.head = send->head, .messages = {}};
    for (const sync::MessageRef ref : send->messages) {
      packet.messages.push_back(server_->message(ref));
    }
    if (packet.messages.size() == 1 && packet.messages[0].kind == sync::MessageKind::kWelcome) {
      OnWelcome(send->connection, packet.messages[0]);
    }
    network.Send(send->connection, options_.node, proto::EncodePacket(packet), context_->now_us);
  } else if (const auto* const close = std::get_if<sync::CloseConnection>(&action)) {
    closed_.emplace(close->connection, close->reason.code);
    network.Close(close->connection, options_.node, context_->now_us,
                  close->may_retry ? "" : "final");
  } else {
    CallStore(std::get<sync::CallStore>(action));
  }
}

void WorldServer::CallStore(const sync::CallStore& call) {
  store_.SetTime(LocalMs());
  const bool is_archived = context_->engine == Engine::kOt && call.document == kDocument;
  if (const auto* const append = std::get_if<sync::HubAppend>(&call.call)) {
    CheckMayWrite(*append);
    if (is_archived) appends_.emplace(call.ticket, append->records);
    store_.calls().Append(call.document, call.ticket, append->records);
  } else if (const auto* const compact = std::get_if<sync::HubCompact>(&call.call)) {
    store_.calls().Compact(call.document, call.ticket, compact->up_to, compact->snapshot);
  } else {
    if (is_archived) loads_.insert(call.ticket);
    store_.calls().Load(call.document, call.ticket);
  }
}

// What somebody sends is appended at once, or kept from the store for good.
void WorldServer::CheckMayWrite(const sync::HubAppend& append) const {
  if (!talking_ || (RightsOf(*talking_) & sync::kMayWrite) != 0) return;
  const bool has_edits = std::ranges::any_of(append.records, [](const sync::Record& record) {
    return record.kind == sync::RecordKind::kUpdate || record.kind == sync::RecordKind::kSubmission;
  });
  if (!has_edits) return;
  context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(*talking_) +
                                " wrote without the right");
}

void WorldServer::OnStoreAnswer(sync::StoreAnswer answer) {
  const bool is_load = loads_.erase(answer.ticket) > 0;
  if (is_load && answer.position) archive_.OnFound(answer.log);
  if (const auto append = appends_.extract(answer.ticket); !append.empty() && answer.position) {
    archive_.OnAppended(*answer.position, append.mapped());
  }
  server_->OnStoreAnswer(std::move(answer), LocalMs());
}

void WorldServer::NoteBuffers() {
  WorldRecord& record = context_->record;
  record.NoteBuffer(options_.node, "sessions", server_->session_count(), context_->now_us);
  record.NoteBuffer(options_.node, "documents", server_->hub_count(), context_->now_us);
  const sync::Hub* const hub = server_->FindHub(kDocument);
  if (hub == nullptr) return;
  for (const sync::SessionId session : hub->Members()) {
    record.NoteBuffer(options_.node, "session queue", server_->QueuedBytes(session),
                      context_->now_us);
  }
}

BufferRecord BuffersOf(const WorldRecord& record, const sync::ServerOptions& options) {
  BufferRecord buffers;
  // A queue is looked at when a message is in it already.
  buffers.maxima = {
      {"session queue", options.queue_bytes_max + sync::kMessageBytesMax},
      {"client queue", options.link.window_bytes + 16 * sync::kPieceBytesMax},
      {"sessions", options.sessions_max},
      {"documents", options.hubs_max},
  };
  for (const auto& [name, sample] : record.buffers) buffers.samples.push_back(sample);
  return buffers;
}

}  // namespace cotext
