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
#include "simulation/world/user_action.h"

namespace cotext {

enum class Topology : uint8_t {
  kStar,     // Clients around one server.
  kCluster,  // Several servers that exchange what they have.
  kMesh,     // Peers, without a server.
};

std::string_view TopologyName(Topology topology);

struct Scenario {
  uint64_t seed = 1;
  Engine engine = Engine::kRga;
  Topology topology = Topology::kStar;
  uint32_t servers = 1;
  uint32_t replicas = 3;
  FaultPlan plan;
  std::vector<UserAction> actions;  // By time.
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// What a scenario read from a file may have at most.
inline constexpr uint64_t kScenarioNodesMax = 10'000;
inline constexpr size_t kScenarioBytesMax = size_t{1} << 28U;
inline constexpr uint64_t kScenarioTimeMaxUs = uint64_t{1} << 50U;  // 35 years.

std::string WriteScenario(const Scenario& scenario);
// Errors: kInvalidTrace says what is wrong, and where; kTooLarge.
Expected<Scenario> ReadScenario(std::string_view json);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_SCENARIO_H_
