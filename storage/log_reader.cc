#include "storage/log_reader.h"

#include <optional>
#include <utility>

namespace cotext {
namespace {

using sync::Record;
using sync::StoredLog;

Record RecordOf(uint64_t kind, std::string_view bytes) {
  return {.kind = static_cast<sync::RecordKind>(kind), .bytes = std::string(bytes)};
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
  const Place place{.id = find_.Number(0), .snapshot_position = find_.Number(1)};
  find_.Reset();
  return place;
}

Expected<uint64_t> LogReader::LastPosition(const Place& place) {
  if (place.id == 0) return 0;
  last_.Start(place.id);
  const Expected<std::optional<uint64_t>> last = last_.FirstNumber();
  if (!last) return std::unexpected(last.error());
  return last->value_or(place.snapshot_position);
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
    log.snapshot.push_back(RecordOf(snapshot_.Number(0), snapshot_.Bytes(1)));
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
    if (tail_.Number(0) != expected) {
      tail_.Reset();
      return MakeError(ErrorCode::kMalformedFile,
                       path_ + ": record " + std::to_string(expected) + " is missing");
    }
    log.tail.push_back(RecordOf(tail_.Number(1), tail_.Bytes(2)));
  }
}

}  // namespace cotext
