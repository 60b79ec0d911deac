#include "sync/client.h"

#include <algorithm>
#include <span>

#include "sync/ot_client.h"
#include "sync/rga_client.h"
#include "sync/slow_line.h"

namespace cotext::sync {
namespace {

std::unexpected<Error> NoSuchDocument() {
  return MakeError(ErrorCode::kOutOfRange, "the document is not open here");
}

}  // namespace

Client::Client(RandomBits random, ClientOptions options)
    : random_(std::move(random)), options_(std::move(options)), backoff_(options_.backoff) {}

// Documents.

DocumentKey Client::Open(std::string name, RgaDocument& document,
                         std::vector<ReplicaId> former_replicas) {
  const DocumentKey key = next_document_++;
  entries_.try_emplace(key, std::move(name),
                       Exchange(RgaClient(document, std::move(former_replicas))));
  return key;
}

DocumentKey Client::Open(std::string name, OtReplica& replica, const DocumentId& id) {
  const DocumentKey key = next_document_++;
  entries_.try_emplace(key, std::move(name), Exchange(OtClient(replica, id)));
  return key;
}

void Client::Close(DocumentKey document) {
  const auto found = entries_.find(document);
  if (found == entries_.end()) return;
  if (found->second.exchange.is_open() && link_) {
    link_->Push(ToMessage(sync::Close{.channel = found->second.exchange.channel()}));
  }
  // It is closed once it is open.
  if (found->second.request != 0) abandoned_.emplace(found->second.request, found->second.name);
  entries_.erase(found);
}

void Client::NameWriter(DocumentKey document, uint64_t writer, std::string_view user) {
  const auto found = entries_.find(document);
  if (found != entries_.end()) found->second.exchange.NameWriter(writer, user);
}

Expected<void> Client::SetPresence(DocumentKey document, std::string state) {
  const auto found = entries_.find(document);
  if (found == entries_.end()) return NoSuchDocument();
  if (state.size() > kPresenceStateMax) {
    return MakeError(ErrorCode::kTooLarge, "a presence state has at most 4096 bytes");
  }
  Entry& entry = found->second;
  entry.has_state_to_send |= state != entry.state;
  entry.state = std::move(state);
  return {};
}

Expected<void> Client::SetTyping(DocumentKey document, bool is_typing) {
  const auto found = entries_.find(document);
  if (found == entries_.end()) return NoSuchDocument();
  // Said again while it lasts: the server forgets.
  found->second.has_typing_to_send |= is_typing || found->second.is_typing;
  found->second.is_typing = is_typing;
  return {};
}

// The connection.

void Client::SetStatus(ConnectionStatus status, Error reason) {
  if (status == status_) return;
  status_ = status;
  events_.emplace_back(StatusChanged{.status = status, .reason = std::move(reason)});
}

void Client::Start(uint64_t now_ms) {
  if (phase_ != Phase::kStopped) return;
  backoff_.Reset();
  phase_ = Phase::kConnecting;
  heard_at_ms_ = now_ms;
  SetStatus(ConnectionStatus::kConnecting);
  actions_.emplace_back(Connect{});
}

void Client::Stop(uint64_t /*now_ms*/) {
  if (phase_ == Phase::kStopped) return;
  if (phase_ == Phase::kReady) SendControl(ToMessage(Leave{}));
  if (phase_ != Phase::kWaiting) actions_.emplace_back(Disconnect{});
  phase_ = Phase::kStopped;
  ForgetSession();
  SetStatus(ConnectionStatus::kDisconnected);
}

void Client::ForgetSession() {
  link_.reset();
  token_.clear();
  abandoned_.clear();
  session_ = 0;
  for (auto& [key, entry] : entries_) {
    entry.exchange.OnClosed();
    entry.request = 0;
    entry.is_caught_up = false;
    entry.has_state_to_send = !entry.state.empty();
    entry.has_typing_to_send = entry.is_typing;
    entry.is_typing_told = false;
    entry.state_from_ms = entry.typing_from_ms = 0;
    if (entry.presence.users().empty()) continue;
    entry.presence.Clear();
    events_.emplace_back(PresenceChanged{.document = key});
  }
}

void Client::OnConnected(uint64_t now_ms) {
  if (phase_ != Phase::kConnecting) return;
  phase_ = Phase::kGreeting;
  heard_at_ms_ = now_ms;
  pinged_at_ms_ = now_ms;  // Hello is to be answered as a ping is.
  SendControl(ToMessage(
      Hello{.received = link_ ? link_->received() : 0, .token = token_, .agent = options_.agent}));
}

void Client::Lose(const Error& reason, uint64_t asked_for_ms, bool is_final, uint64_t now_ms) {
  pinged_at_ms_.reset();
  if (is_final) {
    phase_ = Phase::kStopped;
    ForgetSession();
    return SetStatus(ConnectionStatus::kDisconnected, reason);
  }
  phase_ = Phase::kWaiting;
  retry_at_ms_ = now_ms + backoff_.NextMs(random_(), asked_for_ms);
  SetStatus(ConnectionStatus::kReconnecting, reason);
}

void Client::OnDisconnected(const Error& reason, bool is_final, uint64_t now_ms) {
  if (phase_ == Phase::kStopped || phase_ == Phase::kWaiting) return;
  Lose(reason, std::exchange(asked_for_ms_, 0), is_final, now_ms);
}

void Client::OnGarbage(const Error& error, uint64_t now_ms) {
  if (phase_ != Phase::kGreeting && phase_ != Phase::kReady) return;
  // What was damaged on its way comes again over the next connection.
  actions_.emplace_back(Disconnect{});
  Lose(error, 0, false, now_ms);
}

void Client::OnSignOfLife(uint64_t now_ms) {
  heard_at_ms_ = now_ms;
  if (phase_ == Phase::kReady) pinged_at_ms_.reset();
}

void Client::OnPacket(const Packet& packet, size_t bytes, uint64_t now_ms) {
  if (phase_ != Phase::kGreeting && phase_ != Phase::kReady) return;
  OnSignOfLife(now_ms);
  if (packet.head.first == 0 && !packet.messages.empty()) {
    return OnControls(packet, now_ms);
  }
  // A server that is going away has ended the session.
  if (phase_ != Phase::kReady || !link_) return;
  Expected<size_t> fresh = link_->Accept(packet.head, packet.messages.size(), bytes, now_ms);
  if (!fresh) {
    ForgetSession();
    return OnGarbage(fresh.error(), now_ms);
  }
  for (const Message& message : std::span(packet.messages).subspan(*fresh)) {
    OnMessage(message, now_ms);
    if (phase_ != Phase::kReady) return;
  }
}

void Client::OnControls(const Packet& packet, uint64_t now_ms) {
  bool has_answered = false;
  for (const Message& message : packet.messages) {
    // What follows the end of a session is not about the next one.
    if (phase_ != Phase::kGreeting && phase_ != Phase::kReady) return;
    // One answer tells that this end lives.
    const bool is_ping = message.kind == MessageKind::kPing;
    if (is_ping && std::exchange(has_answered, true)) continue;
    OnControl(message, now_ms);
  }
}

void Client::OnControl(const Message& message, uint64_t now_ms) {
  switch (message.kind) {
    case MessageKind::kWelcome:
      if (phase_ == Phase::kGreeting) OnWelcome(message, now_ms);
      return;
    case MessageKind::kPing: return SendControl(ToMessage(Pong{.value = message.numbers[0]}));
    case MessageKind::kGoingAway:
      // The server has ended the session.
      asked_for_ms_ = std::min(message.numbers[0], kRetryMsMax);
      return ForgetSession();
    case MessageKind::kError:
      if (const auto error = ReadError(message)) OnSessionEnded(*error, now_ms);
      return;
    default: return;
  }
}

void Client::OnWelcome(const Message& message, uint64_t now_ms) {
  const Expected<Welcome> welcome = ReadWelcome(message);
  if (!welcome) return OnGarbage(welcome.error(), now_ms);
  if (!link_ || welcome->token != token_) {
    ForgetSession();
    link_.emplace(pool_, options_.link);
  } else if (!link_->Resume(welcome->received)) {
    // The server goes on, but not from where this end is.
    ForgetSession();
    return OnGarbage({ErrorCode::kUnknownSession, "the server is not where it was"}, now_ms);
  }
  token_ = welcome->token;
  session_ = welcome->session;
  phase_ = Phase::kReady;
  pinged_at_ms_.reset();
  backoff_.Reset();
  SetStatus(ConnectionStatus::kConnected);
}

// Messages.

std::map<DocumentKey, Client::Entry>::iterator Client::FindByChannel(Channel channel) {
  return std::ranges::find_if(entries_, [&](const auto& entry) {
    return channel != 0 && entry.second.exchange.channel() == channel;
  });
}

void Client::OnMessage(const Message& message, uint64_t now_ms) {
  if (message.kind == MessageKind::kOpened) return OnOpened(message);
  if (message.kind == MessageKind::kError) {
    if (const auto error = ReadError(message)) OnError(*error, now_ms);
    return;
  }
  // What is about a document that was closed here meanwhile, or of a kind to come, is passed over.
  const auto found = FindByChannel(message.channel);
  if (found != entries_.end()) OnDocumentMessage(found->second, found->first, message);
}

void Client::OnOpened(const Message& message) {
  Expected<Opened> opened = ReadOpened(message);
  if (!opened) return;
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) {
    return entry.second.request == opened->request && opened->request != 0;
  });
  if (found == entries_.end()) {
    // It was closed here before it was open there.
    abandoned_.erase(opened->request);
    return link_->Push(ToMessage(sync::Close{.channel = opened->channel}));
  }
  auto& [key, entry] = *found;
  entry.request = 0;
  if (auto taken = entry.exchange.OnOpened(*opened); !taken) {
    link_->Push(ToMessage(sync::Close{.channel = opened->channel}));
    return Fail(entry, key, std::move(taken.error()));
  }
  events_.emplace_back(DocumentOpened{.document = key, .rights = opened->rights, .id = opened->id});
}

void Client::OnDocumentMessage(Entry& entry, DocumentKey key, const Message& message) {
  auto taken = Take(entry, key, message);
  // At once: the text does not have them any more.
  TellHandedBack(entry, key);
  if (!taken) {
    link_->Push(ToMessage(sync::Close{.channel = message.channel}));
    Fail(entry, key, std::move(taken.error()));
  }
}

Expected<void> Client::Take(Entry& entry, DocumentKey key, const Message& message) {
  if (message.kind == MessageKind::kRights) {
    const auto rights = ReadRights(message);
    if (!rights) return std::unexpected(rights.error());
    // Who is seen again is seen as he is.
    const bool is_seen_anew = (rights->rights & ~entry.exchange.rights() & kMayShow) != 0;
    entry.has_state_to_send |= is_seen_anew && !entry.state.empty();
    if (is_seen_anew) {
      entry.is_typing_told = false;
      entry.state_from_ms = entry.typing_from_ms = 0;
    }
    entry.exchange.OnRights(rights->rights);
    events_.emplace_back(RightsChanged{.document = key, .rights = rights->rights});
    return {};
  }
  COTEXT_RETURN_IF_ERROR(TakePresence(entry, key, message));
  COTEXT_RETURN_IF_ERROR(entry.exchange.OnMessage(message));
  for (WriterMessage& named : entry.exchange.TakeNamed()) {
    events_.emplace_back(
        WriterNamed{.document = key, .writer = named.writer, .user = std::move(named.user)});
  }
  return {};
}

Expected<void> Client::TakePresence(Entry& entry, DocumentKey key, const Message& message) {
  bool has_changed = false;
  if (message.kind == MessageKind::kJoin) {
    auto join = ReadJoin(message);
    if (!join) return std::unexpected(std::move(join.error()));
    has_changed = entry.presence.OnJoin(std::move(*join));
  } else if (message.kind == MessageKind::kPart) {
    const auto part = ReadPart(message);
    has_changed = part && entry.presence.OnPart(*part);
  } else if (message.kind == MessageKind::kPresence) {
    auto presence = ReadPresence(message);
    if (!presence) return std::unexpected(std::move(presence.error()));
    has_changed = entry.presence.OnPresence(std::move(*presence));
  } else if (message.kind == MessageKind::kTyping) {
    const auto typing = ReadTyping(message);
    if (!typing) return std::unexpected(typing.error());
    has_changed = entry.presence.OnTyping(*typing);
  }
  if (has_changed) events_.emplace_back(PresenceChanged{.document = key});
  return {};
}

void Client::OnSessionEnded(const ErrorMessage& error, uint64_t now_ms) {
  // What one document brought about does not keep the others from a new session.
  const auto found = FindByChannel(error.channel);
  if (found != entries_.end() && error.retry_after_ms == 0) {
    Fail(found->second, found->first, {error.code, error.text});
  }
  ForgetSession();
  actions_.emplace_back(Disconnect{});
  const bool is_final = error.channel == 0 && error.retry_after_ms == 0;
  Lose({error.code, error.text}, error.retry_after_ms, is_final, now_ms);
}

void Client::OnError(const ErrorMessage& error, uint64_t now_ms) {
  const auto found = error.request == 0 ? FindByChannel(error.channel)
                                        : std::ranges::find_if(entries_, [&](const auto& entry) {
                                            return entry.second.request == error.request;
                                          });
  abandoned_.erase(error.request);
  if (found == entries_.end()) return;
  auto& [key, entry] = *found;
  entry.request = 0;
  if (error.retry_after_ms == 0) return Fail(entry, key, {error.code, error.text});
  entry.hold_until_ms = now_ms + error.retry_after_ms;
  if (entry.exchange.is_open()) entry.exchange.OnStorageFailed();
}

void Client::TellHandedBack(Entry& entry, DocumentKey key) {
  for (OtHandedBack& edits : entry.exchange.TakeHandedBack()) {
    events_.emplace_back(EditsHandedBack{.document = key, .edits = std::move(edits)});
  }
}

void Client::CheckHeld(Entry& entry, DocumentKey key, uint64_t now_ms) {
  if (!entry.exchange.waits_for_others()) {
    entry.held_at_ms.reset();
    entry.is_held_told = false;
    return;
  }
  if (!entry.held_at_ms) entry.held_at_ms = now_ms + options_.held_ms;
  if (now_ms < *entry.held_at_ms || std::exchange(entry.is_held_told, true)) return;
  events_.emplace_back(EditsHeld{
      .document = key,
      .reason = {ErrorCode::kMissingDependency,
                 "the server has lost edits of others which these follow: they wait until a client "
                 "with the right to relay brings those back"}});
}

void Client::Fail(Entry& entry, DocumentKey key, Error error) {
  TellHandedBack(entry, key);
  entry.exchange.OnClosed();
  entry.hold_until_ms = 0;
  entry.has_failed = true;
  entry.is_caught_up = false;
  if (!entry.presence.users().empty()) {
    entry.presence.Clear();
    events_.emplace_back(PresenceChanged{.document = key});
  }
  events_.emplace_back(DocumentFailed{.document = key, .error = std::move(error)});
}

// What is sent.

void Client::SendControl(Message message) {
  Packet packet;
  packet.messages.push_back(std::move(message));
  actions_.emplace_back(std::move(packet));
}

bool Client::IsAbandoned(const std::string& name) const {
  return std::ranges::any_of(abandoned_,
                             [&](const auto& request) { return request.second == name; });
}

void Client::QueueOf(Entry& entry, DocumentKey key, uint64_t now_ms) {
  if (!entry.exchange.is_open()) {
    if (entry.request != 0 || IsAbandoned(entry.name)) return;
    entry.request = next_request_++;
    return link_->Push(ToMessage(entry.exchange.OpenMessage(entry.name, entry.request)));
  }
  Expected<std::vector<Message>> messages = entry.exchange.TakeMessages(options_.link.window_bytes);
  if (!messages) {
    link_->Push(ToMessage(sync::Close{.channel = entry.exchange.channel()}));
    return Fail(entry, key, std::move(messages.error()));
  }
  for (Message& message : *messages) link_->Push(std::move(message));
  QueuePresence(entry, now_ms);
  if (!entry.is_caught_up && entry.exchange.is_caught_up()) {
    entry.is_caught_up = true;
    events_.emplace_back(DocumentCaughtUp{.document = key});
  }
}

void Client::QueuePresence(Entry& entry, uint64_t now_ms) {
  const Channel channel = entry.exchange.channel();
  if (entry.has_state_to_send && now_ms >= entry.state_from_ms) {
    entry.has_state_to_send = false;
    entry.state_from_ms = now_ms + options_.show_ms;
    link_->Push(ToMessage(Presence{.channel = channel, .state = entry.state}));
  }
  const bool is_news =
      entry.is_typing != entry.is_typing_told ||
      (entry.is_typing && now_ms >= entry.typing_told_at_ms + options_.typing_again_ms);
  entry.has_typing_to_send &= is_news;
  if (!entry.has_typing_to_send || now_ms < entry.typing_from_ms) return;
  entry.has_typing_to_send = false;
  entry.typing_from_ms = now_ms + options_.show_ms;
  entry.is_typing_told = entry.is_typing;
  entry.typing_told_at_ms = now_ms;
  link_->Push(ToMessage(Typing{.channel = channel, .is_typing = entry.is_typing}));
}

// What waits for the server is bounded by what it takes; the rest waits in the documents.
void Client::QueueEdits(uint64_t now_ms) {
  auto at = entries_.upper_bound(last_queued_);
  for (size_t left = entries_.size(); left > 0 && HasRoom(); --left, ++at) {
    if (at == entries_.end()) at = entries_.begin();
    auto& [key, entry] = *at;
    if (entry.has_failed || now_ms < entry.hold_until_ms) continue;
    entry.hold_until_ms = 0;
    last_queued_ = key;
    QueueOf(entry, key, now_ms);
  }
}

void Client::TakePackets(uint64_t now_ms) {
  while (auto outgoing = link_->TakePacket(now_ms)) {
    Packet packet{.head = outgoing->head, .messages = {}};
    for (const MessageRef ref : outgoing->messages) packet.messages.push_back(pool_.Get(ref));
    actions_.emplace_back(std::move(packet));
  }
}

std::vector<ClientAction> Client::TakeActions(uint64_t now_ms) {
  if (phase_ == Phase::kReady && link_) {
    QueueEdits(now_ms);
    TakePackets(now_ms);
  }
  return std::exchange(actions_, {});
}

// Time.

// The ping is behind what was sent before it, of which the server acknowledges each packet.
uint64_t Client::AnswerDueMs() const {
  const size_t under_way = link_ ? link_->next_packet_bytes() : 0;
  return *pinged_at_ms_ + options_.answer_ms + SlowLineMs(under_way);
}

void Client::OnTick(uint64_t now_ms) {
  if (phase_ == Phase::kStopped) return;
  if (phase_ == Phase::kWaiting) {
    if (now_ms < retry_at_ms_) return;
    phase_ = Phase::kConnecting;
    heard_at_ms_ = now_ms;
    actions_.emplace_back(Connect{});
    return;
  }
  if (phase_ == Phase::kConnecting) return;  // The driver's sockets have their own time-out.
  if (pinged_at_ms_ && now_ms >= AnswerDueMs()) {
    actions_.emplace_back(Disconnect{});
    return Lose({ErrorCode::kTimedOut, "the server does not answer"}, 0, false, now_ms);
  }
  if (phase_ != Phase::kReady) return;
  for (auto& [key, entry] : entries_) CheckHeld(entry, key, now_ms);
  if (!pinged_at_ms_ && now_ms >= heard_at_ms_ + options_.ping_ms) {
    pinged_at_ms_ = now_ms;
    SendControl(ToMessage(Ping{.value = now_ms}));
  }
}

std::optional<uint64_t> Client::NextTimeMs() const {
  if (phase_ == Phase::kStopped || phase_ == Phase::kConnecting) return std::nullopt;
  if (phase_ == Phase::kWaiting) return retry_at_ms_;
  uint64_t next = pinged_at_ms_ ? AnswerDueMs() : heard_at_ms_ + options_.ping_ms;
  // Before it is welcome again, nothing of the session goes out, however long it has been due.
  if (phase_ != Phase::kReady || !link_) return next;
  if (const auto due = link_->NextTimeMs()) next = std::min(next, *due);
  // What finds no room is sent when an acknowledgement makes some.
  if (!HasRoom()) return next;
  for (const auto& [key, entry] : entries_) {
    if (entry.hold_until_ms != 0) {
      next = std::min(next, entry.hold_until_ms);
      continue;
    }
    if (!entry.exchange.is_open()) continue;
    if (entry.held_at_ms && !entry.is_held_told) next = std::min(next, *entry.held_at_ms);
    if (entry.has_state_to_send) next = std::min(next, entry.state_from_ms);
    if (entry.has_typing_to_send) next = std::min(next, entry.typing_from_ms);
  }
  return next;
}

}  // namespace cotext::sync
