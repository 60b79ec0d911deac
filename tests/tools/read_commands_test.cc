// `cotext cat` and `cotext ls`, the real binary, against a server that answers what a test says.
#include <gtest/gtest.h>

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
