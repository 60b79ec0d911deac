// An open file by its number, and the system calls that the files of this folder are made of.
//
// Calls go on after a signal. Errors are kIo and name the file. For this folder only.
#ifndef COTEXT_STORAGE_DESCRIPTOR_H_
#define COTEXT_STORAGE_DESCRIPTOR_H_

#include <fcntl.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "document/error.h"

namespace cotext {

// Repeats a system call until no signal interrupts it.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode = 0);
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

  // The two below return false for an error, and errno says which.
  bool Write(std::string_view bytes) const;
  bool Sync() const;

  // Returns all from the current place on. kTooLarge: more than `max_bytes`; at most one byte more
  // is read. `path` is for errors.
  Expected<std::string> Read(const std::string& path, uint64_t max_bytes) const;

 private:
  int number_;
};

Error MakeIoError(const std::string& path, const std::string& problem);

// The error of the system call that failed last.
std::unexpected<Error> SystemError(const std::string& path, const std::string& problem);

// Makes the names in a folder last.
Expected<void> SyncNames(const std::string& folder);

// A file with the content that another one shall have, synced, beside it. It takes that one's name,
// or is removed.
class Replacement {
 public:
  // Errors: `path` is no regular file; nothing can be written there. The former file, if there is
  // one, is left as it is, and the new one has its permission bits.
  static Expected<Replacement> Write(const std::string& path, std::string_view bytes);

  Replacement(Replacement&&) = default;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  const Descriptor& file() const { return file_; }

  // Puts it in place of the former file; Link only if there is none.
  Expected<void> Rename();
  Expected<void> Link();

  // Makes the new name last.
  Expected<void> SyncFolder() const;

  // REQUIRES: it has its name.
  Descriptor TakeFile() && { return std::move(file_); }

 private:
  Replacement(std::string path, Descriptor folder, std::string name, Descriptor file)
      : path_(std::move(path)),
        folder_(std::move(folder)),
        name_(std::move(name)),
        file_(std::move(file)) {}

  std::string path_;
  Descriptor folder_;
  std::string name_;  // Empty once it has another one.
  Descriptor file_;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_DESCRIPTOR_H_
