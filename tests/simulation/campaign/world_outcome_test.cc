#include "simulation/campaign/world_outcome.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"

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
