#include "tests/sync/sync_rig.h"

#include <gtest/gtest.h>

#include <iterator>
#include <span>
#include <utility>
#include <variant>

#include "crdt/ids.h"
#include "sync/messages.h"
#include "sync/ot_host.h"

namespace cotext::sync {

SyncRig::SyncRig(Random& random, const RigOptions& options)
    : random_(&random), options_(options), clients_(options.clients) {
  MakeServer();
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (options.engine == Engine::kRga) {
      clients_[i].document = std::make_unique<RgaDocument>(ReplicaId{.value = 100 + i});
    } else {
      clients_[i].replica = *OtReplica::FromText({.value = 100 + i}, 0, "");
    }
    MakeClient(i);
  }
}

void SyncRig::MakeServer() {
  server_ = std::make_unique<Server>([this] { return random_->Next(); }, options_.server);
}

void SyncRig::MakeClient(size_t i) {
  End& end = clients_[i];
  end.client = std::make_unique<Client>([this] { return random_->Next(); }, options_.client);
  end.key = end.document != nullptr ? end.client->Open("doc", *end.document)
                                    : end.client->Open("doc", *end.replica, end.id);
  end.client->Start(now_ms_);
}

Document& SyncRig::document(size_t i) {
  End& end = clients_[i];
  if (end.document != nullptr) return *end.document;
  return end.replica->document();
}

Identity SyncRig::IdentityOf(size_t i) const {
  const std::string user = options_.one_user_each ? "user" + std::to_string(i) : "user";
  return Identity{.user = user, .grants = {{.documents = "*", .rights = options_.rights}}};
}

void SyncRig::DoForClient(size_t i) {
  End& end = clients_[i];
  for (ClientAction& action : end.client->TakeActions(now_ms_)) {
    if (std::holds_alternative<Connect>(action)) {
      Disconnect(i);
      end.connection = next_connection_++;
      server_->OnConnect(*end.connection, IdentityOf(i), now_ms_);
      end.client->OnConnected(now_ms_);
    } else if (auto* const packet = std::get_if<Packet>(&action)) {
      if (end.connection) end.up.push_back(std::move(*packet));
    } else {
      Disconnect(i);
    }
  }
  for (ClientEvent& event : end.client->TakeEvents()) {
    if (const auto* const opened = std::get_if<DocumentOpened>(&event)) end.id = opened->id;
    if (std::holds_alternative<EditsHandedBack>(event)) ++end.handed_back;
    end.events.push_back(std::move(event));
  }
}

void SyncRig::DoForServer() {
  for (ServerAction& action : server_->TakeActions(now_ms_)) {
    if (auto* const call = std::get_if<CallStore>(&action)) {
      calls_.push_back(std::move(*call));
      continue;
    }
    const auto* const send = std::get_if<SendPacket>(&action);
    const ConnectionId connection =
        send != nullptr ? send->connection : std::get<CloseConnection>(action).connection;
    for (End& end : clients_) {
      if (end.connection != connection) continue;
      if (send == nullptr) {
        // What was sent before arrives before the close.
        const bool is_final = !std::get<CloseConnection>(action).may_retry;
        for (const Packet& packet : std::exchange(end.down, {})) {
          end.client->OnPacket(packet, 64, now_ms_);
        }
        end.connection.reset();
        end.up.clear();
        end.client->OnDisconnected(std::get<CloseConnection>(action).reason, is_final, now_ms_);
        break;
      }
      Packet packet{.head = send->head, .messages = {}};
      for (const MessageRef ref : send->messages) packet.messages.push_back(server_->message(ref));
      end.down.push_back(std::move(packet));
    }
  }
}

void SyncRig::Settle() {
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < clients_.size(); ++i) DoForClient(i);
    DoForServer();
  }
}

bool SyncRig::Deliver(size_t client, bool to_server, size_t ahead, bool keeps) {
  End& end = clients_[client];
  std::deque<Packet>& queue = to_server ? end.up : end.down;
  if (!end.connection || ahead >= queue.size()) return false;
  const auto at = queue.begin() + static_cast<std::ptrdiff_t>(ahead);
  const Packet packet = *at;
  if (!keeps) queue.erase(at);
  if (to_server) {
    server_->OnPacket(*end.connection, packet, 64, now_ms_);
  } else {
    end.client->OnPacket(packet, 64, now_ms_);
  }
  Settle();
  return true;
}

bool SyncRig::DropNext(size_t client, bool to_server) {
  std::deque<Packet>& queue = to_server ? clients_[client].up : clients_[client].down;
  if (queue.empty()) return false;
  queue.pop_front();
  return true;
}

void SyncRig::Disconnect(size_t client) {
  End& end = clients_[client];
  end.up.clear();
  end.down.clear();
  if (!end.connection) return;
  const ConnectionId connection = *std::exchange(end.connection, std::nullopt);
  server_->OnDisconnect(connection, now_ms_);
  end.client->OnDisconnected({ErrorCode::kIo, "the connection was lost"}, false, now_ms_);
}

void SyncRig::Apply(const CallStore& call) {
  if (const auto* const append = std::get_if<HubAppend>(&call.call)) {
    log_.insert(log_.end(), append->records.begin(), append->records.end());
  } else if (const auto* const compact = std::get_if<HubCompact>(&call.call)) {
    const uint64_t behind = compact->up_to - compacted_;
    std::vector<Record> log = compact->snapshot;
    const size_t kept = snapshot_records_ + static_cast<size_t>(behind);
    log.insert(log.end(), log_.begin() + static_cast<std::ptrdiff_t>(kept), log_.end());
    log_ = std::move(log);
    compacted_ = compact->up_to;
    snapshot_records_ = compact->snapshot.size();
  }
}

bool SyncRig::AnswerStore(bool fails) {
  if (calls_.empty()) return false;
  const CallStore call = std::move(calls_.front());
  calls_.pop_front();
  StoreAnswer answer{.ticket = call.ticket};
  const bool is_load = std::holds_alternative<HubLoad>(call.call);
  if (is_load) has_failed_ = false;
  if (fails || has_failed_) {
    // A failed append may have happened nevertheless, if none before it is missing.
    if (!has_failed_ && random_->Chance(50)) Apply(call);
    has_failed_ = !is_load;
    answer.position = MakeError(ErrorCode::kIo, "the disk failed");
  } else if (is_load) {
    const auto snapshot = static_cast<std::ptrdiff_t>(snapshot_records_);
    answer.log = StoredLog{.snapshot = {log_.begin(), log_.begin() + snapshot},
                           .snapshot_position = compacted_,
                           .tail = {log_.begin() + snapshot, log_.end()}};
    answer.position = answer.log.position();
  } else {
    Apply(call);
    answer.position = compacted_ + (log_.size() - snapshot_records_);
  }
  server_->OnStoreAnswer(std::move(answer), now_ms_);
  Settle();
  return true;
}

void SyncRig::Advance(uint64_t ms) {
  now_ms_ += ms;
  server_->OnTick(now_ms_);
  for (End& end : clients_) end.client->OnTick(now_ms_);
  Settle();
}

void SyncRig::CrashServer() {
  // Of what was not answered the first calls may have happened.
  for (size_t survived = random_->Below(calls_.size() + 1); survived > 0; --survived) {
    if (!has_failed_) Apply(calls_.front());
    calls_.pop_front();
  }
  calls_.clear();
  has_failed_ = false;
  MakeServer();
  for (size_t i = 0; i < clients_.size(); ++i) {
    End& end = clients_[i];
    end.up.clear();
    end.down.clear();
    if (!end.connection) continue;
    end.connection.reset();
    end.client->OnDisconnected({ErrorCode::kIo, "the server crashed"}, false, now_ms_);
  }
  Settle();
}

void SyncRig::RestartClient(size_t client) {
  Disconnect(client);
  End& end = clients_[client];
  end.client.reset();
  if (end.replica != nullptr) {
    const auto saved = end.replica->Save();
    ASSERT_TRUE(saved.has_value());
    auto loaded = OtReplica::Load(*saved);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    end.replica = std::move(*loaded);
  }
  MakeClient(client);
  Settle();
}

void SyncRig::RenewClient(size_t client) {
  Disconnect(client);
  End& end = clients_[client];
  end.client.reset();
  end.events.clear();
  end.document = std::make_unique<RgaDocument>(ReplicaId{.value = next_replica_++});
  MakeClient(client);
  Settle();
}

void SyncRig::ReplaceLog(std::vector<Record> snapshot) {
  compacted_ += log_.size() - snapshot_records_;
  snapshot_records_ = snapshot.size();
  log_ = std::move(snapshot);
}

bool SyncRig::Quiesce() {
  for (int round = 0; round < 3000; ++round) {
    Settle();
    bool has_moved = false;
    for (size_t i = 0; i < clients_.size(); ++i) {
      while (Deliver(i, true) || Deliver(i, false)) has_moved = true;
    }
    while (AnswerStore()) has_moved = true;
    bool is_done = !has_moved;
    for (const End& end : clients_) {
      is_done &= end.client->status() == ConnectionStatus::kConnected &&
                 end.client->IsCaughtUp(end.key) && end.client->Count(end.key).all_durable() &&
                 end.client->queued_bytes() == 0 &&
                 server_->QueuedBytes(end.client->session()) == 0;
    }
    // A ghost of a client that started anew goes within 15 s.
    if (is_done && round > 80) return true;
    Advance(200);
  }
  return false;
}

std::string SyncRig::Describe() const {
  std::string text = "calls " + std::to_string(calls_.size()) + "\n";
  if (const Hub* const hub = server_->FindHub("doc")) {
    text += "hub ready " + std::to_string(hub->is_ready()) + " members";
    for (const SessionId session : hub->Members()) {
      text += " " + std::to_string(session) + (hub->IsBehind(session) ? " behind" : " live");
    }
    text += "\n";
  }
  for (const End& end : clients_) {
    text += "caught up " + std::to_string(end.client->IsCaughtUp(end.key));
    text += " status " + std::to_string(static_cast<int>(end.client->status()));
    text += " queued " + std::to_string(end.client->queued_bytes());
    if (end.client->IsOpen(end.key)) {
      const EditCounts counts = end.client->Count(end.key);
      text += " unsent " + std::to_string(counts.unsent) + " unacknowledged " +
              std::to_string(counts.unacknowledged) + " not durable " +
              std::to_string(counts.not_durable);
    }
    for (const ClientEvent& event : end.events) {
      if (const auto* const failed = std::get_if<DocumentFailed>(&event)) {
        text += " failed: " + failed->error.message;
      } else if (const auto* const changed = std::get_if<StatusChanged>(&event)) {
        text += " " + std::to_string(static_cast<int>(changed->status)) + "(" +
                changed->reason.message + ")";
      }
    }
    text += "\n";
  }
  return text;
}

std::string SyncRig::StoredText() const {
  if (options_.engine == Engine::kOt) {
    OtHost host(1, options_.server.hub.ot);
    for (const Record& record : log_) {
      if (record.kind == RecordKind::kIdentity) continue;
      EXPECT_TRUE(host.Restore(record).has_value());
    }
    return host.Text();
  }
  RgaDocument document(ReplicaId{.value = 1});
  for (const Record& record : log_) {
    if (record.kind == RecordKind::kBase) EXPECT_TRUE(document.MergeBase(record.bytes).has_value());
    if (record.kind != RecordKind::kUpdate) continue;
    EXPECT_TRUE(document.Merge(record.bytes).has_value());
  }
  return document.Text();
}

}  // namespace cotext::sync
