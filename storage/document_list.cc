#include "storage/document_list.h"

#include <algorithm>
#include <utility>

namespace cotext {
namespace {

constexpr char kList[] =
    "SELECT name, snapshot_position, created_ms,"
    " ifnull((SELECT max(position) FROM records WHERE document=id), snapshot_position),"
    " ifnull((SELECT at_ms FROM records WHERE document=id ORDER BY position DESC LIMIT 1),"
    "        snapshot_at_ms),"
    " (SELECT total(length(bytes)) FROM snapshots WHERE document=id),"
    " (SELECT total(length(bytes)) FROM records WHERE document=id),"
    " ifnull((SELECT bytes FROM snapshots WHERE document=id AND number=1 AND kind=?3),"
    "        (SELECT bytes FROM records WHERE document=id AND position=1 AND kind=?3))"
    " FROM documents WHERE name>?1 AND name>=?4 AND name<?5 ORDER BY name LIMIT ?2";

DocumentSummary ReadRow(const SqliteStatement& row) {
  return {.name = std::string(row.Bytes(0)),
          .identity = ReadIdentity(row.Bytes(7)),
          .position = row.Number(3),
          .snapshot_position = row.Number(1),
          .snapshot_bytes = row.Number(5),
          .tail_bytes = row.Number(6),
          .created_ms = row.Number(2),
          .modified_ms = row.Number(4)};
}

}  // namespace

std::optional<StoredIdentity> ReadIdentity(std::string_view bytes) {
  StoredIdentity identity;
  if (bytes.size() != 1 + identity.id.bytes.size()) return std::nullopt;
  if (bytes[0] < 0 || bytes[0] > static_cast<char>(Engine::kOt)) return std::nullopt;
  identity.engine = static_cast<Engine>(bytes[0]);
  std::ranges::copy(bytes.substr(1), identity.id.bytes.begin());
  return identity;
}

sync::Record IdentityRecord(const StoredIdentity& identity) {
  sync::Record record{.kind = sync::RecordKind::kIdentity, .bytes = {}};
  record.bytes.push_back(static_cast<char>(identity.engine));
  record.bytes.append(identity.id.bytes.begin(), identity.id.bytes.end());
  return record;
}

NameRange NamesThatBeginWith(std::string_view prefix) {
  NameRange range;
  if (prefix.empty()) return range;
  range.from = prefix;
  range.end = prefix;
  ++range.end.back();  // No byte of UTF-8 is the greatest.
  return range;
}

NameRange NameAlone(std::string_view name) {
  return {.from = std::string(name), .end = std::string(name) + '\0'};
}

Expected<std::vector<DocumentSummary>> ListDocuments(SqliteDatabase& database,
                                                     std::string_view after, size_t count,
                                                     const NameRange& range) {
  Expected<SqliteStatement> statement = database.Prepare(kList);
  if (!statement) return std::unexpected(std::move(statement).error());
  statement->Start(after, uint64_t{count}, static_cast<uint64_t>(sync::RecordKind::kIdentity),
                   std::string_view(range.from), std::string_view(range.end));
  std::vector<DocumentSummary> documents;
  while (true) {
    const Expected<bool> row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return documents;
    documents.push_back(ReadRow(*statement));
  }
}

Expected<StoreStatistics> MeasureStore(SqliteDatabase& database) {
  StoreStatistics statistics;
  const std::pair<const char*, uint64_t*> numbers[] = {
      {"SELECT count(*) FROM documents", &statistics.documents},
      {"SELECT count(*) FROM snapshots", &statistics.snapshot_records},
      {"SELECT total(length(bytes)) FROM snapshots", &statistics.snapshot_bytes},
      {"SELECT count(*) FROM records", &statistics.tail_records},
      {"SELECT total(length(bytes)) FROM records", &statistics.tail_bytes},
      {"SELECT page_count*page_size FROM pragma_page_count, pragma_page_size",
       &statistics.database_bytes},
      {"SELECT freelist_count*page_size FROM pragma_freelist_count, pragma_page_size",
       &statistics.free_bytes},
  };
  for (const auto& [sql, field] : numbers) {
    const Expected<uint64_t> number = database.Number(sql);
    if (!number) return std::unexpected(number.error());
    *field = *number;
  }
  return statistics;
}

}  // namespace cotext
