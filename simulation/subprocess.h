// A program that runs beside this one and whose output is read. No shell takes its arguments apart.
//
// What it writes to standard error is kept for whoever asks why it failed. Errors are kIo.
// Thread-compatible.
#ifndef COTEXT_SIMULATION_SUBPROCESS_H_
#define COTEXT_SIMULATION_SUBPROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"

namespace cotext {

// Owns a file descriptor, or nothing.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, kNone)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();

  bool is_open() const { return number_ != kNone; }
  int number() const { return number_; }

 private:
  static constexpr int kNone = -1;

  int number_ = kNone;
};

// Returns a file without a name that has this content, open at its beginning.
Expected<FileDescriptor> MakeNamelessFile(std::string_view content);

struct Command {
  std::vector<std::string> arguments;         // The first is the program, looked up in PATH.
  std::vector<std::string> environment = {};  // NAME=VALUE; all there is.
};

class Subprocess {
 public:
  // The most bytes that ReadUntil returns, far beyond what any line or field has.
  static constexpr size_t kFieldBytesMax = size_t{1} << 24U;

  struct End {
    bool ok = false;     // It exited with 0.
    std::string errors;  // The beginning of what it wrote to standard error.
  };

  // Starts a program, which reads `input`, or nothing if that is not open.
  static Expected<Subprocess> Start(const Command& command, FileDescriptor input = {});

  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;
  // Stops the program if it has not ended.
  ~Subprocess();

  // Returns the output up to `delimiter`, without it, or up to the end; nothing at the end.
  Expected<std::optional<std::string>> ReadUntil(char delimiter);
  // Returns the next `count` bytes, or fewer at the end.
  Expected<std::string> Read(size_t count);
  // Gives the output away, to be another program's input.
  // REQUIRES: nothing has been read.
  FileDescriptor TakeOutput() { return std::move(output_); }

  // Reads no more and waits until the program ends, as one does that has still to write.
  // REQUIRES: it has not been waited for.
  End Wait();

 private:
  static constexpr pid_t kEnded = 0;

  Subprocess(pid_t process, FileDescriptor output, FileDescriptor errors)
      : process_(process), output_(std::move(output)), errors_(std::move(errors)) {}
  Expected<bool> Fill();

  pid_t process_;
  FileDescriptor output_;
  FileDescriptor errors_;  // A file, so that a program with much to say need not wait for a reader.
  std::string buffer_;
  size_t next_ = 0;  // In buffer_, the first byte that was not returned.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_SUBPROCESS_H_
