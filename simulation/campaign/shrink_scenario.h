// Makes a scenario that breaks a promise as small as it can: fewer faults, actions and replicas,
// shorter texts and times, a calmer network, as long as it still breaks it.
//
// In the way of delta debugging (Zeller, Hildebrandt 2002): parts are left out, halves first, then
// ever smaller ones, until nothing more can be. What the network and the disks decide depends on
// all that happened before, so a smaller scenario is tried with other seeds too.
#ifndef COTEXT_SIMULATION_CAMPAIGN_SHRINK_SCENARIO_H_
#define COTEXT_SIMULATION_CAMPAIGN_SHRINK_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "simulation/progress.h"
#include "simulation/world/scenario.h"

namespace cotext {

struct ShrinkOptions {
  // Whether a scenario breaks the promise.
  std::function<bool(const Scenario&)> fails;
  uint64_t tries_max = 4000;  // Calls of `fails`.
  Progress progress = {};     // In tries.
};

// Returns a scenario that fails; `scenario` itself if nothing smaller was found.
// REQUIRES: `scenario` fails.
Scenario ShrinkScenario(const Scenario& scenario, const ShrinkOptions& options);

// What people have to read: faults and actions.
inline size_t EventsOf(const Scenario& scenario) {
  return scenario.plan.faults.size() + scenario.actions.size();
}

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_SHRINK_SCENARIO_H_
