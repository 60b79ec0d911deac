#include "simulation/campaign/world_outcome.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/utf8.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/world.h"

namespace cotext {
namespace {

TEST(WorldOutcomeTest, AnOutcomeGoesBetweenProcessesUnchanged) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Scenario scenario = GenerateScenario({.replicas = 3, .edits = 10}, seed);
    auto outcome = SimulateScenario(scenario);
    ASSERT_TRUE(outcome);
    EXPECT_GT(outcome->operations, 0U);
    EXPECT_GT(outcome->statistics.spread_us.count(), 0U);
    outcome->violations = {{.promise = "order", .what = "a \"b\" \n c"}};
    if (seed == 1) outcome->settled_after_us.reset();
    const std::string line = EncodeOutcome(*outcome);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(DecodeOutcome(line), *outcome);
  }
}

TEST(WorldOutcomeTest, AnOutcomeSaysWhatTheWorldSaid) {
  uint64_t failovers = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Scenario scenario =
        GenerateScenario({.topology = Topology::kCluster, .replicas = 3, .edits = 10}, seed);
    const auto outcome = SimulateScenario(scenario);
    ASSERT_TRUE(outcome);
    const auto world = World::Make(scenario);
    ASSERT_TRUE(world);
    const WorldResult result = (*world)->Run();
    EXPECT_EQ(outcome->actions, scenario.actions.size());
    EXPECT_EQ(outcome->operations, result.operations);
    EXPECT_EQ(outcome->lost_operations, result.lost_operations);
    EXPECT_EQ(outcome->attacks, result.attacks);
    EXPECT_EQ(outcome->failovers, result.failovers);
    EXPECT_EQ(outcome->virtual_us, result.virtual_us);
    EXPECT_EQ(outcome->settled_after_us, result.settled_after_us);
    EXPECT_EQ(outcome->server_lives, result.server_lives);
    EXPECT_EQ(outcome->network, result.network);
    EXPECT_EQ(outcome->fingerprint, result.fingerprint);
    EXPECT_EQ(outcome->statistics, result.statistics);
    // Text is of characters of several bytes, too.
    EXPECT_EQ(outcome->final_chars, CountCodePoints(result.text));
    EXPECT_LT(outcome->final_chars, result.text.size());
    failovers += outcome->failovers;
  }
  EXPECT_GT(failovers, 0U);
}

TEST(WorldOutcomeTest, DamagedBytesInAViolationDoNoHarm) {
  WorldOutcome outcome;
  outcome.violations = {{.promise = "order", .what = "\xff\xc3"}};
  EXPECT_EQ(DecodeOutcome(EncodeOutcome(outcome)).violations[0].promise, "order");
}

TEST(WorldOutcomeTest, AWorldThatDiesHasBrokenAPromise) {
  const WorldOutcome outcome = OutcomeOfFailure("signal Aborted");
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].promise, "no crash");
}

}  // namespace
}  // namespace cotext
