// `cotext compare`, the real binary.
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// Small enough for a second or so.
const std::string kLimits = " --repeat 1 --length-max 100 --branches-max 4 --budget 60 --rounds 40";

std::map<std::string, std::vector<Json>> TablesOf(const std::string& output) {
  std::map<std::string, std::vector<Json>> tables;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const Json row = Json::parse(line);
    tables[row["table"]].push_back(row);
  }
  return tables;
}

class CompareCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RunCotext("trace generate --seed 4 --transactions 200 -o many.json.gz").exit_code, 0);
    WriteTestFile("keys.json",
                  R"({"startContent":"","endContent":"abx","txns":[{"patches":[[0,0,"a"]]},)"
                  R"({"patches":[[1,0,"b"]]},{"patches":[[2,0,"x"]]}]})");
  }
};

TEST_F(CompareCommandTest, EveryTableIsThereWithItsFields) {
  const Finished run = RunCotext("compare keys.json many.json.gz --json" + kLimits);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.errors, "");
  auto tables = TablesOf(run.output);
  const std::map<std::string, std::vector<std::string>> fields = {
      {"times",
       {"trace", "engine", "control", "ok", "transactions", "patches", "final_chars", "local_ms",
        "local_ns_per_patch", "remote_ms", "remote_us_per_transaction", "server_ms", "merge_ms",
        "open_ms", "editable_ms"}},
      {"memory",
       {"trace", "engine", "peak_bytes", "steady_bytes", "text_bytes", "metadata_bytes",
        "without_history_bytes"}},
      {"bytes",
       {"trace", "engine", "messages", "sent_bytes", "sent_per_patch", "heard_bytes",
        "heard_per_patch", "history_bytes", "compact_bytes", "file_bytes"}},
      {"branches",
       {"edits", "branches", "length", "rga_ms", "ot_ms", "ot_compose_ms", "ttf_ms", "ok", "note"}},
      {"returns",
       {"edits", "case", "live", "branch", "rga_peer_ms", "ot_server_ms", "rga_client_ms",
        "ot_client_ms", "ok", "note"}},
      {"crossovers", {"edits", "what", "along", "cheaper_before", "cheaper_after", "at"}},
      {"typist",
       {"round_trip_ms", "typists", "engine", "ok", "keys", "messages", "keys_per_message",
        "bytes_sent", "bytes_per_key", "client_transforms", "server_transforms", "seen_ms"}},
      {"anomalies",
       {"shape", "engine", "control", "rounds", "passages", "interleaved", "order_anomalies",
        "tied_pairs", "other_ties", "lost"}},
      {"capabilities", {"what", "rga", "ot_server", "ot_ttf"}},
      {"optimised", {"what", "rga", "ot_server", "ot_ttf"}}};
  for (const auto& [table, names] : fields) {
    ASSERT_FALSE(tables[table].empty()) << table;
    for (const Json& row : tables[table]) {
      for (const std::string& name : names) EXPECT_TRUE(row.contains(name)) << table << name;
    }
  }
  EXPECT_EQ(tables.size(), fields.size());
}

TEST_F(CompareCommandTest, EveryTraceIsThereOnBothEnginesAndMeasured) {
  auto tables = TablesOf(RunCotext("compare keys.json many.json.gz --json" + kLimits).output);
  std::set<std::string> seen;
  for (const Json& row : tables["times"]) {
    seen.insert(row["trace"].get<std::string>() + ' ' + row["engine"].get<std::string>());
    EXPECT_EQ(row["ok"], true);
    for (const char* const field : {"local_ms", "remote_ms", "merge_ms", "open_ms"}) {
      EXPECT_GT(row[field], 0) << field;
    }
    EXPECT_EQ(row["server_ms"].is_null(), row["engine"] == "rga");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"keys ot", "keys rga", "many ot", "many rga"}));
  for (const Json& row : tables["memory"]) {
    EXPECT_GE(row["peak_bytes"], row["steady_bytes"]);
    EXPECT_GT(row["text_bytes"], 0);
    EXPECT_GT(row["metadata_bytes"], 0);
  }
  for (const Json& row : tables["bytes"]) EXPECT_GT(row["sent_per_patch"], 3);
  EXPECT_EQ(tables["branches"].size(), 2U * 2U * 2U);  // Styles, branches, lengths.
  EXPECT_EQ(tables["typist"].size(), 4U * 2U * 2U);    // Round trips, typists, engines.
}

TEST_F(CompareCommandTest, WhatIsNoTimeIsTheSameInEveryRun) {
  const std::string command = "compare many.json.gz --json" + kLimits;
  auto first = TablesOf(RunCotext(command).output);
  auto second = TablesOf(RunCotext(command).output);
  for (const std::string table : {"bytes", "typist", "anomalies", "capabilities", "optimised"}) {
    EXPECT_EQ(first[table], second[table]) << table;
  }
  auto other = TablesOf(RunCotext(command + " --seed 2").output);
  EXPECT_NE(first["typist"], other["typist"]);
  EXPECT_NE(first["anomalies"], other["anomalies"]);
}

TEST_F(CompareCommandTest, ThePageHasAllNumbersAndNeedsNothingElse) {
  const Finished run = RunCotext("compare many.json.gz --json --report page.html" + kLimits);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const std::string html = ReadTestFile("page.html");
  for (const char* const loads : {" src=", "@import", "url(", "<link", "href=\"http"}) {
    EXPECT_EQ(html.find(loads), std::string::npos) << loads;
  }
  const std::string begin = "id=\"report-data\">";
  const size_t from = html.find(begin) + begin.size();
  const Json data = Json::parse(html.substr(from, html.find("</script>", from) - from));
  std::map<std::string, std::vector<Json>> tables;
  size_t charts = 0;
  for (const Json& section : data["sections"]) {
    charts += section["charts"].size();
    for (const Json& table : section["tables"]) {
      for (const Json& row : table["rows"]) tables[table["name"]].push_back(row);
      EXPECT_NE(html.find("<table id=\"table-" + table["name"].get<std::string>() + "\">"),
                std::string::npos);
    }
    for (const Json& chart : section["charts"]) EXPECT_FALSE(chart["series"].is_null());
  }
  EXPECT_EQ(tables, TablesOf(run.output));
  EXPECT_GE(charts, 12U);
}

TEST_F(CompareCommandTest, PeopleReadTables) {
  const Finished run = RunCotext("compare keys.json" + kLimits);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.output.find("Time by trace and engine\nTrace  Engine  Control  Text right"),
            std::string::npos)
      << run.output;
  EXPECT_NE(run.output.find("Where they cross"), std::string::npos);
  EXPECT_EQ(run.output.find("{"), std::string::npos);
}

TEST_F(CompareCommandTest, ATextThatDiffersIsExitCode1) {
  WriteTestFile("wrong.json", R"({"endContent":"hx","txns":[{"patches":[[0,0,"hi"]]}]})");
  const Finished run = RunCotext("compare wrong.json --json" + kLimits);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.errors.find("wrong.json: on ot a text differs"), std::string::npos) << run.errors;
  EXPECT_EQ(TablesOf(run.output)["times"][0]["ok"], false);
}

TEST_F(CompareCommandTest, WrongUsageAndInputAreExitCode2) {
  EXPECT_EQ(RunCotext("compare").exit_code, 2);
  EXPECT_EQ(RunCotext("compare none.json" + kLimits).exit_code, 2);
  EXPECT_EQ(RunCotext("compare keys.json --length-max 9").exit_code, 2);
  EXPECT_EQ(RunCotext("compare keys.json --branches-max 65").exit_code, 2);
  EXPECT_EQ(RunCotext("compare keys.json --report /nonexistent/x.html" + kLimits).exit_code, 2);
  const Finished help = RunCotext("compare --help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.output.find("crossovers"), std::string::npos);
}

TEST_F(CompareCommandTest, LeftOutMeasurementsSaySo) {
  const Finished run = RunCotext(
      "compare keys.json --json --repeat 1 --length-max 1000 --branches-max 2 "
      "--rounds 1 --budget 0.001");
  ASSERT_EQ(run.exit_code, 0);
  auto tables = TablesOf(run.output);
  bool left_out = false;
  for (const Json& row : tables["branches"]) {
    const bool all =
        !row["rga_ms"].is_null() && !row["ot_ms"].is_null() && !row["ttf_ms"].is_null();
    EXPECT_EQ(all, row["note"] == "");
    left_out = left_out || !all;
  }
  EXPECT_TRUE(left_out);
}

}  // namespace
}  // namespace cotext
