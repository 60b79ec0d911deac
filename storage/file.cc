#include "storage/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

namespace cotext {
namespace {

// How much room a read gets at least when the size is not known: what a pipe holds.
constexpr size_t kStepBytes = size_t{64} << 10U;

// Who may use a file that nobody has decided about; the process's umask takes some away.
constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kPermissionBits = 0777;

// Repeats a system call until no signal interrupts it.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode = 0)
      : number_(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, mode); })) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);  // Cannot lose anything: what matters was synced before.
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

// Removes a file, unless it got another name.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  bool Rename(const std::string& path) {
    if (rename(path_.c_str(), path.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  std::string path_;  // Empty once it has another name.
};

Error MakeIoError(const std::string& path, const std::string& problem) {
  return {.code = ErrorCode::kIo, .message = path + ": " + problem};
}

// The error of the system call that failed last.
std::unexpected<Error> SystemError(const std::string& path, const std::string& problem) {
  return std::unexpected(MakeIoError(path, problem + ": " + std::strerror(errno)));
}

std::unexpected<Error> TooLarge(const std::string& path, uint64_t max_bytes) {
  return MakeError(ErrorCode::kTooLarge,
                   path + ": larger than " + std::to_string(max_bytes) + " bytes");
}

// The two below return false for an error, and errno says which.

bool WriteAll(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = Retry([&] { return write(file.number(), bytes.data(), bytes.size()); });
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool Sync(const Descriptor& file) {
  return Retry([&] { return fsync(file.number()); }) == 0;
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Expected<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return SystemError(path, "cannot open");
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) return SystemError(path, "cannot read");
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
      count = Retry([&] { return read(file.number(), data + used, room); });
      return used + static_cast<size_t>(std::max<ssize_t>(count, 0));
    });
    if (count < 0) return SystemError(path, "cannot read");
    if (count == 0) return content;
    if (content.size() > max_bytes) return TooLarge(path, max_bytes);
  }
}

Expected<void> WriteFileAtomically(const std::string& path, std::string_view bytes) {
  struct stat former = {};
  const bool replaces = stat(path.c_str(), &former) == 0;
  if (!replaces && errno != ENOENT) return SystemError(path, "cannot write");
  if (replaces && !S_ISREG(former.st_mode)) {
    return std::unexpected(MakeIoError(path, "not a regular file"));
  }
  const Descriptor folder(FolderOf(path), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return SystemError(path, "cannot open its folder");
  const std::string name = path + "." + std::to_string(std::random_device()()) + ".tmp";
  // Whoever may not read the former file must not get a look at the new one either.
  const Descriptor file(name, O_WRONLY | O_CREAT | O_EXCL, replaces ? kOwnerOnly : kNewFileMode);
  if (!file.is_open()) return SystemError(path, "cannot create a file beside it");
  TemporaryFile temporary(name);
  if (replaces) {
    static_cast<void>(fchmod(file.number(), former.st_mode & kPermissionBits));
  }
  if (!WriteAll(file, bytes) || !Sync(file)) return SystemError(path, "cannot write");
  if (!temporary.Rename(path)) return SystemError(path, "cannot replace");
  if (!Sync(folder)) return SystemError(path, "written, but its folder cannot be synced");
  return {};
}

Expected<void> AppendToFile(const std::string& path, std::string_view bytes, uint64_t size) {
  const Descriptor file(path, O_WRONLY | O_APPEND);
  if (!file.is_open()) return SystemError(path, "cannot open");
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) return SystemError(path, "cannot append");
  if (std::cmp_not_equal(status.st_size, size)) {
    return std::unexpected(MakeIoError(
        path, "has " + std::to_string(status.st_size) + " bytes, not " + std::to_string(size)));
  }
  if (WriteAll(file, bytes) && Sync(file)) return {};
  std::unexpected<Error> error = SystemError(path, "cannot append");
  if (Retry([&] { return ftruncate(file.number(), status.st_size); }) != 0 || !Sync(file)) {
    error.error().message += "; part of it may have stayed";
  }
  return error;
}

}  // namespace cotext
