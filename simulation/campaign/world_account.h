// Tells what happened when a scenario was simulated: its faults and actions, what travelled between
// the nodes, and what was wrong in the end, in order of time.
#ifndef COTEXT_SIMULATION_CAMPAIGN_WORLD_ACCOUNT_H_
#define COTEXT_SIMULATION_CAMPAIGN_WORLD_ACCOUNT_H_

#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/world/scenario.h"
#include "simulation/world/world.h"

namespace cotext {

// The most lines that an account has; the beginning and the end are told.
inline constexpr size_t kAccountLinesMax = 200;

// Simulates it here, and returns the account in lines. Presence, pings and the like are left out
// unless a promise about them was broken. Errors: those of World::Make.
Expected<std::vector<std::string>> MakeAccount(const Scenario& scenario, WorldOptions options = {});

// Returns one line for each fault and action, by time.
std::vector<std::string> DescribeScenario(const Scenario& scenario);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_WORLD_ACCOUNT_H_
