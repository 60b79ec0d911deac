#include "tests/sync/small_scope_node.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/messages.h"

namespace cotext::sync {
namespace {

constexpr char kDocument[] = "doc";
constexpr size_t kPacketBytes = 64;
constexpr uint64_t kStartMs = 1000;

ReplicaId ReplicaOf(size_t client) { return {.value = 100 + client}; }

LinkOptions LinkOf(const ScopeRoot& root) {
  return LinkOptions{.resend_ms = uint64_t{root.is_lossy ? 1000U : 0U}};
}

// Nobody is asked whether he lives: that would go on for ever.
ClientOptions ClientOptionsOf(const ScopeRoot& root) {
  ClientOptions options;
  options.ping_ms = kScopeNever;
  options.link = LinkOf(root);
  return options;
}

ServerOptions ServerOptionsOf(const ScopeRoot& root) {
  // A client that lost its greeting goes before the server sends it away.
  ServerOptions options;
  options.greeting_ms = 20'000;
  options.ping_ms = kScopeNever;
  options.silence_ms = kScopeNever;
  options.stall_ms = kScopeNever;
  options.link = LinkOf(root);
  return options;
}

std::array<uint64_t, kScopeClients> OperationsOf(const RgaDocument& document) {
  std::array<uint64_t, kScopeClients> counts{};
  for (size_t i = 0; i < kScopeClients; ++i) {
    counts[i] = document.rga().CountBehind(ReplicaOf(i), 0);
  }
  return counts;
}

}  // namespace

// A client. It waits for nothing before it connects again: when that is, the walk says.

ScopeClient::ScopeClient(const ScopeRoot& root)
    : number_(root.number),
      document_(ReplicaOf(root.number)),
      client_([] { return uint64_t{0}; }, ClientOptionsOf(root)),
      key_(client_.Open(kDocument, document_)) {
  client_.Start(kStartMs);
}

// Both write at one place, as far as there is text; one erases a character that was there before.
void ScopeClient::Edit(uint32_t which) {
  const auto insert = [&](uint64_t at, std::string_view text) {
    const uint64_t length = document_.metrics().code_points;
    COTEXT_CHECK(document_.Insert(CodePointOffset(std::min(at, length)), text).has_value());
  };
  if (which == 0) return insert(0, "xyz");
  if (which == 1) return insert(1, number_ == 0 ? "a" : "b");
  if (number_ == 1) return insert(2, "B");
  const uint64_t at = document_.Text().find('z');
  COTEXT_CHECK(document_.Erase(CodePointOffset(at), CodePointOffset(at + 1)).has_value());
}

ScopeOutput ScopeClient::Take(const ScopeInput& input, const Packet& packet) {
  const uint64_t now_ms = input.now_ms;
  ScopeOutput output;
  const auto act = [&] {
    for (ClientAction& action : client_.TakeActions(now_ms)) {
      if (auto* const sent = std::get_if<Packet>(&action)) {
        output.packets[0].push_back(std::move(*sent));
      } else if (std::holds_alternative<Connect>(action)) {
        is_to_connect_ = true;
      } else {
        output.disconnects = true;
      }
    }
  };
  switch (input.kind) {
    case ScopeInputKind::kConnect:
      client_.OnTick(now_ms);
      act();
      if (!std::exchange(is_to_connect_, false)) failure_ = "a client does not connect again";
      client_.OnConnected(now_ms);
      break;
    case ScopeInputKind::kDisconnect:
      client_.OnDisconnected({ErrorCode::kIo, "the connection was lost"}, false, now_ms);
      break;
    case ScopeInputKind::kPacket: client_.OnPacket(packet, kPacketBytes, now_ms); break;
    case ScopeInputKind::kEdit: Edit(input.value); break;
    case ScopeInputKind::kTick: client_.OnTick(now_ms); break;
    case ScopeInputKind::kAnswer:
    case ScopeInputKind::kCrash: COTEXT_CHECK(false);
  }
  act();
  LookAtDocument();
  for (const ClientEvent& event : client_.TakeEvents()) {
    const auto* const changed = std::get_if<StatusChanged>(&event);
    if (changed != nullptr && changed->status == ConnectionStatus::kDisconnected) {
      failure_ = "a client gave up: " + changed->reason.message;
    } else if (const auto* const failed = std::get_if<DocumentFailed>(&event)) {
      failure_ = "a document failed: " + failed->error.message;
    }
  }
  return output;
}

void ScopeClient::LookAtDocument() {
  std::string version = document_.version_vector().Encode();
  if (version == seen_.version) return;
  document_.CheckInvariants();
  seen_.text = document_.Text();
  seen_.version = std::move(version);
  seen_.operations = OperationsOf(document_);
}

ScopeFacts ScopeClient::Look() const {
  const EditCounts counts = client_.Count(key_);
  ScopeFacts facts = seen_;
  facts.durable =
      facts.operations[number_] - (counts.unsent + counts.unacknowledged + counts.not_durable);
  facts.is_settled = client_.status() == ConnectionStatus::kConnected && client_.IsCaughtUp(key_) &&
                     counts.all_durable() && client_.queued_bytes() == 0;
  facts.next_ms = client_.NextTimeMs().value_or(kScopeNever);
  facts.failure = failure_;
  return facts;
}

// A server.

ScopeServer::ScopeServer(const ScopeRoot& root)
    : root_(root),
      random_(uint64_t{root.number} << 32U),
      server_([this] { return Random(++random_).Next(); }, ServerOptionsOf(root)) {
  for (size_t i = 0; i < kScopeClients; ++i) next_connections_[i] = i;
  if (!root.log.empty()) {
    DelayNextCall();
    store_.Append(kDocument, 0, root.log);
    COTEXT_CHECK(TakeAnswer().position.has_value());
  }
}

StoreAnswer ScopeServer::TakeAnswer() {
  store_ms_ = *store_.NextTimeMs();
  store_.SetTime(store_ms_);
  std::vector<StoreAnswer> answers = store_.TakeAnswers();
  COTEXT_CHECK(answers.size() == 1);
  return std::move(answers[0]);
}

void ScopeServer::DelayNextCall() {
  constexpr uint64_t kApartMs = 1000;
  const uint64_t delay_ms = ++calls_ * kApartMs - store_ms_;
  store_.SetFaults({.delay_min_ms = delay_ms, .delay_max_ms = delay_ms});
}

void ScopeServer::Call(const CallStore& call) {
  DelayNextCall();
  if (std::holds_alternative<HubLoad>(call.call)) {
    store_.Load(call.document, call.ticket);
  } else if (const auto* const append = std::get_if<HubAppend>(&call.call)) {
    store_.Append(call.document, call.ticket, append->records);
  } else {
    COTEXT_CHECK(false);  // There is too little to compact.
  }
}

// A write that is torn is cut off when the store finds it (memory_log.h), so it is as one that was
// lost.
ScopeOutput ScopeServer::Crash(uint32_t kept) {
  for (uint32_t i = 0; i < kept; ++i) static_cast<void>(TakeAnswer());
  const StoredLog log = store_.Synced(kDocument);
  COTEXT_CHECK(log.snapshot.empty());
  ScopeOutput output;
  output.restart =
      ScopeRoot{.number = root_.number + 1, .log = log.tail, .is_lossy = root_.is_lossy};
  return output;
}

ScopeOutput ScopeServer::Take(const ScopeInput& input, const Packet& packet) {
  const uint64_t now_ms = input.now_ms;
  std::optional<ConnectionId>& connection = connections_[input.client];
  switch (input.kind) {
    case ScopeInputKind::kConnect:
      connection = next_connections_[input.client] += kScopeClients;
      server_.OnConnect(*connection,
                        {.user = "user" + std::to_string(input.client),
                         .grants = {{.documents = "*", .rights = kMayRead | kMayWrite}}},
                        now_ms);
      break;
    case ScopeInputKind::kDisconnect:
      server_.OnDisconnect(*std::exchange(connection, std::nullopt), now_ms);
      break;
    case ScopeInputKind::kPacket:
      server_.OnPacket(*connection, packet, kPacketBytes, now_ms);
      break;
    case ScopeInputKind::kAnswer:
      server_.OnStoreAnswer(TakeAnswer(), now_ms);
      stored_.reset();
      break;
    case ScopeInputKind::kCrash: return Crash(input.value);
    case ScopeInputKind::kTick: server_.OnTick(now_ms); break;
    case ScopeInputKind::kEdit: COTEXT_CHECK(false);
  }
  return TakeOutput(now_ms);
}

ScopeOutput ScopeServer::TakeOutput(uint64_t now_ms) {
  ScopeOutput output;
  for (const ServerAction& action : server_.TakeActions(now_ms)) {
    if (const auto* const call = std::get_if<CallStore>(&action)) {
      Call(*call);
    } else if (const auto* const close = std::get_if<CloseConnection>(&action)) {
      failure_ = "the server closed a connection: " + close->reason.message;
    } else {
      const auto& send = std::get<SendPacket>(action);
      Packet packet{.head = send.head, .messages = {}};
      for (const MessageRef ref : send.messages) packet.messages.push_back(server_.message(ref));
      output.packets[send.connection % kScopeClients].push_back(std::move(packet));
    }
  }
  return output;
}

ScopeFacts ScopeServer::LookAtStore() const {
  ScopeFacts facts;
  RgaDocument document(ReplicaId{.value = 1});
  for (const Record& record : store_.Synced(kDocument).tail) {
    if (record.kind != RecordKind::kUpdate) continue;
    const Expected<std::string> fresh = SliceUpdate(record.bytes, document.version_vector());
    if (!fresh || *fresh != record.bytes) facts.failure = "an operation is stored twice";
    if (!document.Merge(record.bytes)) facts.failure = "the log can not be read";
  }
  facts.text = document.Text();
  facts.version = document.version_vector().Encode();
  facts.operations = OperationsOf(document);
  return facts;
}

ScopeFacts ScopeServer::Look() const {
  if (!stored_) stored_ = LookAtStore();
  ScopeFacts facts = *stored_;
  facts.outstanding = store_.outstanding();
  facts.is_settled = server_.is_quiet();
  facts.next_ms = server_.NextTimeMs().value_or(kScopeNever);
  if (!failure_.empty()) facts.failure = failure_;
  return facts;
}

}  // namespace cotext::sync
