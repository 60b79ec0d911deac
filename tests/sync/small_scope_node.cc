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
// A scope has too few packets for their bytes to bring about anything.
constexpr size_t kPacketBytes = 0;
constexpr uint64_t kStartMs = 1000;
// However long a walk waits, what is due after so long is due in more than kScopeNever.
constexpr uint64_t kOffMs = 2 * kScopeNever;

ReplicaId ReplicaOf(size_t client) { return {.value = 100 + client}; }

LinkOptions LinkOf(const ScopeRoot& root) {
  return LinkOptions{.resend_ms = uint64_t{root.is_lossy ? 1000U : 0U}};
}

// Nobody is asked whether he lives: that would go on for ever.
ClientOptions ClientOptionsOf(const ScopeRoot& root) {
  ClientOptions options;
  options.ping_ms = kOffMs;
  options.link = LinkOf(root);
  return options;
}

ServerOptions ServerOptionsOf(const ScopeRoot& root) {
  // A client that lost its greeting goes before the server sends it away.
  ServerOptions options;
  options.greeting_ms = 20'000;
  options.ping_ms = kOffMs;
  options.silence_ms = kOffMs;
  options.stall_ms = kOffMs;
  options.hub.rest_ms = kOffMs;
  options.messages.per_s = options.bytes.per_s = 0;
  options.link = LinkOf(root);
  return options;
}

uint64_t WaitMs(std::optional<uint64_t> next_ms, uint64_t now_ms) {
  if (!next_ms) return kScopeNever;
  return std::min(std::max(*next_ms, now_ms) - now_ms, kScopeNever);
}

void Describe(const std::vector<Record>& records, Description& to) {
  to.Number(records.size());
  for (const Record& record : records) {
    to.Number(static_cast<uint64_t>(record.kind));
    to.Bytes(record.bytes);
  }
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
      now_ms_(kStartMs),
      document_(ReplicaOf(root.number)),
      client_([] { return uint64_t{0}; }, ClientOptionsOf(root)),
      key_(client_.Open(kDocument, document_)) {
  client_.Start(now_ms_);
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

void ScopeClient::Input(const ScopeInput& input, const Packet& packet) {
  switch (input.kind) {
    case ScopeInputKind::kConnect:
      client_.OnTick(now_ms_);
      static_cast<void>(TakeOutput());
      if (!std::exchange(is_to_connect_, false)) failure_ = "a client does not connect again";
      return client_.OnConnected(now_ms_);
    case ScopeInputKind::kDisconnect:
      return client_.OnDisconnected({ErrorCode::kIo, "the connection was lost"}, false, now_ms_);
    case ScopeInputKind::kPacket: return client_.OnPacket(packet, kPacketBytes, now_ms_);
    case ScopeInputKind::kEdit: return Edit(input.value);
    case ScopeInputKind::kPass:
      now_ms_ += input.value;
      if (client_.NextTimeMs().value_or(kScopeNever) <= now_ms_) client_.OnTick(now_ms_);
      return;
    case ScopeInputKind::kAnswer:
    case ScopeInputKind::kCrash: COTEXT_CHECK(false);
  }
}

ScopeOutput ScopeClient::Take(const ScopeInput& input, const Packet& packet) {
  Input(input, packet);
  ScopeOutput output = TakeOutput();
  LookAtDocument();
  TakeEvents();
  return output;
}

ScopeOutput ScopeClient::TakeOutput() {
  ScopeOutput output;
  for (ClientAction& action : client_.TakeActions(now_ms_)) {
    if (auto* const sent = std::get_if<Packet>(&action)) {
      output.packets[0].push_back(std::move(*sent));
    } else if (std::holds_alternative<Connect>(action)) {
      is_to_connect_ = true;
    } else {
      output.disconnects = true;
    }
  }
  return output;
}

void ScopeClient::TakeEvents() {
  for (const ClientEvent& event : client_.TakeEvents()) {
    const auto* const changed = std::get_if<StatusChanged>(&event);
    if (changed != nullptr && changed->status == ConnectionStatus::kDisconnected) {
      failure_ = "a client gave up: " + changed->reason.message;
    } else if (const auto* const failed = std::get_if<DocumentFailed>(&event)) {
      failure_ = "a document failed: " + failed->error.message;
    }
  }
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
  facts.wait_ms = WaitMs(client_.NextTimeMs(), now_ms_);
  facts.failure = failure_;
  return facts;
}

std::string ScopeClient::Describe() const {
  Description description(now_ms_);
  description.Number(number_);
  client_.Describe(description);
  description.Number(is_to_connect_ ? 1 : 0);
  description.Bytes(failure_);
  return description.bytes();
}

// A server.

ScopeServer::ScopeServer(const ScopeRoot& root)
    : root_(root),
      now_ms_(kStartMs),
      server_([this] { return Random((uint64_t{root_.number} << 32U) + ++random_).Next(); },
              ServerOptionsOf(root)) {
  for (size_t i = 0; i < kScopeClients; ++i) next_connections_[i] = i;
  if (root.log.empty()) return;
  store_.Append(kDocument, 0, root.log);
  COTEXT_CHECK(store_.TakeAnswers().at(0).position.has_value());
}

StoreAnswer ScopeServer::TakeAnswer() {
  const CallStore call = std::move(calls_.front());
  calls_.pop_front();
  if (std::holds_alternative<HubLoad>(call.call)) {
    store_.Load(call.document, call.ticket);
  } else {
    store_.Append(call.document, call.ticket, std::get<HubAppend>(call.call).records);
  }
  std::vector<StoreAnswer> answers = store_.TakeAnswers();
  COTEXT_CHECK(answers.size() == 1);
  return std::move(answers[0]);
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

void ScopeServer::Input(const ScopeInput& input, const Packet& packet) {
  std::optional<ConnectionId>& connection = connections_[input.client];
  switch (input.kind) {
    case ScopeInputKind::kConnect:
      connection = next_connections_[input.client] += kScopeClients;
      return server_.OnConnect(*connection,
                               {.user = "user" + std::to_string(input.client),
                                .grants = {{.documents = "*", .rights = kMayRead | kMayWrite}}},
                               now_ms_);
    case ScopeInputKind::kDisconnect:
      return server_.OnDisconnect(*std::exchange(connection, std::nullopt), now_ms_);
    case ScopeInputKind::kPacket:
      return server_.OnPacket(*connection, packet, kPacketBytes, now_ms_);
    case ScopeInputKind::kAnswer:
      server_.OnStoreAnswer(TakeAnswer(), now_ms_);
      return stored_.reset();
    case ScopeInputKind::kPass:
      now_ms_ += input.value;
      if (server_.NextTimeMs().value_or(kScopeNever) <= now_ms_) server_.OnTick(now_ms_);
      return;
    case ScopeInputKind::kCrash:
    case ScopeInputKind::kEdit: COTEXT_CHECK(false);
  }
}

ScopeOutput ScopeServer::Take(const ScopeInput& input, const Packet& packet) {
  if (input.kind == ScopeInputKind::kCrash) return Crash(input.value);
  Input(input, packet);
  return TakeOutput();
}

ScopeOutput ScopeServer::TakeOutput() {
  ScopeOutput output;
  for (ServerAction& action : server_.TakeActions(now_ms_)) {
    if (auto* const call = std::get_if<CallStore>(&action)) {
      calls_.push_back(std::move(*call));
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

ScopeFacts ScopeServer::Look() {
  if (!stored_) stored_ = LookAtStore();
  ScopeFacts facts = *stored_;
  facts.outstanding = calls_.size();
  facts.is_settled = server_.is_quiet();
  facts.wait_ms = WaitMs(server_.NextTimeMs(), now_ms_);
  if (!failure_.empty()) facts.failure = failure_;
  return facts;
}

std::string ScopeServer::Describe() const {
  Description description(now_ms_);
  description.Number(root_.number);
  description.Number(random_);
  for (const auto& connection : connections_) {
    description.Number(connection ? 1 : 0);
    if (connection) description.Name(*connection);
  }
  server_.Describe(description);
  sync::Describe(store_.Synced(kDocument).tail, description);
  description.Number(calls_.size());
  for (const CallStore& call : calls_) {
    const auto* const append = std::get_if<HubAppend>(&call.call);
    sync::Describe(append == nullptr ? std::vector<Record>() : append->records, description);
  }
  description.Bytes(failure_);
  return description.bytes();
}

}  // namespace cotext::sync
