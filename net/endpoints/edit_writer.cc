#include "net/endpoints/edit_writer.h"

#include <utility>
#include <variant>

#include "document/check.h"
#include "net/driver/document_reader.h"
#include "net/driver/version_token.h"
#include "net/http/http_message.h"
#include "ot/transform.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

// Writer and readers hear of the same commits in the same turn, or the next.
constexpr uint64_t kStepMs = 10;

}  // namespace

EditWriter::EditWriter(ServerDriver& driver, Schedule& schedule, DocumentReaders& readers,
                       Options options)
    : driver_(&driver), schedule_(&schedule), readers_(&readers), options_(std::move(options)) {
  Expected<ReaderLease> lease = readers_->Read(options_.document, *this);
  if (!lease) {
    Fail(lease.error());
    return;
  }
  lease_ = *std::move(lease);
  if (lease_->state() == DocumentReader::State::kReady) OnReady();
}

EditWriter::~EditWriter() { schedule_->Cancel(again_); }

void EditWriter::Write(uint64_t job, EditRequest edit, Done done) {
  if (error_) return done(std::unexpected(*error_));
  if (waiting_.size() >= kWaitingMax) {
    return done(MakeError(ErrorCode::kTooSlow, "too many edits wait"));
  }
  waiting_.push_back({.number = job,
                      .edit = std::move(edit),
                      .done = std::move(done),
                      .since = {},
                      .base_text = {}});
  if (again_ == 0) {
    again_ = schedule_->Soon([this] {
      again_ = 0;
      Advance();
    });
  }
}

bool EditWriter::Withdraw(uint64_t job) {
  return std::erase_if(waiting_, [job](const Job& other) { return other.number == job; }) > 0;
}

std::optional<FormerReplica> EditWriter::Retire() const {
  if (!rga_ || error_ || !is_idle()) return std::nullopt;
  return FormerReplica{.replica = rga_->replica(),
                       .counter = rga_->version_vector().CounterOf(rga_->replica())};
}

std::string EditWriter::Version() const {
  return rga_ ? TokenOf(id_, rga_->frontier()) : TokenOf(id_, ot_->revision());
}

// Opening.

void EditWriter::OnReady() {
  id_ = lease_->id();
  lease_->rga() != nullptr ? OpenRga(lease_->rga()) : OpenOt(lease_->ot());
}

void EditWriter::OnFailed(const Error& error) {
  // It is made when the first edit says which engine it is to have.
  if (error.code != ErrorCode::kNotFound || connection_ != nullptr) return Fail(error);
  lease_.Release();
  // There is no version that an edit could be meant for.
  while (!waiting_.empty() && !waiting_.front().edit.if_match.empty()) {
    const Job refused = std::move(waiting_.front());
    waiting_.pop_front();
    refused.done(EditOutcome{.version = {}, .is_mismatch = true});
  }
  if (waiting_.empty()) return Fail(error);
  waiting_.front().edit.engine == Engine::kRga ? OpenRga(nullptr) : OpenOt(nullptr);
}

void EditWriter::Begin() {
  connection_ = std::make_unique<InProcessConnection>(
      *driver_, *schedule_,
      InProcessConnection::Options{
          .identity = options_.identity,
          .random = options_.random,
          .on_turn = [this](const std::vector<sync::ClientEvent>& events) { OnTurn(events); }});
}

void EditWriter::OpenRga(const RgaDocument* copied) {
  Begin();
  ReplicaId replica{1 + options_.random() % (kIdLimit - 1)};
  const auto& former = options_.former;
  if (former && copied != nullptr &&
      copied->version_vector().CounterOf(former->replica) >= former->counter) {
    replica = former->replica;
  }
  rga_ = copied != nullptr ? copied->Fork(replica) : std::make_unique<RgaDocument>(replica);
  key_ = connection_->client().Open(options_.document, *rga_);
  rga_->Subscribe([this](const DeltaEvent& event) {
    if (making_) making_->changes.push_back(event.delta);
  });
}

void EditWriter::OpenOt(const OtReplica* copied) {
  Begin();
  const OtClientId id{1 + options_.random() % (kOtIdLimit - 1)};
  const uint64_t revision = copied != nullptr ? copied->revision() : 0;
  auto replica =
      OtReplica::FromText(id, revision, copied != nullptr ? copied->document().Text() : "");
  COTEXT_CHECK(replica.has_value());
  ot_ = *std::move(replica);
  key_ = connection_->client().Open(options_.document, *ot_);
  ot_->document().Subscribe([this](const DeltaEvent& event) {
    if (making_) making_->changes.push_back(event.delta);
  });
}

void EditWriter::OnTurn(const std::vector<sync::ClientEvent>& events) {
  for (const sync::ClientEvent& event : events) {
    if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event)) {
      return Fail(failed->error);
    }
    if (const auto* const opened = std::get_if<sync::DocumentOpened>(&event)) id_ = opened->id;
    if (std::holds_alternative<sync::EditsHandedBack>(event)) {
      return Fail({ErrorCode::kTooOld, "the edit came too late to be made"});
    }
    const auto* const changed = std::get_if<sync::StatusChanged>(&event);
    if (changed != nullptr && changed->status == sync::ConnectionStatus::kDisconnected) {
      return Fail(changed->reason);
    }
  }
  Advance();
}

void EditWriter::Fail(const Error& error) {
  error_ = error;
  lease_.Release();
  std::deque<Job> failed = std::exchange(waiting_, {});
  if (making_) failed.push_front(*std::exchange(making_, std::nullopt));
  for (const Job& job : failed) job.done(std::unexpected(error));
}

// Editing.

void EditWriter::Advance() {
  if (error_ || connection_ == nullptr || !connection_->client().IsOpen(key_)) return;
  const sync::Client& client = connection_->client();
  if (!client.IsCaughtUp(key_)) return;
  if ((client.rights(key_) & sync::kMayWrite) == 0) {
    return Fail({ErrorCode::kForbidden, "this document may not be written to"});
  }
  if (making_ && client.Count(key_).all_durable()) {
    const Job made = *std::exchange(making_, std::nullopt);
    made.done(Outcome(made));
  }
  while (!making_ && !waiting_.empty()) {
    if (!IsInStep(waiting_.front().edit)) {
      schedule_->Cancel(again_);
      again_ = schedule_->After(kStepMs, [this] {
        again_ = 0;
        Advance();
      });
      return;
    }
    making_ = std::move(waiting_.front());
    waiting_.pop_front();
    if (!IsWanted(making_->edit)) {
      const Job refused = *std::exchange(making_, std::nullopt);
      refused.done(EditOutcome{.version = Version(), .is_mismatch = true});
      continue;
    }
    const Expected<void> is_made = Make(*making_);
    connection_->Touch();
    if (is_made) return;
    const Job failed = *std::exchange(making_, std::nullopt);
    failed.done(std::unexpected(is_made.error()));
  }
}

// Whether what readers know of OT versions can be used for this copy, which has no history; or the
// version that they were told is that of this.
bool EditWriter::IsInStep(const EditRequest& edit) const {
  const bool is_needed = !edit.if_match.empty() || (edit.base && rga_ == nullptr);
  return !is_needed || !lease_ || lease_->Version() == Version();
}

bool EditWriter::IsWanted(const EditRequest& edit) const {
  return edit.if_match.empty() || HasStrongTag(edit.if_match, Version());
}

Expected<void> EditWriter::Make(Job& job) {
  COTEXT_RETURN_IF_ERROR(FindBase(job));
  const Expected<Delta> edit = EditOf(job.edit, job.base_text);
  if (!edit) return std::unexpected(edit.error());
  // Of two that insert at one place, the one that came later comes second.
  const Expected<Delta> now = Transform(*edit, job.since, Side::kRight);
  if (!now) return std::unexpected(now.error());
  return document().Apply(*now);
}

// Finds the text at the base, as far as it is needed, and what has happened since.
Expected<void> EditWriter::FindBase(Job& job) const {
  const bool needs_text = job.edit.text || job.edit.unit == QuillUnit::kUtf16;
  const bool is_now = !job.edit.base || *job.edit.base == Version();
  if (is_now) {
    if (needs_text) job.base_text = document().Text();
    return {};
  }
  return rga_ ? FindRgaBase(job, needs_text) : FindOtBase(job, needs_text);
}

Expected<void> EditWriter::FindRgaBase(Job& job, bool needs_text) const {
  const Expected<VersionVector> base =
      lease_ ? lease_->VersionOf(*rga_, *job.edit.base) : VersionIn(*rga_, id_, *job.edit.base);
  if (!base) return std::unexpected(base.error());
  if (needs_text) {
    Expected<std::string> text = rga_->TextAt(*base);
    if (!text) return std::unexpected(text.error());
    job.base_text = *std::move(text);
  }
  const Expected<Delta> since = rga_->DeltaBetween(*base, rga_->version_vector());
  if (!since) return std::unexpected(since.error());
  job.since = WithoutDeletedText(*since);
  return {};
}

Expected<void> EditWriter::FindOtBase(Job& job, bool needs_text) const {
  if (const auto read = ReadToken(id_, *job.edit.base); !read) {
    return std::unexpected(read.error());
  }
  if (!lease_) return MakeError(ErrorCode::kTooOld, "what has changed since is not kept");
  if (needs_text) {
    Expected<std::string> text = lease_->TextAt(*job.edit.base);
    if (!text) return std::unexpected(text.error());
    job.base_text = *std::move(text);
  }
  const Expected<Delta> since = lease_->DeltaSince(*job.edit.base);
  if (!since) return std::unexpected(since.error());
  job.since = WithoutDeletedText(*since);
  return {};
}

Expected<EditOutcome> EditWriter::Outcome(const Job& job) const {
  EditOutcome outcome{.version = Version()};
  if (!job.edit.base) return outcome;
  std::vector<Delta> deltas = {job.since};
  for (const Delta& change : job.changes) deltas.push_back(WithoutDeletedText(change));
  const Expected<Delta> all = ComposeAll(deltas);
  COTEXT_CHECK(all.has_value());
  Expected<std::string> ops = DeltaToQuill(*all, job.edit.unit, job.base_text);
  COTEXT_CHECK(ops.has_value());
  outcome.ops = *std::move(ops);
  return outcome;
}

}  // namespace cotext::net
