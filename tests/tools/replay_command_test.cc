// `cotext replay`, the real binary.
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

class ReplayCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    WriteTestFile("typed.json", R"({"startContent":"","endContent":"hé!","txns":[)"
                                R"({"patches":[[0,0,"he"]]},{"patches":[[1,1,"é"],[2,0,"!"]]}]})");
    WriteTestFile("merged.json", R"({"kind":"concurrent","endContent":"ba","numAgents":2,"txns":[)"
                                 R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                                 R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]},)"
                                 R"({"parents":[0,1],"agent":0,"patches":[]}]})");
    WriteTestFile("wrong.json", R"({"endContent":"hx","txns":[{"patches":[[0,0,"hé"]]}]})");
    WriteTestFile("range.json",
                  R"({"endContent":"","txns":[{"patches":[]},{"patches":[[1,0,"x"]]}]})");
    WriteTestFile("bad.json", R"({"endContent":"","txns":[{"patches":[[0,-1,""]]}]})");
  }
};

std::vector<Json> Lines(const std::string& output) {
  std::vector<Json> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST_F(ReplayCommandTest, SaysOkForEveryFile) {
  const Finished run = RunCotext("replay typed.json merged.json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.errors, "");
  EXPECT_NE(run.output.find("trace: typed.json\nengine: rga\nmode: local\nok: true\n"),
            std::string::npos);
  EXPECT_NE(run.output.find("trace: merged.json\nengine: rga\nmode: merge\nok: true\n"),
            std::string::npos);
}

TEST_F(ReplayCommandTest, JsonIsOneObjectALine) {
  const Finished run = RunCotext("replay --json --repeat 3 typed.json merged.json");
  EXPECT_EQ(run.exit_code, 0);
  const std::vector<Json> lines = Lines(run.output);
  ASSERT_EQ(lines.size(), 2U);
  const Json& typed = lines[0];
  EXPECT_EQ(typed["trace"], "typed.json");
  EXPECT_EQ(typed["engine"], "rga");
  EXPECT_EQ(typed["mode"], "local");
  EXPECT_EQ(typed["ok"], true);
  EXPECT_EQ(typed["transactions"], 2);
  EXPECT_EQ(typed["patches"], 3);
  EXPECT_EQ(typed["events"], 5);
  EXPECT_EQ(typed["final_chars"], 3);
  EXPECT_LE(typed["ms_min"], typed["ms_median"]);
  EXPECT_GT(typed["steady_bytes"], 0);
  EXPECT_GE(typed["peak_bytes"], typed["steady_bytes"]);
  EXPECT_EQ(typed["text_sha256"],
            "ffec1c2319c977bb1c88b4da92e11468ecfb1fc4a24b845072bef25aeb277bb2");
  EXPECT_EQ(lines[1]["mode"], "merge");
  EXPECT_EQ(lines[1]["transactions"], 3);
}

TEST_F(ReplayCommandTest, TheTextThatWasReadCountsAtThePeakOnly) {
  // Many small inserts, so that the peak is not where a column of the document grows.
  constexpr size_t kInserts = 3000;
  std::string transactions;
  for (size_t i = 0; i < kInserts; ++i) {
    transactions +=
        (i == 0 ? "" : ",") + (R"({"patches":[[0,0,")" + std::string(100, 'x') + R"("]]})");
  }
  WriteTestFile("long.json", R"({"endContent":")" + std::string(100 * kInserts, 'x') +
                                 R"(","txns":[)" + transactions + "]}");
  const Json merged = Lines(RunCotext("replay --json --mode merge long.json").output)[0];
  EXPECT_GE(merged["peak_bytes"], merged["steady_bytes"].get<size_t>() + 100 * kInserts);
  const Json typed = Lines(RunCotext("replay --json --mode local long.json").output)[0];
  EXPECT_LT(typed["peak_bytes"], typed["steady_bytes"].get<size_t>() + 100 * kInserts);
}

TEST_F(ReplayCommandTest, TheClockCanBeChosen) {
  const Finished run = RunCotext("replay --json --clock processor typed.json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_GT(Lines(run.output).at(0)["ms_median"], 0);
  EXPECT_EQ(RunCotext("replay --clock sun typed.json").exit_code, 2);
}

TEST_F(ReplayCommandTest, LocalEditsCanBeOneTransaction) {
  const Finished run = RunCotext("replay --json --one-transaction typed.json");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(Lines(run.output).at(0)["one_transaction"], true);
  const Finished refused = RunCotext("replay --one-transaction merged.json");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.output, "");
  EXPECT_EQ(refused.errors,
            "cotext: merged.json: --one-transaction is for --mode local, which this is not\n");
}

TEST_F(ReplayCommandTest, TheModeCanBeChosen) {
  EXPECT_EQ(Lines(RunCotext("replay --json --mode merge typed.json").output)[0]["mode"], "merge");
  const Finished refused = RunCotext("replay --mode local merged.json");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.output, "");
  EXPECT_EQ(refused.errors,
            "cotext: merged.json: a concurrent trace cannot be replayed as local edits\n");
}

TEST_F(ReplayCommandTest, BothEnginesReportALineEachWithOneText) {
  const Finished run = RunCotext("replay merged.json --engine both --json");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  const std::vector<Json> lines = Lines(run.output);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["engine"], "rga");
  EXPECT_EQ(lines[1]["engine"], "ot");
  EXPECT_EQ(lines[1]["control"], "jupiter");
  EXPECT_EQ(lines[0]["text_sha256"], lines[1]["text_sha256"]);
  for (const Json& line : lines) {
    EXPECT_EQ(line["ok"], true);
    EXPECT_GT(line["history_bytes"], 0);
  }
}

TEST_F(ReplayCommandTest, ADifferingTextIsExitCode1WithItsPosition) {
  const Finished run = RunCotext("replay wrong.json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.output.find("ok: false\n"), std::string::npos);
  EXPECT_NE(run.output.find("first_difference: 1\n"), std::string::npos);
  EXPECT_EQ(run.errors, "cotext: wrong.json: the text differs from the trace's at code point 1\n");
}

TEST_F(ReplayCommandTest, WhatCannotBeReplayedIsExitCode2AndOneLine) {
  const Finished range = RunCotext("replay range.json");
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_EQ(range.errors,
            "cotext: range.json: transaction 1: patch 0: position 1 is out of range of a text of 0 "
            "code points\n");
  const Finished bad = RunCotext("replay bad.json");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_EQ(
      bad.errors,
      "cotext: bad.json: transaction 0: patch 0: the deleted length is not a whole number from "
      "0 to 4294967295\n");
  const Finished none = RunCotext("replay none.json");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.errors, "cotext: none.json: cannot open: No such file or directory\n");
}

TEST_F(ReplayCommandTest, AWrongFileDoesNotStopTheOthers) {
  const Finished run = RunCotext("replay --json wrong.json bad.json typed.json");
  EXPECT_EQ(run.exit_code, 2);
  const std::vector<Json> lines = Lines(run.output);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["ok"], false);
  EXPECT_EQ(lines[0]["first_difference"], 1);
  EXPECT_EQ(lines[1]["ok"], true);
}

TEST_F(ReplayCommandTest, PrintGivesTheTextAlone) {
  const Finished run = RunCotext("replay --print typed.json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output, "hé!");
  EXPECT_NE(run.errors.find("ok: true\n"), std::string::npos);
  EXPECT_EQ(Lines(RunCotext("replay --print --json typed.json").output)[0]["text"], "hé!");
}

TEST_F(ReplayCommandTest, WrongUsageIsExitCode2) {
  for (const std::string& arguments :
       {"", "nothing", "replay", "replay typed.json --engine lseq", "replay typed.json --mode save",
        "replay typed.json --profile tiny", "replay typed.json --profile",
        "replay typed.json --repeat 0", "replay typed.json --repeat -1",
        "replay typed.json --what"}) {
    const Finished run = RunCotext(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    EXPECT_EQ(run.output, "") << arguments;
    EXPECT_NE(run.errors, "") << arguments;
  }
}

TEST_F(ReplayCommandTest, HelpAndVersionAreEverywhere) {
  for (const std::string& command :
       {"", "replay ", "trace ", "trace info ", "trace generate ", "trace repeat ", "trace rebase ",
        "trace convert ", "info ", "log "}) {
    const Finished help = RunCotext(command + "--help");
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_NE(help.output.find("Usage: "), std::string::npos) << command;
    const Finished version = RunCotext(command + "--version");
    EXPECT_EQ(version.exit_code, 0) << command;
    EXPECT_TRUE(version.output.starts_with("cotext ")) << command;
  }
}

TEST_F(ReplayCommandTest, AFullDiskIsExitCode2) {
  const Finished run = RunCotext("replay typed.json --json > /dev/full");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.errors, "cotext: cannot write to standard output\n");
}

}  // namespace
}  // namespace cotext
