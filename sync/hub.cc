#include "sync/hub.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "document/check.h"
#include "sync/revision_bytes.h"

namespace cotext::sync {
namespace {

// Of a hub that has nothing else.
constexpr size_t kBytesAlways = 2048;
// A version of so many replicas is kept as it came; of a longer one, which a few bytes can make of
// anything, only what can matter here.
constexpr size_t kKnownAlways = 64;
// What exactly is the operator's to know: it may name files.
constexpr char kStoreFailed[] = "the server's store failed";

size_t BytesOf(const std::vector<Record>& records) {
  size_t bytes = 0;
  for (const Record& record : records) bytes += record.bytes.size();
  return bytes;
}

}  // namespace

Hub::Hub(MessagePool& pool, Channel channel, std::string name, const DocumentId& fresh_id,
         const HubOptions& options)
    : pool_(&pool),
      channel_(channel),
      name_(std::move(name)),
      id_(fresh_id),
      options_(options),
      rga_(options.piece_bytes),
      presence_(channel),
      shared_(pool) {
  Load();
}

Hub::~Hub() {
  for (const HubSend& send : output_.sends) pool_->Release(send.message);
}

// Loading.

void Hub::Load() {
  state_ = State::kLoading;
  ++calls_;
  output_.store_calls.emplace_back(HubLoad{});
}

Expected<void> Hub::RestoreRecord(const Record& record) {
  if (record.kind != RecordKind::kIdentity) {
    return ot_ ? ot_->Restore(record) : rga_.Restore(record);
  }
  if (record.bytes.size() != 1 + id_.bytes.size() ||
      record.bytes[0] > static_cast<char>(Engine::kOt)) {
    return MakeError(ErrorCode::kMalformedState, "the identity of a document is malformed");
  }
  SetEngine(static_cast<Engine>(record.bytes[0]));
  std::copy(record.bytes.begin() + 1, record.bytes.end(), id_.bytes.begin());
  identity_ = IdentityState::kDurable;
  return {};
}

Record Hub::IdentityRecord() const {
  Record record{.kind = RecordKind::kIdentity, .bytes = {}};
  record.bytes.push_back(static_cast<char>(engine_));
  record.bytes.append(id_.bytes.begin(), id_.bytes.end());
  return record;
}

void Hub::SetEngine(Engine engine) {
  engine_ = engine;
  rga_ = RgaHost(options_.piece_bytes);
  ot_.reset();
  if (engine == Engine::kOt) ot_.emplace(channel_, options_.ot);
}

void Hub::Restore(StoredLog log) {
  const Engine engine = engine_;
  SetEngine(Engine::kRga);
  identity_ = IdentityState::kNone;
  position_ = log.position();
  snapshot_bytes_ = BytesOf(log.snapshot);
  appended_bytes_ = BytesOf(log.tail);
  restoring_ = Restoring{.log = std::move(log),
                         .engine_before = engine,
                         .bytes_left = snapshot_bytes_ + appended_bytes_};
}

void Hub::OnLoaded(Expected<StoredLog> log, uint64_t now_ms) {
  COTEXT_CHECK(calls_ > 0);
  --calls_;
  if (!log) return OnLoadFailed(std::move(log).error(), now_ms);
  Restore(*std::move(log));
  RestoreSome(now_ms);
}

void Hub::OnLoadFailed(Error why, uint64_t now_ms) {
  output_.unreadable.push_back(std::move(why));
  state_ = State::kFailed;
  retry_at_ms_ = now_ms + options_.store_retry_ms;
  RefuseAsFailed();
}

void Hub::OnNoRoom(uint64_t retry_after_ms, uint64_t now_ms) {
  COTEXT_CHECK(calls_ > 0);
  COTEXT_CHECK(members_.empty());
  --calls_;
  state_ = State::kFailed;
  retry_at_ms_ = now_ms + retry_after_ms;
  RefuseOpening({.code = ErrorCode::kTooManyDocuments,
                 .retry_after_ms = retry_after_ms,
                 .text = "the server has no room for one more document"});
}

void Hub::OnStoreFailed() {
  TellFresh();
  has_failed_ = true;
  if (is_compacting_) ++failed_snapshots_;
  is_compacting_ = false;
  compacting_.reset();
  is_preparing_ = false;
  appending_.clear();
  pending_bytes_ = 0;
  for (const Early& early : std::exchange(early_, {})) {
    if (!early.left) members_.at(early.session).is_asked = true;
  }
  early_bytes_ = 0;
  may_have_ready_ = false;
  for (const SessionId session : std::exchange(dropped_, {})) members_.at(session).is_asked = true;
  for (auto& [session, member] : members_) {
    if (member.is_live) Lag(session);
    member.position = 0;  // The log may be cut in other ways when it is read again.
    member.base_sent = 0;
    // What was waiting is gone, too.
    const bool has_waiting = std::exchange(member.is_asked, false);
    // What a relay said of writers is not acknowledged.
    const bool is_relay = (member.rights & kMayRelay) != 0;
    if (member.unacknowledged.empty() && !has_waiting && !is_relay) continue;
    member.unacknowledged.clear();
    SendError(session, {.channel = channel_,
                        .code = ErrorCode::kStorageFailed,
                        .retry_after_ms = options_.store_retry_ms,
                        .text = kStoreFailed});
  }
  // To try for them again at once would go on for as long as the store fails.
  RefuseAsFailed();
  Load();
}

void Hub::RefuseAsFailed() {
  RefuseOpening({.code = ErrorCode::kStorageFailed,
                 .retry_after_ms = options_.store_retry_ms,
                 .text = kStoreFailed});
}

void Hub::RefuseOpening(const ErrorMessage& error) {
  opening_bytes_ = 0;
  for (const Opening& opening : std::exchange(opening_, {})) {
    ErrorMessage refusal = error;
    refusal.request = opening.open.request;
    Refuse(opening.session, std::move(refusal));
  }
}

// Sessions.

void Hub::Open(SessionId session, std::string_view user, Rights rights, const sync::Open& open) {
  Opening opening{.session = session, .user = std::string(user), .rights = rights, .open = open};
  if (members_.size() + opening_.size() >= options_.members_max) {
    return Refuse(session, {.code = ErrorCode::kTooManySessions,
                            .request = open.request,
                            .retry_after_ms = 5000,
                            .text = "the document has as many sessions as it may"});
  }
  if (state_ == State::kReady) return Admit(std::move(opening));
  Await(std::move(opening));
}

void Hub::Await(Opening opening) {
  opening_bytes_ += opening.open.version.size();
  opening_.push_back(std::move(opening));
}

Expected<void> Hub::CheckIdentity(const sync::Open& open) const {
  if (open.engine != engine_) {
    return MakeError(ErrorCode::kWrongEngine, "the document uses the other engine");
  }
  if (open.id != DocumentId{} && open.id != id_) {
    return MakeError(ErrorCode::kDocumentReplaced, "the document of that name is another one");
  }
  return {};
}

Expected<void> Hub::Found(const sync::Open& open, Rights rights) {
  if ((rights & kMayWrite) == 0) {
    return MakeError(ErrorCode::kForbidden, "there is no such document, and may not make one");
  }
  SetEngine(open.engine);
  if (open.id != DocumentId{}) id_ = open.id;
  identity_ = IdentityState::kAppending;
  Append({IdentityRecord()}, AppendKind::kIdentity);
  return {};
}

VersionVector Hub::Relevant(VersionVector known, uint64_t writer) const {
  if (known.entries().size() <= kKnownAlways) return known;
  const VersionVector& here = rga_.version();
  VersionVector relevant;
  for (const VersionVector::Entry& entry : known.entries()) {
    if (entry.replica.value != writer && here.CounterOf(entry.replica) == 0) continue;
    relevant.Observe({.counter = entry.counter, .replica = entry.replica});
  }
  return relevant;
}

Expected<HubMember> Hub::MakeMember(const Opening& opening) const {
  HubMember member{.user = opening.user, .rights = opening.rights, .writer = opening.open.writer};
  if (opening.open.version.empty()) return member;
  if (ot_) {
    const Expected<uint64_t> revision = ReadRevision(opening.open.version);
    if (!revision) return std::unexpected(revision.error());
    member.revision = *revision;
    return member;
  }
  Expected<VersionVector> known = VersionVector::Decode(opening.open.version);
  if (!known) return std::unexpected(std::move(known.error()));
  COTEXT_RETURN_IF_ERROR(CheckHorizon(*known));
  member.known = Relevant(std::move(*known), member.writer);
  return member;
}

// What it has beside that was made without knowing all of it, and can never be merged.
Expected<void> Hub::CheckHorizon(const VersionVector& known) const {
  if (known.empty() || known.Covers(rga_.horizon())) return {};
  return MakeError(ErrorCode::kHistoryTrimmed,
                   "this copy is from before the history that the document still has");
}

void Hub::TurnAway(SessionId session, Error error) {
  Refuse(session, {.channel = channel_, .code = error.code, .text = std::move(error.message)});
  Close(session);
}

void Hub::Admit(Opening opening) {
  const auto refuse = [&](const Error& error) {
    Refuse(opening.session,
           {.code = error.code, .request = opening.open.request, .text = error.message});
  };
  if ((opening.rights & kMayRead) == 0) {
    return refuse({ErrorCode::kForbidden, "may not read the document any longer"});
  }
  if (identity_ == IdentityState::kNone) {
    if (auto found = Found(opening.open, opening.rights); !found) return refuse(found.error());
  }
  if (identity_ == IdentityState::kAppending) return Await(std::move(opening));
  if (auto checked = CheckIdentity(opening.open); !checked) return refuse(checked.error());
  Expected<HubMember> member = MakeMember(opening);
  if (!member) return refuse(member.error());
  Send(opening.session, ToMessage(Opened{.channel = channel_,
                                         .request = opening.open.request,
                                         .engine = engine_,
                                         .rights = opening.rights,
                                         .horizon = ot_ ? ot_->horizon() : 0,
                                         .id = id_,
                                         .version = VersionBytes()}));
  // They are told as it can take them.
  TellAllWriters(*member);
  for (const SessionId other : presence_.Sessions()) member->news.insert(other);
  if ((opening.rights & kMayShow) != 0) {
    if (auto news = presence_.Enter(opening.session, opening.user)) {
      member->is_seen = true;
      Tell({std::move(*news)});
    }
  }
  members_.emplace(opening.session, std::move(*member));
  was_entered_ = true;
}

void Hub::AdmitAll() {
  opening_bytes_ = 0;
  for (Opening& opening : std::exchange(opening_, {})) Admit(std::move(opening));
}

void Hub::Close(SessionId session) {
  std::erase_if(opening_, [&](const Opening& opening) {
    if (opening.session != session) return false;
    opening_bytes_ -= opening.open.version.size();
    return true;
  });
  const auto found = members_.find(session);
  if (found == members_.end()) return;
  StopReading(found->second);
  // What it uploaded before it left has come.
  for (Early& early : early_) {
    if (early.session != session || early.left) continue;
    const HubMember& member = found->second;
    early.left = Leaver{.user = member.user, .rights = member.rights, .writer = member.writer};
  }
  members_.erase(found);
  dropped_.erase(session);
  if (rga_.DropFrom(session)) AskDropped();
  if (auto news = presence_.Leave(session)) Tell({std::move(*news)});
}

void Hub::SetRights(SessionId session, Rights rights) {
  for (Opening& opening : opening_) {
    if (opening.session == session) opening.rights = rights;
  }
  const auto found = members_.find(session);
  if (found == members_.end()) return;
  HubMember& member = found->second;
  if (member.rights == rights) return;
  member.rights = rights;
  Send(session, ToMessage(RightsMessage{.channel = channel_, .rights = rights}));
  if ((rights & kMayRead) == 0) {
    Refuse(session, {.channel = channel_,
                     .code = ErrorCode::kForbidden,
                     .text = "may not read the document any longer"});
    return Close(session);
  }
  if ((rights & kMayRelay) != 0) Lag(session);
  TellAllWriters(member);
  const bool shows = (rights & kMayShow) != 0;
  if (shows == member.is_seen) return;
  auto news = shows ? presence_.Enter(session, member.user) : presence_.Leave(session);
  if (!news) return;
  member.is_seen = shows;
  Tell({std::move(*news)});
}

std::vector<SessionId> Hub::Members() const {
  std::vector<SessionId> sessions;
  for (const auto& [session, member] : members_) sessions.push_back(session);
  return sessions;
}

std::vector<SessionId> Hub::Behind() const {
  std::vector<SessionId> sessions;
  for (const auto& [session, member] : members_) {
    if (!member.is_live) sessions.push_back(session);
  }
  return sessions;
}

bool Hub::IsBehind(SessionId session) const {
  const auto found = members_.find(session);
  return found != members_.end() && !found->second.is_live;
}

// An OT document's text and commits are about what the store has of it.
size_t Hub::bytes() const {
  const size_t unread = restoring_ ? restoring_->bytes_left : 0;
  size_t texts = 0;
  for (const auto& [number, text] : texts_) texts += text.text.size();
  const size_t host = ot_ ? snapshot_bytes_ + appended_bytes_ - unread + texts : rga_.bytes();
  return kBytesAlways + host + unread + pending_bytes_ + early_bytes_;
}

std::string Hub::VersionBytes() const {
  return ot_ ? RevisionBytes(ot_->revision()) : rga_.version().Encode();
}

// Messages.

void Hub::OnMessage(SessionId session, const Message& message, uint64_t now_ms) {
  const auto found = members_.find(session);
  if (found == members_.end()) {
    return Expel(session, {ErrorCode::kUnknownChannel, "the document is not open"});
  }
  HubMember& member = found->second;
  switch (message.kind) {
    case MessageKind::kClose: return Close(session);
    case MessageKind::kUpdate: return OnUpdate(session, member, message, now_ms);
    case MessageKind::kSubmit: return OnSubmit(session, member, message, now_ms);
    case MessageKind::kRequest: return OnRequest(session, member, message);
    case MessageKind::kWriter: return OnWriter(session, member, message);
    case MessageKind::kPresence:
    case MessageKind::kTyping: return OnPresence(session, member, message, now_ms);
    case MessageKind::kOpened:
    case MessageKind::kRights:
    case MessageKind::kAck:
    case MessageKind::kCommit:
    case MessageKind::kRefusal:
    case MessageKind::kSnapshot:
    case MessageKind::kHash:
    case MessageKind::kBase:
    case MessageKind::kJoin:
    case MessageKind::kPart:
      return Expel(session, {ErrorCode::kBadMessage, "a message that only servers send"});
    default: return;  // Of a later version of the protocol.
  }
}

void Hub::OnRequest(SessionId session, HubMember& member, const Message& message) {
  Expected<Request> request = ReadRequest(message);
  if (!request) return Expel(session, std::move(request.error()));
  if (ot_ && request->version.empty()) {
    // Whoever asks knows something that the text of before may lack.
    NeedText(member, ot_->revision());
  } else if (ot_) {
    const Expected<uint64_t> revision = ReadRevision(request->version);
    if (!revision) return Expel(session, revision.error());
    StopReading(member);
    member.revision = *revision;
  } else {
    Expected<VersionVector> known = VersionVector::Decode(request->version);
    if (!known) return Expel(session, std::move(known.error()));
    if (auto checked = CheckHorizon(*known); !checked) {
      return TurnAway(session, std::move(checked.error()));
    }
    member.known = Relevant(std::move(*known), member.writer);
    member.position = 0;
    member.base_sent = 0;
  }
  member.is_live = false;
}

void Hub::OnPresence(SessionId session, HubMember& member, const Message& message,
                     uint64_t now_ms) {
  // Rights may have been taken away while the message was on its way.
  if (!member.is_seen) return;
  Expected<std::vector<PresenceTable::News>> news;
  if (message.kind == MessageKind::kTyping) {
    Expected<Typing> typing = ReadTyping(message);
    if (!typing) return Expel(session, std::move(typing.error()));
    news = presence_.SetTyping(session, typing->is_typing, now_ms);
  } else {
    Expected<Presence> presence = ReadPresence(message);
    if (!presence) return Expel(session, std::move(presence.error()));
    news = presence_.SetState(session, presence->state, now_ms);
  }
  if (!news) return Expel(session, std::move(news.error()));
  Tell(*news);
}

// The store.

void Hub::Append(std::vector<Record> records, AppendKind kind) {
  ++calls_;
  const size_t bytes = BytesOf(records);
  appending_.push_back(Appending{.bytes = bytes, .kind = kind});
  pending_bytes_ += bytes;
  output_.store_calls.emplace_back(HubAppend{.records = std::move(records)});
}

void Hub::OnAppended(const Expected<uint64_t>& position) {
  COTEXT_CHECK(calls_ > 0);
  --calls_;
  if (has_failed_) return;
  if (!position) return OnStoreFailed();
  position_ = *position;
  const Appending done = appending_.front();
  appending_.pop_front();
  pending_bytes_ -= done.bytes;
  appended_bytes_ += done.bytes;
  switch (done.kind) {
    case AppendKind::kIdentity: identity_ = IdentityState::kDurable; return AdmitAll();
    case AppendKind::kUpload: ot_ ? OnSubmissionAppended() : OnUpdateAppended(); break;
    case AppendKind::kTruncation: ot_->OnTruncated(); break;
  }
  MaybeCompact();
}

void Hub::Compact(uint64_t up_to, std::vector<Record> snapshot) {
  snapshot_bytes_ = BytesOf(snapshot);
  ++calls_;
  output_.store_calls.emplace_back(HubCompact{.up_to = up_to, .snapshot = std::move(snapshot)});
}

void Hub::OnCompacted(const Expected<uint64_t>& position) {
  COTEXT_CHECK(calls_ > 0);
  --calls_;
  if (has_failed_) return;
  if (!position && !IsRoomMissing(position.error())) return OnStoreFailed();
  is_compacting_ = false;
  failed_snapshots_ = position ? 0 : failed_snapshots_ + 1;
}

// Time.

void Hub::OnTick(uint64_t now_ms) {
  if (state_ == State::kFailed && is_wanted() && now_ms >= retry_at_ms_) Load();
  Rest(options_.rest_ms, now_ms);
  Tell(presence_.OnTick(now_ms));
  if (appending_.empty()) return;
  const auto look = [this](const UploadKey& key) { return LookAtUpload(key); };
  for (const auto& [session, writer] : uploads_due_.TakeDue(now_ms, look)) {
    Unacknowledged& mark = members_.at(session).unacknowledged.at(writer);
    mark.is_received_told = true;
    Send(session, ToMessage(Ack{.channel = channel_,
                                .level = AckLevel::kReceived,
                                .writer = writer,
                                .upto = mark.upto}));
  }
}

std::optional<uint64_t> Hub::NextTimeMs() {
  std::optional<uint64_t> next = presence_.NextTimeMs();
  const auto consider = [&](uint64_t time) { next = next ? std::min(*next, time) : time; };
  if (state_ == State::kFailed && is_wanted()) consider(retry_at_ms_);
  if (const auto rest = RestDue()) consider(*rest);
  const auto upload =
      uploads_due_.NextMs([this](const UploadKey& key) { return LookAtUpload(key); });
  if (upload && !appending_.empty()) consider(*upload);
  return next;
}

// Who goes on typing is told as soon as who has stopped: what is not told keeps its time.
void Hub::NoteUpload(const UploadKey& key, Unacknowledged& mark, uint64_t now_ms) {
  if (mark.is_received_told) mark.since_ms = now_ms;
  mark.is_received_told = false;
  uploads_due_.Note(key, mark.due, mark.since_ms + options_.received_ack_ms);
}

DueTimes<Hub::UploadKey>::Thing Hub::LookAtUpload(const UploadKey& key) {
  const auto member = members_.find(key.first);
  if (member == members_.end()) return {};
  const auto found = member->second.unacknowledged.find(key.second);
  if (found == member->second.unacknowledged.end()) return {};
  Unacknowledged& mark = found->second;
  if (mark.is_received_told) return {.mark = &mark.due};
  return {.mark = &mark.due, .due_ms = mark.since_ms + options_.received_ack_ms};
}

// Output.

void Hub::Send(SessionId session, Message message) {
  output_.sends.push_back(HubSend{.to = {session}, .message = pool_->Put(std::move(message))});
}

void Hub::SendError(SessionId session, ErrorMessage error) {
  if (error.text.size() > kErrorTextMax) error.text.resize(kErrorTextMax);
  Send(session, ToMessage(error));
}

void Hub::Refuse(SessionId session, ErrorMessage error) {
  (error.channel == 0 ? output_.refused : output_.closed).push_back(session);
  SendError(session, std::move(error));
}

void Hub::Expel(SessionId session, Error error) {
  Close(session);
  output_.expels.push_back(HubExpel{.session = session, .error = std::move(error)});
}

}  // namespace cotext::sync
