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
#include "sync/server_output.h"

namespace cotext {
namespace {

constexpr std::string_view kDocument = "doc";
constexpr uint64_t kMillisecond = 1'000;

sync::Identity IdentityOf(NodeNumber node) {
  return {
      .user = "user " + std::to_string(node),
      .grants = {{.documents = "*", .rights = sync::kMayRead | sync::kMayWrite | sync::kMayShow}}};
}

}  // namespace

WorldServer::WorldServer(WorldContext& context, const WorldServerOptions& options)
    : context_(&context),
      options_(options),
      random_(options.seed),
      clock_(random_.Below(1'000'000)),
      store_(random_.Next(), options.store) {}

void WorldServer::Start() {
  Crash();
  ++context_->server_life;
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

void WorldServer::NoteStored() {
  context_->record.durability.push_back({.kind = DurabilityEvent::Kind::kFound,
                                         .at_us = context_->now_us,
                                         .node = options_.node,
                                         .extent = ExtentOf(StoredDocument()->version_vector())});
}

std::unique_ptr<RgaDocument> WorldServer::StoredDocument() {
  auto document = std::make_unique<RgaDocument>(ReplicaId{.value = 1});
  const sync::StoredLog log = store_.Synced(kDocument);
  for (const std::vector<sync::Record>* records : {&log.snapshot, &log.tail}) {
    for (const sync::Record& record : *records) {
      if (record.kind != sync::RecordKind::kUpdate) continue;
      if (const auto merged = document->Merge(record.bytes); !merged) {
        context_->record.refusals.Add(AtTime(context_->now_us) + " the disk of " +
                                      NodeName(options_.node) +
                                      " has what cannot be read: " + merged.error().message);
        return document;
      }
    }
  }
  return document;
}

// Input.

void WorldServer::OnNetwork(NetworkEvent event) {
  if (server_ == nullptr) return;
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened:
      context_->connection_lives[event.connection] = context_->server_life;
      server_->OnConnect(event.connection, IdentityOf(event.peer), LocalMs());
      break;
    case NetworkEvent::Kind::kPacket:
      // A damaged datagram is a lost one; on other connections there are none.
      if (const auto packet = proto::DecodePacket(event.packet)) {
        server_->OnPacket(event.connection, *packet, event.packet.size(), LocalMs());
      }
      break;
    case NetworkEvent::Kind::kClosed: server_->OnDisconnect(event.connection, LocalMs()); break;
  }
  Pump();
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
    std::vector<sync::StoreAnswer> answers = store_.TakeAnswers();
    for (sync::StoreAnswer& answer : answers) {
      server_->OnStoreAnswer(std::move(answer), LocalMs());
    }
    if (actions.empty() && answers.empty()) break;
  }
  NoteBuffers();
  if (!is_stopping_ || !server_->is_quiet()) return;
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
    network.Send(send->connection, options_.node, proto::EncodePacket(packet), context_->now_us);
  } else if (const auto* const close = std::get_if<sync::CloseConnection>(&action)) {
    network.Close(close->connection, options_.node, context_->now_us,
                  close->may_retry ? "" : "final");
  } else {
    CallStore(std::get<sync::CallStore>(action));
  }
}

void WorldServer::CallStore(const sync::CallStore& call) {
  store_.SetTime(LocalMs());
  if (const auto* const append = std::get_if<sync::HubAppend>(&call.call)) {
    store_.Append(call.document, call.ticket, append->records);
  } else if (const auto* const compact = std::get_if<sync::HubCompact>(&call.call)) {
    store_.Compact(call.document, call.ticket, compact->up_to, compact->snapshot);
  } else {
    store_.Load(call.document, call.ticket);
  }
}

void WorldServer::NoteBuffers() {
  const sync::Hub* const hub = server_->FindHub(kDocument);
  if (hub == nullptr) return;
  for (const sync::SessionId session : hub->Members()) {
    context_->record.NoteBuffer(options_.node, "session queue", server_->QueuedBytes(session),
                                context_->now_us);
  }
}

BufferRecord BuffersOf(const WorldRecord& record, const sync::ServerOptions& options) {
  BufferRecord buffers;
  // A queue is looked at when a message is in it already.
  buffers.maxima = {
      {"session queue", options.queue_bytes_max + sync::kMessageBytesMax},
      {"client queue", options.link.window_bytes + 16 * sync::kPieceBytesMax},
  };
  for (const auto& [name, sample] : record.buffers) buffers.samples.push_back(sample);
  return buffers;
}

}  // namespace cotext
