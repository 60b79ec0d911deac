#include "net/base/url.h"

#include <gtest/gtest.h>

#include <string>

namespace cotext::net {
namespace {

TEST(UrlTest, AllSchemesMeanTheSameServer) {
  const ServerUrl plain{.is_tls = false, .host = "example.org", .port = 80};
  EXPECT_EQ(ParseServerUrl("ws://example.org"), plain);
  EXPECT_EQ(ParseServerUrl("http://example.org/"), plain);
  EXPECT_EQ(ParseServerUrl("http://example.org:80"), plain);
  const ServerUrl secure{.is_tls = true, .host = "example.org", .port = 443};
  EXPECT_EQ(ParseServerUrl("wss://example.org"), secure);
  EXPECT_EQ(ParseServerUrl("https://example.org:443/"), secure);
}

TEST(UrlTest, NumericAddressesHaveBrackets) {
  const auto url = ParseServerUrl("ws://[::1]:8080");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(HostAndPort(*url), "[::1]:8080");
  EXPECT_EQ(HttpOrigin(*url), "http://[::1]:8080");
}

TEST(UrlTest, WhatIsNoServerIsRefused) {
  for (const char* const text :
       {"", "example.org", "ftp://example.org", "ws://", "ws://:80", "ws://a:0", "ws://a:65536",
        "ws://a:b", "ws://a:80x", "ws://a/path", "ws://a?b", "ws://a#b", "ws://user:secret@a",
        "ws://[::1", "ws://[::1]x", "ws://a b", "ws://a\r\nX: y", "ws://a:"}) {
    const auto url = ParseServerUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kBadRequest);
    EXPECT_FALSE(url.error().message.contains("secret"));
  }
  EXPECT_FALSE(ParseServerUrl("ws://" + std::string(254, 'a')));
  EXPECT_TRUE(ParseServerUrl("ws://" + std::string(253, 'a')));
}

}  // namespace
}  // namespace cotext::net
