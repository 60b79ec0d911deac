#include "tools/terminal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace cotext {
namespace {

TEST(TerminalTextTest, WhatATerminalWouldObeyIsEscaped) {
  EXPECT_EQ(WithoutControls("a\tb \x1b[1m ü \xc2\x9b \xe2\x80\xae \x7f\n"),
            "a\tb \\u001b[1m ü \\u009b \\u202e \\u007f\\n");
  EXPECT_EQ(Quoted("a\t\"\\\x07"), "\"a\\t\\\"\\\\\\u0007\"");
}

TEST(TerminalTextTest, LinesStayLines) {
  EXPECT_EQ(LinesWithoutControls("one\n\ttwo\r\n\x1b[2J"), "one\n\ttwo\\r\n\\u001b[2J");
}

// Errors name files, whose names may be any bytes.
TEST(TerminalTextTest, BytesThatAreNoTextAreEscapedOneByOne) {
  EXPECT_EQ(WithoutControls("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(WithoutControls("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(WithoutControls("\xc3(\x9b"), "\\xc3(\\x9b");
  EXPECT_EQ(WithoutControls("\xf0\x9f\x98\x80\x80"), "\xf0\x9f\x98\x80\\x80");
  EXPECT_EQ(WithoutControls(std::string(1, '\0')), "\\u0000");
}

}  // namespace
}  // namespace cotext
