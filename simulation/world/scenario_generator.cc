#include "simulation/world/scenario_generator.h"

#include <set>
#include <utility>
#include <vector>

#include "document/random.h"
#include "simulation/world/trace_actions.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_model.h"
#include "simulation/world/virtual_network.h"

namespace cotext {
namespace {

std::vector<UserAction> ActionsOf(const ScenarioOptions& options, uint64_t seed) {
  if (options.trace == nullptr) {
    return GenerateUserActions(
        {.seed = seed, .replicas = options.replicas, .edits = options.edits});
  }
  return DealTrace(*options.trace, {.seed = seed,
                                    .replicas = options.replicas,
                                    .transactions = options.replicas * options.edits});
}

uint32_t ServersOf(const ScenarioOptions& options) {
  constexpr uint32_t kOfCluster = 3;
  switch (options.topology) {
    case Topology::kStar: return options.servers;
    case Topology::kCluster: return options.servers < 2 ? kOfCluster : options.servers;
    case Topology::kMesh: return 0;
  }
  return options.servers;
}

// Links that lead from each of the first `count` nodes to all others.
std::vector<ScenarioLink> DrawLinks(uint32_t count, Random& random) {
  std::set<std::pair<NodeNumber, NodeNumber>> links;
  const uint64_t shape = random.Below(4);
  const bool is_line = shape < 2;
  for (NodeNumber node = 1; node < count; ++node) {
    links.emplace(is_line ? node - 1 : static_cast<NodeNumber>(random.Below(node)), node);
  }
  if (shape == 1 && count > 2) links.emplace(0, count - 1);
  const uint64_t more_percent = shape == 2 ? 100 : random.Below(100);
  for (NodeNumber first = 0; shape >= 2 && first < count; ++first) {
    for (NodeNumber second = first + 1; second < count; ++second) {
      if (random.Chance(static_cast<uint32_t>(more_percent))) links.emplace(first, second);
    }
  }
  std::vector<ScenarioLink> list;
  for (const auto& [first, second] : links) list.push_back({.first = first, .second = second});
  return list;
}

std::vector<ScenarioLink> LinksOf(const ScenarioOptions& options, uint32_t servers, uint64_t seed) {
  Random random(seed ^ 0x6c696e6b73000000U);
  if (options.topology == Topology::kMesh) return DrawLinks(options.replicas, random);
  if (options.topology != Topology::kCluster) return {};
  std::vector<ScenarioLink> links = DrawLinks(servers, random);
  // Two bridges that do the same.
  if (random.Chance(30)) links.push_back(links.front());
  return links;
}

}  // namespace

Scenario GenerateScenario(const ScenarioOptions& options, uint64_t seed) {
  const uint32_t servers = ServersOf(options);
  Scenario scenario{.seed = seed,
                    .engine = options.engine,
                    .topology = options.topology,
                    .servers = servers,
                    .replicas = options.replicas,
                    .store = options.store,
                    .links = LinksOf(options, servers, seed),
                    .plan = {},
                    .actions = {}};
  scenario.actions = ActionsOf(options, seed);
  const uint64_t last_us = scenario.actions.empty() ? 0 : scenario.actions.back().at_us;
  scenario.plan = GenerateFaultPlan({.seed = seed,
                                     .servers = servers,
                                     .replicas = options.replicas,
                                     .bridges = BridgesOf(scenario),
                                     .store = options.store,
                                     .duration_us = last_us + 1,
                                     .kinds = options.kinds,
                                     .loss_ppm = options.loss_ppm,
                                     .duplicate_ppm = options.duplicate_ppm,
                                     .partitions = options.partitions,
                                     .crashes = options.crashes});
  return scenario;
}

}  // namespace cotext
