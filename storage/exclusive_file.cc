#include "storage/exclusive_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cotext {
namespace {

bool IsSameFile(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

// Returns whether nobody else has the lock.
bool Lock(const Descriptor& file) {
  return Retry([&] { return flock(file.number(), LOCK_EX | LOCK_NB); }) == 0 ||
         errno != EWOULDBLOCK;
}

std::unexpected<Error> InUse(const std::string& path) {
  return MakeError(ErrorCode::kFileInUse, path + ": someone else is writing to it");
}

std::unexpected<Error> Changed(const std::string& path, const std::string& how) {
  return MakeError(ErrorCode::kFileChanged, path + ": " + how + " by someone else");
}

std::string ResolveLink(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

}  // namespace

Expected<ExclusiveFile> ExclusiveFile::Open(const std::string& path) {
  const std::string target = ResolveLink(path);
  while (true) {
    ExclusiveFile file(target, Descriptor(target, O_RDWR | O_APPEND));
    if (!file.file_.is_open()) return SystemError(path, "cannot open");
    file.NoteState();
    if (!S_ISREG(file.state_.st_mode)) {
      return std::unexpected(MakeIoError(path, "not a regular file"));
    }
    if (!Lock(file.file_)) return InUse(path);
    file.NoteState();
    // Between the two its former owner may have replaced it; then this is a file without a name.
    struct stat named = {};
    if (stat(target.c_str(), &named) != 0) return SystemError(path, "cannot open");
    if (IsSameFile(named, file.state_)) return file;
  }
}

Expected<ExclusiveFile> ExclusiveFile::Create(const std::string& path, std::string_view bytes) {
  struct stat former = {};
  if (lstat(path.c_str(), &former) == 0) {
    return std::unexpected(MakeIoError(path, "exists already"));
  }
  auto replacement = Replacement::Write(path, bytes);
  if (!replacement) return std::unexpected(std::move(replacement).error());
  Lock(replacement->file());  // Nobody else knows it.
  COTEXT_RETURN_IF_ERROR(replacement->Link());
  COTEXT_RETURN_IF_ERROR(replacement->SyncFolder());
  ExclusiveFile file(path, std::move(*replacement).TakeFile());
  file.NoteState();
  return file;
}

Expected<void> ExclusiveFile::CheckUnchanged() const {
  struct stat named = {};
  if (stat(path_.c_str(), &named) != 0) {
    if (errno == ENOENT) return Changed(path_, "removed");
    return SystemError(path_, "cannot write");
  }
  if (!IsSameFile(named, state_)) return Changed(path_, "replaced");
  if (named.st_size != state_.st_size || named.st_mtim.tv_sec != state_.st_mtim.tv_sec ||
      named.st_mtim.tv_nsec != state_.st_mtim.tv_nsec) {
    return Changed(path_, "changed");
  }
  return {};
}

Expected<void> ExclusiveFile::Append(std::string_view bytes, uint64_t size) {
  COTEXT_RETURN_IF_ERROR(CheckUnchanged());
  const auto cut = [&] {
    return Retry([&] { return ftruncate(file_.number(), static_cast<off_t>(size)); }) == 0 &&
           file_.Sync();
  };
  if (std::cmp_less(state_.st_size, size)) return Changed(path_, "changed");
  if (std::cmp_greater(state_.st_size, size) && !cut()) {
    std::unexpected<Error> error = SystemError(path_, "cannot cut off its end");
    NoteState();
    return error;
  }
  Expected<void> result;
  if (!file_.Write(bytes) || !file_.Sync()) {
    result = SystemError(path_, "cannot append");
    cut();  // If that fails, too, it is tried before the next one.
  }
  NoteState();
  return result;
}

ExclusiveFile::Replaced ExclusiveFile::Replace(std::string_view bytes) {
  const auto failed = [](Error error) {
    return Replaced{.result = std::unexpected(std::move(error))};
  };
  if (auto unchanged = CheckUnchanged(); !unchanged) return failed(std::move(unchanged).error());
  auto replacement = Replacement::Write(path_, bytes);
  if (!replacement) return failed(std::move(replacement).error());
  Lock(replacement->file());  // Before others know it.
  if (auto renamed = replacement->Rename(); !renamed) return failed(std::move(renamed).error());
  Expected<void> synced = replacement->SyncFolder();
  file_ = std::move(*replacement).TakeFile();
  NoteState();
  return Replaced{.was_replaced = true, .result = std::move(synced)};
}

}  // namespace cotext
