#include "simulation/world/scenario.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/random.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_model.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

Scenario Small() {
  Scenario scenario;
  scenario.seed = 7;
  scenario.replicas = 2;
  scenario.plan.quiet_at_us = 900;
  scenario.plan.path.latency.least_us = 20;
  scenario.plan.faults = {
      {.kind = FaultKind::kPartition, .at_us = 5, .for_us = 3, .nodes = {0, 2}},
      {.kind = FaultKind::kDisk, .at_us = 6, .for_us = 4, .nodes = {0}, .amount = 9}};
  scenario.actions = {
      {.at_us = 1, .replica = 1, .kind = UserAction::Kind::kMove, .places = {3}},
      {.at_us = 2, .replica = 0, .kind = UserAction::Kind::kReplace, .count = 1, .text = "a\n\""}};
  return scenario;
}

constexpr std::string_view kSmall = R"({
"format": 1,
"seed": 7,
"engine": "rga",
"topology": "star",
"servers": 1,
"replicas": 2,
"quiet_at_us": 900,
"connections": "ordered",
"network": {"latency":"uniform","least_us":20,"mean_us":0,"spikes_ppm":0,"spike_us":0,"loss_ppm":0,"duplicate_ppm":0,"reorder_ppm":0,"corrupt_ppm":0,"bytes_per_second":0},
"store": {"delay_min_ms":0,"delay_max_ms":0,"write_failures_ppm":0,"load_failures_ppm":0},
"faults": [
{"at_us":5,"for_us":3,"fault":"partition","nodes":[0,2]},
{"at_us":6,"for_us":4,"fault":"disk","nodes":[0],"amount":9}
],
"actions": [
{"at_us":1,"replica":1,"do":"move","places":[3]},
{"at_us":2,"replica":0,"do":"replace","count":1,"text":"a\n\""}
]
}
)";

TEST(ScenarioTest, IsWrittenForPeople) { EXPECT_EQ(WriteScenario(Small()), kSmall); }

TEST(ScenarioTest, WhatIsWrittenIsRead) {
  ForEachSeed(200, [](Random& random) {
    Scenario scenario;
    scenario.seed = random.Next();
    scenario.replicas = static_cast<uint32_t>(random.Between(1, 6));
    if (random.Chance(50)) scenario.store = StoreKind::kSqlite;
    scenario.plan = GenerateFaultPlan(
        {.seed = random.Next(), .replicas = scenario.replicas, .store = scenario.store});
    scenario.actions = GenerateUserActions(
        {.seed = random.Next(), .replicas = scenario.replicas, .edits = 20, .unicode_percent = 50});
    const std::string json = WriteScenario(scenario);
    const auto read = ReadScenario(json);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, scenario);
    EXPECT_EQ(WriteScenario(*read), json);
  });
}

std::string ErrorOf(std::string json, std::string_view what, std::string_view by) {
  const size_t at = json.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  json.replace(at, what.size(), by);
  const auto read = ReadScenario(json);
  return read ? "read" : read.error().message;
}

TEST(ScenarioTest, WhatIsWrongIsNamed) {
  const std::string json(kSmall);
  EXPECT_EQ(ErrorOf(json, "{\n", "{\n}"), "scenario: is no JSON");
  EXPECT_EQ(ErrorOf(json, "\"seed\": 7,\n", ""), "scenario: has no seed");
  EXPECT_EQ(ErrorOf(json, "\"seed\"", "\"sed\": 1, \"seed\""),
            "scenario: has an unknown field sed");
  EXPECT_EQ(ErrorOf(json, "\"star\"", "\"ring\""), "scenario: topology cannot be \"ring\"");
  EXPECT_EQ(ErrorOf(json, "\"servers\": 1", "\"servers\": 0"),
            "scenario: a mesh, and nothing else, has no servers");
  EXPECT_EQ(ErrorOf(json, "\"loss_ppm\":0", "\"loss_ppm\":1000001"),
            "network: loss_ppm is no whole number up to 1000000");
  EXPECT_EQ(ErrorOf(json, "\"partition\"", "\"flood\""),
            "faults[0]: there is no fault named \"flood\"");
  EXPECT_EQ(ErrorOf(json, "[0,2]", "[0,3]"),
            "faults[0]: nodes has what is no whole number up to 2");
  EXPECT_EQ(ErrorOf(json, "\"at_us\":6", "\"at_us\":4"),
            "faults[1]: is earlier than the one before it");
  EXPECT_EQ(ErrorOf(json, "\"replica\":1", "\"replica\":2"),
            "actions[0]: replica is no whole number up to 1");
  EXPECT_EQ(ErrorOf(json, ",\"places\":[3]", ""), "actions[0]: has no places");
  EXPECT_EQ(ErrorOf(json, "\"move\"", "\"jump\""), "actions[0]: nobody can do \"jump\"");
  EXPECT_EQ(ErrorOf(json, "\"count\":1", "\"count\":-1"),
            "actions[1]: count is no whole number up to 4294967295");
}

constexpr std::string_view kCluster = "\"topology\": \"cluster\",\n\"servers\": 3,\n";

// The small scenario as a cluster of three servers with these links.
std::string ClusterWith(std::string_view links) {
  std::string json(kSmall);
  const std::string_view star = "\"topology\": \"star\",\n\"servers\": 1,\n";
  json.replace(json.find(star), star.size(), kCluster);
  const std::string field = "\"links\": " + std::string(links) + ",\n";
  return json.insert(json.find("\"quiet_at_us\""), field);
}

TEST(ScenarioTest, LinksAreReadAndBridgesAreNodes) {
  const std::string json = ClusterWith("[[0,1],[0,1],[1,2]]");
  const auto read = ReadScenario(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->links, (std::vector<ScenarioLink>{{0, 1}, {0, 1}, {1, 2}}));
  EXPECT_EQ(BridgesOf(*read), 3U);
  EXPECT_EQ(NodesOf(*read), 8U);
  EXPECT_EQ(WriteScenario(*read), json);
  EXPECT_EQ(ErrorOf(json, "[0,2]", "[0,7]"), "read");
  EXPECT_EQ(ErrorOf(json, "[0,2]", "[0,8]"),
            "faults[0]: nodes has what is no whole number up to 7");
}

TEST(ScenarioTest, WhatIsWrongWithLinksIsNamed) {
  const auto error_of = [](std::string_view links) {
    const auto read = ReadScenario(ClusterWith(links));
    return read ? "read" : read.error().message;
  };
  EXPECT_EQ(error_of("[[0,1],[1,2]]"), "read");
  EXPECT_EQ(error_of("[[0,1]]"), "scenario: no links lead to node 2");
  EXPECT_EQ(error_of("[[0,1],[1,3]]"), "scenario: a link is of no two nodes");
  EXPECT_EQ(error_of("[[0,1],[2,1]]"), "links[1]: is no pair of nodes in order");
  EXPECT_EQ(error_of("[[0,1],[1,1]]"), "links[1]: is no pair of nodes in order");
  EXPECT_EQ(error_of("[[0,1],[1,10000]]"), "links[1]: is no pair of nodes in order");
  EXPECT_EQ(error_of("[[0,1],[1]]"), "links[1]: is no pair of numbers");
  EXPECT_EQ(error_of("[[0,1],[1,-2]]"), "links[1]: is no pair of numbers");
  EXPECT_EQ(error_of("[[0,1],7]"), "links[1]: is no pair of numbers");
  std::string many = "[[0,1],[1,2]";
  for (size_t i = 0; i < kScenarioLinksMax - 2; ++i) many += ",[0,1]";
  EXPECT_EQ(error_of(many + "]"), "read");
  EXPECT_EQ(error_of(many + ",[0,1]]"), "links[10000]: is one too many");
  EXPECT_EQ(ErrorOf(std::string(kSmall), "\"quiet_at_us\"", "\"links\": [[0,1]],\n\"quiet_at_us\""),
            "scenario: a star has no links");
  EXPECT_EQ(ErrorOf(ClusterWith("[]"), kCluster, "\"topology\": \"cluster\",\n\"servers\": 1,\n"),
            "scenario: a cluster has several servers");
  constexpr std::string_view kMesh = "\"topology\": \"mesh\",\n\"servers\": 0,\n";
  EXPECT_EQ(ErrorOf(ClusterWith("[[0,1],[0,1]]"), kCluster, kMesh),
            "scenario: two peers are linked twice");
  EXPECT_EQ(ErrorOf(ClusterWith("[]"), kCluster, kMesh), "scenario: no links lead to node 1");
}

TEST(ScenarioTest, TheStoreIsInMemoryUnlessItSaysOtherwise) {
  const std::string memory(kSmall);
  EXPECT_EQ(ReadScenario(memory)->store, StoreKind::kMemory);
  const auto with = [&](std::string_view name) {
    std::string json = memory;
    const std::string field = "\"store_kind\": \"" + std::string(name) + "\",\n";
    return json.insert(json.find("\"quiet_at_us\""), field);
  };
  const auto sqlite = ReadScenario(with("sqlite"));
  ASSERT_TRUE(sqlite) << sqlite.error().message;
  EXPECT_EQ(sqlite->store, StoreKind::kSqlite);
  EXPECT_EQ(WriteScenario(*sqlite), with("sqlite"));
  EXPECT_EQ(ReadScenario(with("memory"))->store, StoreKind::kMemory);
  EXPECT_EQ(ErrorOf(with("sqlite"), "sqlite", "paper"), "scenario: store_kind cannot be \"paper\"");
  EXPECT_EQ(ErrorOf(with("sqlite"), "\"topology\": \"star\",\n\"servers\": 1,\n",
                    "\"topology\": \"mesh\",\n\"servers\": 0,\n"),
            "scenario: a mesh has no servers that would have a store");
}

TEST(ScenarioTest, NoBytesStopTheReader) {
  ForEachSeed(2000, [](Random& random) {
    std::string json(kSmall);
    for (uint64_t changes = random.Between(1, 3); changes > 0; --changes) {
      json[random.Below(json.size())] = static_cast<char>(random.Below(256));
    }
    if (const auto read = ReadScenario(json)) {
      const auto again = ReadScenario(WriteScenario(*read));
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, *read);
    }
  });
}

}  // namespace
}  // namespace cotext
