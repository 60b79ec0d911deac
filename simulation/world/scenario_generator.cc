#include "simulation/world/scenario_generator.h"

#include "simulation/world/user_model.h"

namespace cotext {

Scenario GenerateScenario(const ScenarioOptions& options, uint64_t seed) {
  Scenario scenario{.seed = seed,
                    .engine = options.engine,
                    .topology = options.topology,
                    .servers = options.servers,
                    .replicas = options.replicas,
                    .plan = {},
                    .actions = {}};
  scenario.actions =
      GenerateUserActions({.seed = seed, .replicas = options.replicas, .edits = options.edits});
  const uint64_t last_us = scenario.actions.empty() ? 0 : scenario.actions.back().at_us;
  scenario.plan = GenerateFaultPlan({.seed = seed,
                                     .servers = options.servers,
                                     .replicas = options.replicas,
                                     .duration_us = last_us + 1,
                                     .kinds = options.kinds,
                                     .loss_ppm = options.loss_ppm,
                                     .duplicate_ppm = options.duplicate_ppm,
                                     .partitions = options.partitions,
                                     .crashes = options.crashes});
  return scenario;
}

}  // namespace cotext
