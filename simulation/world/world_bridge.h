// A bridge in a simulated world: a program between two servers that keeps the document the same at
// both, over connections like anybody's (sync/bridge.h). It has no disk: a crash takes all it has.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_BRIDGE_H_
#define COTEXT_SIMULATION_WORLD_WORLD_BRIDGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "simulation/check/check_liveness.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/bridge.h"
#include "sync/client.h"
#include "sync/client_event.h"

namespace cotext {

struct WorldBridgeOptions {
  NodeNumber node = 0;
  std::vector<NodeNumber> servers = {};
  uint64_t seed = 0;
  sync::ClientOptions client = {};
};

class WorldBridge {
 public:
  // REQUIRES: the context outlives this.
  WorldBridge(WorldContext& context, const WorldBridgeOptions& options);

  bool is_running() const { return process_ != nullptr; }
  // REQUIRES: is not running.
  void Start();
  // Both do nothing if it is not running.
  void Crash();
  void Leave();

  // While it is not running nothing happens, here and below.
  void OnNetwork(NetworkEvent event);
  void OnTime();
  std::optional<uint64_t> NextTimeUs() const;
  void SetClockRate(uint64_t faster_ppm) { clock_.SetRate(faster_ppm, context_->now_us); }

  NodeNumber node() const { return options_.node; }
  bool IsSettled() const;
  NodeProgress Progress() const;
  // REQUIRES: is running.
  const RgaDocument& document() const { return process_->bridge->document(); }

 private:
  struct Process {
    std::unique_ptr<sync::Bridge> bridge;
    std::vector<std::optional<ConnectionNumber>> connections = {};  // By server.
    uint64_t copy = 0;
    VersionVector delivered = {};  // What was written down.
    std::optional<uint64_t> ticked_at_us = {};
  };

  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Pump();
  void TakeActions();
  void NoteDeliveries();
  void NoteEvent(const sync::Bridge::Event& event);
  void Do(size_t server, const sync::ClientAction& action);

  WorldContext* context_;
  WorldBridgeOptions options_;
  Random random_;
  SkewedClock clock_;
  std::unique_ptr<Process> process_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_BRIDGE_H_
