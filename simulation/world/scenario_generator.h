// Random scenarios: one for every seed, the same on any machine.
#ifndef COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_
#define COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_

#include <cstdint>
#include <optional>

#include "document/document.h"
#include "simulation/trace/trace.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario.h"
#include "simulation/world/store_kind.h"

namespace cotext {

struct ScenarioOptions {
  Engine engine = Engine::kRga;
  Topology topology = Topology::kStar;
  uint32_t servers = 1;  // Of a cluster: 3 if it is below 2; of a mesh: none.
  uint32_t replicas = 3;
  StoreKind store = StoreKind::kMemory;  // Of the servers; REQUIRES: of a mesh, kMemory.
  uint32_t edits = 20;                   // Of each replica.
  // Dealt out to the replicas, in place of random users: of each as many transactions as it would
  // have made edits. It must be linear.
  const Trace* trace = nullptr;
  FaultKinds kinds = FaultKinds::All();
  // In place of random ones; see FaultOptions.
  std::optional<uint64_t> loss_ppm = {};
  std::optional<uint64_t> duplicate_ppm = {};
  std::optional<uint32_t> partitions = {};
  std::optional<uint32_t> crashes = {};
};

// Faults begin while users edit. Who is linked to whom in a mesh or cluster is random: a line, a
// ring, everybody to everybody, or anything in between.
Scenario GenerateScenario(const ScenarioOptions& options, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_SCENARIO_GENERATOR_H_
