// What the checkers say about a world that has come to its end.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_
#define COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "simulation/check/violation.h"
#include "simulation/world/world_client.h"
#include "simulation/world/world_record.h"
#include "simulation/world/world_server.h"
#include "sync/server.h"

namespace cotext {

struct WorldEnd {
  uint64_t quiet_since_us = 0;  // Nothing has kept it from settling since.
  std::optional<uint64_t> settled_at_us = {};
  uint64_t patience_us = 0;
  uint64_t ghost_us = 0;
  const sync::ServerOptions* server_options = nullptr;
  WorldServer* server = nullptr;
  std::span<const std::unique_ptr<WorldClient>> clients = {};
};

// Adds what is found in the end to the record, and returns all broken promises.
std::vector<Violation> CheckWorld(WorldContext& context, const WorldEnd& end);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_
