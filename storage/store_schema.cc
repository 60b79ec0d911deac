#include "storage/store_schema.h"

#include <optional>
#include <string_view>
#include <utility>

namespace cotext {
namespace {

// Records are kept in the order in which they are read, each beside the one before it.
constexpr const char* kMigrations[] = {
    "CREATE TABLE documents("
    "  id INTEGER PRIMARY KEY,"
    "  name BLOB NOT NULL UNIQUE,"
    "  snapshot_position INTEGER NOT NULL,"
    "  snapshot_at_ms INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE snapshots("
    "  document INTEGER NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  PRIMARY KEY(document, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE records("
    "  document INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  PRIMARY KEY(document, position)"
    ") STRICT, WITHOUT ROWID;",
};

// The log goes back to this size when it has been emptied.
constexpr std::string_view kLogBytesKept = "16777216";

std::unexpected<Error> OtherVersion(const SqliteDatabase& database, uint64_t version,
                                    const std::string& which) {
  return MakeError(ErrorCode::kUnsupported, database.path() + ": a store of version " +
                                                std::to_string(version) + ", " + which);
}

// What a database says it is.
struct Header {
  uint64_t application = 0;
  uint64_t version = 0;
  bool is_empty = false;
};

Expected<Header> ReadHeader(SqliteDatabase& database) {
  Header header;
  const std::pair<const char*, uint64_t*> fields[] = {
      {"PRAGMA application_id", &header.application},
      {"PRAGMA user_version", &header.version},
  };
  for (const auto& [sql, field] : fields) {
    const Expected<uint64_t> number = database.Number(sql);
    if (!number) return std::unexpected(number.error());
    *field = *number;
  }
  const Expected<uint64_t> tables = database.Number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  header.is_empty = *tables == 0 && header.application == 0 && header.version == 0;
  return header;
}

Expected<void> RunMigrations(SqliteDatabase& database, uint64_t version,
                             std::span<const char* const> migrations) {
  COTEXT_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  for (const char* const migration : migrations.subspan(version)) {
    COTEXT_RETURN_IF_ERROR(database.Execute(migration));
  }
  const std::string marks = "PRAGMA application_id=" + std::to_string(kStoreApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(migrations.size()) +
                            "; COMMIT";
  return database.Execute(marks.c_str());
}

Expected<void> Migrate(SqliteDatabase& database, uint64_t version,
                       std::span<const char* const> migrations) {
  Expected<void> done = RunMigrations(database, version, migrations);
  if (!done && database.is_in_transaction()) static_cast<void>(database.Execute("ROLLBACK"));
  return done;
}

// SQLite says nothing if it cannot change the mode: it answers with the one that there is.
Expected<void> CheckMode(SqliteDatabase& database) {
  Expected<SqliteStatement> query = database.Prepare("PRAGMA journal_mode");
  if (!query) return std::unexpected(std::move(query).error());
  const Expected<bool> row = query->Step();
  if (!row) return std::unexpected(row.error());
  const std::string mode(*row ? query->Bytes(0) : "none");
  if (mode == "wal" || database.is_read_only()) return {};
  return MakeError(ErrorCode::kUnsupported,
                   database.path() + ": SQLite keeps no write-ahead log here, its journal stays " +
                       mode + "; a store belongs on a disk of the machine");
}

Expected<void> SetUpForWriting(SqliteDatabase& database, bool is_empty) {
  // Before the first table, or never. What compaction frees can then be given back.
  if (is_empty) COTEXT_RETURN_IF_ERROR(database.Execute("PRAGMA auto_vacuum=INCREMENTAL"));
  // The journal of the change to WAL is gone for good (EXTRA) before anything is in the log.
  const std::string settings =
      "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL;"
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
      "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=" +
      std::string(kLogBytesKept);
  COTEXT_RETURN_IF_ERROR(database.Execute(settings.c_str()));
  return CheckMode(database);
}

}  // namespace

std::span<const char* const> StoreMigrations() { return kMigrations; }

Expected<SqliteDatabase> OpenStoreDatabase(const std::string& path, const SqliteOptions& options,
                                           std::span<const char* const> migrations) {
  Expected<SqliteDatabase> database = SqliteDatabase::Open(path, options);
  if (!database) return database;
  const Expected<Header> header = ReadHeader(*database);
  if (!header) return std::unexpected(header.error());
  const bool may_write = options.access == SqliteAccess::kWrite;
  if (!(header->is_empty && may_write) && header->application != kStoreApplicationId) {
    return MakeError(ErrorCode::kMalformedFile, path + ": a database, but none of a store");
  }
  if (header->version > migrations.size()) {
    return OtherVersion(
        *database, header->version,
        "of a later program; this one knows versions up to " + std::to_string(migrations.size()));
  }
  if (!may_write && header->version < migrations.size()) {
    return OtherVersion(*database, header->version, "which is to be opened for writing first");
  }
  if (!may_write) return database;
  COTEXT_RETURN_IF_ERROR(SetUpForWriting(*database, header->is_empty));
  if (header->version < migrations.size()) {
    COTEXT_RETURN_IF_ERROR(Migrate(*database, header->version, migrations));
  }
  return database;
}

}  // namespace cotext
