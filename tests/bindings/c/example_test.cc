// The examples in C, under valgrind: no byte is lost, and none read that is not there.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/server/server_options.h"
#include "tests/net/served_folder.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

constexpr uint64_t kPatienceMs = 240'000;  // Valgrind takes its time.

// The command that runs a program under valgrind: exit code 99 if it finds anything.
std::vector<std::string> UnderValgrind(std::vector<std::string> command) {
  std::vector<std::string> all = {"/usr/bin/env",
                                  "valgrind",
                                  "--quiet",
                                  "--error-exitcode=99",
                                  "--leak-check=full",
                                  "--show-leak-kinds=definite,indirect,possible",
                                  "--errors-for-leak-kinds=definite,indirect,possible"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

class CExampleTest : public TemporaryFolderTest {};

TEST_F(CExampleTest, TwoCopies) {
  ChildProcess program(UnderValgrind({"bindings/c/two_copies"}));
  EXPECT_EQ(program.ReadLine(kPatienceMs), "Hello, dear world, caret at 17");
  EXPECT_EQ(program.Wait(kPatienceMs), 0);
}

TEST_F(CExampleTest, LinesOfTwoRunsMeetAtTheServer) {
  const net::ServedFolder server({.listen = {}, .data_folder = Path("store")});
  const std::string url = "ws://127.0.0.1:" + std::to_string(server.port());
  ChildProcess first({"bindings/c/example", url, "notes/a", "The first line."});
  EXPECT_EQ(first.ReadLine(kPatienceMs), "0 edits are not safe yet");
  EXPECT_EQ(first.ReadLine(kPatienceMs), "The first line.");
  EXPECT_EQ(first.Wait(kPatienceMs), 0);
  ChildProcess second(UnderValgrind({"bindings/c/example", url, "notes/a", "Another."}));
  EXPECT_EQ(second.ReadLine(kPatienceMs), "others wrote 16 characters");
  EXPECT_EQ(second.ReadLine(kPatienceMs), "0 edits are not safe yet");
  EXPECT_EQ(second.ReadLine(kPatienceMs), "The first line.");
  EXPECT_EQ(second.ReadLine(kPatienceMs), "Another.");
  EXPECT_EQ(second.Wait(kPatienceMs), 0);
}

TEST_F(CExampleTest, ErrorsAreSaid) {
  ChildProcess program({"bindings/c/example", "nonsense", "notes/a", "x"});
  EXPECT_EQ(program.Wait(kPatienceMs), 1);
}

}  // namespace
}  // namespace cotext
