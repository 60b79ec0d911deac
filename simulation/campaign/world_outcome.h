// What came of simulating one scenario, as it is reported: in a form that goes between processes.
#ifndef COTEXT_SIMULATION_CAMPAIGN_WORLD_OUTCOME_H_
#define COTEXT_SIMULATION_CAMPAIGN_WORLD_OUTCOME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "simulation/check/violation.h"
#include "simulation/world/scenario.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world.h"
#include "simulation/world/world_statistics.h"

namespace cotext {

struct WorldOutcome {
  std::vector<Violation> violations = {};
  uint64_t actions = 0;  // Of users, moves of carets included.
  uint64_t operations = 0;
  uint64_t lost_operations = 0;
  uint64_t handed_back = 0;  // OT: to their authors, as too old.
  uint64_t attacks = 0;      // That reached a server.
  uint64_t failovers = 0;    // Of clients, to another server.
  uint64_t virtual_us = 0;
  std::optional<uint64_t> settled_after_us = {};
  uint64_t server_lives = 0;
  NetworkCounts network = {};
  uint64_t fingerprint = 0;
  uint64_t final_chars = 0;
  WorldStatistics statistics = {};
  friend bool operator==(const WorldOutcome&, const WorldOutcome&) = default;
};

// Simulates it here. kUnsupported if there is no such world.
Expected<WorldOutcome> SimulateScenario(const Scenario& scenario, const WorldOptions& options = {});

// On one line.
std::string EncodeOutcome(const WorldOutcome& outcome);
// REQUIRES: the line was made by EncodeOutcome.
WorldOutcome DecodeOutcome(std::string_view line);

// The outcome of a world whose process ended, or ran too long.
WorldOutcome OutcomeOfFailure(const std::string& failure);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_WORLD_OUTCOME_H_
