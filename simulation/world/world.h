// A simulated world, over a network and on disks with faults, in virtual time: users with clients
// around one server; around several, with bridges between them; or peers without a server. It runs
// the real sync layer and the real engine.
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

#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/check/violation.h"
#include "simulation/world/fault_state.h"
#include "simulation/world/hostile_client.h"
#include "simulation/world/scenario.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_bridge.h"
#include "simulation/world/world_client.h"
#include "simulation/world/world_log.h"
#include "simulation/world/world_peer.h"
#include "simulation/world/world_record.h"
#include "simulation/world/world_server.h"
#include "simulation/world/world_statistics.h"
#include "sync/client.h"
#include "sync/peer_connection.h"
#include "sync/server.h"

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
  bool keeps_log = false;
};

struct WorldResult {
  std::vector<Violation> violations = {};
  uint64_t operations = 0;       // By all users; OT: submissions.
  uint64_t lost_operations = 0;  // Of these, those that crashes may have lost.
  uint64_t handed_back = 0;      // OT: edits that went back to their authors.
  uint64_t attacks = 0;          // That came to a server.
  uint64_t virtual_us = 0;
  std::optional<uint64_t> settled_after_us = {};  // Since nothing kept it from that.
  uint64_t server_lives = 0;
  uint64_t failovers = 0;  // Of clients of a cluster to another server.
  NetworkCounts network = {};
  WorldStatistics statistics = {};
  uint64_t fingerprint = 0;  // Of everything that happened on the network, in order.
  std::string text = {};     // In the end.
  std::vector<LogLine> log = {};
};

class World {
 public:
  // kUnsupported: an engine that no world of that topology has. Those of CheckLinks.
  // REQUIRES: the scenario outlives the world.
  static Expected<std::unique_ptr<World>> Make(const Scenario& scenario,
                                               const WorldOptions& options = {});

  // REQUIRES: it has not run.
  WorldResult Run();

 private:
  World(const Scenario& scenario, const WorldOptions& options);

  void MakeNodes();
  void MakeHostiles();
  void MakeUsers(const sync::ClientOptions& options, Random& random);
  void MakePeers(Random& random);
  void MakeBridges(const sync::ClientOptions& options, Random& random);
  // Calls something with the node of a number, whatever it is.
  template <typename Call>
  decltype(auto) With(NodeNumber node, Call call) {
    if (node < servers_.size()) return call(*servers_[node]);
    const NodeNumber replica = node - scenario_->servers;
    if (replica < clients_.size()) return call(*clients_[replica]);
    if (replica < peers_.size()) return call(*peers_[replica]);
    return call(*bridges_[replica - scenario_->replicas]);
  }
  void Step(uint64_t now_us);
  uint64_t NextTimeUs() const;
  void DoNext();
  void NoteDue(NodeNumber node);
  void OnFaults();
  void ApplyEffects(const FaultEffects& effects);
  void End(NodeNumber node, Ending ending);
  void SetDown(NodeNumber node, const FaultEffects& effects);
  void SetTakenRights(NodeNumber node, const FaultEffects& effects);
  void SetDiskFailures(NodeNumber node, uint64_t failures_ppm);
  void SetDiskRoom(NodeNumber node, const FaultEffects& effects);
  void OnNetwork();
  void OnTimers();
  void Look();
  bool IsSettled();
  bool AllStoresHave(const std::string& version) const;
  bool GoesInCircles() const;
  bool IsOver() const;
  void Fingerprint(const NetworkEvent& event);
  std::vector<LogLine> TakeLog();

  void Check(WorldResult& result);

  const Scenario* scenario_;
  WorldOptions options_;
  WorldContext context_;
  FaultState faults_;
  FaultEffects effects_;
  sync::ServerOptions server_options_;
  sync::PeerConnectionOptions peer_options_;
  std::vector<std::unique_ptr<WorldServer>> servers_;
  std::vector<std::unique_ptr<WorldClient>> clients_;  // Or, in a mesh:
  std::vector<std::unique_ptr<WorldPeer>> peers_;
  std::vector<std::unique_ptr<WorldBridge>> bridges_;
  std::vector<std::unique_ptr<HostileClient>> hostiles_;
  // When each node has something to do, as it was when something happened to it last: nothing else
  // changes that. UINT64_MAX: never.
  std::vector<uint64_t> due_us_;
  size_t next_action_ = 0;
  uint64_t look_at_us_ = 0;
  uint64_t quiet_since_us_ = 0;
  uint64_t steps_ = 0;
  std::optional<uint64_t> settled_at_us_;
  uint64_t fingerprint_ = 0;
  WorldLog log_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_H_
