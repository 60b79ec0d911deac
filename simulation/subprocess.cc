#include "simulation/subprocess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "document/check.h"

namespace cotext {
namespace {

// As much as a pipe holds.
constexpr size_t kBufferBytes = 64U << 10U;
// Of what a program says on standard error; the reason comes early.
constexpr size_t kErrorBytesMax = 16U << 10U;

std::unexpected<Error> SystemError(std::string_view what, int number) {
  return MakeError(ErrorCode::kIo, std::string(what) + ": " + std::strerror(number));
}

// Calls a system function again as long as a signal interrupts it.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Returns pointers to the strings and a null pointer behind them, as C takes lists.
std::vector<char*> ToPointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What becomes of the standard streams of a program to be started.
class Streams {
 public:
  Streams() { COTEXT_CHECK(posix_spawn_file_actions_init(&actions_) == 0); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams() { posix_spawn_file_actions_destroy(&actions_); }

  void Set(int stream, const FileDescriptor& file) {
    COTEXT_CHECK(posix_spawn_file_actions_adddup2(&actions_, file.number(), stream) == 0);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (is_open()) close(number_);
}

Expected<FileDescriptor> MakeNamelessFile(std::string_view content) {
  FileDescriptor file(memfd_create("cotext", MFD_CLOEXEC));
  if (!file.is_open()) return SystemError("cannot make a temporary file", errno);
  while (!content.empty()) {
    const ssize_t written =
        Uninterrupted([&] { return write(file.number(), content.data(), content.size()); });
    if (written < 0) return SystemError("cannot write a temporary file", errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (lseek(file.number(), 0, SEEK_SET) < 0) {
    return SystemError("cannot read a temporary file", errno);
  }
  return file;
}

Expected<Subprocess> Subprocess::Start(const Command& command, FileDescriptor input) {
  if (!input.is_open()) {
    auto nothing = MakeNamelessFile("");
    if (!nothing) return std::unexpected(std::move(nothing).error());
    input = *std::move(nothing);
  }
  auto errors = MakeNamelessFile("");
  if (!errors) return std::unexpected(std::move(errors).error());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  FileDescriptor output(ends[0]);
  const FileDescriptor written(ends[1]);

  Streams streams;
  streams.Set(STDIN_FILENO, input);
  streams.Set(STDOUT_FILENO, written);
  streams.Set(STDERR_FILENO, *errors);
  Command copy = command;
  pid_t process = kEnded;
  const int failed =
      posix_spawnp(&process, copy.arguments[0].c_str(), streams.actions(), nullptr,
                   ToPointers(copy.arguments).data(), ToPointers(copy.environment).data());
  if (failed != 0) return SystemError("cannot run " + command.arguments[0], failed);
  return Subprocess(process, std::move(output), *std::move(errors));
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : process_(std::exchange(other.process_, kEnded)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      buffer_(std::move(other.buffer_)),
      next_(other.next_) {}

Subprocess::~Subprocess() {
  if (process_ == kEnded) return;
  kill(process_, SIGTERM);
  Uninterrupted([this] { return waitpid(process_, nullptr, 0); });
}

Expected<std::optional<std::string>> Subprocess::ReadUntil(char delimiter) {
  size_t searched = 0;  // Of what is not returned yet.
  while (true) {
    const size_t found = buffer_.find(delimiter, next_ + searched);
    if (found != std::string::npos) {
      std::string field = buffer_.substr(next_, found - next_);
      next_ = found + 1;
      return field;
    }
    searched = buffer_.size() - next_;
    if (searched > kFieldBytesMax) {
      return MakeError(ErrorCode::kIo, "a program wrote a field of more than " +
                                           std::to_string(kFieldBytesMax) + " bytes");
    }
    const auto more = Fill();
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    if (searched == 0) return std::nullopt;
    return buffer_.substr(std::exchange(next_, buffer_.size()));
  }
}

Expected<std::string> Subprocess::Read(size_t count) {
  while (buffer_.size() - next_ < count) {
    const auto more = Fill();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  std::string bytes = buffer_.substr(next_, count);
  next_ += bytes.size();
  return bytes;
}

// Reads more output into the buffer. Returns whether there was any.
Expected<bool> Subprocess::Fill() {
  buffer_.erase(0, std::exchange(next_, 0));
  const size_t used = buffer_.size();
  buffer_.resize(used + kBufferBytes);
  const ssize_t count =
      Uninterrupted([&] { return read(output_.number(), buffer_.data() + used, kBufferBytes); });
  buffer_.resize(used + static_cast<size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return SystemError("cannot read a program's output", errno);
  return count > 0;
}

Subprocess::End Subprocess::Wait() {
  COTEXT_CHECK(process_ != kEnded);
  output_ = FileDescriptor();
  int status = 0;
  const pid_t ended = Uninterrupted([&] { return waitpid(process_, &status, 0); });
  COTEXT_CHECK(ended == process_);
  process_ = kEnded;
  End end{.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0,
          .errors = std::string(kErrorBytesMax, '\0')};
  const ssize_t count = Uninterrupted(
      [&] { return pread(errors_.number(), end.errors.data(), end.errors.size(), 0); });
  end.errors.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return end;
}

}  // namespace cotext
