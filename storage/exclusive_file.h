// A file that one writer keeps, as long as this lives: locked against others who lock it, and
// watched for the work of those who do not.
//
// What a call that succeeded wrote is on the disk. Errors name the file: kFileInUse, someone else
// has the lock; kFileChanged, the file is not as it was left, because it has another size or time
// of modification, or because another file or none has its name; kIo. After an error the content
// that was there is there, perhaps with bytes behind it that the next Append cuts off.
//
// The lock is flock's, on the file itself: it goes with the process, and with the file when that is
// replaced. Where the file system has no locks, there is none. Blocks; thread-compatible.
#ifndef COTEXT_STORAGE_EXCLUSIVE_FILE_H_
#define COTEXT_STORAGE_EXCLUSIVE_FILE_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "document/error.h"
#include "storage/descriptor.h"

namespace cotext {

class ExclusiveFile {
 public:
  // Opens a regular file; where `path` is a symbolic link, that which it leads to.
  static Expected<ExclusiveFile> Open(const std::string& path);

  // Creates a file that holds `bytes`; kIo if there is one already.
  static Expected<ExclusiveFile> Create(const std::string& path, std::string_view bytes);

  const std::string& path() const { return path_; }

  // Returns the content. kTooLarge: more than `max_bytes`.
  // REQUIRES: nothing was read before.
  Expected<std::string> Read(uint64_t max_bytes) const { return file_.Read(path_, max_bytes); }

  // Puts `bytes` behind the first `size` ones, in place of what is there.
  Expected<void> Append(std::string_view bytes, uint64_t size);

  // Makes `bytes` the content; see WriteFileAtomically, whose errors these are, too. After an error
  // `was_replaced` says whether the new content is there, though it may go if the power fails.
  struct Replaced {
    bool was_replaced = false;
    Expected<void> result;
  };
  Replaced Replace(std::string_view bytes);

 private:
  ExclusiveFile(std::string path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  Expected<void> CheckUnchanged() const;
  void NoteState() { fstat(file_.number(), &state_); }

  std::string path_;
  Descriptor file_;
  struct stat state_ = {};  // As the file was left.
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_EXCLUSIVE_FILE_H_
