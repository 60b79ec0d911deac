// `cotext log`, the real binary.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class LogCommandTest : public testing::Test {
 protected:
  // Two write at the same time, then the first one goes on, having heard of the other.
  void SetUp() override {
    WriteTestFile("trace.json", R"({"kind":"concurrent","endContent":"c","numAgents":2,"txns":[)"
                                R"({"parents":[],"agent":0,"patches":[[0,0,"ab"],[0,1,""]]},)"
                                R"({"parents":[],"agent":1,"patches":[[0,0,"c"]]},)"
                                R"({"parents":[0,1],"agent":0,"patches":[[1,1,""]]}]})");
    ASSERT_EQ(RunCotext("trace convert trace.json -o trace.cotext").exit_code, 0);
  }

  // Returns the log of a document into which one text was typed.
  static std::string LogOf(const std::string& text, const std::string& options = "") {
    const Json trace = {{"endContent", text},
                        {"txns", {{{"patches", Json::array({Json::array({0, 0, text})})}}}}};
    WriteTestFile("text.json", trace.dump());
    const Finished converted = RunCotext("trace convert text.json -o text.cotext");
    EXPECT_EQ(converted.exit_code, 0) << converted.errors;
    const Finished run = RunCotext("log text.cotext " + options);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    return run.output;
  }
};

TEST_F(LogCommandTest, AChangeIsALineAndTheNewestIsLast) {
  const Finished run = RunCotext("log trace.cotext");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.errors, "");
  EXPECT_EQ(run.output,
            "@1  1@1 to 3@1  after nothing  operations 2  +2 -1  \"ab\"\n"
            "@2  1@2  after nothing  operations 1  +1 -0  \"c\"\n"
            "@3  4@1  after 1@2,3@1  operations 1  +0 -1\n");
}

TEST_F(LogCommandTest, JsonIsAnObjectALine) {
  std::vector<Json> lines;
  std::istringstream output(RunCotext("log trace.cotext --json").output);
  for (std::string line; std::getline(output, line);) lines.push_back(Json::parse(line));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(
      lines[0],
      Json::parse(R"({"number":1,"id":"1@1","last":"3@1","operations":2,"parents":[],"inserted":2,)"
                  R"("deleted":1,"text":"ab"})"));
  EXPECT_EQ(
      lines[2],
      Json::parse(R"({"number":3,"id":"4@1","last":"4@1","operations":1,"parents":["1@2","3@1"],)"
                  R"("inserted":0,"deleted":1,"text":""})"));
}

TEST_F(LogCommandTest, ALimitKeepsTheNewest) {
  EXPECT_EQ(RunCotext("log trace.cotext --limit 1").output,
            "@3  4@1  after 1@2,3@1  operations 1  +0 -1\n");
  EXPECT_EQ(RunCotext("log trace.cotext --limit 7").output, RunCotext("log trace.cotext").output);
}

TEST_F(LogCommandTest, WhatATerminalWouldObeyIsEscaped) {
  EXPECT_EQ(LogOf("\x1b[31m\n\t\"\\\x7f\u0085\u202eé\U0001f600"),
            "@1  1@1 to 14@1  after nothing  operations 1  +14 -0  "
            "\"\\u001b[31m\\n\\t\\\"\\\\\\u007f\\u0085\\u202eé\U0001f600\"\n");
}

TEST_F(LogCommandTest, LongTextsAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 41; ++i) text += "é";
  const std::string shown = text.substr(0, 80);
  EXPECT_EQ(LogOf(text),
            "@1  1@1 to 41@1  after nothing  operations 1  +41 -0  \"" + shown + "\"...\n");
  EXPECT_EQ(Json::parse(LogOf(text, "--json"))["text"], shown);
  EXPECT_EQ(LogOf(shown),
            "@1  1@1 to 40@1  after nothing  operations 1  +40 -0  \"" + shown + "\"\n");
}

TEST_F(LogCommandTest, AnEmptyDocumentHasNoLines) {
  WriteTestFile("empty.json", R"({"endContent":"","txns":[]})");
  ASSERT_EQ(RunCotext("trace convert empty.json -o empty.cotext").exit_code, 0);
  const Finished run = RunCotext("log empty.cotext");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output, "");
}

TEST_F(LogCommandTest, ErrorsHaveTheirExitCodes) {
  std::string bytes = ReadTestFile("trace.cotext");
  bytes.back() ^= 1;
  WriteTestFile("damaged.cotext", bytes);
  const Finished damaged = RunCotext("log damaged.cotext");
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_EQ(damaged.errors, "cotext: damaged.cotext: the section of deleted text is damaged\n");
  for (const std::string arguments : {"", "none.cotext", "trace.json", "trace.cotext --limit 0",
                                      "trace.cotext --limit -1", "trace.cotext trace.cotext"}) {
    const Finished run = RunCotext("log " + arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    EXPECT_EQ(run.output, "") << arguments;
  }
}

}  // namespace
}  // namespace cotext
