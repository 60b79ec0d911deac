#include "tools/live/line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"

namespace cotext {
namespace {

class LineReaderTest : public testing::Test {
 protected:
  ~LineReaderTest() override {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }

  void Write(std::string_view bytes) {
    ASSERT_EQ(write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    reader_.Read();
  }
  void End() {
    close(std::exchange(ends_[1], -1));
    reader_.Read();
  }
  // The lines that are there; "!": one that is refused.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    while (auto line = reader_.TakeLine()) {
      if (!*line) EXPECT_EQ(line->error().code, ErrorCode::kTooLarge);
      lines.push_back(*line ? **std::move(line) : "!");
    }
    return lines;
  }
  using Texts = std::vector<std::string>;

  static std::array<int, 2> NewPipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    return ends;
  }

  std::array<int, 2> ends_ = NewPipe();
  LineReader reader_{ends_[0], 8};
};

TEST_F(LineReaderTest, LinesComeWhenTheyAreWhole) {
  Write("one\ntw");
  EXPECT_EQ(Lines(), Texts{"one"});
  Write("o\n\nthree");
  EXPECT_EQ(Lines(), (Texts{"two", ""}));
  End();
  EXPECT_EQ(Lines(), Texts{"three"});
  EXPECT_EQ(Lines(), Texts{});
}

TEST_F(LineReaderTest, ALineOfAsMuchAsIsKeptIsTaken) {
  Write("12345678");
  EXPECT_EQ(Lines(), Texts{});
  Write("\n");
  EXPECT_EQ(Lines(), Texts{"12345678"});
}

TEST_F(LineReaderTest, WhatStandsBehindTheLimitIsNotALine) {
  Write("insert 0 text");
  EXPECT_EQ(Lines(), Texts{});
  Write("delete 0 5");
  EXPECT_EQ(Lines(), Texts{});
  Write("quit\nnext\n");
  EXPECT_EQ(Lines(), (Texts{"!", "next"}));
}

TEST_F(LineReaderTest, ALineThatIsTooLongAtTheEndIsRefusedOnce) {
  Write("123456789");
  EXPECT_EQ(Lines(), Texts{});
  End();
  EXPECT_EQ(Lines(), Texts{"!"});
  EXPECT_EQ(Lines(), Texts{});
}

TEST_F(LineReaderTest, ALineThatComesAtOnceIsRefusedToo) {
  Write("123456789\nshort\n");
  EXPECT_EQ(Lines(), (Texts{"!", "short"}));
}

}  // namespace
}  // namespace cotext
