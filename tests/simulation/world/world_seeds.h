// Random stars, run seed by seed.
#ifndef COTEXT_TESTS_SIMULATION_WORLD_WORLD_SEEDS_H_
#define COTEXT_TESTS_SIMULATION_WORLD_WORLD_SEEDS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "document/document.h"
#include "document/random.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/world.h"
#include "tests/support/random_text.h"

namespace cotext {

inline Scenario MakeStar(Engine engine, uint64_t seed, const FaultKinds& kinds, uint32_t edits) {
  Random random(seed);
  return GenerateScenario({.engine = engine,
                           .replicas = static_cast<uint32_t>(random.Between(2, 5)),
                           .edits = edits,
                           .kinds = kinds},
                          seed);
}

inline WorldResult RunWorld(const Scenario& scenario) {
  auto world = World::Make(scenario);
  EXPECT_TRUE(world) << world.error().message;
  return (*world)->Run();
}

inline void ExpectClean(const Scenario& scenario) {
  const WorldResult result = RunWorld(scenario);
  for (const Violation& violation : result.violations) {
    ADD_FAILURE() << violation.promise << ": " << violation.what;
  }
}

inline void RunStars(Engine engine, uint64_t count, const FaultKinds& kinds, uint32_t edits) {
  const uint64_t first = SeedFromEnvironment(1);
  for (uint64_t seed = first; seed - first < count; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    ExpectClean(MakeStar(engine, seed, kinds, edits));
    if (testing::Test::HasFailure()) return;
  }
}

inline FaultKinds KindsOf(std::initializer_list<FaultKind> list) {
  FaultKinds kinds;
  for (const FaultKind kind : list) kinds.Add(kind);
  return kinds;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SIMULATION_WORLD_WORLD_SEEDS_H_
