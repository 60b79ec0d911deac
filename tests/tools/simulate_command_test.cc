// `cotext simulate`, the real binary.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

const std::string kSmall = "simulate --replicas 3 --edits 10 --seeds 1..20";

std::map<std::string, std::vector<Json>> TablesOf(const std::string& output) {
  std::map<std::string, std::vector<Json>> tables;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const Json row = Json::parse(line);
    tables[row["table"]].push_back(row);
  }
  return tables;
}

TEST(SimulateCommandTest, WhatIsPrintedDependsNeitherOnTheRunNorOnTheJobs) {
  for (const std::string form : {"", " --json"}) {
    const Finished one = RunCotext(kSmall + form + " --jobs 1");
    ASSERT_EQ(one.exit_code, 0) << one.errors;
    EXPECT_EQ(RunCotext(kSmall + form + " --jobs 1").output, one.output);
    EXPECT_EQ(RunCotext(kSmall + form + " --jobs 2").output, one.output);
    EXPECT_EQ(RunCotext(kSmall + form + " --jobs 5").output, one.output);
  }
}

TEST(SimulateCommandTest, WithSqliteItDependsOnNothingElseEither) {
  for (const std::string more : {"", " --engine ot", " --topology cluster"}) {
    const std::string command = kSmall + " --json --store sqlite" + more;
    const Finished one = RunCotext(command + " --jobs 1");
    ASSERT_EQ(one.exit_code, 0) << one.errors << one.output;
    EXPECT_EQ(RunCotext(command + " --jobs 1").output, one.output);
    EXPECT_EQ(RunCotext(command + " --jobs 2").output, one.output);
    EXPECT_NE(RunCotext(kSmall + " --json" + more).output, one.output);
  }
}

TEST(SimulateCommandTest, WhichStoreItWasIsInTheReportAndInTheScenario) {
  const std::string sqlite = "simulate --replicas 2 --edits 2 --seeds 1 --store sqlite";
  EXPECT_NE(RunCotext(sqlite).output.find("store: sqlite"), std::string::npos);
  EXPECT_EQ(RunCotext(sqlite + " --shrink 0 --settle-within 0.001").exit_code, 1);
  const std::string file = "simulate-star-rga-1.json";
  EXPECT_EQ(Json::parse(ReadTestFile(file))["store_kind"], "sqlite");
  const Finished replayed = RunCotext("simulate --scenario " + file);
  EXPECT_EQ(replayed.exit_code, 0) << replayed.errors;
  EXPECT_NE(replayed.output.find("store: sqlite"), std::string::npos) << replayed.output;
}

TEST(SimulateCommandTest, EveryTableIsThereWithItsFields) {
  const Finished run = RunCotext(kSmall + " --json");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.errors.find("20 worlds in "), std::string::npos) << run.errors;
  auto tables = TablesOf(run.output);
  ASSERT_EQ(tables["seeds"].size(), 20U);
  uint64_t operations = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Json& row = tables["seeds"][seed - 1];
    EXPECT_EQ(row["seed"], seed);
    EXPECT_EQ(row["ok"], true);
    operations += row["operations"].get<uint64_t>();
  }
  EXPECT_GT(operations, 100U);
  const std::map<std::string, std::vector<std::string>> fields = {
      {"worlds",
       {"engine", "worlds", "failed", "actions", "operations", "lost", "server_lives",
        "virtual_hours"}},
      {"network",
       {"packets", "bytes", "packets_per_edit", "bytes_per_edit", "lost", "duplicated", "reordered",
        "corrupted", "resets"}},
      {"convergence", {"share", "spread_ms", "settled_ms"}},
      {"staleness", {"time", "missing"}},
      {"buffers", {"buffer", "median", "p99", "max"}},
      {"interleaving", {"pairs", "torn", "torn_percent"}}};
  for (const auto& [table, names] : fields) {
    ASSERT_FALSE(tables[table].empty()) << table;
    for (const std::string& name : names) {
      EXPECT_TRUE(tables[table][0].contains(name)) << table << "." << name;
    }
  }
  EXPECT_EQ(tables["worlds"][0]["worlds"], 20);
  EXPECT_FALSE(tables.contains("failures"));
}

TEST(SimulateCommandTest, AFailureIsShrunkToldAndCanBeReplayed) {
  // Nobody settles that fast.
  const std::string impatient = " --settle-within 0.001 --max-failures 2";
  const Finished run = RunCotext(kSmall + impatient + " --json");
  ASSERT_EQ(run.exit_code, 1);
  auto tables = TablesOf(run.output);
  EXPECT_EQ(tables["seeds"].size(), 2U);
  ASSERT_EQ(tables["failure"].size(), 2U);
  EXPECT_FALSE(tables["failures"].empty());
  const Json& failure = tables["failure"][0];
  EXPECT_EQ(failure["seed"], 1);
  EXPECT_EQ(failure["promise"], "liveness");
  EXPECT_LE(failure["events"], 1);
  EXPECT_EQ(failure["replicas"], 1);
  EXPECT_FALSE(failure["account"].empty());
  const std::string file = failure["scenario"];
  EXPECT_EQ(file, "simulate-star-rga-1.json");

  const std::string replay = "simulate --scenario " + file;
  const Finished again = RunCotext(replay + " --settle-within 0.001 --failures again --shrink 0");
  EXPECT_EQ(again.exit_code, 2) << "there is no such folder";
  const Finished broken = RunCotext(replay + " --settle-within 0.001 --shrink 0 --account");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_NE(broken.output.find("broken: liveness"), std::string::npos) << broken.output;
  EXPECT_NE(broken.output.find("FAILED: seed "), std::string::npos);
  EXPECT_NE(broken.output.find("--scenario simulate-star-rga-"), std::string::npos);
  EXPECT_EQ(RunCotext(replay).exit_code, 0);
}

TEST(SimulateCommandTest, AReportIsOnePage) {
  ASSERT_EQ(RunCotext(kSmall + " --report page.html").exit_code, 0);
  const std::string page = ReadTestFile("page.html");
  EXPECT_NE(page.find("<html"), std::string::npos);
  EXPECT_NE(page.find("Until everybody saw a character"), std::string::npos);
}

TEST(SimulateCommandTest, FaultsAreThoseThatWereAskedFor) {
  const auto network_of = [](const std::string& options) {
    const Finished run = RunCotext(kSmall + " --json " + options);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    return TablesOf(run.output)["network"][0];
  };
  const Json calm = network_of("--faults none");
  for (const char* const field : {"lost", "duplicated", "reordered", "corrupted", "resets"}) {
    EXPECT_EQ(calm[field], 0) << field;
  }
  EXPECT_GT(network_of("--faults none --loss 0.2")["lost"], 0);
  EXPECT_GT(network_of("--faults none --duplicate 0.2")["duplicated"], 0);
  EXPECT_GT(network_of("--faults none --reorder")["reordered"], 0);
  EXPECT_GT(network_of("--faults reset,latency")["resets"], 0);
}

TEST(SimulateCommandTest, ATraceIsDealtOut) {
  WriteTestFile("keys.json",
                R"({"startContent":"","endContent":"abx","txns":[{"patches":[[0,0,"a"]]},)"
                R"({"patches":[[1,0,"b"]]},{"patches":[[2,0,"x"]]}]})");
  const Finished run = RunCotext("simulate --trace keys.json --seeds 1 --faults none --json");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(TablesOf(run.output)["seeds"][0]["final_chars"], 3);
}

TEST(SimulateCommandTest, WhatMakesNoSenseIsRefusedWithTheReason) {
  WriteTestFile("broken.json", "{");
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--seeds 5..4", "--seeds"},
      {"--seeds x", "--seeds"},
      {"--faults rain", "rain"},
      {"--loss 2", "--loss"},
      {"--topology ring", "--topology"},
      {"--engine ot --topology mesh", "--engine rga"},
      {"--store paper", "--store"},
      {"--topology mesh --store sqlite", "--topology mesh has none"},
      {"--scenario nowhere.json", "nowhere.json"},
      {"--scenario broken.json", "broken.json"},
      {"--trace nowhere.json", "nowhere.json"},
      {"--report no/such/folder.html --seeds 1 --edits 1", "no/such"}};
  for (const auto& [options, reason] : wrong) {
    const Finished run = RunCotext("simulate " + options);
    EXPECT_EQ(run.exit_code, 2) << options;
    EXPECT_NE(run.errors.find(reason), std::string::npos) << options << ": " << run.errors;
  }
}

}  // namespace
}  // namespace cotext
