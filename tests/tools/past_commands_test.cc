// `cotext checkout`, `cotext diff` and `cotext blame`, and names for versions: the real binary.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

std::vector<Json> JsonLines(const std::string& output) {
  std::vector<Json> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

class PastCommandsTest : public testing::Test {
 protected:
  // Replica 1 types two lines; then 1 turns "two" into "zwei" while 2 puts a line in front; then 1,
  // who heard of that, ends the text.
  //   @1  1@1 to 7@1  after nothing  "one\ntwo"     @3  8@2 to 10@2  after 7@1  "\u00e9:\n"
  //   @2  8@1 to 14@1  after 7@1  "zwei"            @4  15@1  after 10@2,14@1  "!"
  void SetUp() override {
    WriteTestFile("trace.json",
                  R"({"kind":"concurrent","endContent":"é:\none\nzwei!","numAgents":2,"txns":[)"
                  R"({"parents":[],"agent":0,"patches":[[0,0,"one\ntwo"]]},)"
                  R"({"parents":[0],"agent":0,"patches":[[4,3,"zwei"]]},)"
                  R"({"parents":[0],"agent":1,"patches":[[0,0,"é:\n"]]},)"
                  R"({"parents":[1,2],"agent":0,"patches":[[11,0,"!"]]}]})");
    ASSERT_EQ(RunCotext("trace convert trace.json -o trace.cotext").exit_code, 0);
  }

  // Returns what a command prints that must succeed.
  static std::string OutputOf(const std::string& arguments) {
    const Finished run = RunCotext(arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments;
    EXPECT_EQ(run.errors, "") << arguments;
    return run.output;
  }

  // Returns what a command complains of that must fail.
  static std::string ErrorOf(const std::string& arguments, int exit_code = 2) {
    const Finished run = RunCotext(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << arguments;
    EXPECT_EQ(run.output, "") << arguments;
    return run.errors;
  }
};

TEST_F(PastCommandsTest, TheLogPrintsWhatOtherCommandsTake) {
  // What stands alone in its past is one change.
  EXPECT_EQ(OutputOf("log trace.cotext"),
            "@1  1@1 to 14@1  after nothing  operations 3  +11 -3  \"one\\ntwozwei\"\n"
            "@2  8@2 to 10@2  after 7@1  operations 1  +3 -0  \"\u00e9:\\n\"\n"
            "@3  15@1  after 10@2,14@1  operations 1  +1 -0  \"!\"\n");
}

TEST_F(PastCommandsTest, CheckoutTakesAnyVersion) {
  EXPECT_EQ(OutputOf("checkout trace.cotext"), "\u00e9:\none\nzwei!");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at now"), "\u00e9:\none\nzwei!");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at @0"), "");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at @1"), "one\nzwei");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at @2"), "\u00e9:\none\nzwei");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at @3"), "\u00e9:\none\nzwei!");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at 7@1"), "one\ntwo");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at 10@2"), "\u00e9:\none\ntwo");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at 8@2,9@1"), "\u00e9one\no");
}

TEST_F(PastCommandsTest, CheckoutWritesFilesAndJson) {
  EXPECT_EQ(OutputOf("checkout trace.cotext --at 10@2 --out out.txt"), "");
  EXPECT_EQ(ReadTestFile("out.txt"), "\u00e9:\none\ntwo");
  EXPECT_EQ(Json::parse(OutputOf("checkout trace.cotext --at 8@2,9@1,7@1 --json")),
            Json::parse(R"({"file":"trace.cotext","version":"8@2,9@1","chars":6,"bytes":7,)"
                        R"("text":"éone\no"})"));
  EXPECT_EQ(Json::parse(OutputOf("checkout trace.cotext --at @0 -o out.txt --json")),
            Json::parse(R"({"file":"trace.cotext","version":"@0","chars":0,"bytes":0,)"
                        R"("out":"out.txt"})"));
  EXPECT_EQ(ReadTestFile("out.txt"), "");
}

TEST_F(PastCommandsTest, DiffSaysWhatChangedWhere) {
  EXPECT_EQ(OutputOf("diff trace.cotext 7@1 now"),
            "1:1  +\"\u00e9:\\n\"\n2:1  -\"two\"  +\"zwei!\"\n");
  EXPECT_EQ(OutputOf("diff trace.cotext 7@1"), OutputOf("diff trace.cotext 7@1 now"));
  EXPECT_EQ(OutputOf("diff trace.cotext now 7@1"),
            "1:1  -\"\u00e9:\\n\"\n3:1  -\"zwei!\"  +\"two\"\n");
  EXPECT_EQ(OutputOf("diff trace.cotext 14@1,10@2 15@1"), "3:5  +\"!\"\n");
  EXPECT_EQ(OutputOf("diff trace.cotext 2@1 3@1"), "1:3  +\"e\"\n");
  EXPECT_EQ(OutputOf("diff trace.cotext 9@2 8@2"), "1:2  -\":\"\n");
  EXPECT_EQ(OutputOf("diff trace.cotext 15@1 now"), "");
}

TEST_F(PastCommandsTest, DiffInJsonHasTheDelta) {
  EXPECT_EQ(Json::parse(OutputOf("diff trace.cotext 7@1 now --json")),
            Json::parse(R"({"file":"trace.cotext","from":"7@1","to":"15@1","inserted":8,)"
                        R"("deleted":3,"delta":["é:\n",4,"zwei!",{"d":"two"}]})"));
  EXPECT_EQ(Json::parse(OutputOf("diff trace.cotext @0 @0 --json"))["delta"], Json::array());
}

TEST_F(PastCommandsTest, BlameShowsTheNewestOfEachLine) {
  EXPECT_EQ(OutputOf("blame trace.cotext"), "10@2 1) \u00e9:\n 4@1 2) one\n15@1 3) zwei!\n");
  EXPECT_EQ(OutputOf("blame trace.cotext --at 9@2"), "9@2 +1 1) \u00e9:one\n7@1    2) two\n");
  EXPECT_EQ(OutputOf("blame trace.cotext --at 4@1"), "4@1 1) one\n");
  EXPECT_EQ(OutputOf("blame trace.cotext --at @0"), "");
}

TEST_F(PastCommandsTest, BlameInJsonIsARangeALine) {
  const auto lines = JsonLines(OutputOf("blame trace.cotext --json"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], Json::parse(R"({"begin":0,"length":3,"replica":2,"first":"8@2",)"
                                  R"("last":"10@2","text":"é:\n"})"));
  EXPECT_EQ(lines[1], Json::parse(R"({"begin":3,"length":4,"replica":1,"first":"1@1",)"
                                  R"("last":"4@1","text":"one\n"})"));
  EXPECT_EQ(lines[2], Json::parse(R"({"begin":7,"length":5,"replica":1,"first":"11@1",)"
                                  R"("last":"15@1","text":"zwei!"})"));
}

TEST_F(PastCommandsTest, WhatATerminalWouldObeyIsEscaped) {
  WriteTestFile("wild.json", Json{{"endContent", "a\tb\x1b[1m"},
                                  {"txns", {{{"patches", {{0, 0, "a\tb\x1b[1m"}}}}}}}
                                 .dump());
  ASSERT_EQ(RunCotext("trace convert wild.json -o wild.cotext").exit_code, 0);
  EXPECT_EQ(OutputOf("blame wild.cotext"), "7@1 1) a\tb\\u001b[1m\n");
  EXPECT_EQ(OutputOf("diff wild.cotext @0"), "1:1  +\"a\\tb\\u001b[1m\"\n");
}

TEST_F(PastCommandsTest, NamesAreKeptInTheFile) {
  EXPECT_EQ(OutputOf("log trace.cotext --name first 7@1"), "");
  EXPECT_EQ(OutputOf("log trace.cotext --name 'what is\" it' @2"), "");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at first"), "one\ntwo");
  EXPECT_EQ(OutputOf("diff trace.cotext first 'what is\" it'"),
            OutputOf("diff trace.cotext 7@1 @2"));
  EXPECT_TRUE(OutputOf("info trace.cotext")
                  .ends_with("version \"first\": 7@1\nversion \"what is\\\" it\": 10@2,14@1\n"));
  EXPECT_EQ(Json::parse(OutputOf("info trace.cotext --json"))["named_versions"],
            Json::parse(R"([{"name":"first","version":"7@1"},)"
                        R"({"name":"what is\" it","version":"10@2,14@1"}])"));
  EXPECT_EQ(OutputOf("log trace.cotext --name first @0"), "");
  EXPECT_EQ(OutputOf("checkout trace.cotext --at first"), "");
  EXPECT_EQ(OutputOf("log trace.cotext --unname first"), "");
  EXPECT_EQ(ErrorOf("checkout trace.cotext --at first"),
            "cotext: version first: no version has that name\n");
  EXPECT_EQ(OutputOf("checkout trace.cotext"), "\u00e9:\none\nzwei!");
}

TEST_F(PastCommandsTest, ANameThatMeansSomethingElseIsRefused) {
  const std::string before = ReadTestFile("trace.cotext");
  for (const std::string name : {"now", "@1", "@99", "7@1", "1@1,2@3", "''", "$(printf '\\377')"}) {
    EXPECT_NE(ErrorOf("log trace.cotext --name " + name + " @1"), "") << name;
  }
  EXPECT_EQ(ErrorOf("log trace.cotext --name last @4"),
            "cotext: version @4: the document has 3 changes\n");
  EXPECT_EQ(ErrorOf("log trace.cotext --unname last"),
            "cotext: trace.cotext: no version has that name\n");
  EXPECT_EQ(ReadTestFile("trace.cotext"), before);
  for (const std::string name : {"@", "@x", "5@x", "1@1,", ",", "nowhere"}) {
    EXPECT_EQ(OutputOf("log trace.cotext --name " + name + " @1"), "") << name;
    EXPECT_EQ(OutputOf("checkout trace.cotext --at " + name), "one\nzwei") << name;
  }
}

TEST_F(PastCommandsTest, ErrorsHaveTheirExitCodes) {
  EXPECT_EQ(ErrorOf("checkout trace.cotext --at 16@1"),
            "cotext: version 16@1: operation 16 of replica 1 is not in this document\n");
  for (const std::string version :
       {"@4", "@99999999999999999999", "0@1", "99999999999999999999@1", "1@1,1@7", "draft", "''"}) {
    EXPECT_NE(ErrorOf("checkout trace.cotext --at " + version), "") << version;
    EXPECT_NE(ErrorOf("blame trace.cotext --at " + version), "") << version;
    EXPECT_NE(ErrorOf("diff trace.cotext " + version), "") << version;
    EXPECT_NE(ErrorOf("diff trace.cotext @0 " + version), "") << version;
  }
  std::string bytes = ReadTestFile("trace.cotext");
  bytes.back() ^= 1;
  WriteTestFile("damaged.cotext", bytes);
  for (const std::string command :
       {"checkout damaged.cotext", "diff damaged.cotext @0", "blame damaged.cotext"}) {
    EXPECT_EQ(ErrorOf(command, 1),
              "cotext: damaged.cotext: the section of deleted text is damaged\n");
  }
  for (const std::string command :
       {"checkout", "checkout none.cotext", "checkout trace.json", "diff trace.cotext",
        "diff trace.cotext @0 @1 @2", "blame", "blame none.cotext", "log trace.cotext --name x",
        "log trace.cotext --unname x --json", "log trace.cotext --name x @0 --limit 1",
        "checkout trace.cotext -o none/out.txt"}) {
    EXPECT_NE(ErrorOf(command), "") << command;
  }
}

}  // namespace
}  // namespace cotext
