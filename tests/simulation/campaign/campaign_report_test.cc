#include "simulation/campaign/campaign_report.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "document/document.h"
#include "simulation/campaign/world_outcome.h"
#include "simulation/report/report_json.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// A world in which every number is another one.
WorldOutcome Outcome() {
  WorldOutcome outcome{.actions = 3,
                       .operations = 4,
                       .lost_operations = 5,
                       .handed_back = 6,
                       .attacks = 7,
                       .failovers = 8,
                       .virtual_us = 1'800'000'000,
                       .settled_after_us = 10'000,
                       .server_lives = 11,
                       .network = {.sent = 12,
                                   .sent_bytes = 26,
                                   .delivered = 14,
                                   .lost = 15,
                                   .duplicated = 16,
                                   .reordered = 17,
                                   .corrupted = 18,
                                   .resets = 19}};
  outcome.statistics.pairs = 40;
  outcome.statistics.torn_pairs = 1;
  outcome.statistics.missing[0] = 2;
  outcome.statistics.missing[kStalenessSamples - 1] = 6;
  outcome.statistics.spread_us.Add(2'000);
  outcome.statistics.buffers = {{"session queue", 21}};
  return outcome;
}

std::map<std::string, std::vector<Json>> TablesOf(const Campaign& campaign) {
  std::stringstream lines;
  WriteJsonLines(MakeCampaignReport(campaign), lines);
  std::map<std::string, std::vector<Json>> tables;
  for (std::string line; std::getline(lines, line);) {
    const Json row = Json::parse(line);
    tables[row["table"]].push_back(row);
  }
  return tables;
}

void ExpectRow(const Json& row, const Json& expected) {
  for (const auto& [key, value] : expected.items()) EXPECT_EQ(row.at(key), value) << key;
}

TEST(CampaignReportTest, WorldsAreAddedUp) {
  Campaign campaign;
  CampaignTotals& totals = campaign.totals[Engine::kRga];
  totals.Add(Outcome(), 2);
  WorldOutcome failed = Outcome();
  failed.violations = {{.promise = "order", .what = "broken"}};
  totals.Add(failed, 3);
  auto tables = TablesOf(campaign);
  ASSERT_EQ(tables["worlds"].size(), 1U);
  ExpectRow(tables["worlds"][0], {{"engine", "rga"},
                                  {"worlds", 2},
                                  {"failed", 1},
                                  {"actions", 6},
                                  {"operations", 8},
                                  {"lost", 10},
                                  {"handed_back", 12},
                                  {"attacks", 14},
                                  {"failovers", 16},
                                  {"server_lives", 22},
                                  {"virtual_hours", 1.0}});
  ExpectRow(tables["network"][0], {{"packets", 24},
                                   {"bytes", 52},
                                   {"packets_per_edit", 3.0},
                                   {"bytes_per_edit", 6.5},
                                   {"lost", 30},
                                   {"duplicated", 32},
                                   {"reordered", 34},
                                   {"corrupted", 36},
                                   {"resets", 38}});
  EXPECT_EQ(totals.network.delivered, 28U);
  ExpectRow(tables["interleaving"][0], {{"pairs", 80}, {"torn", 2}, {"torn_percent", 2.5}});
}

TEST(CampaignReportTest, WhatPeopleLackedIsAnAverageOverThem) {
  Campaign campaign;
  campaign.totals[Engine::kRga].Add(Outcome(), 1);
  campaign.totals[Engine::kRga].Add(Outcome(), 3);
  const std::vector<Json> rows = TablesOf(campaign)["staleness"];
  ASSERT_EQ(rows.size(), kStalenessSamples);
  ExpectRow(rows.front(), {{"time", 0.0}, {"missing", 1.0}});
  ExpectRow(rows[kStalenessParts], {{"time", 100.0}, {"missing", 0.0}});
  ExpectRow(rows.back(), {{"time", 150.0}, {"missing", 3.0}});
}

TEST(CampaignReportTest, TimesAndDepthsAreQuantilesOfTheWorlds) {
  Campaign campaign;
  WorldOutcome outcome = Outcome();
  campaign.totals[Engine::kRga].Add(outcome, 1);
  campaign.totals[Engine::kRga].Add(outcome, 1);
  // One that never settled has no time.
  outcome.settled_after_us.reset();
  outcome.statistics.spread_us.Add(1'000'000);
  outcome.statistics.buffers = {{"session queue", 31}};
  campaign.totals[Engine::kRga].Add(outcome, 1);
  auto tables = TablesOf(campaign);
  const auto at = [&](double share) {
    for (const Json& row : tables["convergence"]) {
      if (row["share"] == share) return row;
    }
    return Json();
  };
  EXPECT_NEAR(at(50)["spread_ms"].get<double>(), 2, 2.0 / 16);
  EXPECT_NEAR(at(100)["spread_ms"].get<double>(), 1000, 1000.0 / 16);
  EXPECT_NEAR(at(100)["settled_ms"].get<double>(), 10, 10.0 / 16);
  ExpectRow(tables["buffers"][0],
            {{"buffer", "session queue"}, {"median", 21}, {"p99", 31}, {"max", 31}});
}

TEST(CampaignReportTest, NothingIsDividedByNothing) {
  Campaign campaign;
  campaign.totals[Engine::kOt].Add(WorldOutcome(), 0);
  auto tables = TablesOf(campaign);
  ExpectRow(tables["network"][0],
            {{"engine", "ot"}, {"packets_per_edit", 0.0}, {"bytes_per_edit", 0.0}});
  EXPECT_EQ(tables["staleness"][0]["missing"], 0.0);
  EXPECT_EQ(tables["interleaving"][0]["torn_percent"], 0.0);
  EXPECT_TRUE(tables["convergence"][0]["spread_ms"].is_null());
  EXPECT_TRUE(tables["convergence"][0]["settled_ms"].is_null());
}

TEST(CampaignReportTest, EveryBrokenPromiseIsARow) {
  Campaign campaign;
  EXPECT_EQ(MakeCampaignReport(campaign).paragraphs.back(), "No promise was broken.");
  campaign.failures = {
      {.engine = Engine::kOt,
       .seed = 9,
       .violations = {{.promise = "order", .what = "a"}, {.promise = "presence", .what = "b"}}},
      {.engine = Engine::kRga, .seed = 12, .violations = {{"order", "c"}}}};
  EXPECT_TRUE(MakeCampaignReport(campaign).paragraphs.back().starts_with("PROMISES WERE BROKEN"));
  const std::vector<Json> rows = TablesOf(campaign)["failures"];
  ASSERT_EQ(rows.size(), 3U);
  ExpectRow(rows[0], {{"engine", "ot"}, {"seed", 9}, {"promise", "order"}, {"what", "a"}});
  ExpectRow(rows[1], {{"engine", "ot"}, {"seed", 9}, {"promise", "presence"}, {"what", "b"}});
  ExpectRow(rows[2], {{"engine", "rga"}, {"seed", 12}, {"promise", "order"}, {"what", "c"}});
}

}  // namespace
}  // namespace cotext
