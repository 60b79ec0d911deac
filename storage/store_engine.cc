#include "storage/store_engine.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "document/check.h"
#include "storage/store_schema.h"

namespace cotext {
namespace {

using sync::Record;
using sync::StoreAnswer;
using sync::StoredLog;

// Whether an error may have to do with one document only, or leave room for smaller ones.
bool MayBeOfOne(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDiskFull:
    case ErrorCode::kMalformedFile:
    case ErrorCode::kOutOfRange:
    case ErrorCode::kTooLarge: return true;
    default: return false;
  }
}

StoreAnswer AnswerTo(const StoreCall& call, Expected<uint64_t> position) {
  return {.ticket = call.ticket, .position = std::move(position), .log = {}};
}

std::vector<StoreAnswer> FailAll(std::span<const StoreCall> calls, const Error& error) {
  std::vector<StoreAnswer> answers;
  for (const StoreCall& call : calls) {
    answers.push_back(AnswerTo(call, std::unexpected(call.refusal.value_or(error))));
  }
  return answers;
}

int NotePages(void* pages, sqlite3* /*database*/, const char* /*name*/, int count) {
  *static_cast<uint64_t*>(pages) = static_cast<uint64_t>(count);
  return SQLITE_OK;
}

struct Opened {
  SqliteDatabase database;
  bool is_read_only = false;
};

// Whether there is a log, which has what the database has not.
bool HasLog(const StoreEngineOptions& options) {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(options.vfs.empty() ? nullptr : options.vfs.c_str());
  int exists = 0;
  if (vfs == nullptr) return true;
  const int result =
      vfs->xAccess(vfs, (options.path + "-wal").c_str(), SQLITE_ACCESS_EXISTS, &exists);
  return result != SQLITE_OK || exists != 0;
}

// Opens what can only be read: beside others, if their shared memory is there; or alone, with what
// the log has; or without a log if there is none.
Expected<Opened> OpenToRead(const StoreEngineOptions& options) {
  Expected<SqliteDatabase> database = OpenStoreDatabase(
      options.path,
      {.access = SqliteAccess::kRead, .is_exclusive = options.is_exclusive, .vfs = options.vfs});
  const bool is_system = options.vfs.empty();
  if (!database && is_system) {
    database = OpenStoreDatabase(
        options.path, {.access = SqliteAccess::kRead, .is_exclusive = true, .vfs = "unix-none"});
  }
  if (!database && !HasLog(options)) {
    database = OpenStoreDatabase(
        options.path,
        {.access = SqliteAccess::kReadAlone, .is_exclusive = true, .vfs = options.vfs});
  }
  if (!database) return std::unexpected(std::move(database).error());
  return Opened{.database = *std::move(database), .is_read_only = true};
}

Expected<Opened> OpenAsMayBe(const StoreEngineOptions& options) {
  Expected<SqliteDatabase> database = OpenStoreDatabase(
      options.path,
      {.access = SqliteAccess::kWrite, .is_exclusive = options.is_exclusive, .vfs = options.vfs});
  if (database && !database->is_read_only()) return Opened{.database = *std::move(database)};
  // On a disk that cannot be written to, the log and what goes with it cannot be opened either.
  const bool may_be_readable = database || database.error().code == ErrorCode::kReadOnly ||
                               database.error().code == ErrorCode::kDiskFull ||
                               database.error().code == ErrorCode::kIo;
  if (!may_be_readable) return std::unexpected(std::move(database).error());
  Expected<Opened> opened = OpenToRead(options);
  if (!opened && !database) return std::unexpected(std::move(database).error());
  return opened;
}

}  // namespace

StoreEngine::StoreEngine(std::unique_ptr<SqliteDatabase> database, LogReader reader,
                         StoreEngineOptions options, bool is_read_only)
    : options_(std::move(options)),
      database_(std::move(database)),
      reader_(std::move(reader)),
      is_read_only_(is_read_only) {
  if (!options_.now_ms) options_.now_ms = [] { return uint64_t{0}; };
}

Expected<std::unique_ptr<StoreEngine>> StoreEngine::Open(StoreEngineOptions options) {
  Expected<Opened> opened = OpenAsMayBe(options);
  if (!opened) return std::unexpected(std::move(opened).error());
  auto database = std::make_unique<SqliteDatabase>(std::move(opened->database));
  Expected<LogReader> reader = LogReader::On(*database);
  if (!reader) return std::unexpected(std::move(reader).error());
  std::unique_ptr<StoreEngine> engine(new StoreEngine(std::move(database), *std::move(reader),
                                                      std::move(options), opened->is_read_only));
  COTEXT_RETURN_IF_ERROR(engine->Prepare());
  if (!engine->is_read_only_) COTEXT_RETURN_IF_ERROR(engine->Secure());
  return engine;
}

Expected<void> StoreEngine::Prepare() {
  Statements& all = statements_;
  const std::string settle = "PRAGMA user_version=" + std::to_string(StoreMigrations().size());
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&all.begin, "BEGIN IMMEDIATE"},
      {&all.commit, "COMMIT"},
      {&all.settle, settle.c_str()},
      {&all.add, "INSERT INTO documents VALUES(NULL, ?1, 0, 0, ?2)"},
      {&all.append, "INSERT INTO records VALUES(?1, ?2, ?3, ?4, ?5)"},
      {&all.drop_snapshot, "DELETE FROM snapshots WHERE document=?1"},
      {&all.add_snapshot, "INSERT INTO snapshots VALUES(?1, ?2, ?3, ?4)"},
      {&all.set_snapshot,
       "UPDATE documents SET snapshot_position=?2, snapshot_at_ms="
       "coalesce((SELECT at_ms FROM records WHERE document=?1 AND position=?2), snapshot_at_ms) "
       "WHERE id=?1"},
      {&all.drop_records, "DELETE FROM records WHERE document=?1 AND position<=?2"},
      {&all.remove_records, "DELETE FROM records WHERE document=?1"},
      {&all.remove, "DELETE FROM documents WHERE id=?1"},
  };
  for (const auto& [statement, sql] : statements) {
    Expected<SqliteStatement> prepared = database_->Prepare(sql);
    if (!prepared) return std::unexpected(std::move(prepared).error());
    *statement = *std::move(prepared);
  }
  sqlite3_wal_hook(database_->handle(), NotePages, &log_pages_);
  return {};
}

// Makes what was found safe. A process that was killed may not have synced the database or the end
// of its log, or not have been able to: what it wrote is read as committed, but may be in the
// system's memory only, and taken for written. Brought home, it is written and synced once more;
// then the log is emptied, as of its pages the disk may have the older ones, which would count.
// Where there is no room for that, or somebody reads, syncing is all that can be done.
Expected<void> StoreEngine::Secure() {
  const Expected<uint64_t> read = database_->Number("SELECT count(*) FROM sqlite_schema");
  if (!read) return std::unexpected(read.error());
  const int result = sqlite3_wal_checkpoint_v2(database_->handle(), "main",
                                               SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  constexpr int kPrimary = 0xff;
  const int code = result & kPrimary;
  if (code != SQLITE_OK && code != SQLITE_FULL && code != SQLITE_BUSY) {
    return std::unexpected(database_->LastError("its log cannot be brought home"));
  }
  for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database_->handle(), "main", which, static_cast<void*>(&file));
    if (file == nullptr || file->pMethods == nullptr) continue;
    if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK) continue;
    return MakeError(ErrorCode::kIo, options_.path + ": cannot be synced");
  }
  return {};
}

// Writes.

std::vector<StoreAnswer> StoreEngine::Write(std::span<const StoreCall> calls) {
  if (calls.empty()) return {};
  if (is_read_only_) {
    return FailAll(calls, {ErrorCode::kReadOnly, options_.path + ": can only be read"});
  }
  const Expected<std::vector<uint64_t>> positions = WriteAll(calls);
  has_failed_ = !positions;
  if (!positions) {
    const bool is_one = std::ranges::all_of(
        calls, [&](const StoreCall& call) { return call.document == calls.front().document; });
    if (!is_one && MayBeOfOne(positions.error().code)) return WriteEach(calls);
    const auto fails_alone = [&](const StoreCall& call) {
      return !call.refusal && call.FailsAlone(positions.error());
    };
    const bool is_more = !std::ranges::all_of(calls, fails_alone);
    if (is_more && std::ranges::any_of(calls, fails_alone)) {
      return WriteButSnapshots(calls, positions.error());
    }
    return FailAll(calls, positions.error());
  }
  std::vector<StoreAnswer> answers;
  for (size_t i = 0; i < calls.size(); ++i) {
    Expected<uint64_t> position = (*positions)[i];
    if (calls[i].refusal) position = std::unexpected(*calls[i].refusal);
    answers.push_back(AnswerTo(calls[i], std::move(position)));
  }
  return answers;
}

// A snapshot takes the room of all that it stands for, what is appended little.
std::vector<StoreAnswer> StoreEngine::WriteButSnapshots(std::span<const StoreCall> calls,
                                                        const Error& error) {
  std::vector<StoreCall> rest(calls.begin(), calls.end());
  for (StoreCall& call : rest) {
    if (!call.refusal && call.FailsAlone(error)) call.refusal = error;
  }
  return Write(rest);
}

// Does the calls of each document in a transaction of its own.
std::vector<StoreAnswer> StoreEngine::WriteEach(std::span<const StoreCall> calls) {
  std::map<std::string_view, std::vector<size_t>> by_document;
  for (size_t i = 0; i < calls.size(); ++i) by_document[calls[i].document].push_back(i);
  std::vector<StoreAnswer> answers(calls.size());
  for (const auto& [document, places] : by_document) {
    std::vector<StoreCall> of_document;
    for (const size_t place : places) of_document.push_back(calls[place]);
    std::vector<StoreAnswer> done = Write(of_document);
    for (size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(done[i]);
  }
  return answers;
}

Expected<std::vector<uint64_t>> StoreEngine::WriteAll(std::span<const StoreCall> calls) {
  std::vector<uint64_t> positions;
  COTEXT_RETURN_IF_ERROR(statements_.begin.Finish());
  for (const StoreCall& call : calls) {
    Expected<uint64_t> position = 0;
    if (!call.refusal) position = WriteOne(call);
    if (!position) {
      RollBack();
      return std::unexpected(std::move(position).error());
    }
    positions.push_back(*position);
  }
  const auto committed = Commit(calls);
  if (!committed) return std::unexpected(committed.error());
  return positions;
}

Expected<void> StoreEngine::Commit(std::span<const StoreCall> calls) {
  Expected<void> committed = statements_.commit.Finish();
  if (committed) {
    in_doubt_.clear();
    return committed;
  }
  constexpr int kNothingWritten[] = {SQLITE_FULL, SQLITE_READONLY, SQLITE_BUSY};
  // Where there was no room, the frame that would have made it count is not there.
  const bool is_in_doubt =
      std::ranges::find(kNothingWritten, database_->last_code()) == std::end(kNothingWritten);
  RollBack();
  if (is_in_doubt) {
    for (const StoreCall& call : calls) in_doubt_.insert(call.document);
  }
  return committed;
}

void StoreEngine::RollBack() {
  // What cannot be rolled back now is when the next transaction begins.
  if (database_->is_in_transaction()) static_cast<void>(database_->Execute("ROLLBACK"));
}

Expected<uint64_t> StoreEngine::WriteOne(const StoreCall& call) {
  COTEXT_CHECK(call.is_write());
  return call.kind == StoreCall::Kind::kAppend ? Append(call) : Compact(call);
}

Expected<LogReader::Place> StoreEngine::FindOrAdd(std::string_view name) {
  Expected<LogReader::Place> document = reader_.Find(name);
  if (!document || document->id != 0) return document;
  statements_.add.Start(name, options_.now_ms());
  COTEXT_RETURN_IF_ERROR(statements_.add.Finish());
  document->id = static_cast<uint64_t>(sqlite3_last_insert_rowid(database_->handle()));
  return document;
}

Expected<uint64_t> StoreEngine::Append(const StoreCall& call) {
  const bool is_empty = call.records.empty();
  const Expected<LogReader::Place> document =
      is_empty ? reader_.Find(call.document) : FindOrAdd(call.document);
  if (!document) return std::unexpected(document.error());
  Expected<uint64_t> position = reader_.LastPosition(*document);
  if (!position) return position;
  const uint64_t now_ms = options_.now_ms();
  for (const Record& record : call.records) {
    ++*position;
    statements_.append.Start(document->id, *position, now_ms, static_cast<uint64_t>(record.kind),
                             std::string_view(record.bytes));
    COTEXT_RETURN_IF_ERROR(statements_.append.Finish());
  }
  return position;
}

Expected<uint64_t> StoreEngine::Compact(const StoreCall& call) {
  const Expected<LogReader::Place> document = reader_.Find(call.document);
  if (!document) return std::unexpected(document.error());
  if (call.up_to <= document->snapshot_position) return document->snapshot_position;
  const Expected<uint64_t> last = reader_.LastPosition(*document);
  if (!last) return last;
  if (call.up_to > *last) {
    return MakeError(ErrorCode::kOutOfRange, "a snapshot of " + std::to_string(call.up_to) +
                                                 " records, of which there are " +
                                                 std::to_string(*last));
  }
  COTEXT_RETURN_IF_ERROR(ReplaceSnapshot(*document, call.records, call.up_to));
  return call.up_to;
}

Expected<void> StoreEngine::ReplaceSnapshot(const LogReader::Place& document,
                                            const std::vector<Record>& snapshot, uint64_t up_to) {
  statements_.drop_snapshot.Start(document.id);
  COTEXT_RETURN_IF_ERROR(statements_.drop_snapshot.Finish());
  uint64_t number = 0;
  for (const Record& record : snapshot) {
    statements_.add_snapshot.Start(document.id, ++number, static_cast<uint64_t>(record.kind),
                                   std::string_view(record.bytes));
    COTEXT_RETURN_IF_ERROR(statements_.add_snapshot.Finish());
  }
  statements_.set_snapshot.Start(document.id, up_to);
  COTEXT_RETURN_IF_ERROR(statements_.set_snapshot.Finish());
  statements_.drop_records.Start(document.id, up_to);
  return statements_.drop_records.Finish();
}

Expected<bool> StoreEngine::Remove(const std::string& name) {
  if (is_read_only_) return MakeError(ErrorCode::kReadOnly, options_.path + ": can only be read");
  COTEXT_RETURN_IF_ERROR(statements_.begin.Finish());
  Expected<bool> removed = RemoveInTransaction(name);
  if (!removed) {
    RollBack();
    return removed;
  }
  const StoreCall call{.document = name};
  if (auto committed = Commit({&call, 1}); !committed) {
    return std::unexpected(std::move(committed).error());
  }
  return removed;
}

Expected<bool> StoreEngine::RemoveInTransaction(std::string_view name) {
  const Expected<LogReader::Place> document = reader_.Find(name);
  if (!document) return std::unexpected(document.error());
  if (document->id == 0) return false;
  for (SqliteStatement* const statement :
       {&statements_.drop_snapshot, &statements_.remove_records, &statements_.remove}) {
    statement->Start(document->id);
    COTEXT_RETURN_IF_ERROR(statement->Finish());
  }
  return true;
}

Expected<void> StoreEngine::Replace(const std::string& name, std::vector<Record> snapshot) {
  if (is_read_only_) return MakeError(ErrorCode::kReadOnly, options_.path + ": can only be read");
  const StoreCall call{.document = name, .records = std::move(snapshot)};
  COTEXT_RETURN_IF_ERROR(statements_.begin.Finish());
  if (auto replaced = ReplaceInTransaction(call); !replaced) {
    RollBack();
    return replaced;
  }
  return Commit({&call, 1});
}

Expected<void> StoreEngine::ReplaceInTransaction(const StoreCall& call) {
  const Expected<LogReader::Place> document = reader_.Find(call.document);
  if (!document) return std::unexpected(document.error());
  if (document->id == 0) {
    return MakeError(ErrorCode::kNotFound, "there is no document " + call.document);
  }
  const Expected<uint64_t> last = reader_.LastPosition(*document);
  if (!last) return std::unexpected(last.error());
  return ReplaceSnapshot(*document, call.records, *last);
}

// Loads.

// Writes over a commit that failed, of which a crash might otherwise make one that counts.
Expected<void> StoreEngine::Settle(std::string_view document) {
  if (!in_doubt_.contains(document)) return {};
  has_failed_ = true;
  return CheckWrites();
}

StoreAnswer StoreEngine::Load(const StoreCall& call) {
  if (call.refusal) return AnswerTo(call, std::unexpected(*call.refusal));
  if (auto settled = Settle(call.document); !settled) {
    return AnswerTo(call, std::unexpected(std::move(settled).error()));
  }
  Expected<StoredLog> log = reader_.Read(call.document);
  if (!log) return AnswerTo(call, std::unexpected(std::move(log).error()));
  StoreAnswer answer = AnswerTo(call, log->position());
  answer.log = *std::move(log);
  return answer;
}

Expected<void> StoreEngine::CheckWrites() {
  if (!has_failed_) return {};
  COTEXT_RETURN_IF_ERROR(statements_.settle.Finish());
  in_doubt_.clear();
  has_failed_ = false;
  return {};
}

// The write-ahead log.

Expected<void> StoreEngine::CheckpointIfLong() {
  if (log_pages_ < options_.checkpoint_pages) return {};
  return Checkpoint();
}

Expected<void> StoreEngine::Checkpoint() {
  if (is_read_only_ || log_pages_ == 0) return {};
  // If it fails, it is tried again when as much is there once more.
  log_pages_ = 0;
  if (sqlite3_wal_checkpoint_v2(database_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                nullptr) == SQLITE_OK) {
    return {};
  }
  return std::unexpected(database_->LastError("its log cannot be brought home"));
}

}  // namespace cotext
