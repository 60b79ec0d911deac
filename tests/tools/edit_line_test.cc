#include "tools/live/edit_line.h"

#include <gtest/gtest.h>

namespace cotext {
namespace {

using Verb = EditLine::Verb;

TEST(EditLineTest, ATextIsEverythingBehindOneSpace) {
  EXPECT_EQ(ParseEditLine("insert 5 some text"),
            (EditLine{.verb = Verb::kInsert, .position = 5, .text = "some text"}));
  EXPECT_EQ(ParseEditLine("insert 0  x ")->text, " x ");
  EXPECT_EQ(ParseEditLine("insert 0 ")->text, "");
  EXPECT_EQ(ParseEditLine("insert 0 a\"b")->text, "a\"b");
}

TEST(EditLineTest, ATextWithAQuotationMarkInFrontIsJson) {
  EXPECT_EQ(ParseEditLine(R"(insert 0 "two\nlines \"ü\"")")->text, "two\nlines \"ü\"");
  EXPECT_EQ(ParseEditLine(R"(insert 0 "")")->text, "");
}

TEST(EditLineTest, TheOthersTakeWhatTheyTake) {
  EXPECT_EQ(ParseEditLine("delete 3 4"),
            (EditLine{.verb = Verb::kDelete, .position = 3, .count = 4}));
  EXPECT_EQ(ParseEditLine("print")->verb, Verb::kPrint);
  EXPECT_EQ(ParseEditLine("wait")->verb, Verb::kWait);
  EXPECT_EQ(ParseEditLine("status")->verb, Verb::kStatus);
  EXPECT_EQ(ParseEditLine("quit")->verb, Verb::kQuit);
}

TEST(EditLineTest, EverythingElseIsAnError) {
  for (const char* const line :
       {"", " ", "insert", "insert ", "insert x", "insert -1 a", "insert 18446744073709551616 a",
        "delete", "delete 1", "delete 1 ", "delete 1 x", "delete 1 2 3", "print it", "Print",
        "insert 0 \"open", "insert 0 \"a\" b", "insert 0 \"\xff\"", "undo", "insert\t0\ta"}) {
    EXPECT_FALSE(ParseEditLine(line)) << line;
  }
}

}  // namespace
}  // namespace cotext
