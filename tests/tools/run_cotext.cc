#include "tests/tools/run_cotext.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cotext {
namespace {

std::filesystem::path TestPath(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / name;
}

// Bazel runs a test in the folder in which the paths of its data begin.
std::filesystem::path Binary() {
  const char* const named = std::getenv("COTEXT_BINARY");
  return std::filesystem::absolute(named != nullptr ? named : "tools/cotext");
}

}  // namespace

void WriteTestFile(const std::string& name, const std::string& content) {
  std::ofstream(TestPath(name), std::ios::binary) << content;
}

std::string ReadTestFile(const std::string& name) {
  std::ifstream file(TestPath(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Finished RunCotext(const std::string& arguments) {
  const std::string command = "cd '" + testing::TempDir() + "' && ('" + Binary().string() + "' " +
                              arguments + ") > run.output 2> run.errors < /dev/null";
  const int status = std::system(command.c_str());
  return Finished{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                  .output = ReadTestFile("run.output"),
                  .errors = ReadTestFile("run.errors")};
}

}  // namespace cotext
