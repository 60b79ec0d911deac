// A program that runs beside a test: its standard input and output are pipes, standard error is the
// test's.
#ifndef COTEXT_TESTS_SUPPORT_CHILD_PROCESS_H_
#define COTEXT_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cotext {

class ChildProcess {
 public:
  // The first argument is the program's path.
  explicit ChildProcess(std::vector<std::string> arguments);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  // Kills it, if it still runs.
  ~ChildProcess();

  // Of one that has ended, nothing.
  void Write(std::string_view text);
  void CloseInput();
  // Returns the next line of its output, if one comes in time.
  std::optional<std::string> ReadLine(uint64_t timeout_ms);
  // Sends a signal, if it still runs.
  void Signal(int signal);
  // Returns the exit code, or less than 0 for the signal that ended it; nothing if it still runs.
  std::optional<int> Wait(uint64_t timeout_ms);
  bool is_running() { return !Wait(0).has_value(); }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> code_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_CHILD_PROCESS_H_
