#include "storage/backup_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "storage/descriptor.h"
#include "storage/sqlite_database.h"
#include "storage/store_folder.h"
#include "storage/store_schema.h"

namespace cotext {
namespace {

constexpr mode_t kOwnerOnly = 0700;

Expected<void> CopyPages(SqliteDatabase& from, SqliteDatabase& to) {
  sqlite3_backup* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return std::unexpected(to.LastError("cannot be written"));
  constexpr int kAllPages = -1;
  sqlite3_backup_step(backup, kAllPages);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) {
    return std::unexpected(to.LastError("cannot be written"));
  }
  return {};
}

Expected<void> CheckPages(SqliteDatabase& database) {
  Expected<SqliteStatement> check = database.Prepare("PRAGMA integrity_check(1)");
  if (!check) return std::unexpected(std::move(check).error());
  const Expected<bool> row = check->Step();
  if (!row) return std::unexpected(row.error());
  if (*row && check->Bytes(0) == "ok") return {};
  return MakeError(ErrorCode::kMalformedFile,
                   database.path() + ": the copy is damaged, and so is the store");
}

// The copy takes its name when all of it is on the disk.
Expected<void> WriteCopy(SqliteDatabase& from, const std::string& part) {
  SqliteOptions options;
  options.is_exclusive = true;  // Without files beside it, whatever the copy says.
  Expected<SqliteDatabase> to = SqliteDatabase::Open(part, options);
  if (!to) return std::unexpected(std::move(to).error());
  COTEXT_RETURN_IF_ERROR(CopyPages(from, *to));
  return CheckPages(*to);
}

}  // namespace

Expected<void> BackUpStore(const std::string& folder, const std::string& to_folder) {
  const std::string target = StoreDatabasePath(to_folder);
  const std::string part = target + ".part";
  std::error_code error;
  if (std::filesystem::exists(target, error)) {
    return std::unexpected(MakeIoError(to_folder, "has a store already"));
  }
  Expected<SqliteDatabase> from =
      OpenStoreDatabase(StoreDatabasePath(folder), {.access = SqliteAccess::kRead});
  if (!from) return std::unexpected(std::move(from).error());
  if (mkdir(to_folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
    return SystemError(to_folder, "cannot create the folder");
  }
  // Also if it was there: whoever made it may not have come to that.
  COTEXT_RETURN_IF_ERROR(SyncNames(to_folder + "/.."));
  for (const std::string_view suffix : {"", "-journal", "-wal"}) {
    std::filesystem::remove(part + std::string(suffix), error);
  }
  COTEXT_RETURN_IF_ERROR(WriteCopy(*from, part));
  const Descriptor file(part, O_RDONLY);
  if (!file.is_open() || !file.Sync()) return SystemError(part, "cannot be synced");
  std::filesystem::rename(part, target, error);
  if (error) return std::unexpected(MakeIoError(target, "cannot create: " + error.message()));
  return SyncNames(to_folder);
}

}  // namespace cotext
