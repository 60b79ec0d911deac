// `cotext serve` as a program beside a test, and what its clients are started with.
#ifndef COTEXT_TESTS_TOOLS_SERVED_COTEXT_H_
#define COTEXT_TESTS_TOOLS_SERVED_COTEXT_H_

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace cotext {

// Long enough for a machine that does much else.
inline constexpr uint64_t kWaitMs = 30'000;

// The binary that the environment variable COTEXT_BINARY names, or else the build's.
inline std::string CotextBinary() {
  const char* const named = std::getenv("COTEXT_BINARY");
  return std::filesystem::absolute(named != nullptr ? named : "tools/cotext").string();
}

inline std::unique_ptr<ChildProcess> StartCotext(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CotextBinary());
  return std::make_unique<ChildProcess>(std::move(arguments));
}

class ServedCotext {
 public:
  explicit ServedCotext(std::string folder) : folder_(std::move(folder)) { Start(); }

  // On the port that it had before.
  void Start() {
    process_ = StartCotext({"serve", "--listen", "127.0.0.1:" + std::to_string(port_), "--data",
                            folder_, "--log-level", "warning"});
    const std::optional<std::string> line = process_->ReadLine(kWaitMs);
    ASSERT_TRUE(line) << "the server says where it listens";
    const size_t colon = line->rfind(':');
    ASSERT_NE(colon, line->npos) << *line;
    port_ = std::stoi(line->substr(colon + 1));
  }
  void Kill() { process_.reset(); }
  // Returns the exit code.
  std::optional<int> Stop() {
    process_->Signal(SIGTERM);
    return process_->Wait(kWaitMs);
  }

  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_); }

 private:
  std::string folder_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_TOOLS_SERVED_COTEXT_H_
