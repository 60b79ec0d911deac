#include "storage/check_store.h"

#include <string_view>
#include <utility>

#include "storage/log_reader.h"
#include "storage/stored_content.h"
#include "sync/store.h"

namespace cotext {
namespace {

// A database of which a page is damaged may end the list with an error, which says as much.
void CheckPages(SqliteDatabase& database, StoreCheck& check) {
  const std::string sql = "PRAGMA integrity_check(" + std::to_string(kDamageMax) + ")";
  Expected<SqliteStatement> statement = database.Prepare(sql.c_str());
  if (!statement) {
    check.damage.push_back(statement.error().message);
    return;
  }
  while (true) {
    const Expected<bool> row = statement->Step();
    if (!row) check.damage.push_back(row.error().message);
    if (!row || !*row) return;
    const std::string_view line = statement->Bytes(0);
    if (line != "ok") check.damage.emplace_back(line);
  }
}

Expected<std::vector<std::string>> ReadNames(SqliteDatabase& database) {
  Expected<SqliteStatement> statement =
      database.Prepare("SELECT name FROM documents ORDER BY name");
  if (!statement) return std::unexpected(std::move(statement).error());
  std::vector<std::string> names;
  while (true) {
    const Expected<bool> row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return names;
    names.emplace_back(statement->Bytes(0));
  }
}

Expected<void> CheckDocument(LogReader& reader, const std::string& name) {
  const Expected<sync::StoredLog> log = reader.Read(name);
  if (!log) return std::unexpected(log.error());
  const Expected<StoredContent> content = ReadContent(*log);
  if (!content) return std::unexpected(content.error());
  return {};
}

// Records that belong to no document, which nothing would ever show.
void CheckOrphans(SqliteDatabase& database, StoreCheck& check) {
  for (const std::string table : {"records", "snapshots"}) {
    const std::string sql =
        "SELECT count(*) FROM " + table + " WHERE document NOT IN (SELECT id FROM documents)";
    const Expected<uint64_t> count = database.Number(sql.c_str());
    if (count && *count == 0) continue;
    check.damage.push_back(count ? std::to_string(*count) + " " + table + " of no document"
                                 : count.error().message);
  }
}

}  // namespace

Expected<StoreCheck> CheckStore(SqliteDatabase& database,
                                const std::function<void(uint64_t)>& on_document) {
  StoreCheck check;
  // All of it at one time, whatever a server writes meanwhile.
  COTEXT_RETURN_IF_ERROR(database.Execute("BEGIN"));
  CheckPages(database, check);
  CheckOrphans(database, check);
  Expected<LogReader> reader = LogReader::On(database);
  const Expected<std::vector<std::string>> names = ReadNames(database);
  if (!reader || !names) {
    check.damage.push_back(reader ? names.error().message : reader.error().message);
  } else {
    for (const std::string& name : *names) {
      const Expected<void> checked = CheckDocument(*reader, name);
      if (!checked) check.problems.push_back({.document = name, .error = checked.error()});
      ++check.documents;
      if (on_document) on_document(check.documents);
    }
  }
  COTEXT_RETURN_IF_ERROR(database.Execute("COMMIT"));
  return check;
}

}  // namespace cotext
