#include "sync/server.h"

#include <algorithm>
#include <span>

#include "document/document_id.h"

namespace cotext::sync {
namespace {

// 128 bits as 32 hexadecimal digits.
std::string MakeToken(const Server::RandomBits& random) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (const uint64_t bits : {random(), random()}) {
    for (unsigned digit = 0; digit < 16; ++digit) token.push_back(kDigits[bits >> 4 * digit & 15U]);
  }
  return token;
}

std::string Shortened(std::string text) {
  if (text.size() > kErrorTextMax) text.resize(kErrorTextMax);
  return text;
}

}  // namespace

Server::Server(RandomBits random, const ServerOptions& options)
    : random_(std::move(random)), options_(options) {}

// Connections.

Server::Connection* Server::FindConnection(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

void Server::OnConnect(ConnectionId connection, Identity identity, uint64_t now_ms) {
  now_ms_ = now_ms;
  const auto [at, is_new] = connections_.emplace(
      connection,
      Connection{.identity = std::move(identity), .opened_at_ms = now_ms, .heard_at_ms = now_ms});
  NoteDue(connection, at->second);
  if (is_shutting_down_) {
    Refuse(connection, {ErrorCode::kShuttingDown, "the server is shutting down"}, 1000);
  }
}

void Server::OnSignOfLife(ConnectionId connection, uint64_t now_ms) {
  Connection* const found = FindConnection(connection);
  if (found == nullptr) return;
  found->heard_at_ms = now_ms;
  // Otherwise this only puts off what is due.
  if (std::exchange(found->is_pinged, false)) NoteDue(connection, *found);
}

void Server::OnPiece(ConnectionId connection, uint64_t now_ms) {
  OnSignOfLife(connection, now_ms);
  if (Connection* const found = FindConnection(connection)) found->uploaded_at_ms = now_ms;
}

void Server::OnPacket(ConnectionId connection, const Packet& packet, size_t bytes,
                      uint64_t now_ms) {
  now_ms_ = now_ms;
  Connection* const found = FindConnection(connection);
  if (found == nullptr) return;  // It was closed, and this was on its way.
  OnSignOfLife(connection, now_ms);
  if (bytes >= kUploadBytesMin) found->uploaded_at_ms = now_ms;
  if (found->session &&
      !TakeRate(sessions_.at(*found->session), packet.messages.size(), bytes, now_ms)) {
    return Expel(*found->session, {ErrorCode::kRateLimited, "more was sent than may be"});
  }
  if (packet.head.first == 0 && !packet.messages.empty()) {
    return OnControl(connection, packet, now_ms);
  }
  if (!found->session) {
    return Refuse(connection, {ErrorCode::kBadMessage, "does not begin with a hello"}, 0);
  }
  const SessionId id = *found->session;
  ServerSession& session = sessions_.at(id);
  Expected<size_t> fresh = session.link.Accept(packet.head, packet.messages.size(), bytes, now_ms);
  if (!fresh) return Expel(id, fresh.error());
  NoteDue(session);
  MarkDirty(session);
  for (const Message& message : std::span(packet.messages).subspan(*fresh)) {
    OnMessage(id, message, now_ms);
    if (!sessions_.contains(id)) return;
  }
}

void Server::OnGarbage(ConnectionId connection, Error error, uint64_t now_ms) {
  now_ms_ = now_ms;
  Connection* const found = FindConnection(connection);
  if (found == nullptr) return;
  if (found->session) EndSession(*found->session);
  // What was damaged on its way can be sent again.
  Refuse(connection, error, 1000);
}

void Server::OnControl(ConnectionId connection, const Packet& packet, uint64_t now_ms) {
  bool has_answered = false;
  for (const Message& message : packet.messages) {
    Connection* const found = FindConnection(connection);
    if (found == nullptr) return;
    if (message.kind == MessageKind::kHello) {
      if (!found->session) OnHello(connection, message, now_ms);
    } else if (!found->session) {
      Refuse(connection, {ErrorCode::kBadMessage, "does not begin with a hello"}, 0);
    } else if (message.kind == MessageKind::kPing) {
      // One answer tells that this end lives.
      if (std::exchange(has_answered, true)) continue;
      SendControl(connection, ToMessage(Pong{.value = message.numbers[0]}));
    } else if (message.kind == MessageKind::kLeave) {
      const SessionId session = *found->session;
      EndSession(session);
      CloseWith(connection, {ErrorCode::kUnknownSession, "the client has left"}, false);
    } else if (message.kind != MessageKind::kPong && message.kind != MessageKind::kUnknown) {
      Expel(*found->session, {ErrorCode::kBadMessage, "a message without a number"});
    }
  }
}

ServerSession* Server::FindResumable(const Hello& hello, const Identity& identity) {
  const auto token = tokens_.find(hello.token);
  if (token == tokens_.end()) return nullptr;
  ServerSession& session = sessions_.at(token->second);
  // A stolen token is of no use to another user.
  if (session.identity.user != identity.user) return nullptr;
  if (session.link.Resume(hello.received)) return &session;
  EndSession(session.id);
  return nullptr;
}

void Server::OnHello(ConnectionId connection, const Message& message, uint64_t /*now_ms*/) {
  const Expected<Hello> hello = ReadHello(message);
  if (!hello) return Refuse(connection, hello.error(), 0);
  if (hello->oldest_version > kProtocolVersion || hello->newest_version < kProtocolVersion) {
    return Refuse(connection,
                  {ErrorCode::kUnsupportedProtocol, "this server speaks version 1 of the protocol"},
                  0);
  }
  const Identity& identity = connections_.at(connection).identity;
  ServerSession* session = FindResumable(*hello, identity);
  if (session != nullptr) {
    // What the user may do may have changed since.
    SetGrants(session->id, identity.grants);
  } else {
    session = MakeSession(identity);
  }
  if (session == nullptr) {
    constexpr uint64_t kRetryMs = 5000;
    return Refuse(connection,
                  {ErrorCode::kTooManySessions, "the server has as many sessions as it may"},
                  kRetryMs);
  }
  Attach(*session, connection, kProtocolVersion);
}

void Server::Attach(ServerSession& session, ConnectionId connection, uint64_t version) {
  if (session.connection) {
    const ConnectionId former = *session.connection;
    CloseWith(former, {ErrorCode::kUnknownSession, "the session has another connection now"},
              false);
  }
  session.connection = connection;
  Connection& entry = connections_.at(connection);
  entry.session = session.id;
  NoteDue(connection, entry);
  NoteDue(session);
  SendControl(connection, ToMessage(Welcome{.version = version,
                                            .session = session.id,
                                            .received = session.link.received(),
                                            .expiry_ms = options_.expiry_ms,
                                            .token = session.token,
                                            .user = session.identity.user}));
  MarkDirty(session);
}

void Server::SendControl(ConnectionId connection, const Message& message) {
  const MessageRef ref = pool_.Put(message);
  handed_out_.push_back(ref);
  actions_.emplace_back(SendPacket{.connection = connection, .head = {}, .messages = {ref}});
}

void Server::CloseWith(ConnectionId connection, const Error& reason, bool may_retry) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  connections_due_.Forget(connection, found->second.due);
  connections_.erase(found);
  actions_.emplace_back(
      CloseConnection{.connection = connection, .reason = reason, .may_retry = may_retry});
}

void Server::Refuse(ConnectionId connection, const Error& error, uint64_t retry_after_ms) {
  SendControl(connection, ToMessage(ErrorMessage{.code = error.code,
                                                 .retry_after_ms = retry_after_ms,
                                                 .text = Shortened(error.message)}));
  CloseWith(connection, error, retry_after_ms > 0);
}

void Server::OnDisconnect(ConnectionId connection, uint64_t now_ms) {
  now_ms_ = now_ms;
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  if (found->second.session) {
    ServerSession& session = sessions_.at(*found->second.session);
    session.connection.reset();
    session.detached_at_ms = now_ms;
    NoteDue(session);
  }
  connections_due_.Forget(connection, found->second.due);
  connections_.erase(found);
}

// Sessions.

ServerSession* Server::MakeSession(const Identity& identity) {
  if (sessions_.size() >= options_.sessions_max) return nullptr;
  const SessionId id = next_session_++;
  std::string token = MakeToken(random_);
  tokens_.emplace(token, id);
  const auto [at, is_new] =
      sessions_.try_emplace(id, id, std::move(token), identity, pool_, options_.link);
  at->second.opens_left = options_.channels_max;
  at->second.opens_since_ms = now_ms_;
  return &at->second;
}

ServerSession* Server::FindSession(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

void Server::EndSession(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const std::set<Channel> channels = std::move(found->second.channels);
  tokens_.erase(found->second.token);
  if (found->second.connection) {
    if (Connection* connection = FindConnection(*found->second.connection)) {
      connection->session.reset();
      NoteDue(*found->second.connection, *connection);
    }
  }
  sessions_due_.Forget(id, found->second.due);
  sessions_.erase(found);
  for (const Channel channel : channels) {
    Hub& hub = *hubs_.at(channel).hub;
    hub.Close(id);
    Collect(hub);
  }
}

void Server::Expel(SessionId id, const Error& error, Channel channel) {
  const ServerSession* const session = FindSession(id);
  if (session == nullptr) return;
  const std::optional<ConnectionId> connection = session->connection;
  EndSession(id);
  // Those that are too slow or silent may begin anew; who breaks rules would break them again.
  constexpr uint64_t kRetryMs = 1000;
  const bool may_retry = error.code == ErrorCode::kTooSlow || error.code == ErrorCode::kTimedOut ||
                         error.code == ErrorCode::kRateLimited;
  if (!connection) return;
  SendControl(*connection, ToMessage(ErrorMessage{.channel = channel,
                                                  .code = error.code,
                                                  .retry_after_ms = may_retry ? kRetryMs : 0,
                                                  .text = Shortened(error.message)}));
  // The client's other documents have done nothing.
  CloseWith(*connection, error, may_retry || channel != 0);
}

void Server::ExpelAll() {
  if (std::exchange(is_expelling_, true)) return;
  while (!expels_.empty()) {
    const auto [expel, channel] = std::move(expels_.back());
    expels_.pop_back();
    Expel(expel.session, expel.error, channel);
  }
  is_expelling_ = false;
}

void Server::MarkDirty(ServerSession& session) {
  if (std::exchange(session.is_dirty, true)) return;
  dirty_.push_back(session.id);
}

void Server::OnMessage(SessionId id, const Message& message, uint64_t now_ms) {
  ServerSession& session = sessions_.at(id);
  if (message.kind == MessageKind::kUnknown) return;
  if (message.kind == MessageKind::kOpen) return OnOpen(session, message, now_ms);
  if (message.channel == 0) {
    return Expel(id, {ErrorCode::kBadMessage, "a message without a channel"});
  }
  if (!session.channels.contains(message.channel)) {
    if (session.former_channels.Has(message.channel)) return;
    return Expel(id, {ErrorCode::kUnknownChannel, "the document is not open"});
  }
  Hub& hub = *hubs_.at(message.channel).hub;
  hub.OnMessage(id, message, now_ms);
  if (message.kind == MessageKind::kClose) session.channels.erase(message.channel);
  Collect(hub);
}

uint64_t Server::NewOpens(const ServerSession& session, uint64_t now_ms) const {
  const uint64_t passed_ms = now_ms - std::min(now_ms, session.opens_since_ms);
  return std::min<uint64_t>(passed_ms, 3'600'000) * options_.opens_per_s / 1000;
}

bool Server::TakeRate(ServerSession& session, size_t messages, size_t bytes,
                      uint64_t now_ms) const {
  const uint64_t wait_ms = std::max(session.messages.Take(messages + 1, options_.messages, now_ms),
                                    session.bytes.Take(bytes, options_.bytes, now_ms));
  if (wait_ms > 0) session.link.HoldAcknowledgements(now_ms + wait_ms);
  return wait_ms <= options_.rate_debt_ms_max;
}

bool Server::TakeOpen(ServerSession& session, uint64_t now_ms) const {
  // Only whole ones are added, so the time of the rest still counts.
  if (const uint64_t more = NewOpens(session, now_ms); more > 0) {
    session.opens_left = std::min<uint64_t>(session.opens_left + more, options_.channels_max);
    session.opens_since_ms = now_ms;
  }
  if (session.opens_left == 0) return false;
  --session.opens_left;
  return true;
}

void Server::OnOpen(ServerSession& session, const Message& message, uint64_t now_ms) {
  const Expected<Open> open = ReadOpen(message);
  if (!open) return Expel(session.id, open.error());
  const auto refuse = [&](ErrorCode code, std::string text, uint64_t retry_after_ms = 0) {
    Queue(session.id, pool_.Put(ToMessage(ErrorMessage{.code = code,
                                                       .request = open->request,
                                                       .retry_after_ms = retry_after_ms,
                                                       .text = std::move(text)})));
  };
  if (session.channels.size() >= options_.channels_max) {
    return refuse(ErrorCode::kTooManyDocuments, "the session has as many documents as it may");
  }
  if (!TakeOpen(session, now_ms)) {
    return refuse(ErrorCode::kTooManyDocuments, "the session asks for too many documents", 1000);
  }
  const Rights rights = RightsOf(session.identity, open->name);
  if ((rights & kMayRead) == 0) return refuse(ErrorCode::kForbidden, "may not read the document");
  Hub* const hub = FindOrMakeHub(open->name);
  if (hub == nullptr) {
    return refuse(ErrorCode::kTooManyDocuments, "the server has as many documents as it may", 5000);
  }
  if (session.channels.contains(hub->channel())) {
    return refuse(ErrorCode::kBadMessage, "the document is open already");
  }
  if (!hub->is_ready() && opening_bytes_ + open->version.size() > options_.opening_bytes_max) {
    Collect(*hub);
    return refuse(ErrorCode::kStorageFailed, "too many documents are being loaded", 1000);
  }
  session.channels.insert(hub->channel());
  session.former_channels.Remove(hub->channel());
  hub->Open(session.id, session.identity.user, rights, *open);
  Collect(*hub);
}

void Server::SetGrants(SessionId id, std::vector<Grant> grants) {
  ServerSession* const session = FindSession(id);
  if (session == nullptr) return;
  session->identity.grants = std::move(grants);
  const std::set<Channel> channels = session->channels;
  for (const Channel channel : channels) {
    Hub& hub = *hubs_.at(channel).hub;
    hub.SetRights(id, RightsOf(session->identity, hub.name()));
    Collect(hub);
  }
}

size_t Server::QueuedBytes(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.link.queued_bytes();
}

// What is to be sent.

void Server::Queue(SessionId id, MessageRef ref) {
  ServerSession* const session = FindSession(id);
  if (session == nullptr) return pool_.Release(ref);
  session->link.Push(ref);
  MarkDirty(*session);
}

void Server::Pump(ServerSession& session) {
  const std::set<Channel>& channels = session.channels;
  if (session.link.queued_bytes() > options_.lag_bytes) {
    for (const Channel channel : channels) hubs_.at(channel).hub->Lag(session.id);
    return;
  }
  // In turns, so that one large document does not keep back the others.
  for (bool has_pulled = true; has_pulled;) {
    has_pulled = false;
    for (const Channel channel : channels) {
      if (session.link.queued_bytes() >= options_.pull_bytes) return;
      Hub& hub = *hubs_.at(channel).hub;
      if (!hub.IsBehind(session.id)) continue;
      has_pulled |= hub.Pull(session.id);
      Collect(hub);
      session.pulled_bytes = session.link.queued_bytes();
    }
  }
}

void Server::CheckQueue(ServerSession& session) {
  const size_t queued = session.link.queued_bytes();
  if (queued <= options_.queue_bytes_max) {
    session.pulled_bytes = 0;
  } else if (queued > options_.queue_bytes_max + session.pulled_bytes) {
    Expel(session.id, {ErrorCode::kTooSlow, "too much waits for this session"});
  }
}

void Server::TakePackets(ServerSession& session, uint64_t now_ms) {
  if (!session.connection) return;
  while (auto packet = session.link.TakePacket(now_ms)) {
    // The session may end before the caller has encoded them.
    for (const MessageRef ref : packet->messages) pool_.Hold(ref);
    handed_out_.insert(handed_out_.end(), packet->messages.begin(), packet->messages.end());
    actions_.emplace_back(SendPacket{.connection = *session.connection,
                                     .head = packet->head,
                                     .messages = std::move(packet->messages)});
  }
  NoteDue(session);
}

std::vector<ServerAction> Server::TakeActions(uint64_t now_ms) {
  now_ms_ = now_ms;
  std::vector<ServerAction> actions;
  for (const MessageRef ref : std::exchange(released_, {})) pool_.Release(ref);
  TellNews();
  StartLoads();
  for (size_t i = 0; i < dirty_.size(); ++i) {
    ServerSession* const session = FindSession(dirty_[i]);
    if (session == nullptr) continue;
    session->is_dirty = false;
    Pump(*session);
    // What it pulled made it dirty again.
    TakePackets(*session, now_ms);
    CheckQueue(*session);
  }
  dirty_.clear();
  DropIdleHubs(now_ms);
  MakeRoom();
  released_ = std::exchange(handed_out_, {});
  std::swap(actions, actions_);
  return actions;
}

void Server::ShutDown(uint64_t retry_after_ms, uint64_t now_ms) {
  now_ms_ = now_ms;
  is_shutting_down_ = true;
  std::vector<ConnectionId> all;
  for (const auto& [id, connection] : connections_) all.push_back(id);
  for (const ConnectionId id : all) {
    const std::optional<SessionId> session = connections_.at(id).session;
    SendControl(id, ToMessage(GoingAway{.retry_after_ms = retry_after_ms}));
    if (session) EndSession(*session);
    CloseWith(id, {ErrorCode::kShuttingDown, "the server is shutting down"}, true);
  }
}

}  // namespace cotext::sync
