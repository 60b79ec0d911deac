// What `cotext replay` says of the changes that it merges, the real binary.
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

}  // namespace
}  // namespace cotext
