// What `cotext replay` says of what it merges and loads, the real binary.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class ReplayReportTest : public testing::Test {
 protected:
  void SetUp() override {
    WriteTestFile("keys.json", R"({"endContent":"abx","txns":[{"patches":[[0,0,"a"]]},)"
                               R"({"patches":[[1,0,"b"]]},{"patches":[[2,0,"x"]]}]})");
    WriteTestFile("pair.json", R"({"kind":"concurrent","endContent":"ba","numAgents":2,"txns":[)"
                               R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                               R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]}]})");
  }
};

TEST_F(ReplayReportTest, MergesCountTheirChangesAndOperations) {
  const Json keys = Json::parse(RunCotext("replay --json --mode merge keys.json").output);
  EXPECT_EQ(keys["changes"], 1);
  EXPECT_EQ(keys["operations"], 1);
  const Json pair = Json::parse(RunCotext("replay --json pair.json").output);
  EXPECT_EQ(pair["changes"], 2);
  EXPECT_EQ(pair["operations"], 2);
}

TEST_F(ReplayReportTest, PeopleReadThemBehindTheEvents) {
  const Finished run = RunCotext("replay --mode merge keys.json");
  EXPECT_NE(run.output.find("events: 3\nchanges: 1\noperations: 1\nfinal_chars: 3\n"),
            std::string::npos)
      << run.output;
}

TEST_F(ReplayReportTest, LocalEditsAreNotExchanged) {
  const Json keys = Json::parse(RunCotext("replay --json keys.json").output);
  EXPECT_EQ(keys["mode"], "local");
  EXPECT_FALSE(keys.contains("changes"));
  EXPECT_FALSE(keys.contains("operations"));
}

TEST_F(ReplayReportTest, EveryModeHasSizesMemoryAndProfile) {
  ASSERT_EQ(RunCotext("trace generate --seed 3 --agents 1 --transactions 400 --deletes 30 "
                      "--merges 100 -o typed.json")
                .exit_code,
            0);
  for (const std::string mode : {"local", "merge", "load"}) {
    for (const std::string profile : {"small", "fast"}) {
      std::string arguments = "replay typed.json --json --repeat 3 --mode ";
      arguments.append(mode).append(" --profile ").append(profile);
      const Finished run = RunCotext(arguments);
      ASSERT_EQ(run.exit_code, 0) << run.errors;
      const Json json = Json::parse(run.output);
      EXPECT_EQ(json["mode"], mode);
      EXPECT_EQ(json["control"], "rga");
      EXPECT_EQ(json["profile"], profile);
      EXPECT_EQ(json["ok"], true);
      EXPECT_GT(json["ms_min"], 0);
      EXPECT_GE(json["ms_median"], json["ms_min"]);
      EXPECT_GT(json["compact_bytes"], 100);
      EXPECT_GT(json["history_bytes"], json["compact_bytes"]);
      EXPECT_GT(json["file_bytes"], json["compact_bytes"]);
      EXPECT_GT(json["trimmed_bytes"], 100);
      EXPECT_GT(json["file_bytes"], json["trimmed_bytes"]);
      EXPECT_GT(json["steady_bytes"], 0);
      EXPECT_GE(json["peak_bytes"], json["steady_bytes"]);
    }
  }
}

TEST_F(ReplayReportTest, SmallIsSmallerThanFast) {
  ASSERT_EQ(RunCotext("trace generate --seed 3 --transactions 400 -o many.json").exit_code, 0);
  const Json small = Json::parse(RunCotext("replay many.json --json --profile small").output);
  const Json fast = Json::parse(RunCotext("replay many.json --json --profile fast").output);
  const Json usual = Json::parse(RunCotext("replay many.json --json").output);
  for (const char* const field : {"history_bytes", "compact_bytes", "file_bytes"}) {
    EXPECT_LT(small[field], fast[field]) << field;
    EXPECT_EQ(usual[field], fast[field]) << field;
  }
  EXPECT_EQ(usual["profile"], "fast");
}

TEST_F(ReplayReportTest, OnlyMergesHaveParts) {
  const Json merged = Json::parse(RunCotext("replay --json --mode merge keys.json").output);
  for (const char* const field : {"ms_decompress", "ms_decode", "ms_integrate"}) {
    EXPECT_GE(merged[field], 0) << field;
  }
  EXPECT_FALSE(merged.contains("ms_editable"));
  EXPECT_FALSE(merged.contains("text_peak_bytes"));
  EXPECT_FALSE(Json::parse(RunCotext("replay --json keys.json").output).contains("ms_decode"));
}

TEST_F(ReplayReportTest, LoadingTellsTheWayToTheTextFromTheWayToEdits) {
  const Json loaded = Json::parse(RunCotext("replay --json --mode load pair.json").output);
  EXPECT_EQ(loaded["ok"], true);
  EXPECT_EQ(loaded["changes"], 2);
  EXPECT_EQ(loaded["operations"], 2);
  EXPECT_GT(loaded["ms_editable"], 0);
  EXPECT_GT(loaded["text_peak_bytes"], 0);
  EXPECT_LT(loaded["text_peak_bytes"], loaded["peak_bytes"]);
  EXPECT_FALSE(loaded.contains("ms_decode"));
}

TEST_F(ReplayReportTest, ATextThatDiffersIsFoundWhenItIsLoaded) {
  WriteTestFile("wrong.json", R"({"endContent":"hx","txns":[{"patches":[[0,0,"hé"]]}]})");
  const Finished run = RunCotext("replay wrong.json --json --mode load");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(Json::parse(run.output)["first_difference"], 1);
}

}  // namespace
}  // namespace cotext
