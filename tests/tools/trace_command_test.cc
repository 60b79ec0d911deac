// `cotext trace`, the real binary.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// Two agents insert at one place; the merge was made by whoever puts the lower agent first.
const char* const kTied = R"({"kind":"concurrent","endContent":"aB","numAgents":2,"txns":[)"
                          R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                          R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]},)"
                          R"({"parents":[0,1],"agent":0,"patches":[[1,1,"B"]]}]})";

TEST(TraceCommandTest, InfoCounts) {
  WriteTestFile("tied.json", kTied);
  const Finished run = RunCotext("trace info tied.json --json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(Json::parse(run.output),
            Json::parse(R"({"trace":"tied.json","kind":"concurrent","agents":2,"transactions":3,)"
                        R"("patches":3,"inserted":3,"deleted":1,"events":4,"final_chars":2,)"
                        R"("concurrency_mean":0.33,"concurrency_max":1,"graph_runs":3,"roots":2,)"
                        R"("heads":1,"heads_max":2})"));
  EXPECT_NE(RunCotext("trace info tied.json").output.find("graph_runs: 3\n"), std::string::npos);
  EXPECT_EQ(RunCotext("trace info none.json").exit_code, 2);
}

TEST(TraceCommandTest, GeneratedTracesReplay) {
  const std::string options =
      "trace generate --seed 5 --agents 4 --transactions 200 --same-place 80 --deletes 30 "
      "--unicode 50 --merges 40 --patches 2 --insert 9 -o ";
  ASSERT_EQ(RunCotext(options + "one.json").exit_code, 0);
  ASSERT_EQ(RunCotext(options + "two.json").exit_code, 0);
  EXPECT_EQ(ReadTestFile("one.json"), ReadTestFile("two.json"));
  EXPECT_EQ(RunCotext("replay one.json").exit_code, 0);
  EXPECT_EQ(RunCotext("trace generate --agents 0 -o x.json").exit_code, 2);
  EXPECT_EQ(RunCotext("trace generate --same-place 101 -o x.json").exit_code, 2);
  EXPECT_EQ(RunCotext("trace generate").exit_code, 2);
}

TEST(TraceCommandTest, TracesFullOfTiesReplayOnBothEngines) {
  for (const std::string seed : {"1", "2", "3"}) {
    ASSERT_EQ(RunCotext("trace generate --ties 90 --agents 5 --transactions 300 --seed " + seed +
                        " -o ties.json")
                  .exit_code,
              0);
    const Finished run = RunCotext("replay ties.json --engine both --json");
    EXPECT_EQ(run.exit_code, 0);
    const size_t line = run.output.find('\n');
    EXPECT_EQ(Json::parse(run.output.substr(0, line))["ok"], true);
    EXPECT_EQ(Json::parse(run.output.substr(line))["ok"], true);
    EXPECT_EQ(Json::parse(run.output.substr(line))["engine"], "ot");
  }
  EXPECT_EQ(RunCotext("trace generate --ties 101 -o x.json").exit_code, 2);
}

TEST(TraceCommandTest, RepeatedTracesReplay) {
  ASSERT_EQ(RunCotext("trace generate --seed 6 -o once.json.gz").exit_code, 0);
  const Finished run = RunCotext("trace repeat once.json.gz 3 -o thrice.json.gz --json");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(Json::parse(run.output)["trace"], "thrice.json.gz");
  EXPECT_EQ(RunCotext("replay thrice.json.gz").exit_code, 0);
  ASSERT_EQ(RunCotext("trace repeat once.json.gz --times 3 --out again.json.gz").exit_code, 0);
  EXPECT_EQ(ReadTestFile("again.json.gz"), ReadTestFile("thrice.json.gz"));
  EXPECT_EQ(RunCotext("trace repeat once.json.gz 0 -o x.json").exit_code, 2);
}

TEST(TraceCommandTest, RebasedTracesReplay) {
  WriteTestFile("tied.json", kTied);
  EXPECT_EQ(RunCotext("replay tied.json").exit_code, 1);
  const Finished run = RunCotext("trace rebase tied.json -o rebased.json --json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.errors, "");
  EXPECT_EQ(Json::parse(run.output)["rederived"], 1);
  EXPECT_EQ(RunCotext("replay rebased.json --print").output, "aB");
}

TEST(TraceCommandTest, RebaseSaysWhenTheEndIsAnother) {
  WriteTestFile("tied.json", kTied);
  const Finished run = RunCotext("trace rebase tied.json --ties rga -o rebased.json --json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(Json::parse(run.output)["end_content_differs_at"], 0);
  EXPECT_NE(run.errors.find("from code point 0 on"), std::string::npos);
  EXPECT_EQ(RunCotext("replay rebased.json --print").output, "bB");
  EXPECT_EQ(RunCotext("trace rebase tied.json --ties none -o x.json").exit_code, 2);
}

TEST(TraceCommandTest, AFileThatCannotBeWrittenIsExitCode2) {
  const Finished run = RunCotext("trace generate -o /nonexistent/x.json");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.errors, "cotext: /nonexistent/x.json: cannot open: No such file or directory\n");
}

}  // namespace
}  // namespace cotext
