#include "storage/trim_store.h"

#include <string_view>
#include <utility>

#include "storage/document_list.h"
#include "storage/log_reader.h"
#include "storage/sqlite_statement.h"
#include "storage/store_call.h"
#include "sync/store.h"

namespace cotext {
namespace {

constexpr size_t kDocumentsAtOnce = 1'000;

Expected<uint64_t> BytesOf(SqliteDatabase& database) {
  return database.Number("SELECT page_count*page_size FROM pragma_page_count, pragma_page_size");
}

uint64_t BytesOf(const std::vector<sync::Record>& records) {
  uint64_t bytes = 0;
  for (const sync::Record& record : records) bytes += record.bytes.size();
  return bytes;
}

Expected<std::vector<std::string>> AllNames(SqliteDatabase& database) {
  std::vector<std::string> names;
  while (true) {
    const std::string after = names.empty() ? std::string() : names.back();
    const auto documents = ListDocuments(database, after, kDocumentsAtOnce);
    if (!documents) return std::unexpected(documents.error());
    if (documents->empty()) return names;
    for (const DocumentSummary& document : *documents) names.push_back(document.name);
  }
}

// Returns the position of the last record of which it is known, and of all before it, that they
// were written by a time.
Expected<uint64_t> PositionBy(SqliteDatabase& database, std::string_view name, uint64_t time_ms,
                              uint64_t end) {
  Expected<SqliteStatement> statement = database.Prepare(
      "SELECT snapshot_at_ms, (SELECT min(position) FROM records"
      " WHERE document=documents.id AND at_ms>?2) FROM documents WHERE name=?1");
  if (!statement) return std::unexpected(std::move(statement).error());
  statement->Start(name, time_ms);
  const Expected<bool> row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row || statement->Number(0) > time_ms) return 0;
  const uint64_t first_later = statement->Number(1);  // 0: there is none.
  return first_later == 0 ? end : first_later - 1;
}

// What trimming and looking what it would do have in common.
class Work {
 public:
  Work(SqliteDatabase& database, const TrimRequest& request) : database_(database) {
    limits_.keep = request.keep;
    written_by_ms_ = request.written_by_ms;
  }

  Expected<std::vector<std::string>> Names(const TrimRequest& request, LogReader& reader) {
    if (request.documents.empty()) return AllNames(database_);
    for (const std::string& name : request.documents) {
      const Expected<LogReader::Place> place = reader.Find(name);
      if (!place) return std::unexpected(place.error());
      if (place->id == 0) return MakeError(ErrorCode::kNotFound, "there is no document " + name);
    }
    return request.documents;
  }

  // Returns what is left of a document, nothing if it stays or cannot be trimmed.
  std::optional<std::vector<sync::Record>> Trim(const std::string& name,
                                                const Expected<sync::StoredLog>& log) {
    ++report_.documents;
    Expected<TrimmedLog> trimmed = std::unexpected(log ? Error() : log.error());
    if (log) trimmed = TrimLog(name, *log);
    if (!trimmed) {
      report_.problems.push_back({.document = name, .error = trimmed.error()});
      return std::nullopt;
    }
    if (trimmed->dropped == 0) return std::nullopt;
    std::vector<sync::Record> left = std::move(trimmed->log);
    trimmed->log.clear();
    report_.trimmed.push_back({.document = name,
                               .trimmed = *std::move(trimmed),
                               .bytes_before = BytesOf(log->snapshot) + BytesOf(log->tail),
                               .bytes_after = BytesOf(left)});
    return left;
  }

  TrimReport& report() { return report_; }

 private:
  Expected<TrimmedLog> TrimLog(const std::string& name, const sync::StoredLog& log) {
    TrimLimits limits = limits_;
    if (written_by_ms_) {
      const auto position = PositionBy(database_, name, *written_by_ms_, log.position());
      if (!position) return std::unexpected(position.error());
      limits.up_to = *position;
    }
    return cotext::TrimLog(log, limits);
  }

  SqliteDatabase& database_;
  TrimLimits limits_;
  std::optional<uint64_t> written_by_ms_;
  TrimReport report_;
};

Expected<void> TrimEach(StoreEngine& engine, Work& work, const std::vector<std::string>& names,
                        const std::function<void(uint64_t)>& on_document) {
  for (const std::string& name : names) {
    sync::StoreAnswer loaded = engine.Load({.kind = StoreCall::Kind::kLoad, .document = name});
    Expected<sync::StoredLog> log = std::move(loaded.log);
    if (!loaded.position) log = std::unexpected(loaded.position.error());
    if (auto left = work.Trim(name, log)) {
      COTEXT_RETURN_IF_ERROR(engine.Replace(name, *std::move(left)));
    }
    COTEXT_RETURN_IF_ERROR(engine.CheckpointIfLong());
    if (on_document) on_document(work.report().documents);
  }
  return {};
}

}  // namespace

Expected<TrimReport> TrimStore(StoreEngine& engine, const TrimRequest& request,
                               const std::function<void(uint64_t)>& on_document) {
  Work work(engine.database(), request);
  Expected<LogReader> reader = LogReader::On(engine.database());
  if (!reader) return std::unexpected(std::move(reader).error());
  const auto names = work.Names(request, *reader);
  if (!names) return std::unexpected(names.error());
  const Expected<uint64_t> before = BytesOf(engine.database());
  if (!before) return std::unexpected(before.error());
  COTEXT_RETURN_IF_ERROR(TrimEach(engine, work, *names, on_document));
  COTEXT_RETURN_IF_ERROR(engine.database().Execute("PRAGMA incremental_vacuum"));
  COTEXT_RETURN_IF_ERROR(engine.Checkpoint());
  const Expected<uint64_t> after = BytesOf(engine.database());
  if (!after) return std::unexpected(after.error());
  work.report().bytes_before = *before;
  work.report().bytes_after = *after;
  return std::move(work.report());
}

Expected<TrimReport> PreviewTrim(SqliteDatabase& database, const TrimRequest& request,
                                 const std::function<void(uint64_t)>& on_document) {
  // All of it at one time, whatever a server writes meanwhile.
  COTEXT_RETURN_IF_ERROR(database.Execute("BEGIN"));
  Work work(database, request);
  Expected<LogReader> reader = LogReader::On(database);
  if (!reader) return std::unexpected(std::move(reader).error());
  const auto names = work.Names(request, *reader);
  if (!names) return std::unexpected(names.error());
  const Expected<uint64_t> bytes = BytesOf(database);
  if (!bytes) return std::unexpected(bytes.error());
  for (const std::string& name : *names) {
    static_cast<void>(work.Trim(name, reader->Read(name)));
    if (on_document) on_document(work.report().documents);
  }
  COTEXT_RETURN_IF_ERROR(database.Execute("COMMIT"));
  work.report().bytes_before = *bytes;
  work.report().bytes_after = *bytes;
  return std::move(work.report());
}

}  // namespace cotext
