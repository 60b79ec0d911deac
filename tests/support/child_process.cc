#include "tests/support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

using Clock = std::chrono::steady_clock;

int LeftMs(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments) {
  // What it does not read any more is no reason to end the test.
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  COTEXT_CHECK(pipe2(in.data(), O_CLOEXEC) == 0);
  COTEXT_CHECK(pipe2(out.data(), O_CLOEXEC) == 0);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  COTEXT_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    std::signal(SIGPIPE, SIG_DFL);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  if (!code_) waitpid(pid_, nullptr, 0);
  CloseInput();
  close(output_);
}

void ChildProcess::Write(std::string_view text) {
  while (!text.empty() && input_ >= 0) {
    const ssize_t written = write(input_, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void ChildProcess::CloseInput() {
  if (input_ >= 0) close(std::exchange(input_, -1));
}

std::optional<std::string> ChildProcess::ReadLine(uint64_t timeout_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != buffer_.npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd watched{.fd = output_, .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, LeftMs(until)) <= 0) return std::nullopt;
    std::array<char, 65536> bytes;
    const ssize_t size = read(output_, bytes.data(), bytes.size());
    if (size <= 0) return std::nullopt;
    buffer_.append(bytes.data(), static_cast<size_t>(size));
  }
}

void ChildProcess::Signal(int signal) {
  if (is_running()) kill(pid_, signal);
}

std::optional<int> ChildProcess::Wait(uint64_t timeout_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!code_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    } else if (LeftMs(until) == 0) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  return code_;
}

}  // namespace cotext
