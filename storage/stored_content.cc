#include "storage/stored_content.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "storage/file_encoding.h"
#include "sync/rga_host.h"
#include "sync/writer_table.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;

// Nobody writes here, so any id will do.
constexpr ReplicaId kReader{.value = 1};

Expected<void> Begin(const Record& record, StoredContent& content) {
  const auto identity = ReadIdentity(record.bytes);
  if (record.kind != RecordKind::kIdentity || !identity) {
    return MakeError(ErrorCode::kMalformedFile, "a log that does not begin with an identity");
  }
  content.identity = *identity;
  if (identity->engine == Engine::kOt) {
    content.ot.emplace(0);
  } else {
    content.rga = std::make_unique<RgaDocument>(kReader);
    content.rga->SetId(identity->id);
  }
  return {};
}

Expected<void> TakeIn(const Record& record, StoredContent& content, sync::WriterTable& writers) {
  if (record.kind == RecordKind::kIdentity) {
    return MakeError(ErrorCode::kMalformedState, "a log with two identities");
  }
  if (content.ot) return content.ot->Restore(record);
  if (record.kind == RecordKind::kWriter) return writers.Restore(record.bytes);
  if (record.kind == RecordKind::kUpdate) return content.rga->Merge(record.bytes);
  return MakeError(ErrorCode::kMalformedState, "the log of an RGA document has another's record");
}

std::string OtAsJson(const StoredContent& content) {
  const nlohmann::ordered_json json = {{"engine", "ot"},
                                       {"id", content.identity.id.ToHex()},
                                       {"revision", content.ot->revision()},
                                       {"text", content.ot->Text()}};
  return json.dump() + "\n";
}

}  // namespace

Expected<StoredContent> ReadContent(const sync::StoredLog& log) {
  StoredContent content;
  sync::WriterTable writers;
  size_t count = 0;
  for (const auto* const records : {&log.snapshot, &log.tail}) {
    for (const Record& record : *records) {
      Expected<void> taken =
          ++count == 1 ? Begin(record, content) : TakeIn(record, content, writers);
      if (taken) continue;
      taken.error().message = "record " + std::to_string(count) + ": " + taken.error().message;
      return std::unexpected(std::move(taken).error());
    }
  }
  if (count == 0) return MakeError(ErrorCode::kMalformedFile, "there is no such document");
  return content;
}

Expected<std::vector<Record>> MakeSnapshot(const sync::StoredLog& log) {
  const Expected<StoredContent> content = ReadContent(log);
  if (!content) return std::unexpected(content.error());
  sync::RgaHost rga;
  for (const auto* const records : {&log.snapshot, &log.tail}) {
    for (const Record& record : *records) {
      if (content->ot || record.kind == RecordKind::kIdentity) continue;
      COTEXT_RETURN_IF_ERROR(rga.Restore(record));
    }
  }
  Expected<std::vector<Record>> snapshot = content->ot ? content->ot->Snapshot() : rga.Snapshot();
  if (snapshot) snapshot->insert(snapshot->begin(), IdentityRecord(content->identity));
  return snapshot;
}

Expected<std::string> ExportDocument(const sync::StoredLog& log, Profile profile) {
  const Expected<StoredContent> content = ReadContent(log);
  if (!content) return std::unexpected(content.error());
  if (content->ot) return OtAsJson(*content);
  return content->rga->Save(EncodingFor(profile));
}

Expected<std::vector<Record>> ImportDocument(std::string file) {
  const auto document = RgaDocument::Open(std::move(file), kReader, NativeDecompressor());
  if (!document) return std::unexpected(document.error());
  COTEXT_RETURN_IF_ERROR((*document)->Unpack());
  if (!(*document)->horizon().empty()) {
    return MakeError(ErrorCode::kHistoryTrimmed, "a trimmed document cannot be served");
  }
  Expected<std::string> update = (*document)->EncodeSince(Version{VersionVector().Encode()});
  if (!update) return std::unexpected(std::move(update).error());
  std::vector<Record> records = {IdentityRecord({.engine = Engine::kRga, .id = (*document)->id()})};
  if (!(*document)->version_vector().entries().empty()) {
    records.push_back({.kind = RecordKind::kUpdate, .bytes = *std::move(update)});
  }
  return records;
}

}  // namespace cotext
