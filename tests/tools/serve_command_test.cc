#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "tests/net/certificate.h"
#include "tests/net/raw_websocket.h"
#include "tests/net/socket_client.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

// `cotext serve` in a process of its own, killed at the end if it is still there.
class ServeProcess {
 public:
  explicit ServeProcess(const std::string& folder) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execl("tools/cotext", "cotext", "serve", "--listen", "127.0.0.1:0", "--data", folder.c_str(),
            static_cast<char*>(nullptr));
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
    ReadPort();
  }
  ServeProcess(const ServeProcess&) = delete;
  ServeProcess& operator=(const ServeProcess&) = delete;
  ~ServeProcess() {
    if (pid_ > 0) End(SIGKILL);
    close(output_);
  }

  uint16_t port() const { return port_; }
  // Sends a signal and waits. Returns the exit code, or minus the signal that ended it.
  int End(int signal) {
    int status = 0;
    kill(pid_, signal);
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  // From the only line: "cotext: listening on http://127.0.0.1:PORT".
  void ReadPort() {
    std::string line;
    for (char byte = 0; read(output_, &byte, 1) == 1 && byte != '\n';) line += byte;
    constexpr std::string_view kBefore = "cotext: listening on http://127.0.0.1:";
    ASSERT_TRUE(line.starts_with(kBefore)) << line;
    port_ = static_cast<uint16_t>(std::stoi(line.substr(kBefore.size())));
  }

  pid_t pid_ = -1;
  int output_ = -1;
  uint16_t port_ = 0;
};

class ServeCommandTest : public TemporaryFolderTest {};

TEST_F(ServeCommandTest, DrainsOnSigtermAndARestartHasEverything) {
  ServeProcess first(Path("store"));
  net::SocketClient ada(first.port(), 1);
  net::SocketClient ben(first.port(), 2);
  ada.Insert("kept");
  ASSERT_TRUE(net::RunUntil({&ada, &ben}, [&] { return ben.Text() == "kept" && ada.IsDurable(); }));
  EXPECT_EQ(first.End(SIGTERM), 0);
  EXPECT_TRUE(net::RunUntil({&ada}, [&] { return ada.close_code() == 1012; }));
  ServeProcess second(Path("store"));
  net::SocketClient cleo(second.port(), 3);
  EXPECT_TRUE(net::RunUntil({&cleo}, [&] { return cleo.Text() == "kept"; }));
  EXPECT_EQ(second.End(SIGINT), 0);
  const Finished check = RunCotext("check " + Path("store"));
  EXPECT_EQ(check.exit_code, 0) << check.output << check.errors;
}

TEST_F(ServeCommandTest, WhatWasAcknowledgedSurvivesBeingKilled) {
  std::string text;
  for (int round = 0; round < 3; ++round) {
    ServeProcess server(Path("store"));
    net::SocketClient ada(server.port(), static_cast<uint64_t>(round) + 1);
    ASSERT_TRUE(net::RunUntil({&ada}, [&] { return ada.IsReady() && ada.Text() == text; }));
    for (int edit = 0; edit < 20; ++edit) {
      ada.Insert("x");
      ASSERT_TRUE(net::RunUntil({&ada}, [&] { return ada.IsDurable(); }));
      text += "x";
    }
    EXPECT_EQ(server.End(SIGKILL), -SIGKILL);
  }
}

TEST_F(ServeCommandTest, WrongUseIsToldFromAPortThatCannotBeHad) {
  EXPECT_EQ(RunCotext("serve --listen nonsense --data " + Path("a")).exit_code, 2);
  EXPECT_EQ(RunCotext("serve --no-such-option").exit_code, 2);
  const Finished open = RunCotext("serve --listen 0.0.0.0:0 --data " + Path("b"));
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_TRUE(open.errors.contains("--anonymous")) << open.errors;
  ServeProcess server(Path("store"));
  const std::string place = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(RunCotext("serve --listen " + place + " --data " + Path("c")).exit_code, 3);
  const Finished second = RunCotext("serve --listen 127.0.0.1:0 --data " + Path("store"));
  EXPECT_EQ(second.exit_code, 2) << "the store is in use";
}

TEST_F(ServeCommandTest, AFileThatIsNoGoodIsWrongUseAndNamed) {
  net::WriteCertificate(Path("one"));
  net::WriteCertificate(Path("other"));
  std::ofstream(Path("text")) << "neither certificate nor key";
  std::ofstream(Path("short")) << "no secret";
  const auto tls = [this](const char* certificate, const char* key) {
    return "--tls-cert " + Path(certificate) + " --tls-key " + Path(key);
  };
  const std::pair<std::string, std::string> cases[] = {
      {tls("text", "one.key"), Path("text") + ": "},
      {tls("one.crt", "text"), Path("text") + ": "},
      {tls("none", "one.key"), Path("none") + ": "},
      {tls("one.crt", "none"), Path("none") + ": "},
      {tls("one.crt", "other.key"), Path("other.key") + ": "},
      {"--tls-cert " + Path("one.crt"), "a certificate and its key"},
      {"--auth-key hs256:" + Path("none"), Path("none") + ": "},
      {"--auth-key rs256:" + Path("text"), Path("text") + ": "},
      {"--auth-key hs256:" + Path("short"), Path("short") + ": "},
      {"--auth-key " + Path("text"), "hs256:FILE"},
      {"--restrictions " + Path("none"), Path("none") + ": "},
      {"--restrictions " + Path("text"), Path("text") + ": "},
      {"--data " + Path("text"), Path("text") + ": "},
  };
  for (const auto& [options, words] : cases) {
    const std::string data = options.starts_with("--data") ? "" : " --data " + Path("store");
    const Finished run = RunCotext("serve --listen 127.0.0.1:0 " + options + data);
    EXPECT_EQ(run.exit_code, 2) << options << '\n' << run.errors;
    EXPECT_TRUE(run.errors.contains(words)) << options << '\n' << run.errors;
  }
}

TEST_F(ServeCommandTest, AnAddressThatIsNotThisMachinesIsToldFromOneThatIsNone) {
  const auto serve = [this](const std::string& address) {
    return RunCotext("serve --anonymous --listen " + address + ":0 --data " + Path("store"));
  };
  EXPECT_EQ(serve("203.0.113.1").exit_code, 3) << "for documentation only";
  const Finished name = serve("localhost");
  EXPECT_EQ(name.exit_code, 2);
  EXPECT_TRUE(name.errors.contains("localhost is no numeric address")) << name.errors;
}

TEST_F(ServeCommandTest, AFileSaysWhatCommandLineAndEnvironmentDoNot) {
  const auto serve = [this](std::string_view config, const std::string& more) {
    std::ofstream(Path("serve.toml")) << config;
    return RunCotext("serve --config " + Path("serve.toml") + " " + more);
  };
  const std::string store = "data = \"" + Path("a") + "\"\n";
  const Finished by_file = serve("# A comment.\n" + store + "listen = \"rubbish\"\n", "");
  EXPECT_TRUE(by_file.errors.contains("not rubbish")) << by_file.errors;
  const Finished by_flag = serve(store + "listen = \"rubbish\"\n", "--listen nonsense");
  EXPECT_TRUE(by_flag.errors.contains("not nonsense")) << by_flag.errors;
  setenv("COTEXT_SERVE_LISTEN", "variable", 1);
  const Finished by_variable = serve(store + "listen = \"rubbish\"\n", "");
  unsetenv("COTEXT_SERVE_LISTEN");
  EXPECT_TRUE(by_variable.errors.contains("not variable")) << by_variable.errors;
  // A flag, a number and a word that is looked up.
  const Finished values = serve(
      store + "anonymous = false\nsessions-max = 10\nlog-level = \"off\"\nlisten = \"0.0.0.0:0\"\n",
      "");
  EXPECT_TRUE(values.errors.contains("--anonymous")) << values.errors;
  for (const char* wrong :
       {"no-such-option = 1", "sessions-max = \"many\"", "log-level = \"loud\"",
        "[serve]\ndata = \"x\"", "config = \"other\"", "message-bytes-max = 1"}) {
    const Finished refused = serve(std::string(wrong) + "\n", "--listen nonsense");
    EXPECT_EQ(refused.exit_code, 2) << wrong;
    EXPECT_FALSE(refused.errors.contains("not nonsense")) << wrong << refused.errors;
  }
  EXPECT_EQ(RunCotext("serve --config " + Path("nowhere")).exit_code, 2);
}

TEST_F(ServeCommandTest, TheEnvironmentSaysWhatTheCommandLineDoesNot) {
  setenv("COTEXT_SERVE_LISTEN", "rubbish", 1);
  const Finished by_variable = RunCotext("serve --data " + Path("a"));
  const Finished by_flag = RunCotext("serve --listen nonsense --data " + Path("a"));
  unsetenv("COTEXT_SERVE_LISTEN");
  EXPECT_TRUE(by_variable.errors.contains("not rubbish")) << by_variable.errors;
  EXPECT_TRUE(by_flag.errors.contains("not nonsense")) << by_flag.errors;
}

// Every option is in the page for those who run servers.
TEST_F(ServeCommandTest, EveryOptionIsDescribed) {
  std::ifstream file("docs/OPERATIONS.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const std::string help = RunCotext("serve --help").output;
  int options = 0;
  for (size_t at = help.find("\n  --"); at != help.npos; at = help.find("\n  --", at + 1)) {
    const std::string option = help.substr(at + 3, help.find_first_of(" ,\n", at + 3) - at - 3);
    ++options;
    const bool is_any_program = option == "--version";
    EXPECT_TRUE(is_any_program || page.find("`" + option) != page.npos) << option;
  }
  EXPECT_GT(options, 30);
}

}  // namespace
}  // namespace cotext
