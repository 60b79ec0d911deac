#include "simulation/campaign/forked_worker.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "document/check.h"

namespace cotext {
namespace {

constexpr size_t kErrorBytesMax = 2000;

std::unexpected<Error> SystemError(const char* what) {
  return MakeError(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno));
}

void WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    // Nobody listens any more.
    if (written < 0) _exit(1);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// Returns the last bytes of a file, without the line breaks around them.
std::string EndOf(int descriptor) {
  const off_t size = lseek(descriptor, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kErrorBytesMax));
  std::string bytes(static_cast<size_t>(std::max<off_t>(0, size - begin)), '\0');
  const ssize_t count = pread(descriptor, bytes.data(), bytes.size(), begin);
  bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
  while (!bytes.empty() && bytes.back() == '\n') bytes.pop_back();
  return bytes;
}

}  // namespace

Expected<ForkedWorker> ForkedWorker::Start(const Work& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return SystemError("a pipe cannot be made");
  FileDescriptor reads(ends[0]);
  FileDescriptor writes(ends[1]);
  auto errors = MakeNamelessFile("");
  COTEXT_RETURN_IF_ERROR(errors);
  // What waits to be written would be written by the copy, too, as soon as that flushes its streams
  // for whatever reason: ThreadSanitizer does so in _exit.
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) return SystemError("this process cannot be copied");
  if (process == 0) {
    // Whoever started it may be gone; it ends with the next line then.
    signal(SIGPIPE, SIG_IGN);
    dup2(errors->number(), STDOUT_FILENO);
    dup2(errors->number(), STDERR_FILENO);
    close(ends[0]);
    work([&](std::string_view line) { WriteAll(ends[1], std::string(line) + "\n"); });
    _exit(0);
  }
  return ForkedWorker(process, std::move(reads), *std::move(errors));
}

ForkedWorker::~ForkedWorker() {
  if (process_ == kEnded) return;
  Stop();
  static_cast<void>(Wait());
}

void ForkedWorker::Stop() {
  if (process_ != kEnded) kill(process_, SIGKILL);
}

Expected<ForkedWorker::Heard> ForkedWorker::Listen() {
  constexpr size_t kChunk = size_t{1} << 16U;
  Heard heard;
  while (heard.lines.empty() && !heard.has_ended) {
    const size_t before = buffer_.size();
    buffer_.resize(before + kChunk);
    const ssize_t count = read(output_.number(), buffer_.data() + before, kChunk);
    buffer_.resize(before + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("a worker cannot be heard");
    heard.has_ended = count == 0;
    size_t begin = 0;
    for (size_t end = buffer_.find('\n', before); end != std::string::npos;
         end = buffer_.find('\n', begin)) {
      heard.lines.push_back(buffer_.substr(begin, end - begin));
      begin = end + 1;
    }
    buffer_.erase(0, begin);
  }
  return heard;
}

std::string ForkedWorker::Wait() {
  COTEXT_CHECK(process_ != kEnded);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = kEnded;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  std::string why = WIFSIGNALED(status) ? std::string("signal ") + strsignal(WTERMSIG(status))
                                        : "exit code " + std::to_string(WEXITSTATUS(status));
  const std::string said = EndOf(errors_.number());
  if (!said.empty()) why += ": " + said;
  return why;
}

}  // namespace cotext
