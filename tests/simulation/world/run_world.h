// Runs random worlds of a topology, and fails if one breaks a promise.
#ifndef COTEXT_TESTS_SIMULATION_WORLD_RUN_WORLD_H_
#define COTEXT_TESTS_SIMULATION_WORLD_RUN_WORLD_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/random.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/world.h"
#include "tests/support/random_text.h"

namespace cotext {

// 2 to 5 replicas, of a cluster with 2 to 4 servers.
inline Scenario MakeScenario(Topology topology, uint64_t seed, const FaultKinds& kinds,
                             uint32_t edits = 20) {
  Random random(seed);
  const auto replicas = static_cast<uint32_t>(random.Between(2, 5));
  const auto servers = static_cast<uint32_t>(random.Between(2, 4));
  return GenerateScenario({.topology = topology,
                           .servers = servers,
                           .replicas = replicas,
                           .edits = edits,
                           .kinds = kinds},
                          seed);
}

inline WorldResult RunWorld(const Scenario& scenario) {
  auto world = World::Make(scenario);
  EXPECT_TRUE(world) << world.error().message;
  return (*world)->Run();
}

inline void RunSeeds(Topology topology, uint64_t count, const FaultKinds& kinds) {
  const uint64_t first = SeedFromEnvironment(1);
  for (uint64_t seed = first; seed - first < count; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    const WorldResult result = RunWorld(MakeScenario(topology, seed, kinds));
    for (const Violation& violation : result.violations) {
      ADD_FAILURE() << violation.promise << ": " << violation.what;
    }
    if (testing::Test::HasFailure()) return;
  }
}

inline void RunEachKindAlone(Topology topology, uint64_t count) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(kFaultKindLast); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    SCOPED_TRACE(FaultName(kind));
    FaultKinds kinds;
    kinds.Add(kind);
    RunSeeds(topology, count, kinds);
  }
}

// Twice, and as it is written and read again.
inline void ExpectTheSameResultEachTime(Topology topology, uint64_t count) {
  for (uint64_t seed = 1; seed <= count; ++seed) {
    const Scenario scenario = MakeScenario(topology, seed, FaultKinds::All());
    const auto read = ReadScenario(WriteScenario(scenario));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, scenario);
    const WorldResult first = RunWorld(scenario);
    for (const Scenario& again : {scenario, *read}) {
      const WorldResult second = RunWorld(again);
      EXPECT_EQ(first.fingerprint, second.fingerprint);
      EXPECT_EQ(first.text, second.text);
      EXPECT_EQ(first.virtual_us, second.virtual_us);
    }
  }
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SIMULATION_WORLD_RUN_WORLD_H_
