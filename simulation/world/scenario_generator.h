// Random scenarios: one for every seed, the same on any machine.
#ifndef COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_
#define COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_

#include <cstdint>
#include <optional>

#include "document/document.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"

namespace cotext {

struct ScenarioOptions {
  Engine engine = Engine::kRga;
  Topology topology = Topology::kStar;
  uint32_t servers = 1;  // 0 in a mesh.
  uint32_t replicas = 3;
  uint32_t edits = 20;  // Of each replica.
  FaultKinds kinds = FaultKinds::All();
  // In place of random ones; see FaultOptions.
  std::optional<uint64_t> loss_ppm = {};
  std::optional<uint64_t> duplicate_ppm = {};
  std::optional<uint32_t> partitions = {};
  std::optional<uint32_t> crashes = {};
};

// Faults begin while users edit.
Scenario GenerateScenario(const ScenarioOptions& options, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_
