#include "net/client/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tests/net/client/stub_http_server.h"

namespace cotext::net {
namespace {

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest()
      : server_([this](const std::string& request) {
          request_ = request;
          return answer_;
        }),
        client_(*HttpClient::Create({})) {}

  HttpAnswer Get() { return client_->Fetch({.url = server_.url() + "/x", .timeout_ms = 5'000}); }

  std::optional<std::string> answer_ = HttpText(200, "text");
  std::string request_;
  StubHttpServer server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, TellsWhatWasAnswered) {
  answer_ = HttpText(404, "text", "eTaG: \"v1\"\r\n");
  const HttpAnswer answer = Get();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "text");
  EXPECT_EQ(answer.tag, "v1");
  EXPECT_TRUE(request_.starts_with("GET /x HTTP/1.1\r\n")) << request_;
}

TEST_F(HttpClientTest, PostsABodyWithoutAskingFirst) {
  const std::string body(2'000'000, 'x');
  const HttpAnswer answer =
      client_->Fetch({.method = "POST", .url = server_.url(), .headers = {"X-A: b"}, .body = body});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(request_.ends_with(body));
  EXPECT_TRUE(request_.contains("X-A: b\r\n"));
  EXPECT_FALSE(request_.contains("Expect")) << "the server does not answer that";
}

TEST_F(HttpClientTest, OtherMethodsAreMade) {
  client_->Fetch({.method = "DELETE", .url = server_.url()});
  EXPECT_TRUE(request_.starts_with("DELETE / HTTP/1.1\r\n")) << request_;
}

TEST_F(HttpClientTest, AnAnswerThatIsCutOffIsNone) {
  answer_ = HttpText(200, "text").substr(0, HttpText(200, "text").size() - 1);
  const HttpAnswer answer = Get();
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.failure, "");
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpClientTest, NoMoreIsTakenThanMayBe) {
  answer_ = HttpText(200, std::string(1001, 'x'));
  HttpCall call{.url = server_.url(), .answer_bytes_max = 1000};
  EXPECT_EQ(client_->Fetch(call).status, 0);
  call.answer_bytes_max = 1001;
  EXPECT_EQ(client_->Fetch(call).status, 200);
}

TEST_F(HttpClientTest, NoRedirectIsFollowedAndOnlyHttpIsSpoken) {
  answer_ = HttpText(302, "", "Location: " + server_.url() + "/elsewhere\r\n");
  EXPECT_EQ(Get().status, 302);
  EXPECT_EQ(client_->Fetch({.url = "file:///etc/hostname"}).status, 0);
}

TEST_F(HttpClientTest, WaitsNoLongerThanItMay) {
  answer_ = std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client_->Fetch({.url = server_.url(), .timeout_ms = 200}).status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(HttpClientTest, WhatIsCancelledOrDroppedTellsNothing) {
  answer_ = std::nullopt;
  std::atomic<int> told = 0;
  const auto count = [&](const HttpAnswer& /*answer*/) { ++told; };
  client_->Cancel(client_->Start({.url = server_.url(), .timeout_ms = 300}, count));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  client_->Start({.url = server_.url()}, count);
  client_.reset();
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace cotext::net
