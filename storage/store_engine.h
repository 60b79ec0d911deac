// What a store on SQLite does when it does something: writes in one transaction, loads. Blocks, and
// has no thread: sqlite_store.h runs it on one, a simulation in virtual time.
//
//     documents, snapshots, records: see store_schema.h
//
// 1. What Write answered without an error is in the log on the disk, synced, so neither a crash nor
//    a loss of power takes it away; likewise what Load returned.
// 2. If a commit fails, nobody knows whether the disk has it, and a crash could bring it back.
//    Until a later commit has been written over it, loads of its documents fail.
// 3. Where one document's calls cannot be done, those of the others are, in transactions of their
//    own.
//
// A database that cannot be written to is opened to be read: writes fail with kReadOnly.
//
// Errors: those of SQLite (sqlite_statement.h); kOutOfRange, a snapshot of records that are not
// there. Complexity: Write O(its bytes + calls * log(records of all documents)); Load O(snapshot +
// tail). For one thread at a time.
#ifndef COTEXT_STORAGE_STORE_ENGINE_H_
#define COTEXT_STORAGE_STORE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "storage/log_reader.h"
#include "storage/sqlite_database.h"
#include "storage/sqlite_statement.h"
#include "storage/store_call.h"
#include "sync/store.h"

namespace cotext {

struct StoreEngineOptions {
  std::string path = {};  // Of the database.
  std::string vfs = {};   // As in SqliteOptions.
  bool is_exclusive = false;
  // Milliseconds since 1970; nothing depends on it but what people see.
  std::function<uint64_t()> now_ms = {};
  // Pages in the write-ahead log from which on they are brought home: as many as SQLite would take.
  uint64_t checkpoint_pages = 1000;
};

class StoreEngine {
 public:
  static Expected<std::unique_ptr<StoreEngine>> Open(StoreEngineOptions options);
  StoreEngine(const StoreEngine&) = delete;
  StoreEngine& operator=(const StoreEngine&) = delete;

  // Does Append and Compact, and returns an answer for each, in order.
  // REQUIRES: no call is a Load.
  std::vector<sync::StoreAnswer> Write(std::span<const StoreCall> calls);
  sync::StoreAnswer Load(const StoreCall& call);

  // Removes a document and all that is kept of it; returns whether there was one.
  Expected<bool> Remove(const std::string& name);

  // Puts a snapshot in the place of all records of a document; positions go on as they were.
  // kNotFound if there is none.
  Expected<void> Replace(const std::string& name, std::vector<sync::Record> snapshot);

  // Whether the disk takes writes, as far as is known: if the last one failed, tries one that
  // changes nothing. A store that can only be read has none to take.
  Expected<void> CheckWrites();

  // Brings the write-ahead log home, if it is long, so that it can begin anew; nothing depends on
  // when. After an error the log goes on.
  Expected<void> CheckpointIfLong();
  Expected<void> Checkpoint();

  bool is_read_only() const { return is_read_only_; }
  uint64_t log_pages() const { return log_pages_; }
  SqliteDatabase& database() { return *database_; }

 private:
  struct Statements {
    SqliteStatement begin, commit, settle;
    SqliteStatement add, append;
    SqliteStatement drop_snapshot, add_snapshot, set_snapshot, drop_records;
    SqliteStatement remove_records, remove;
  };

  StoreEngine(std::unique_ptr<SqliteDatabase> database, LogReader reader,
              StoreEngineOptions options, bool is_read_only);

  Expected<void> Prepare();
  Expected<void> Secure();
  Expected<std::vector<uint64_t>> WriteAll(std::span<const StoreCall> calls);
  std::vector<sync::StoreAnswer> WriteButSnapshots(std::span<const StoreCall> calls,
                                                   const Error& error);
  std::vector<sync::StoreAnswer> WriteEach(std::span<const StoreCall> calls);
  Expected<uint64_t> WriteOne(const StoreCall& call);
  Expected<uint64_t> Append(const StoreCall& call);
  Expected<uint64_t> Compact(const StoreCall& call);
  Expected<void> ReplaceSnapshot(const LogReader::Place& document,
                                 const std::vector<sync::Record>& snapshot, uint64_t up_to);
  Expected<LogReader::Place> FindOrAdd(std::string_view name);
  Expected<bool> RemoveInTransaction(std::string_view name);
  Expected<void> ReplaceInTransaction(const StoreCall& call);
  Expected<void> Commit(std::span<const StoreCall> calls);
  void RollBack();
  Expected<void> Settle(std::string_view document);

  StoreEngineOptions options_;
  // Statements go before their database, which stays where it is.
  std::unique_ptr<SqliteDatabase> database_;
  LogReader reader_;
  Statements statements_;
  bool is_read_only_;
  // Documents of which a commit failed, and may yet show up.
  std::set<std::string, std::less<>> in_doubt_;
  bool has_failed_ = false;  // To write, the last time.
  uint64_t log_pages_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORE_ENGINE_H_
