#include "storage/descriptor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>

namespace cotext {
namespace {

// How much room a read gets at least when the size is not known: what a pipe holds.
constexpr size_t kStepBytes = size_t{64} << 10U;

// Who may use a file that nobody has decided about; the process's umask takes some away.
constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kPermissionBits = 0777;

std::unexpected<Error> TooLarge(const std::string& path, uint64_t max_bytes) {
  return MakeError(ErrorCode::kTooLarge,
                   path + ": larger than " + std::to_string(max_bytes) + " bytes");
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Error MakeIoError(const std::string& path, const std::string& problem) {
  return {.code = ErrorCode::kIo, .message = path + ": " + problem};
}

std::unexpected<Error> SystemError(const std::string& path, const std::string& problem) {
  return std::unexpected(MakeIoError(path, problem + ": " + std::strerror(errno)));
}

Expected<void> SyncNames(const std::string& folder) {
  const Descriptor names(folder, O_RDONLY | O_DIRECTORY);
  if (!names.is_open() || !names.Sync()) return SystemError(folder, "cannot be synced");
  return {};
}

Descriptor::Descriptor(const std::string& path, int flags, mode_t mode)
    : number_(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, mode); })) {}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);  // Cannot lose anything: what matters was synced before.
}

bool Descriptor::Write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = Retry([&] { return write(number_, bytes.data(), bytes.size()); });
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool Descriptor::Sync() const {
  return Retry([&] { return fsync(number_); }) == 0;
}

Expected<std::string> Descriptor::Read(const std::string& path, uint64_t max_bytes) const {
  struct stat status = {};
  if (fstat(number_, &status) != 0) return SystemError(path, "cannot read");
  const uint64_t size = S_ISREG(status.st_mode) ? static_cast<uint64_t>(status.st_size) : 0;
  if (size > max_bytes) return TooLarge(path, max_bytes);
  std::string content;
  content.reserve(size + 1);  // With room for the byte that would show that there is more.
  while (true) {
    const size_t used = content.size();
    size_t room = content.capacity() - used;
    if (room == 0) room = kStepBytes;
    if (room > max_bytes - used) room = max_bytes - used + 1;
    ssize_t count = 0;
    content.resize_and_overwrite(used + room, [&](char* data, size_t /*size*/) {
      count = Retry([&] { return read(number_, data + used, room); });
      return used + static_cast<size_t>(std::max<ssize_t>(count, 0));
    });
    if (count < 0) return SystemError(path, "cannot read");
    if (count == 0) return content;
    if (content.size() > max_bytes) return TooLarge(path, max_bytes);
  }
}

Expected<Replacement> Replacement::Write(const std::string& path, std::string_view bytes) {
  struct stat former = {};
  const bool replaces = stat(path.c_str(), &former) == 0;
  if (!replaces && errno != ENOENT) return SystemError(path, "cannot write");
  if (replaces && !S_ISREG(former.st_mode)) {
    return std::unexpected(MakeIoError(path, "not a regular file"));
  }
  Descriptor folder(FolderOf(path), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return SystemError(path, "cannot open its folder");
  const std::string name = path + "." + std::to_string(std::random_device()()) + ".tmp";
  // Whoever may not read the former file must not get a look at the new one either.
  Descriptor file(name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, replaces ? kOwnerOnly : kNewFileMode);
  if (!file.is_open()) return SystemError(path, "cannot create a file beside it");
  Replacement replacement(path, std::move(folder), name, std::move(file));
  if (replaces) {
    static_cast<void>(fchmod(replacement.file_.number(), former.st_mode & kPermissionBits));
  }
  if (!replacement.file_.Write(bytes) || !replacement.file_.Sync()) {
    return SystemError(path, "cannot write");
  }
  return replacement;
}

Replacement::~Replacement() {
  const bool was_moved_from = !file_.is_open();
  if (!was_moved_from && !name_.empty()) unlink(name_.c_str());
}

Expected<void> Replacement::Rename() {
  if (rename(name_.c_str(), path_.c_str()) != 0) return SystemError(path_, "cannot replace");
  name_.clear();
  return {};
}

Expected<void> Replacement::Link() {
  if (link(name_.c_str(), path_.c_str()) != 0) return SystemError(path_, "cannot create");
  unlink(name_.c_str());
  name_.clear();
  return {};
}

Expected<void> Replacement::SyncFolder() const {
  if (!folder_.Sync()) return SystemError(path_, "written, but its folder cannot be synced");
  return {};
}

}  // namespace cotext
