#include "storage/sqlite_statement.h"

#include <cerrno>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

ErrorCode CodeOf(int code, int system_error) {
  constexpr int kPrimary = 0xff;
  switch (code & kPrimary) {
    case SQLITE_FULL: return ErrorCode::kDiskFull;
    case SQLITE_READONLY: return ErrorCode::kReadOnly;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kMalformedFile;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::kFileInUse;
    case SQLITE_TOOBIG: return ErrorCode::kTooLarge;
    case SQLITE_IOERR:
      // Some file systems find out when they sync.
      if (system_error == ENOSPC || system_error == EDQUOT) return ErrorCode::kDiskFull;
      if (system_error == EROFS) return ErrorCode::kReadOnly;
      return ErrorCode::kIo;
    default: return ErrorCode::kIo;
  }
}

}  // namespace

Error SqliteError(sqlite3* database, std::string_view path, std::string_view problem) {
  const int code = sqlite3_extended_errcode(database);
  std::string message(path);
  message += ": ";
  message += problem;
  message += ": ";
  message += sqlite3_errmsg(database);
  message += " (SQLite " + std::to_string(code) + ")";
  return {.code = CodeOf(code, sqlite3_system_errno(database)), .message = std::move(message)};
}

void SqliteStatement::Bind(int place, uint64_t number) {
  COTEXT_CHECK(number <= INT64_MAX);
  const int result =
      sqlite3_bind_int64(statement_.get(), place, static_cast<sqlite3_int64>(number));
  if (bound_ == SQLITE_OK) bound_ = result;
}

void SqliteStatement::Bind(int place, std::string_view bytes) {
  // No pointer means NULL, which is no empty value.
  const char* const data = bytes.data() == nullptr ? "" : bytes.data();
  const int result =
      sqlite3_bind_blob64(statement_.get(), place, data, bytes.size(), SQLITE_STATIC);
  if (bound_ == SQLITE_OK) bound_ = result;
}

std::unexpected<Error> SqliteStatement::Failure() {
  sqlite3* const database = sqlite3_db_handle(statement_.get());
  Error error =
      SqliteError(database, sqlite3_db_filename(database, "main"),
                  sqlite3_stmt_readonly(statement_.get()) != 0 ? "cannot read" : "cannot write");
  Reset();
  return std::unexpected(std::move(error));
}

Expected<bool> SqliteStatement::Step() {
  if (bound_ != SQLITE_OK) return Failure();
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) return Failure();
  Reset();
  return false;
}

Expected<void> SqliteStatement::Finish() {
  while (true) {
    const Expected<bool> row = Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

Expected<std::optional<uint64_t>> SqliteStatement::FirstNumber() {
  const Expected<bool> row = Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const uint64_t number = Number(0);
  Reset();
  return number;
}

uint64_t SqliteStatement::Number(int column) const {
  return static_cast<uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::optional<uint64_t> SqliteStatement::Natural(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  const sqlite3_int64 number = sqlite3_column_int64(statement_.get(), column);
  if (number < 0) return std::nullopt;
  return static_cast<uint64_t>(number);
}

std::string_view SqliteStatement::Bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<size_t>(size)};
}

}  // namespace cotext
