#include "net/driver/document_reader.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "document/check.h"
#include "net/driver/version_token.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

// A history in memory takes some times the bytes in which it travels (docs/BENCHMARKS.md).
constexpr size_t kMemoryPerByte = 4;
constexpr size_t kReaderBytes = size_t{1} << 15U;  // Of one that holds an empty document.

// What a delta takes that is kept.
size_t BytesOf(const Delta& delta) {
  size_t bytes = sizeof(Delta) + delta.size() * sizeof(Delta::Component);
  for (const Delta::Component component : delta) bytes += component.text.size();
  return bytes;
}

// Returns the delta with numbers that count the UTF-16 units of the text it applies to.
Delta InUtf16(const Delta& delta, const TextBuffer& base) {
  const auto units_at = [&](uint64_t position) {
    return base.ToUtf16(CodePointOffset{position}).value_or(Utf16Offset{0}).value;
  };
  Delta counted;
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kInsert) {
      counted.Insert(component.text);
      continue;
    }
    const uint64_t units = units_at(position + component.count) - units_at(position);
    position += component.count;
    component.kind == Delta::Kind::kRetain ? counted.Retain(units) : counted.Delete(units);
  }
  return counted;
}

// Returns the delta with the texts that it deletes.
Delta WithDeletedText(const Delta& delta, const TextBuffer& base) {
  Delta full;
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kInsert) {
      full.Insert(component.text);
      continue;
    }
    const CodePointOffset begin{position};
    position += component.count;
    if (component.kind == Delta::Kind::kRetain) {
      full.Retain(component.count);
    } else {
      const Expected<std::string> deleted = base.Slice(begin, CodePointOffset{position});
      COTEXT_CHECK(deleted.has_value());
      full.DeleteText(*deleted);
    }
  }
  return full;
}

}  // namespace

DocumentReader::DocumentReader(ServerDriver& driver, Schedule& schedule,
                               std::function<uint64_t()> random, std::string name,
                               std::function<void()> on_failed)
    : driver_(&driver),
      schedule_(&schedule),
      random_(std::move(random)),
      name_(std::move(name)),
      on_failed_(std::move(on_failed)) {
  Connect();
}

DocumentReader::~DocumentReader() { schedule_->Cancel(reconnect_); }

void DocumentReader::Connect() {
  reconnect_ = 0;
  connection_ = std::make_unique<InProcessConnection>(
      *driver_, *schedule_,
      InProcessConnection::Options{
          .identity = {.user = "cotext", .grants = {{.documents = "*", .rights = sync::kMayRead}}},
          .random = random_,
          .on_turn = [this](std::vector<sync::ClientEvent> events) { OnTurn(std::move(events)); }});
  const uint64_t id = 1 + random_() % (kIdLimit - 1);
  if (engine_ == Engine::kRga) {
    rga_ = std::make_unique<RgaDocument>(ReplicaId{id});
    key_ = connection_->client().Open(name_, *rga_);
  } else {
    rga_.reset();
    auto replica = OtReplica::FromText(OtClientId{id}, 0, {});
    COTEXT_CHECK(replica.has_value());
    ot_ = *std::move(replica);
    key_ = connection_->client().Open(name_, *ot_);
  }
}

const Document& DocumentReader::document() const {
  if (rga_) return *rga_;
  return ot_->document();
}

std::string DocumentReader::Version() const {
  return rga_ ? TokenOf(id_, rga_->frontier()) : TokenOf(id_, ot_->revision());
}

size_t DocumentReader::bytes() const {
  const size_t history = connection_ ? connection_->received_bytes() * kMemoryPerByte : 0;
  return kReaderBytes + history + recent_bytes_ + (mirror_ ? mirror_->AllocatedBytes() : 0);
}

// What comes.

void DocumentReader::OnTurn(std::vector<sync::ClientEvent> events) {
  for (const sync::ClientEvent& event : events) OnEvent(event);
  if (state_ != State::kReady) return;
  TellDeltas();
}

void DocumentReader::OnEvent(const sync::ClientEvent& event) {
  if (state_ == State::kFailed) return;
  if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event)) {
    OnDocumentFailed(failed->error);
  } else if (const auto* const opened = std::get_if<sync::DocumentOpened>(&event)) {
    id_ = opened->id;
  } else if (std::holds_alternative<sync::DocumentCaughtUp>(event)) {
    if (state_ == State::kLoading) BecomeReady();
  } else if (std::holds_alternative<sync::PresenceChanged>(event)) {
    if (state_ == State::kReady) TellPresence();
  } else if (const auto* const changed = std::get_if<sync::StatusChanged>(&event)) {
    if (changed->status == sync::ConnectionStatus::kDisconnected) Fail(changed->reason);
  }
}

void DocumentReader::OnDocumentFailed(const Error& error) {
  const bool may_be_ot = state_ == State::kLoading && engine_ == Engine::kRga;
  if (error.code == ErrorCode::kWrongEngine && may_be_ot) {
    engine_ = Engine::kOt;
    reconnect_ = schedule_->Soon([this] { Connect(); });
  } else if (error.code == ErrorCode::kForbidden && state_ == State::kLoading) {
    // It may read every document that there is.
    Fail({ErrorCode::kNotFound, "there is no such document"});
  } else {
    Fail(error);
  }
}

void DocumentReader::OnUnreadable(ErrorCode why) {
  if (state_ != State::kLoading) return;
  const bool is_of_store = why == ErrorCode::kIo || why == ErrorCode::kStorageFailed ||
                           why == ErrorCode::kDiskFull || why == ErrorCode::kReadOnly;
  Fail({is_of_store ? why : ErrorCode::kMalformedFile,
        "the document cannot be read; the server's log says why"});
}

void DocumentReader::BecomeReady() {
  state_ = State::kReady;
  Document& document = rga_ ? static_cast<Document&>(*rga_) : ot_->document();
  document.Subscribe([this](const DeltaEvent& event) { pending_.push_back(event.delta); });
  told_version_ = Version();
  if (rga_) told_heads_ = rga_->frontier();
  present_ = connection_->client().presence(key_).users();
  if (ot_) KeepMirror();
  ForEachListener([](ReaderListener& listener) { listener.OnReady(); });
}

void DocumentReader::Fail(Error error) {
  state_ = State::kFailed;
  error_ = std::move(error);
  ForEachListener([this](ReaderListener& listener) { listener.OnFailed(error_); });
  on_failed_();
}

void DocumentReader::ForEachListener(const std::function<void(ReaderListener&)>& tell) {
  const std::map<ReaderListener*, uint64_t> there = listeners_;
  for (const auto& [listener, number] : there) {
    const auto found = listeners_.find(listener);
    if (found != listeners_.end() && found->second == number) tell(*listener);
  }
}

// What listeners are told.

void DocumentReader::WantUtf16() {
  if (state_ != State::kReady) return;
  wants_utf16_ = true;
  KeepMirror();
}

void DocumentReader::KeepMirror() {
  if (mirror_) return;
  auto buffer = TextBuffer::FromText(document().Text());
  COTEXT_CHECK(buffer.has_value());
  mirror_ = *std::move(buffer);
}

void DocumentReader::TellDeltas() {
  if (pending_.empty()) return;
  Expected<Delta> composed = ComposeAll(std::exchange(pending_, {}));
  COTEXT_CHECK(composed.has_value());
  FeedDelta news;
  news.delta = *std::move(composed);
  news.version = Version();
  std::vector<OpId> heads;
  if (IsDigest(told_version_)) heads = told_heads_;
  news.writers = NewWriters();
  const Delta kept = ot_ ? WithDeletedText(news.delta, *mirror_) : news.delta;
  if (wants_utf16_) news.in_utf16 = InUtf16(news.delta, *mirror_);
  if (mirror_) {
    const Expected<void> applied = mirror_->Apply(news.delta);
    COTEXT_CHECK(applied.has_value());
  }
  Keep({.before = std::exchange(told_version_, news.version),
        .heads = std::move(heads),
        .delta = kept});
  ForEachListener([&](ReaderListener& listener) { listener.OnDelta(news); });
}

std::vector<uint64_t> DocumentReader::NewWriters() {
  std::vector<uint64_t> writers;
  if (!rga_) return writers;
  const std::vector<OpId> before = std::exchange(told_heads_, rga_->frontier());
  for (const OpId head : told_heads_) {
    if (!std::ranges::binary_search(before, head)) writers.push_back(head.replica.value);
  }
  return writers;
}

void DocumentReader::Keep(Recent recent) {
  recent.bytes = BytesOf(recent.delta) + recent.heads.size() * sizeof(OpId);
  recent_bytes_ += recent.bytes;
  recent_.push_back(std::move(recent));
  while (recent_.size() > kRecentMax || (recent_bytes_ > kRecentBytesMax && !recent_.empty())) {
    recent_bytes_ -= recent_.front().bytes;
    recent_.pop_front();
  }
}

void DocumentReader::TellPresence() {
  const auto& now = connection_->client().presence(key_).users();
  const auto before = std::exchange(present_, now);
  std::vector<FeedPresence> news;
  const auto add = [&](sync::SessionId session, std::optional<sync::PresentUser> user,
                       bool is_typing_news) {
    FeedPresence& item = news.emplace_back();
    item.session = session;
    item.user = std::move(user);
    item.is_typing_news = is_typing_news;
  };
  for (const auto& [session, user] : before) {
    if (!present_.contains(session)) add(session, std::nullopt, false);
  }
  for (const auto& [session, user] : present_) {
    const auto found = before.find(session);
    if (found != before.end() && found->second == user) continue;
    const bool is_typing_news = found != before.end() && found->second.user == user.user &&
                                found->second.state == user.state;
    add(session, user, is_typing_news);
  }
  for (const FeedPresence& item : news) {
    ForEachListener([&](ReaderListener& listener) { listener.OnPresence(item); });
  }
}

// Versions.

const DocumentReader::Recent* DocumentReader::FindRecent(std::string_view version) const {
  const auto found = std::ranges::find(recent_, version, &Recent::before);
  return found == recent_.end() ? nullptr : &*found;
}

Expected<VersionVector> DocumentReader::VersionOf(const RgaDocument& copy,
                                                  std::string_view version) const {
  const Recent* const recent = FindRecent(version);
  if (recent != nullptr && !recent->heads.empty()) return copy.VersionOf(recent->heads);
  if (version == Version()) return copy.VersionOf(rga_->frontier());
  return VersionIn(copy, id_, version);
}

Expected<void> DocumentReader::CheckToken(std::string_view version) const {
  const Expected<TokenVersion> read = ReadToken(id_, version);
  if (!read) return std::unexpected(read.error());
  return {};
}

Expected<std::string> DocumentReader::TextAt(std::string_view version) const {
  if (version == Version()) return document().Text();
  if (rga_) {
    const Expected<VersionVector> vector = VersionOf(*rga_, version);
    if (!vector) return std::unexpected(vector.error());
    return rga_->TextAt(*vector);
  }
  const Expected<Delta> since = DeltaSince(version);
  if (!since) return std::unexpected(since.error());
  const Expected<Delta> back = Invert(*since);
  if (!back) return MakeError(ErrorCode::kTooOld, "what was deleted since is not kept");
  return Apply(*back, document().Text());
}

Expected<Delta> DocumentReader::DeltaSince(std::string_view version) const {
  if (version == Version()) return Delta();
  const auto found = std::ranges::find(recent_, version, &Recent::before);
  if (found != recent_.end()) {
    std::vector<Delta> deltas;
    for (auto at = found; at != recent_.end(); ++at) deltas.push_back(at->delta);
    return ComposeAll(deltas);
  }
  if (rga_) {
    const Expected<VersionVector> vector = VersionIn(*rga_, id_, version);
    if (!vector) return std::unexpected(vector.error());
    return rga_->DeltaBetween(*vector, rga_->version_vector());
  }
  const Expected<TokenVersion> read = ReadToken(id_, version);
  if (!read) return std::unexpected(read.error());
  const auto* const revision = std::get_if<uint64_t>(&*read);
  if (revision == nullptr || *revision > ot_->revision()) {
    return MakeError(ErrorCode::kUnknownRevision, "a revision that is not there yet");
  }
  return MakeError(ErrorCode::kTooOld, "what has changed since is not kept any more");
}

}  // namespace cotext::net
