#include "sync/rga_host.h"

#include <set>
#include <span>
#include <utility>

#include "crdt/codec/update_codec.h"
#include "crdt/history.h"
#include "crdt/ids.h"

namespace cotext::sync {
namespace {

// The host writes nothing, so any id will do.
constexpr ReplicaId kReader{.value = 1};

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

Expected<void> RgaHost::NeedDocument() {
  if (document_ != nullptr) return {};
  auto document = std::make_unique<RgaDocument>(kReader);
  if (!base_.empty()) COTEXT_RETURN_IF_ERROR(document->MergeBase(base_));
  Expected<std::string> all = log_.Since({});
  if (!all) return std::unexpected(std::move(all.error()));
  if (!all->empty()) COTEXT_RETURN_IF_ERROR(document->Merge(*all));
  for (const Appended& pending : pending_) {
    if (!pending.update.empty()) COTEXT_RETURN_IF_ERROR(document->Merge(pending.update));
  }
  accepted_ = document->version_vector();
  document_ = std::move(document);
  return {};
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

Expected<void> RgaHost::CheckDeletes(const PackedUpdate& update) const {
  const History& history = document_->rga().history();
  const uint64_t elements = uint64_t{history.log.element_end().value} + update.end.element;
  const uint64_t operations = uint64_t{history.log.end().value} + update.end.operation;
  // What inserted the elements of the base was trimmed.
  const uint64_t inserts = elements - history.base.end().value;
  if (operations - inserts <= kDeletesAlways + kDeletesOfEachMax * elements) return {};
  return MakeError(ErrorCode::kTooLarge, "the document has as many deletions as it may");
}

Expected<RgaHost::Taken> RgaHost::Take(const Uploader& uploader, std::string update) {
  COTEXT_RETURN_IF_ERROR(CheckForm(update));
  Expected<UpdateRange> range = RangeOfUpdate(update);
  if (!range) return std::unexpected(std::move(range.error()));
  COTEXT_RETURN_IF_ERROR(NeedDocument());
  COTEXT_RETURN_IF_ERROR(CheckWriters(uploader, range->reaches));
  if (!accepted_.Covers(range->needs)) {
    Taken taken{.outcome = Outcome::kWaiting, .reaches = range->reaches, .records = {}};
    if (!waiting_.Add(
            {.update = std::move(update), .range = std::move(*range), .from = uploader.session})) {
      taken.outcome = Outcome::kDropped;
    }
    return taken;
  }
  const Expected<PackedUpdate> decoded = DecodePackedUpdate(update);
  if (!decoded) return std::unexpected(decoded.error());
  COTEXT_RETURN_IF_ERROR(CheckDeletes(*decoded));
  // Also if all of it is known: the content of a known id must be the same.
  if (auto merged = document_->MergePacked(*decoded); !merged) {
    // It may have some of the update.
    if (document_->version_vector() != accepted_) Rest();
    return std::unexpected(std::move(merged.error()));
  }
  Taken taken{.outcome = Outcome::kKnown, .reaches = std::move(range->reaches)};
  if (accepted_.Covers(taken.reaches)) return taken;
  Expected<std::string> fresh = SliceUpdate(update, accepted_);
  if (!fresh) return std::unexpected(std::move(fresh.error()));
  taken.outcome = Outcome::kAppend;
  std::vector<uint64_t> writers = NewWriters(uploader, taken.reaches);
  for (const uint64_t writer : writers) {
    taken.records.push_back(writers_.Give(writer, uploader.user));
  }
  taken.records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = *fresh});
  accepted_.Join(taken.reaches);
  pending_.push_back(Appended{
      .update = std::move(*fresh), .from = uploader.session, .writers = std::move(writers)});
  return taken;
}

Expected<RgaHost::Appended> RgaHost::OnAppended() {
  if (!pending_.front().update.empty()) {
    COTEXT_RETURN_IF_ERROR(log_.Add(pending_.front().update));
  }
  Appended appended = std::move(pending_.front());
  pending_.pop_front();
  return appended;
}

Expected<std::vector<Record>> RgaHost::Snapshot() const {
  std::vector<Record> records = writers_.Records();
  if (!base_.empty()) records.push_back(Record{.kind = RecordKind::kBase, .bytes = base_});
  Expected<std::string> all = log_.Since({});
  if (!all) return std::unexpected(std::move(all.error()));
  if (!all->empty()) {
    records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = std::move(*all)});
  }
  return records;
}

}  // namespace cotext::sync
