// What the checkers say about a world that has come to its end.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_
#define COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "simulation/check/violation.h"
#include "simulation/world/world_bridge.h"
#include "simulation/world/world_client.h"
#include "simulation/world/world_peer.h"
#include "simulation/world/world_record.h"
#include "simulation/world/world_server.h"
#include "sync/peer_connection.h"
#include "sync/server.h"

namespace cotext {

struct WorldEnd {
  uint64_t quiet_since_us = 0;  // Nothing has kept it from settling since.
  std::optional<uint64_t> settled_at_us = {};
  uint64_t patience_us = 0;
  uint64_t ghost_us = 0;
  const sync::ServerOptions* server_options = nullptr;
  const sync::PeerConnectionOptions* peer_options = nullptr;
  std::span<const std::unique_ptr<WorldServer>> servers = {};  // None if there are peers.
  std::span<const std::unique_ptr<WorldClient>> clients = {};
  std::span<const std::unique_ptr<WorldPeer>> peers = {};
  std::span<const std::unique_ptr<WorldBridge>> bridges = {};
};

// Adds what is found in the end to the record, and returns all broken promises.
std::vector<Violation> CheckWorld(WorldContext& context, const WorldEnd& end);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_CHECKS_H_
