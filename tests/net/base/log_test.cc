#include "net/base/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace cotext::net {
namespace {

TEST(LogTest, FieldsFollowTheEvent) {
  EXPECT_EQ(
      LogLine("connection closed", {{"connection", 7}, {"final", true}, {"why", "left"}}, false),
      "connection closed connection=7 final=true why=left");
}

TEST(LogTest, WhatComesFromOutsideCannotForgeALine) {
  const std::string line =
      LogLine("refused", {{"origin", "a\n2026 error forged x=\"1\" \x01\xff"}}, false);
  EXPECT_FALSE(line.contains('\n'));
  EXPECT_TRUE(line.starts_with("refused origin=\"a\\n2026 error forged x=\\\"1\\\""));
}

TEST(LogTest, JsonIsOneObject) {
  const std::string line =
      LogLine("a \"b\"", {{"n", -1}, {"is", false}, {"text", "\xc3\xbc\n"}}, true);
  const auto object = nlohmann::json::parse("{" + line + "}");
  EXPECT_EQ(object["event"], "a \"b\"");
  EXPECT_EQ(object["n"], -1);
  EXPECT_EQ(object["is"], false);
  EXPECT_EQ(object["text"], "\xc3\xbc\n");
}

}  // namespace
}  // namespace cotext::net
