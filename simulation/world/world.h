// A simulated world: users with clients around one server, over a network and on disks with faults,
// in virtual time. It runs the real sync layer and the real engine.
//
// Users act and faults happen as the scenario says. Once both are over the world is given time to
// settle, and then the checkers look at everything that was written down. The same scenario gives
// the same result on any machine.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_H_
#define COTEXT_SIMULATION_WORLD_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_state.h"
#include "simulation/world/scenario.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_client.h"
#include "simulation/world/world_record.h"
#include "simulation/world/world_server.h"

namespace cotext {

struct WorldOptions {
  uint64_t patience_us = 240'000'000;  // In which everything settles once it can.
  // How long it goes on at least, for whoever is gone to be missed.
  uint64_t rest_us = 60'000'000;
  // How long somebody who is gone may be seen: until the server has noticed (30 s without a word,
  // and 15 s in which the session could be taken up), and until whoever sees him has noticed that
  // the server is gone (25 s), with time for what is on its way.
  uint64_t ghost_us = 90'000'000;
  // Beyond this it is taken to go round in circles; times what users do and nodes there are.
  uint64_t steps_max = 20'000;
};

struct WorldResult {
  std::vector<Violation> violations = {};
  uint64_t operations = 0;       // By all users.
  uint64_t lost_operations = 0;  // Of these, those that crashes may have lost.
  uint64_t virtual_us = 0;
  std::optional<uint64_t> settled_after_us = {};  // Since nothing kept it from that.
  uint64_t server_lives = 0;
  NetworkCounts network = {};
  uint64_t fingerprint = 0;  // Of everything that happened on the network, in order.
  std::string text = {};     // In the end.
};

class World {
 public:
  // kUnsupported: a topology or engine that no world has yet.
  // REQUIRES: the scenario outlives the world.
  static Expected<std::unique_ptr<World>> Make(const Scenario& scenario,
                                               const WorldOptions& options = {});

  // REQUIRES: it has not run.
  WorldResult Run();

 private:
  World(const Scenario& scenario, const WorldOptions& options);

  void MakeNodes();
  void Step(uint64_t now_us);
  std::optional<uint64_t> NextTimeUs() const;
  void OnFaults();
  void ApplyEffects(const FaultEffects& effects);
  void End(NodeNumber node, Ending ending);
  void SetDown(NodeNumber node, const FaultEffects& effects);
  void OnNetwork();
  void OnTimers();
  void Look();
  bool IsSettled() const;
  bool GoesInCircles() const;
  bool IsOver() const;
  void Fingerprint(const NetworkEvent& event);

  void Check(WorldResult& result);

  const Scenario* scenario_;
  WorldOptions options_;
  WorldContext context_;
  FaultState faults_;
  FaultEffects effects_;
  sync::ServerOptions server_options_;
  std::unique_ptr<WorldServer> server_;
  std::vector<std::unique_ptr<WorldClient>> clients_;
  size_t next_action_ = 0;
  uint64_t look_at_us_ = 0;
  uint64_t quiet_since_us_ = 0;
  uint64_t steps_ = 0;
  std::optional<uint64_t> settled_at_us_;
  uint64_t fingerprint_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_H_
