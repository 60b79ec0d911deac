#include "sync/rga_host.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "crdt/codec/element_ids.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "document/check.h"

namespace cotext::sync {
namespace {

// The host writes nothing, so any id will do.
constexpr ReplicaId kReader{.value = 1};

struct Additions {
  uint64_t operations = 0;
  uint64_t elements = 0;
};

// Returns how much of an update a version lacks.
Additions NewIn(const PackedUpdate& update, const VersionVector& known) {
  Additions additions;
  for (size_t i = 0; i < update.changes.size(); ++i) {
    const OpId first = update.FirstIdOf(i);
    const uint64_t counter = known.CounterOf(first.replica);
    uint64_t skipped = counter - std::min(counter, first.counter - 1);
    for (const PackedOperation& operation : update.OperationsOf(i)) {
      const uint64_t here = std::min<uint64_t>(skipped, operation.length);
      skipped -= here;
      additions.operations += operation.length - here;
      if (operation.is_insert()) additions.elements += operation.length - here;
    }
  }
  return additions;
}

}  // namespace

Expected<void> RgaHost::Restore(const Record& record) {
  if (record.kind == RecordKind::kWriter) return writers_.Restore(record.bytes);
  if (record.kind == RecordKind::kUpdate) return log_.Add(record.bytes);
  if (record.kind == RecordKind::kBase) return RestoreBase(record.bytes);
  return MakeError(ErrorCode::kMalformedState, "the log of an RGA document has another's record");
}

// Loaded once and let go: what it says is checked before anybody is sent it.
Expected<void> RgaHost::RestoreBase(const std::string& file) {
  if (!log_.version().empty()) {
    return MakeError(ErrorCode::kMalformedState,
                     "what a document begins with is not its beginning");
  }
  RgaDocument document(kReader);
  COTEXT_RETURN_IF_ERROR(document.MergeBase(file));
  if (document.horizon().empty() || document.horizon() != document.version_vector()) {
    return MakeError(ErrorCode::kMalformedState, "what a document begins with is not a base alone");
  }
  base_ = file;
  log_.BeginBehind(document.horizon());
  return {};
}

Expected<void> RgaHost::MergeIntoBuilding(std::string_view update, size_t& merged_bytes) {
  merged_bytes += update.size();
  Expected<void> merged = building_.document->Merge(update);
  if (!merged) building_ = {};
  return merged;
}

Expected<void> RgaHost::MergeBaseIntoBuilding() {
  if (base_.empty()) return {};
  Expected<void> merged = building_.document->MergeBase(base_);
  if (!merged) building_ = {};
  return merged;
}

// Pieces that are added meanwhile are merged in their turn; what is open changes, and comes last.
Expected<bool> RgaHost::Prepare(size_t bytes) {
  if (document_ != nullptr) return true;
  if (building_.document == nullptr) {
    building_ = {.document = std::make_unique<RgaDocument>(kReader)};
    COTEXT_RETURN_IF_ERROR(MergeBaseIntoBuilding());
  }
  for (size_t merged = 0; building_.next < log_.piece_count(); ++building_.next) {
    if (merged >= bytes) return false;
    COTEXT_RETURN_IF_ERROR(MergeIntoBuilding(log_.PieceAt(building_.next), merged));
  }
  size_t merged = 0;
  for (const std::string& open : log_.OpenUpdates()) {
    COTEXT_RETURN_IF_ERROR(MergeIntoBuilding(open, merged));
  }
  for (const Appended& pending : pending_) {
    if (pending.update.empty()) continue;
    COTEXT_RETURN_IF_ERROR(MergeIntoBuilding(pending.update, merged));
  }
  document_ = std::move(building_.document);
  building_ = {};
  accepted_ = document_->version_vector();
  MeasureDocument();
  return true;
}

void RgaHost::MeasureDocument() {
  document_bytes_ = static_cast<size_t>(document_->rga().AllocatedBytes());
  measured_log_bytes_ = log_.bytes();
}

Expected<void> RgaHost::CheckWriters(const Uploader& uploader, const VersionVector& reaches) const {
  if ((uploader.rights & kMayWrite) == 0) {
    return MakeError(ErrorCode::kForbidden, "may not write");
  }
  const bool may_relay = (uploader.rights & kMayRelay) != 0;
  size_t new_writers = 0;
  for (const VersionVector::Entry& entry : reaches.entries()) {
    const uint64_t known = accepted_.CounterOf(entry.replica);
    if (entry.counter <= known) continue;
    if (known == 0) ++new_writers;
    if (may_relay) continue;
    const std::string* user = writers_.UserOf(entry.replica.value);
    // Whatever is known under an id that is nobody's came by way of a relay.
    if (user == nullptr ? known > 0 : *user != uploader.user) {
      return MakeError(ErrorCode::kForgedIdentity,
                       "replica " + std::to_string(entry.replica.value) + " is somebody else's");
    }
  }
  if (accepted_.entries().size() + new_writers > kWritersMax) {
    return MakeError(ErrorCode::kTooLarge, "the document has as many writers as it may");
  }
  return {};
}

// Returns the writers that an upload makes the uploader's.
std::vector<uint64_t> RgaHost::NewWriters(const Uploader& uploader,
                                          const VersionVector& reaches) const {
  std::vector<uint64_t> writers;
  const bool may_relay = (uploader.rights & kMayRelay) != 0;
  for (const VersionVector::Entry& entry : reaches.entries()) {
    if (may_relay && entry.replica.value != uploader.writer) continue;
    // Who repeats what others wrote does not own it.
    if (entry.counter <= accepted_.CounterOf(entry.replica)) continue;
    if (writers_.UserOf(entry.replica.value) == nullptr) writers.push_back(entry.replica.value);
  }
  return writers;
}

Expected<std::vector<Record>> RgaHost::Name(const Uploader& uploader, const WriterMessage& named) {
  if ((uploader.rights & kMayRelay) == 0) {
    return MakeError(ErrorCode::kForgedIdentity, "only who relays says whose an id is");
  }
  if ((uploader.rights & kMayWrite) == 0) {
    return MakeError(ErrorCode::kForbidden, "may not write");
  }
  std::vector<Record> records;
  if (writers_.UserOf(named.writer) != nullptr) return records;
  if (writers_.size() >= kWritersMax) {
    return MakeError(ErrorCode::kTooLarge, "the document has as many writers as it may");
  }
  records.push_back(writers_.Give(named.writer, named.user));
  pending_.push_back(Appended{.update = {}, .from = uploader.session, .writers = {named.writer}});
  return records;
}

std::vector<uint64_t> RgaHost::Writers() const {
  std::set<uint64_t> pending;
  for (const Appended& each : pending_) pending.insert(each.writers.begin(), each.writers.end());
  std::vector<uint64_t> writers;
  for (const uint64_t writer : writers_.Writers()) {
    if (!pending.contains(writer)) writers.push_back(writer);
  }
  return writers;
}

// Documents and their history have limits of their own; an update that names millions of characters
// in a few bytes, as one without their text can, is none that people make.
Expected<void> RgaHost::CheckForm(std::string_view update) const {
  const Expected<UpdateEncoding> encoding = EncodingOf(update);
  if (!encoding) return std::unexpected(encoding.error());
  if (encoding->drops_deleted_text) {
    return MakeError(ErrorCode::kMalformedUpdate, "an update without its deleted text");
  }
  if (bytes() + update.size() > kDocumentBytesMax) {
    return MakeError(ErrorCode::kTooLarge, "the document's history is as long as it may be");
  }
  return {};
}

Expected<void> RgaHost::CheckDeletes(const PackedUpdate& update, size_t bytes) const {
  // Most have too few operations to begin with.
  if (update.end.operation > kPartsAlways && CountParts(update) > PartsMax(bytes)) {
    return MakeError(ErrorCode::kTooLarge, "the update's deletes fall apart into too many pieces");
  }
  const Additions fresh = NewIn(update, accepted_);
  const History& history = document_->rga().history();
  const uint64_t elements = uint64_t{history.log.element_end().value} + fresh.elements;
  const uint64_t operations = uint64_t{history.log.end().value} + fresh.operations;
  // What inserted the elements of the base was trimmed.
  const uint64_t inserts = elements - history.base.end().value;
  if (operations - inserts <= kDeletesAlways + kDeletesOfEachMax * elements) return {};
  return MakeError(ErrorCode::kTooLarge, "the document has as many deletions as it may");
}

Expected<RgaHost::Taken> RgaHost::Take(const Uploader& uploader, std::string update) {
  COTEXT_RETURN_IF_ERROR(CheckForm(update));
  Expected<UpdateRange> range = RangeOfUpdate(update);
  if (!range) return std::unexpected(std::move(range.error()));
  COTEXT_RETURN_IF_ERROR(Prepare(SIZE_MAX));
  COTEXT_RETURN_IF_ERROR(CheckWriters(uploader, range->reaches));
  if (!accepted_.Covers(range->needs)) {
    Taken taken{.outcome = Outcome::kWaiting, .reaches = range->reaches, .records = {}};
    if (!waiting_.Add(
            {.update = std::move(update), .range = std::move(*range), .from = uploader.session})) {
      taken.outcome = Outcome::kDropped;
    }
    return taken;
  }
  Expected<PackedUpdate> decoded = DecodePackedUpdate(update);
  if (!decoded) return std::unexpected(decoded.error());
  COTEXT_RETURN_IF_ERROR(CheckDeletes(*decoded, update.size()));
  // Also if all of it is known: the content of a known id must be the same.
  if (auto merged = document_->MergePacked(*std::move(decoded)); !merged) {
    return AcceptUpToError(uploader, update, std::move(merged.error()));
  }
  if (accepted_.Covers(range->reaches)) {
    return Taken{.outcome = Outcome::kKnown, .reaches = std::move(range->reaches)};
  }
  Expected<std::string> fresh = SliceUpdate(update, accepted_, UpdateLimits::ForAccepted());
  // The document has it, so to refuse it would be to build another.
  COTEXT_CHECK(fresh.has_value());
  return Accept(uploader, *std::move(fresh), std::move(range->reaches));
}

// The document may have some changes of the update, which are as good as any: to be rid of them
// would be to build it anew, which others would have to wait for.
Expected<RgaHost::Taken> RgaHost::AcceptUpToError(const Uploader& uploader, std::string_view update,
                                                  Error error) {
  const VersionVector reached = document_->version_vector();
  if (reached == accepted_) return std::unexpected(std::move(error));
  std::string fresh =
      EncodePackedUpdate(document_->rga().PackedSince(accepted_), *EncodingOf(update));
  Taken taken = Accept(uploader, std::move(fresh), reached);
  taken.refused = std::move(error);
  return taken;
}

RgaHost::Taken RgaHost::Accept(const Uploader& uploader, std::string fresh, VersionVector reaches) {
  Taken taken{.outcome = Outcome::kAppend, .reaches = std::move(reaches)};
  std::vector<uint64_t> writers = NewWriters(uploader, taken.reaches);
  for (const uint64_t writer : writers) {
    taken.records.push_back(writers_.Give(writer, uploader.user));
  }
  taken.records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = fresh});
  accepted_.Join(taken.reaches);
  pending_.push_back(Appended{
      .update = std::move(fresh), .from = uploader.session, .writers = std::move(writers)});
  return taken;
}

Expected<RgaHost::Appended> RgaHost::OnAppended() {
  if (!pending_.front().update.empty()) {
    COTEXT_RETURN_IF_ERROR(log_.Add(pending_.front().update));
    if (document_ != nullptr && log_.bytes() > measured_log_bytes_ + kPieceBytesMax) {
      MeasureDocument();
    }
  }
  Appended appended = std::move(pending_.front());
  pending_.pop_front();
  return appended;
}

std::vector<Record> RgaHost::FirstRecords() const {
  std::vector<Record> records = writers_.Records();
  if (!base_.empty()) records.push_back({.kind = RecordKind::kBase, .bytes = base_});
  return records;
}

std::vector<Record> RgaHost::OpenRecords() const {
  std::vector<Record> records;
  for (std::string& update : log_.OpenUpdates()) {
    records.push_back({.kind = RecordKind::kUpdate, .bytes = std::move(update)});
  }
  return records;
}

std::vector<Record> RgaHost::Snapshot() const {
  std::vector<Record> records = FirstRecords();
  for (size_t place = 0; place < piece_count(); ++place) records.push_back(PieceRecord(place));
  std::ranges::move(OpenRecords(), std::back_inserter(records));
  return records;
}

}  // namespace cotext::sync
