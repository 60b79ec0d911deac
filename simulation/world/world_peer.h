// A peer in a simulated mesh: a user's computer that has no server, but connections to other peers.
//
// What is on its own disk is what it calls durable. A crash loses the rest, but for what others
// have; some have no disk at all. Whoever starts again does so under another replica.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_PEER_H_
#define COTEXT_SIMULATION_WORLD_WORLD_PEER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/rga_copy.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/client_event.h"
#include "sync/peer_connection.h"

namespace cotext {

struct WorldPeerOptions {
  NodeNumber node = 0;
  std::vector<NodeNumber> neighbours = {};  // The lower of two connects to the other.
  uint32_t replicas = 1;
  uint64_t seed = 0;
  bool saves = true;
  sync::PeerConnectionOptions connection = {};
};

class WorldPeer {
 public:
  // REQUIRES: the context outlives this.
  WorldPeer(WorldContext& context, const WorldPeerOptions& options);

  bool is_running() const { return process_ != nullptr; }
  // REQUIRES: is not running.
  void Start();
  // Both do nothing if it is not running.
  void Crash();
  void Leave();

  // Those who are not running do nothing, here and below.
  void Do(const UserAction& action);
  void OnNetwork(NetworkEvent event);
  void OnTime();
  std::optional<uint64_t> NextTimeUs() const;
  void SetClockRate(uint64_t faster_ppm) { clock_.SetRate(faster_ppm, context_->now_us); }
  // How many of a million attempts to save fail.
  void SetDiskFailures(uint64_t failures_ppm) { disk_failures_ppm_ = failures_ppm; }

  NodeNumber node() const { return options_.node; }
  const std::vector<NodeNumber>& neighbours() const { return options_.neighbours; }
  bool IsSettled() const;
  NodeProgress Progress() const;

  // REQUIRES, of all below: is running.
  const RgaDocument& document() const { return copy_.rga(); }
  const std::u32string& recorded_text() const { return process_->recorder->text(); }
  SessionName session() const { return process_->session; }
  const std::string& shown() const { return process_->shown; }
  PresenceSample SeenPresence() const;

 private:
  struct Neighbour {
    std::unique_ptr<sync::PeerConnection> end;
    std::optional<ConnectionNumber> connection = {};
  };
  // What a crash takes, beside the document.
  struct Process {
    std::unique_ptr<IntentRecorder> recorder;
    std::unique_ptr<UserActor> actor;
    std::map<NodeNumber, Neighbour> neighbours = {};
    SessionName session = 0;
    std::string shown = {};
    VersionVector saved = {};  // What the disk has.
    std::optional<uint64_t> save_at_us = {};
    std::optional<uint64_t> ticked_at_us = {};
  };

  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Note(DurabilityEvent::Kind kind);
  void Save();
  void SaveSoon();
  void OnPacket(Neighbour& neighbour, const NetworkEvent& event);
  void OnOpened(Neighbour& neighbour, const NetworkEvent& event);
  void Pump();
  SessionName SessionOf(NodeNumber node, const Neighbour& neighbour) const;
  void Do(NodeNumber node, Neighbour& neighbour, const sync::ClientAction& action);

  WorldContext* context_;
  WorldPeerOptions options_;
  Random random_;
  SkewedClock clock_;
  UniqueText unique_;
  RgaCopy copy_;
  uint64_t disk_failures_ppm_ = 0;
  bool has_started_ = false;
  std::unique_ptr<Process> process_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_PEER_H_
