// A connection to an SQLite database; closed when it goes. Errors: see sqlite_statement.h.
//
// For one thread at a time.
#ifndef COTEXT_STORAGE_SQLITE_DATABASE_H_
#define COTEXT_STORAGE_SQLITE_DATABASE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "document/error.h"
#include "storage/sqlite_statement.h"

namespace cotext {

enum class SqliteAccess : uint8_t {
  kWrite,
  kRead,       // Beside others who may write.
  kReadAlone,  // Where nobody writes, perhaps because nobody can: takes no locks.
};

struct SqliteOptions {
  SqliteAccess access = SqliteAccess::kWrite;
  // No other connection to the file, from this process or another one: needs no shared memory.
  bool is_exclusive = false;
  std::string vfs = {};  // The way to the disk; empty: the system's.
};

class SqliteDatabase {
 public:
  // With kWrite, a file that is not there is created.
  static Expected<SqliteDatabase> Open(const std::string& path, const SqliteOptions& options = {});

  // Runs statements without values, separated by semicolons.
  Expected<void> Execute(const char* sql);
  // Returns the first number of a query's first row, 0 if there is none.
  Expected<uint64_t> Number(const char* sql);
  Expected<SqliteStatement> Prepare(const char* sql);

  // The primary code of the last error, such as SQLITE_FULL.
  int last_code() const;
  Error LastError(const char* problem) const { return SqliteError(handle(), path_, problem); }
  // Whether nothing can be written, whatever was asked for.
  bool is_read_only() const { return sqlite3_db_readonly(handle(), "main") == 1; }
  bool is_in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  SqliteDatabase(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_SQLITE_DATABASE_H_
