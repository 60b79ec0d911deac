#include "storage/sqlite_database.h"

#include <optional>
#include <string_view>
#include <utility>

namespace cotext {
namespace {

// How long a statement waits for the locks of others, such as a backup that begins.
constexpr int kBusyMs = 5000;

// Returns a file name as the URI that SQLite takes options in.
std::string UriOf(const std::string& path) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string uri = "file:";
  for (const char each : path) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '%' || each == '?' || each == '#' || byte <= ' ' || byte > '~') {
      uri += {'%', kHexDigits[byte >> 4U], kHexDigits[byte & 0x0fU]};
    } else {
      uri += each;
    }
  }
  return uri;
}

std::string LocationOf(const std::string& path, SqliteAccess access) {
  return UriOf(path) + (access == SqliteAccess::kReadAlone ? "?immutable=1" : "");
}

}  // namespace

Expected<SqliteDatabase> SqliteDatabase::Open(const std::string& path,
                                              const SqliteOptions& options) {
  const int access = options.access == SqliteAccess::kWrite
                         ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                         : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(LocationOf(path, options.access).c_str(), &handle,
                      access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  SqliteDatabase database(handle, path);
  if (handle == nullptr) return MakeError(ErrorCode::kIo, path + ": no memory to open it");
  if (result != SQLITE_OK) return std::unexpected(database.LastError("cannot open"));
  // What comes from outside, such as a backup, is not to run anything.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_busy_timeout(handle, kBusyMs);
  COTEXT_RETURN_IF_ERROR(database.Execute("PRAGMA temp_store=MEMORY"));
  if (options.is_exclusive) {
    COTEXT_RETURN_IF_ERROR(database.Execute("PRAGMA locking_mode=EXCLUSIVE"));
  }
  return database;
}

int SqliteDatabase::last_code() const {
  constexpr int kPrimary = 0xff;
  return sqlite3_extended_errcode(handle()) & kPrimary;
}

Expected<void> SqliteDatabase::Execute(const char* sql) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(LastError("cannot be used"));
}

Expected<uint64_t> SqliteDatabase::Number(const char* sql) {
  Expected<SqliteStatement> statement = Prepare(sql);
  if (!statement) return std::unexpected(std::move(statement).error());
  const Expected<std::optional<uint64_t>> number = statement->FirstNumber();
  if (!number) return std::unexpected(number.error());
  return number->value_or(0);
}

Expected<SqliteStatement> SqliteDatabase::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    return std::unexpected(LastError("cannot be used"));
  }
  return SqliteStatement(statement);
}

}  // namespace cotext
