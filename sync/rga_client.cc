#include "sync/rga_client.h"

#include <algorithm>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "crdt/rga.h"
#include "sync/pieces.h"

namespace cotext::sync {
namespace {

// How many operations are encoded at a time: about a piece of them.
constexpr uint64_t kOperationsAtOnce = uint64_t{1} << 14U;

// Returns `all`, but of the replicas in `uploaded` no more than what was sent of them.
VersionVector KnownToServer(const VersionVector& all, const VersionVector& uploaded,
                            const VersionVector& sent) {
  VersionVector known;
  for (const VersionVector::Entry& entry : all.entries()) {
    const bool is_uploaded = uploaded.CounterOf(entry.replica) > 0;
    const uint64_t counter =
        is_uploaded ? std::min(entry.counter, sent.CounterOf(entry.replica)) : entry.counter;
    if (counter > 0) known.Observe({.counter = counter, .replica = entry.replica});
  }
  return known;
}

}  // namespace

RgaClient::RgaClient(RgaDocument& document, std::vector<ReplicaId> former_replicas)
    : document_(&document), former_replicas_(std::move(former_replicas)) {}

Open RgaClient::OpenMessage(std::string name, uint64_t request) const {
  return Open{.request = request,
              .engine = Engine::kRga,
              .writer = document_->replica().value,
              .id = document_->id(),
              .name = std::move(name),
              .version = document_->version().bytes};
}

bool RgaClient::IsOwn(ReplicaId replica) const {
  return replica == document_->replica() ||
         std::ranges::find(former_replicas_, replica) != former_replicas_.end();
}

VersionVector RgaClient::Uploaded(const VersionVector& version) const {
  if ((rights_ & kMayRelay) != 0) return version;
  VersionVector own;
  for (const VersionVector::Entry& entry : version.entries()) {
    if (IsOwn(entry.replica)) own.Observe({.counter = entry.counter, .replica = entry.replica});
  }
  return own;
}

Expected<void> RgaClient::OnOpened(const Opened& opened) {
  if (opened.engine != Engine::kRga) {
    return MakeError(ErrorCode::kWrongEngine, "the server's document uses the other engine");
  }
  if (document_->id() != DocumentId{} && document_->id() != opened.id) {
    return MakeError(ErrorCode::kDocumentReplaced, "the server's document is another one");
  }
  Expected<VersionVector> version = VersionVector::Decode(opened.version);
  if (!version) return std::unexpected(std::move(version.error()));
  document_->SetId(opened.id);
  channel_ = opened.channel;
  rights_ = opened.rights;
  goal_ = *version;
  // A server that lost what it called durable is sent it again.
  durable_ = *version;
  received_ = *version;
  sent_ = std::move(*version);
  ForgetWaiting();
  lacked_others_ = LacksOthers(durable_);
  ForgetNamesSent(true);
  return {};
}

void RgaClient::OnClosed() {
  channel_ = 0;
  sent_ = durable_;
  received_ = durable_;
  ForgetWaiting();
  ForgetNamesSent(true);
}

void RgaClient::ForgetWaiting() {
  waiting_ = CausalBuffer();
  base_ = BasePieces();
  awaited_horizon_.reset();
  is_missing_ = false;
  is_dropped_ = false;
}

void RgaClient::OnStorageFailed() {
  sent_ = durable_;
  received_ = durable_;
  ForgetNamesSent(false);
}

// What a server sends is durable, own edits among it that it was not known to have kept.
void RgaClient::OnServerHas(const VersionVector& version) {
  sent_.Join(version);
  received_.Join(version);
  durable_.Join(version);
}

Expected<void> RgaClient::OnMessage(const Message& message) {
  switch (message.kind) {
    case MessageKind::kUpdate: return OnUpdate(message);
    case MessageKind::kBase: return OnBase(message);
    case MessageKind::kAck: return OnAck(message);
    case MessageKind::kRequest: return OnRequest(message);
    case MessageKind::kWriter: return OnWriter(message);
    default: return {};
  }
}

Expected<void> RgaClient::OnUpdate(const Message& message) {
  Expected<UpdateMessage> read = ReadUpdate(message);
  if (!read) return std::unexpected(std::move(read.error()));
  Expected<UpdateRange> range = RangeOfUpdate(read->update);
  if (!range) return std::unexpected(std::move(range.error()));
  if (!document_->version_vector().Covers(range->needs)) {
    // One that finds no room comes again with what is asked for.
    is_dropped_ |= !waiting_.Add({.update = std::move(read->update), .range = std::move(*range)});
    is_missing_ = true;
    return {};
  }
  COTEXT_RETURN_IF_ERROR(document_->Merge(read->update));
  OnServerHas(range->reaches);
  return TakeWaiting();
}

Expected<void> RgaClient::OnBase(const Message& message) {
  Expected<std::optional<std::string>> base = base_.Add(message);
  if (!base) return std::unexpected(std::move(base.error()));
  if (!*base) return {};
  COTEXT_RETURN_IF_ERROR(TakeBase(**base));
  return TakeWaiting();
}

Expected<void> RgaClient::TakeBase(const std::string& base) {
  const bool was_empty = document_->version_vector().empty();
  const Expected<void> merged = document_->MergeBase(base);
  const bool is_awaited =
      !merged && merged.error().code == ErrorCode::kHistoryTrimmed && MayCoverLater();
  if (!merged && !is_awaited) return merged;
  if (was_empty) {
    awaited_horizon_ = document_->horizon();
    return {};
  }
  RgaDocument begins(document_->replica());
  COTEXT_RETURN_IF_ERROR(begins.MergeBase(base));
  awaited_horizon_ = begins.horizon();
  return {};
}

// Whether more may come to the copy than from this server: a relay has others, of which what it did
// not write itself has come.
bool RgaClient::MayCoverLater() const {
  if ((rights_ & kMayRelay) == 0) return false;
  const VersionVector mine = document_->version_vector();
  return std::ranges::any_of(
      mine.entries(), [this](const VersionVector::Entry& entry) { return !IsOwn(entry.replica); });
}

Expected<void> RgaClient::TakeWaiting() {
  if (awaited_horizon_ && document_->version_vector().Covers(*awaited_horizon_)) {
    OnServerHas(*awaited_horizon_);
    awaited_horizon_.reset();
  }
  while (auto ready = waiting_.TakeReady(document_->version_vector())) {
    COTEXT_RETURN_IF_ERROR(document_->Merge(ready->update));
    OnServerHas(ready->range.reaches);
  }
  if (waiting_.empty() && !is_dropped_) is_missing_ = false;
  return {};
}

Expected<void> RgaClient::OnAck(const Message& message) {
  const Expected<Ack> ack = ReadAck(message);
  if (!ack) return std::unexpected(ack.error());
  const OpId upto{.counter = ack->upto, .replica = {.value = ack->writer}};
  if (ack->upto == 0 || !document_->version_vector().Covers(upto)) return {};
  received_.Observe(upto);
  if (ack->level == AckLevel::kDurable) durable_.Observe(upto);
  return {};
}

Expected<void> RgaClient::OnRequest(const Message& message) {
  const Expected<Request> request = ReadRequest(message);
  if (!request) return std::unexpected(request.error());
  Expected<VersionVector> version = VersionVector::Decode(request->version);
  if (!version) return std::unexpected(std::move(version.error()));
  sent_ = std::move(*version);
  return {};
}

// Whose an id is.

bool RgaClient::NameWriter(uint64_t writer, std::string_view user) {
  if (names_.size() >= kNamesMax) return false;
  const bool is_new = names_.try_emplace(writer, Name{.user = std::string(user)}).second;
  has_unsent_names_ |= is_new;
  return is_new;
}

Expected<void> RgaClient::OnWriter(const Message& message) {
  Expected<WriterMessage> named = ReadWriter(message);
  if (!named) return std::unexpected(std::move(named.error()));
  const bool is_new = NameWriter(named->writer, named->user);
  const auto found = names_.find(named->writer);
  if (found != names_.end()) found->second.is_known_there = true;
  if (is_new) named_.push_back(std::move(*named));
  return {};
}

void RgaClient::ForgetNamesSent(bool also_what_it_said) {
  for (auto& [writer, name] : names_) {
    name.is_sent = false;
    if (also_what_it_said) name.is_known_there = false;
  }
  has_unsent_names_ = !names_.empty();
}

// Those that are to be sent before anything else, some at a time.
void RgaClient::TakeNames(std::vector<Message>& messages) {
  constexpr size_t kAtOnce = 256;
  if (!has_unsent_names_ || (rights_ & kMayRelay) == 0 || (rights_ & kMayWrite) == 0) return;
  for (auto& [writer, name] : names_) {
    if (name.is_sent || name.is_known_there) continue;
    if (messages.size() >= kAtOnce) return;
    name.is_sent = true;
    messages.push_back(
        ToMessage(WriterMessage{.channel = channel_, .writer = writer, .user = name.user}));
  }
  has_unsent_names_ = false;
}

bool RgaClient::HasUnsent() const {
  return (rights_ & kMayWrite) != 0 && !sent_.Covers(Uploaded(document_->version_vector()));
}

bool RgaClient::LacksOthers(const VersionVector& version) const {
  const VersionVector mine = document_->version_vector();
  return std::ranges::any_of(mine.entries(), [&](const VersionVector::Entry& entry) {
    return !IsOwn(entry.replica) && version.CounterOf(entry.replica) < entry.counter;
  });
}

bool RgaClient::waits_for_others() const {
  const bool may_help = (rights_ & kMayRelay) != 0;
  if (!lacked_others_ || may_help || (rights_ & kMayWrite) == 0) return false;
  return !durable_.Covers(Uploaded(document_->version_vector())) && LacksOthers(durable_);
}

Expected<std::vector<Message>> RgaClient::TakeMessages(size_t bytes_max) {
  std::vector<Message> messages;
  if (!is_open()) return messages;
  // What waits for what others bring may have waited for it.
  if (awaited_horizon_) COTEXT_RETURN_IF_ERROR(TakeWaiting());
  TakeNames(messages);
  const bool is_asking = is_missing_ && !awaited_horizon_;
  if (!is_asking && !HasUnsent()) return messages;
  const VersionVector mine = document_->version_vector();
  if (is_asking) {
    is_missing_ = false;
    is_dropped_ = false;
    messages.push_back(ToMessage(Request{.channel = channel_, .version = mine.Encode()}));
  }
  if (has_unsent_names_ && (rights_ & kMayRelay) != 0) return messages;
  for (size_t bytes = 0; bytes < bytes_max && HasUnsent();) {
    const Expected<size_t> cut = CutNext(messages);
    if (!cut) return std::unexpected(cut.error());
    bytes += *cut;
  }
  return messages;
}

Expected<size_t> RgaClient::CutNext(std::vector<Message>& messages) {
  const VersionVector mine = document_->version_vector();
  // What is not uploaded counts as known.
  const VersionVector known = KnownToServer(mine, Uploaded(mine), sent_);
  Expected<std::string> update = document_->EncodeSince(known, kOperationsAtOnce);
  if (!update) return std::unexpected(std::move(update.error()));
  const Expected<UpdateRange> range = RangeOfUpdate(*update);
  if (!range) return std::unexpected(range.error());
  Expected<std::vector<std::string>> pieces = InPieces(std::move(*update));
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  size_t bytes = 0;
  for (std::string& piece : *pieces) {
    bytes += piece.size();
    messages.push_back(ToMessage(UpdateMessage{.channel = channel_, .update = std::move(piece)}));
  }
  sent_.Join(range->reaches);
  return bytes;
}

EditCounts RgaClient::Count() const {
  EditCounts counts;
  std::vector<ReplicaId> own = former_replicas_;
  own.push_back(document_->replica());
  for (const ReplicaId replica : own) {
    const uint64_t durable = durable_.CounterOf(replica);
    const uint64_t all = document_->version_vector().CounterOf(replica);
    if (all <= durable) continue;
    const Rga& rga = document_->rga();
    const uint64_t behind_durable = rga.CountBehind(replica, durable);
    const uint64_t behind_received = rga.CountBehind(replica, received_.CounterOf(replica));
    const uint64_t behind_sent = rga.CountBehind(replica, sent_.CounterOf(replica));
    counts.unsent += behind_sent;
    counts.unacknowledged += behind_received - std::min(behind_sent, behind_received);
    counts.not_durable += behind_durable - std::max(behind_sent, behind_received);
  }
  return counts;
}

}  // namespace cotext::sync
