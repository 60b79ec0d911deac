// Everything that decides what a simulation does: who there is, what users do, what goes wrong, and
// the seed of what the network and the disks decide meanwhile.
//
// As a file it is JSON, with one fault or action on a line, so that people can read, compare and
// shorten it. Writing and reading is lossless, and the bytes depend on the scenario alone.
#ifndef COTEXT_SIMULATION_WORLD_SCENARIO_H_
#define COTEXT_SIMULATION_WORLD_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/user_action.h"
#include "simulation/world/virtual_network.h"

namespace cotext {

enum class Topology : uint8_t {
  kStar,     // Clients around one server.
  kCluster,  // Several servers that exchange what they have.
  kMesh,     // Peers, without a server.
};

std::string_view TopologyName(Topology topology);

// Two nodes that exchange what they have. In a mesh two peers, of which the first one connects to
// the second. In a cluster two servers, with a bridge of its own between them.
struct ScenarioLink {
  NodeNumber first = 0;  // Below `second`.
  NodeNumber second = 0;
  friend bool operator==(const ScenarioLink&, const ScenarioLink&) = default;
};

struct Scenario {
  uint64_t seed = 1;
  Engine engine = Engine::kRga;
  Topology topology = Topology::kStar;
  uint32_t servers = 1;  // None in a mesh, at least two in a cluster.
  uint32_t replicas = 3;
  StoreKind store = StoreKind::kMemory;  // Of its servers.
  std::vector<ScenarioLink> links = {};
  FaultPlan plan;
  std::vector<UserAction> actions;  // By time.
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// What a scenario read from a file may have at most.
inline constexpr uint64_t kScenarioNodesMax = 10'000;
inline constexpr size_t kScenarioLinksMax = 10'000;
inline constexpr size_t kScenarioBytesMax = size_t{1} << 28U;
inline constexpr uint64_t kScenarioTimeMaxUs = uint64_t{1} << 50U;  // 35 years.

// Returns how many bridges there are; their numbers are behind those of servers and replicas.
NodeNumber BridgesOf(const Scenario& scenario);
// Returns how many nodes there are.
NodeNumber NodesOf(const Scenario& scenario);
// Says whether servers, their stores and links are such as the topology has, and the links lead
// from everybody to everybody else. kInvalidTrace.
Expected<void> CheckLinks(const Scenario& scenario);

std::string WriteScenario(const Scenario& scenario);
// Errors: kInvalidTrace says what is wrong, and where; kTooLarge.
Expected<Scenario> ReadScenario(std::string_view json);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_SCENARIO_H_
