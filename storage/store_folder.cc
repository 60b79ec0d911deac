#include "storage/store_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

namespace cotext {
namespace {

constexpr mode_t kOwnerOnlyFolder = 0700;
constexpr mode_t kOwnerOnlyFile = 0600;

Expected<void> Create(const std::string& path) {
  if (mkdir(path.c_str(), kOwnerOnlyFolder) == 0) {
    return SyncNames(path + "/..");
  }
  // Where nothing can be created, what is there may still be read.
  if (errno == EEXIST || errno == EROFS) return {};
  return SystemError(path, "cannot create the folder");
}

std::unexpected<Error> InUse(const std::string& path, const Descriptor& lock) {
  constexpr uint64_t kDigitsMax = 20;
  const Expected<std::string> owner = lock.Read(path, kDigitsMax);
  std::string message = path + ": another process has this store open";
  if (owner && !owner->empty() && owner->find_first_not_of("0123456789") == std::string::npos) {
    message += ", number " + *owner;
  }
  return MakeError(ErrorCode::kFileInUse, std::move(message));
}

// Says who has the lock; for people only, so nothing depends on it.
void NoteOwner(const Descriptor& lock) {
  if (ftruncate(lock.number(), 0) == 0) {
    static_cast<void>(lock.Write(std::to_string(getpid())));
  }
}

}  // namespace

std::string StoreDatabasePath(const std::string& folder) { return folder + "/store.db"; }

Expected<StoreFolder> StoreFolder::Open(const std::string& path) {
  COTEXT_RETURN_IF_ERROR(Create(path));
  const std::string name = path + "/lock";
  Descriptor lock(name, O_RDWR | O_CREAT | O_APPEND, kOwnerOnlyFile);
  const bool can_write = lock.is_open();
  if (!can_write && (errno == EROFS || errno == EACCES)) lock = Descriptor(name, O_RDONLY);
  if (!lock.is_open()) {
    const bool is_read_only = errno == ENOENT && !can_write && access(path.c_str(), R_OK) == 0;
    if (is_read_only) return StoreFolder(path, std::move(lock));
    return SystemError(path, "cannot open the store's lock");
  }
  if (Retry([&] { return flock(lock.number(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK) return InUse(path, lock);
    return SystemError(path, "cannot lock the store");
  }
  if (can_write) {
    NoteOwner(lock);
    // A process that was killed may have created files and not come to that.
    COTEXT_RETURN_IF_ERROR(SyncNames(path));
  }
  return StoreFolder(path, std::move(lock));
}

}  // namespace cotext
