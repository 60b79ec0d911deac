// Reads the logs of documents from the database of a store.
//
// Errors: those of SQLite (sqlite_statement.h); kMalformedFile, a record is missing, or a number is
// none that may be there: whatever the database has, what is returned can be written again. Read
// takes O(snapshot + tail), the others O(log(records of all documents)). For one thread at a time,
// together with its database.
#ifndef COTEXT_STORAGE_LOG_READER_H_
#define COTEXT_STORAGE_LOG_READER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"
#include "storage/sqlite_database.h"
#include "storage/sqlite_statement.h"
#include "sync/store.h"

namespace cotext {

class LogReader {
 public:
  // REQUIRES: the database is a store's, and outlives this.
  static Expected<LogReader> On(SqliteDatabase& database);

  struct Place {
    uint64_t id = 0;  // 0: there is no such document.
    uint64_t snapshot_position = 0;
  };
  Expected<Place> Find(std::string_view name);
  Expected<uint64_t> LastPosition(const Place& place);

  // Returns an empty log if there is no such document.
  // REQUIRES: nobody else writes, or a transaction is open.
  Expected<sync::StoredLog> Read(std::string_view name);

 private:
  explicit LogReader(std::string path) : path_(std::move(path)) {}
  std::unexpected<Error> Damaged(const std::string& what) const;
  Expected<void> ReadTail(const Place& place, sync::StoredLog& log);

  std::string path_;
  SqliteStatement find_;
  SqliteStatement last_;
  SqliteStatement snapshot_;
  SqliteStatement tail_;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_LOG_READER_H_
