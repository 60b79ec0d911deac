// What many simulated worlds were like, added up for each engine, and as a report.
#ifndef COTEXT_SIMULATION_CAMPAIGN_CAMPAIGN_REPORT_H_
#define COTEXT_SIMULATION_CAMPAIGN_CAMPAIGN_REPORT_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/document.h"
#include "simulation/campaign/world_outcome.h"
#include "simulation/histogram.h"
#include "simulation/report/report.h"
#include "simulation/world/scenario.h"
#include "simulation/world/world_statistics.h"

namespace cotext {

// What all worlds of one engine have in common.
struct CampaignTotals {
  uint64_t worlds = 0;
  uint64_t failed = 0;
  uint64_t nodes = 0;  // People, summed over the worlds.
  uint64_t actions = 0;
  uint64_t operations = 0;
  uint64_t lost_operations = 0;
  uint64_t handed_back = 0;
  uint64_t attacks = 0;
  uint64_t failovers = 0;
  uint64_t virtual_us = 0;
  uint64_t server_lives = 0;
  NetworkCounts network = {};
  Histogram settled_after_us = {};
  Histogram spread_us = {};
  std::array<uint64_t, kStalenessSamples> missing = {};
  uint64_t pairs = 0;
  uint64_t torn_pairs = 0;
  std::map<std::string, Histogram> buffers = {};  // The deepest of each world.

  void Add(const WorldOutcome& outcome, uint32_t replicas);
};

struct CampaignFailure {
  Engine engine{};
  uint64_t seed = 0;
  std::vector<Violation> violations = {};
};

struct Campaign {
  Topology topology = Topology::kStar;
  std::vector<std::string> conditions = {};  // What was asked for, for people.
  std::map<Engine, CampaignTotals> totals = {};
  std::vector<CampaignFailure> failures = {};
};

std::string_view EngineName(Engine engine);

// Tables: worlds, network, convergence, staleness, buffers, interleaving, failures. Nothing in it
// depends on a clock.
Report MakeCampaignReport(const Campaign& campaign);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_CAMPAIGN_REPORT_H_
