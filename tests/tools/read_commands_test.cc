// `cotext cat` and `cotext ls`, the real binary, against a server that answers what a test says.
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/client/stub_http_server.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;
using net::HttpText;

class ReadCommandsTest : public testing::Test {
 protected:
  ReadCommandsTest()
      : server_([this](const std::string& request) -> std::optional<std::string> {
          requests_.push_back(request);
          if (answers_.empty()) return HttpText(500, "");
          std::string answer = answers_.front();
          if (answers_.size() > 1) answers_.erase(answers_.begin());
          return answer;
        }) {}

  Finished Run(const std::string& command, const std::string& more = "") {
    return RunCotext(command + " " + server_.url() + " " + more);
  }

  std::vector<std::string> answers_;  // The last one again and again.
  std::vector<std::string> requests_;
  net::StubHttpServer server_;
};

TEST_F(ReadCommandsTest, CatPrintsTheTextAsItIs) {
  answers_ = {HttpText(200, "zwei\nZeilen ü", "ETag: \"v7\"\r\n")};
  const Finished run = Run("cat", "'notes/a b' --token secret");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.output, "zwei\nZeilen ü");
  EXPECT_TRUE(requests_[0].starts_with("GET /v1/document?name=notes%2Fa%20b HTTP/1.1\r\n"))
      << requests_[0];
  EXPECT_TRUE(requests_[0].contains("\r\nAuthorization: Bearer secret\r\n"));
  const Json json = Json::parse(Run("cat", "a --json --at v7").output);
  EXPECT_EQ(json, (Json{{"document", "a"}, {"version", "v7"}, {"text", "zwei\nZeilen ü"}}));
  EXPECT_TRUE(requests_[1].starts_with("GET /v1/document?name=a&at=v7 HTTP/1.1\r\n"));
}

TEST_F(ReadCommandsTest, WhatIsRefusedIsToldInTheServersWords) {
  answers_ = {HttpText(404, R"({"error":{"code":"not_found","message":"no such document"}})")};
  const Finished missing = Run("cat", "a");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_EQ(missing.errors, "cotext: no such document\n");
  EXPECT_EQ(missing.output, "");
  answers_ = {HttpText(503, "busy")};
  EXPECT_EQ(Run("cat", "a").exit_code, 3);
  EXPECT_EQ(Run("ls").exit_code, 3);
}

TEST_F(ReadCommandsTest, TerminalsDoNotObeyTheServersWords) {
  answers_ = {HttpText(404, "{\"error\":{\"message\":\"\\u001b[2Jno\\u202e\\n\\u009b1mmore\"}}")};
  EXPECT_EQ(Run("cat", "a").errors, "cotext: \\u001b[2Jno\\u202e\\n\\u009b1mmore\n");
}

TEST_F(ReadCommandsTest, AnAnswerIsWaitedForAsLongAsIsSaid) {
  // It begins, and goes no further.
  server_.HoldAnswered();
  const std::string whole = HttpText(200, "text");
  answers_ = {whole.substr(0, whole.size() - 1)};
  for (const char* const command : {"cat", "ls"}) {
    const auto begun = std::chrono::steady_clock::now();
    const std::string document = command == std::string("cat") ? "a" : "";
    const Finished run = Run(command, document + " --timeout 1");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20)) << command;
    EXPECT_EQ(run.exit_code, 3) << command;
    EXPECT_TRUE(run.errors.starts_with("cotext: no whole answer came within 1 s (--timeout)"))
        << run.errors;
    EXPECT_EQ(run.output, "");
  }
  EXPECT_EQ(Run("cat", "a --timeout 0").exit_code, 2);
}

TEST_F(ReadCommandsTest, ATokenFileWithoutATokenIsWrongUseAndNothingIsAsked) {
  WriteTestFile("token", " \n");
  const Finished run = Run("cat", "a --token-file token");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.errors, "cotext: token: has no token\n");
  EXPECT_TRUE(requests_.empty());
  WriteTestFile("token", "secret\n");
  answers_ = {HttpText(200, "text")};
  EXPECT_EQ(Run("cat", "a --token-file token").exit_code, 0);
  EXPECT_TRUE(requests_.at(0).contains("\r\nAuthorization: Bearer secret\r\n"));
}

// Whoever renews it writes it anew: for a moment there is none.
TEST(TokenFileTest, WhileItIsEmptyTheFormerTokenHolds) {
  std::vector<std::string> requests;
  std::mutex mutex;
  net::StubHttpServer server([&](const std::string& request) -> std::optional<std::string> {
    WriteTestFile("renewed", "");
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    return HttpText(503, "");
  });
  WriteTestFile("renewed", "secret");
  const Finished run =
      RunCotext("tail " + server.url() + " a --transport poll --timeout 8 --token-file renewed");
  EXPECT_EQ(run.exit_code, 3) << run.errors;
  const std::lock_guard lock(mutex);
  ASSERT_GE(requests.size(), 2U);
  for (const std::string& request : requests) {
    EXPECT_TRUE(request.contains("\r\nAuthorization: Bearer secret\r\n")) << request;
  }
}

TEST_F(ReadCommandsTest, ListGoesOnPageByPage) {
  answers_ = {
      HttpText(200, R"({"documents":[{"name":"a","engine":"rga","modified_ms":1700000000000,)"
                    R"("bytes":12}],"next":"a b"})"),
      HttpText(200, R"({"documents":[{"name":"c\u001b[1m"}]})")};
  const Finished run = Run("ls");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.output.substr(0, run.output.find('\n')), "2023-11-14 22:13\t12\trga\ta");
  EXPECT_FALSE(run.output.contains('\x1b')) << "terminals do not obey names";
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_TRUE(requests_[1].starts_with("GET /v1/documents?limit=1000&after=a%20b HTTP/1.1\r\n"));
}

TEST_F(ReadCommandsTest, AListThatDoesNotGoOnEnds) {
  answers_ = {HttpText(200, R"({"documents":[{"name":"a"}],"next":"a"})")};
  const Finished run = Run("ls", "--json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(ReadCommandsTest, WhatIsNoListIsAnError) {
  for (const char* const body : {"<html>", "[]", "{}", R"({"documents":7})"}) {
    answers_ = {HttpText(200, body)};
    EXPECT_EQ(Run("ls").exit_code, 2) << body;
  }
}

}  // namespace
}  // namespace cotext
