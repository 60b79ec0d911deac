#include "net/http/http_router.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/access/origin_list.h"
#include "net/http/http_message.h"
#include "net/http/http_target.h"
#include "tests/net/parsed_target.h"

namespace cotext::net {
namespace {

using Router = HttpRouter<HttpResponse>;

HttpRoute<HttpResponse> Named(HttpMethod method, std::string pattern) {
  const auto handler = [pattern](const HttpRequest&, const std::string& variable) {
    return TextResponse(pattern + " " + variable);
  };
  return {.method = method, .pattern = pattern, .handler = handler};
}

Router MakeRouter() {
  using enum HttpMethod;
  return {
      OriginList::Parse({"https://a.org"}, OriginList::Callers::kAnonymous).value(),
      {Named(kGet, "/healthz"), Named(kGet, "/v1/documents"),
       Named(kGet, "/v1/documents/{name...}/events"), Named(kPost, "/v1/documents/{name...}/edits"),
       Named(kGet, "/v1/documents/{name...}"), Named(kDelete, "/v1/documents/{name...}"),
       Named(kGet, "/v1/connections/{secret}/frames"),
       Named(kPost, "/v1/connections/{secret}/frames"), Named(kGet, "/{file...}")}};
}

HttpResponse Ask(HttpMethod method, std::string_view target, std::string origin = {}) {
  HttpRequest request{.method = method, .target = ParseTarget(target).value(), .client = {}};
  request.origin = std::move(origin);
  request.host = "localhost:8080";
  return MakeRouter().Route(request);
}

std::string Header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(HttpRouterTest, RequestsGoToTheFirstRouteThatFits) {
  using enum HttpMethod;
  EXPECT_EQ(Ask(kGet, "/healthz").body, "/healthz ");
  EXPECT_EQ(Ask(kGet, "/v1/documents").body, "/v1/documents ");
  EXPECT_EQ(Ask(kGet, "/v1/documents/a%2Fb/c").body, "/v1/documents/{name...} a/b/c");
  EXPECT_EQ(Ask(kDelete, "/v1/documents/a").body, "/v1/documents/{name...} a");
  EXPECT_EQ(Ask(kGet, "/v1/documents/a/b/events").body, "/v1/documents/{name...}/events a/b");
  EXPECT_EQ(Ask(kGet, "/v1/documents/events").body, "/v1/documents/{name...} events");
  EXPECT_EQ(Ask(kPost, "/v1/documents/events/edits").body, "/v1/documents/{name...}/edits events");
  EXPECT_EQ(Ask(kGet, "/v1/connections/x/frames").body, "/v1/connections/{secret}/frames x");
  EXPECT_EQ(Ask(kGet, "/v1/connections/x/y/frames").body, "/{file...} v1/connections/x/y/frames");
  EXPECT_EQ(Ask(kGet, "/demo/").body, "/{file...} demo/");
}

TEST(HttpRouterTest, HeadIsAnsweredAsGet) {
  EXPECT_EQ(Ask(HttpMethod::kHead, "/healthz").body, "/healthz ");
}

TEST(HttpRouterTest, WhereNothingIsThereIs404) {
  const HttpResponse response = Ask(HttpMethod::kGet, "/");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_TRUE(response.body.contains("\"not_found\"")) << response.body;
}

TEST(HttpRouterTest, OtherMethodsAre405AndToldWhichThereAre) {
  const HttpResponse response = Ask(HttpMethod::kPut, "/v1/documents/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(Header(response, "Allow"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(Header(Ask(HttpMethod::kDelete, "/v1/connections/x/frames"), "Allow"),
            "GET, HEAD, POST, OPTIONS");
}

TEST(HttpRouterTest, OptionsSayWhatThereIs) {
  const HttpResponse response = Ask(HttpMethod::kOptions, "/v1/documents/a", "https://a.org");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(Header(response, "Access-Control-Allow-Methods"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(Header(response, "Access-Control-Allow-Origin"), "https://a.org");
  EXPECT_EQ(Header(response, "Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(Header(response, "Vary"), "Origin");
  EXPECT_EQ(Header(Ask(HttpMethod::kOptions, "/healthz"), "Access-Control-Allow-Origin"), "");
}

TEST(HttpRouterTest, PagesFromElsewhereAreRefused) {
  for (const HttpMethod method : {HttpMethod::kGet, HttpMethod::kOptions, HttpMethod::kPost}) {
    const HttpResponse response = Ask(method, "/v1/documents/a", "https://evil.org");
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(Header(response, "Access-Control-Allow-Origin"), "");
  }
  EXPECT_EQ(Ask(HttpMethod::kGet, "/healthz", "http://localhost:8080").status, 200);
}

TEST(HttpRouterTest, ErrorsCanBeReadByPagesThatMay) {
  EXPECT_EQ(
      Header(Ask(HttpMethod::kPut, "/healthz", "https://a.org"), "Access-Control-Allow-Origin"),
      "https://a.org");
}

TEST(HttpMessageTest, MethodsHaveTheirNames) {
  using enum HttpMethod;
  for (const HttpMethod method : {kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions}) {
    EXPECT_EQ(MethodOf(NameOf(method)), method);
  }
  EXPECT_EQ(MethodOf("DELETE"), kDelete);
  EXPECT_EQ(MethodOf("get"), std::nullopt);
  EXPECT_EQ(MethodOf(""), std::nullopt);
}

TEST(HttpMessageTest, ErrorsHaveTheHeadersThatBelongToThem) {
  const HttpResponse unknown = ErrorResponse({ErrorCode::kUnauthenticated, "who?"});
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(Header(unknown, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(Header(unknown, "Retry-After"), "");
  const HttpResponse limited = ErrorResponse({ErrorCode::kRateLimited, "later"}, 1200);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(Header(limited, "Retry-After"), "2");
}

TEST(HttpMessageTest, EntityTagsAreFound) {
  EXPECT_TRUE(HasTag("\"abc\"", "abc"));
  EXPECT_TRUE(HasTag("\"x\", W/\"abc\"", "abc"));
  EXPECT_TRUE(HasTag("*", "abc"));
  EXPECT_FALSE(HasTag("", "abc"));
  EXPECT_FALSE(HasTag("abc", "abc"));
  EXPECT_FALSE(HasTag("\"abcd\"", "abc"));
  EXPECT_FALSE(HasTag("\"x\"abc\"y\"", "abc"));
  EXPECT_FALSE(HasTag("\"abc", "abc"));
}

TEST(HttpMessageTest, WeakEntityTagsAreNoneWhereTheyHaveToBeStrong) {
  EXPECT_TRUE(HasStrongTag("\"abc\"", "abc"));
  EXPECT_TRUE(HasStrongTag("W/\"x\", \"abc\"", "abc"));
  EXPECT_TRUE(HasStrongTag("W/\"abc\", \"abc\"", "abc"));
  EXPECT_TRUE(HasStrongTag("*", "abc"));
  EXPECT_FALSE(HasStrongTag("W/\"abc\"", "abc"));
  EXPECT_FALSE(HasStrongTag("\"x\", W/\"abc\"", "abc"));
  EXPECT_FALSE(HasStrongTag("abc", "abc"));
}

}  // namespace
}  // namespace cotext::net
