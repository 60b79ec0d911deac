#include "storage/stored_content.h"

#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/text_buffer.h"
#include "ot/operation_codec.h"
#include "storage/file_encoding.h"
#include "sync/messages.h"
#include "sync/rga_host.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;

// Nobody writes here, so any id will do.
constexpr ReplicaId kReader{.value = 1};
// Nor are commits sent to anybody.
constexpr sync::Channel kChannel = 1;

Expected<void> Begin(const Record& record, StoredContent& content) {
  const auto identity = ReadIdentity(record.bytes);
  if (record.kind != RecordKind::kIdentity || !identity) {
    return MakeError(ErrorCode::kMalformedFile, "a log that does not begin with an identity");
  }
  content.identity = *identity;
  if (identity->engine == Engine::kOt) {
    content.ot.emplace(kChannel);
  } else {
    content.rga = std::make_unique<RgaDocument>(kReader);
    content.rga->SetId(identity->id);
  }
  return {};
}

Expected<void> BeginBehind(const Record& base, StoredContent& content) {
  if (!content.rga->version_vector().empty()) {
    return MakeError(ErrorCode::kMalformedState,
                     "what a document begins with is not its beginning");
  }
  COTEXT_RETURN_IF_ERROR(sync::RgaHost().Restore(base));
  return content.rga->MergeBase(base.bytes);
}

Expected<void> TakeIn(const Record& record, StoredContent& content) {
  if (record.kind == RecordKind::kIdentity) {
    return MakeError(ErrorCode::kMalformedState, "a log with two identities");
  }
  if (content.ot) return content.ot->Restore(record);
  if (record.kind == RecordKind::kWriter) return content.writers.Restore(record.bytes);
  if (record.kind == RecordKind::kBase) return BeginBehind(record, content);
  if (record.kind == RecordKind::kUpdate) return content.rga->Merge(record.bytes);
  return MakeError(ErrorCode::kMalformedState, "the log of an RGA document has another's record");
}

// Calls `after_each` with what the records come to up to each of them.
Expected<StoredContent> ReadStepwise(const sync::StoredLog& log,
                                     const std::function<void(const StoredContent&)>& after_each) {
  StoredContent content;
  size_t count = 0;
  for (const auto* const records : {&log.snapshot, &log.tail}) {
    for (const Record& record : *records) {
      Expected<void> taken = ++count == 1 ? Begin(record, content) : TakeIn(record, content);
      if (taken) after_each(content);
      if (taken) continue;
      taken.error().message = "record " + std::to_string(count) + ": " + taken.error().message;
      return std::unexpected(std::move(taken).error());
    }
  }
  if (count == 0) return MakeError(ErrorCode::kMalformedFile, "there is no such document");
  return content;
}

Delta OperationOf(const sync::OtHost& host, uint64_t revision) {
  const Expected<sync::Commit> commit = sync::ReadCommit(host.CommitOf(revision));
  COTEXT_CHECK(commit.has_value());
  Expected<Delta> operation = DecodeOperation(commit->operation);
  COTEXT_CHECK(operation.has_value());
  return *std::move(operation);
}

// REQUIRES: there is such a revision.
Expected<std::string> TextBefore(const sync::OtHost& host, uint64_t revision) {
  if (revision < host.horizon()) {
    return MakeError(ErrorCode::kTooOld, "revision " + std::to_string(revision) +
                                             " is before the horizon, " +
                                             std::to_string(host.horizon()));
  }
  Expected<TextBuffer> text = TextBuffer::FromText(host.Text());
  COTEXT_CHECK(text.has_value());
  for (uint64_t later = host.revision(); later > revision; --later) {
    const Expected<Delta> back = Invert(OperationOf(host, later));
    if (!back) {
      return MakeError(ErrorCode::kTooOld, "what revision " + std::to_string(later) +
                                               " deleted is not kept, so no text before it is");
    }
    COTEXT_RETURN_IF_ERROR(text->Apply(*back));
  }
  return text->Text();
}

}  // namespace

Expected<StoredContent> ReadContent(const sync::StoredLog& log) {
  return ReadStepwise(log, [](const StoredContent&) {});
}

std::string OtDocumentJson(const DocumentId& id, uint64_t revision, std::string_view text) {
  const nlohmann::ordered_json json = {
      {"engine", "ot"}, {"id", id.ToHex()}, {"revision", revision}, {"text", text}};
  return json.dump() + "\n";
}

Expected<std::string> OtTextAt(const sync::StoredLog& log, uint64_t revision) {
  std::optional<Expected<std::string>> text;
  const auto look = [&](const StoredContent& content) {
    if (text || !content.ot) return;
    if (content.ot->revision() == revision) text = content.ot->Text();
    if (content.ot->revision() > revision) text = TextBefore(*content.ot, revision);
  };
  const Expected<StoredContent> content = ReadStepwise(log, look);
  if (!content) return std::unexpected(content.error());
  if (!content->ot) {
    return MakeError(ErrorCode::kUnsupported, "a document of the other engine");
  }
  if (!text) {
    return MakeError(ErrorCode::kUnknownRevision, "revision " + std::to_string(revision) +
                                                      " is not there yet, the last is " +
                                                      std::to_string(content->ot->revision()));
  }
  // What was dropped later is gone, however much the log still has of it.
  if (revision < content->ot->horizon()) return TextBefore(*content->ot, revision);
  return *std::move(text);
}

Expected<std::vector<Record>> SnapshotOf(const StoredContent& content) {
  std::vector<Record> records = {IdentityRecord(content.identity)};
  const auto add = [&records](std::vector<Record> more) {
    records.insert(records.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
  };
  if (content.ot) {
    add(content.ot->Snapshot());
    return records;
  }
  add(content.writers.Records());
  const VersionVector& horizon = content.rga->horizon();
  if (!horizon.empty()) {
    Expected<std::string> base = content.rga->EncodeBase();
    if (!base) return std::unexpected(std::move(base).error());
    records.push_back({.kind = RecordKind::kBase, .bytes = *std::move(base)});
  }
  if (content.rga->version_vector() == horizon) return records;
  Expected<std::string> update = content.rga->EncodeSince(Version{horizon.Encode()});
  if (!update) return std::unexpected(std::move(update).error());
  records.push_back({.kind = RecordKind::kUpdate, .bytes = *std::move(update)});
  return records;
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
  std::vector<Record> snapshot = content->ot ? content->ot->Snapshot() : rga.Snapshot();
  snapshot.insert(snapshot.begin(), IdentityRecord(content->identity));
  return snapshot;
}

Expected<std::string> ExportDocument(const sync::StoredLog& log, Profile profile) {
  const Expected<StoredContent> content = ReadContent(log);
  if (!content) return std::unexpected(content.error());
  if (content->ot) {
    return OtDocumentJson(content->identity.id, content->ot->revision(), content->ot->Text());
  }
  return content->rga->Save(EncodingFor(profile));
}

Expected<std::vector<Record>> ImportDocument(std::string file) {
  auto document = RgaDocument::Open(std::move(file), kReader, NativeDecompressor());
  if (!document) return std::unexpected(std::move(document).error());
  COTEXT_RETURN_IF_ERROR((*document)->Unpack());
  StoredContent content{.identity = {.engine = Engine::kRga, .id = (*document)->id()}};
  content.rga = *std::move(document);
  return SnapshotOf(content);
}

}  // namespace cotext
