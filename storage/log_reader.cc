#include "storage/log_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace cotext {
namespace {

using sync::Record;
using sync::StoredLog;

// Far from what SQLite has room for, and never reached by appending.
constexpr uint64_t kPositionMax = uint64_t{1} << 62U;

// Returns nothing if that is no kind of record. One of a later program is its reader's affair.
std::optional<Record> RecordOf(std::optional<uint64_t> kind, std::string_view bytes) {
  if (!kind || *kind == 0 || *kind > UINT8_MAX) return std::nullopt;
  return Record{.kind = static_cast<sync::RecordKind>(*kind), .bytes = std::string(bytes)};
}

}  // namespace

Expected<LogReader> LogReader::On(SqliteDatabase& database) {
  LogReader reader(database.path());
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&reader.find_, "SELECT id, snapshot_position FROM documents WHERE name=?1"},
      {&reader.last_,
       "SELECT position FROM records WHERE document=?1 ORDER BY position DESC LIMIT 1"},
      {&reader.snapshot_, "SELECT kind, bytes FROM snapshots WHERE document=?1 ORDER BY number"},
      {&reader.tail_,
       "SELECT position, kind, bytes FROM records WHERE document=?1 ORDER BY position"},
  };
  for (const auto& [statement, sql] : statements) {
    Expected<SqliteStatement> prepared = database.Prepare(sql);
    if (!prepared) return std::unexpected(std::move(prepared).error());
    *statement = *std::move(prepared);
  }
  return reader;
}

Expected<LogReader::Place> LogReader::Find(std::string_view name) {
  find_.Start(name);
  const Expected<bool> row = find_.Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Place{};
  const std::optional<uint64_t> id = find_.Natural(0);
  const std::optional<uint64_t> position = find_.Natural(1);
  find_.Reset();
  const bool is_sound = id && *id > 0 && position && *position <= kPositionMax;
  if (!is_sound) return Damaged("where the log of a document is");
  return Place{.id = *id, .snapshot_position = *position};
}

std::unexpected<Error> LogReader::Damaged(const std::string& what) const {
  return MakeError(ErrorCode::kMalformedFile, path_ + ": damaged: " + what);
}

Expected<uint64_t> LogReader::LastPosition(const Place& place) {
  if (place.id == 0) return 0;
  last_.Start(place.id);
  const Expected<std::optional<uint64_t>> last = last_.FirstNumber();
  if (!last) return std::unexpected(last.error());
  const uint64_t position = last->value_or(place.snapshot_position);
  const bool is_sound = position >= place.snapshot_position && position <= kPositionMax;
  if (!is_sound) return Damaged("the position of a record");
  return position;
}

Expected<StoredLog> LogReader::Read(std::string_view name) {
  StoredLog log;
  const Expected<Place> place = Find(name);
  if (!place) return std::unexpected(place.error());
  if (place->id == 0) return log;
  log.snapshot_position = place->snapshot_position;
  snapshot_.Start(place->id);
  while (true) {
    const Expected<bool> row = snapshot_.Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    std::optional<Record> record = RecordOf(snapshot_.Natural(0), snapshot_.Bytes(1));
    if (!record) {
      snapshot_.Reset();
      return Damaged("the kind of a record");
    }
    log.snapshot.push_back(*std::move(record));
  }
  COTEXT_RETURN_IF_ERROR(ReadTail(*place, log));
  return log;
}

Expected<void> LogReader::ReadTail(const Place& place, StoredLog& log) {
  tail_.Start(place.id);
  while (true) {
    const Expected<bool> row = tail_.Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    const uint64_t expected = log.position() + 1;
    if (tail_.Natural(0) != expected) {
      tail_.Reset();
      return MakeError(ErrorCode::kMalformedFile,
                       path_ + ": record " + std::to_string(expected) + " is missing");
    }
    std::optional<Record> record = RecordOf(tail_.Natural(1), tail_.Bytes(2));
    if (!record) {
      tail_.Reset();
      return Damaged("the kind of record " + std::to_string(expected));
    }
    log.tail.push_back(*std::move(record));
  }
}

}  // namespace cotext
