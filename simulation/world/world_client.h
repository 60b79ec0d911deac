// A user's computer in a simulated world: a document, the sync layer's client, the user, and a disk
// on which the document is saved now and then.
//
// A crash loses what is not on the disk; whoever starts again does so under another replica, as the
// old one may have said more than the disk knows of. Some have no disk at all.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_
#define COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/client.h"

namespace cotext {

struct WorldClientOptions {
  NodeNumber node = 0;
  NodeNumber server = 0;
  uint32_t replica = 0;  // Of how many:
  uint32_t replicas = 1;
  uint64_t seed = 0;
  bool saves = true;
  sync::ClientOptions client = {};
};

class WorldClient {
 public:
  // REQUIRES: the context outlives this.
  WorldClient(WorldContext& context, const WorldClientOptions& options);

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
  // When OnTime is due.
  std::optional<uint64_t> NextTimeUs() const;
  void SetClockRate(uint64_t faster_ppm) { clock_.SetRate(faster_ppm, context_->now_us); }

  NodeNumber node() const { return options_.node; }
  // Whether nothing is left to be done but for what others may send.
  bool IsSettled() const;
  NodeProgress Progress() const;

  // REQUIRES, of all below: is running.
  const RgaDocument& document() const { return *process_->document; }
  const std::u32string& recorded_text() const { return process_->recorder->text(); }
  bool is_connected() const;
  SessionName session() const;
  const std::string& shown() const { return process_->shown; }
  PresenceSample SeenPresence() const;

 private:
  // What a crash takes.
  struct Process {
    std::unique_ptr<RgaDocument> document;
    std::unique_ptr<IntentRecorder> recorder;
    std::unique_ptr<UserActor> actor;
    std::unique_ptr<sync::Client> client;
    sync::DocumentKey key = 0;
    std::optional<ConnectionNumber> connection;
    uint64_t copy = 0;
    VersionVector delivered;  // What was written down.
    SessionName session = 0;
    uint64_t server_life = 0;  // Of the last Welcome.
    std::string shown;
    std::optional<uint64_t> save_at_us;
    std::optional<uint64_t> ticked_at_us;
  };
  // What it does not.
  struct Disk {
    std::string update;
    VersionVector version;
    DocumentId id;
  };

  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Load(Process& process);
  void Save();
  void Pump();
  void TakeActions();
  void OnPacket(const NetworkEvent& event);
  void NoteMessages(const sync::Packet& packet);
  void NoteEdit(uint64_t first_counter);
  void NoteDeliveries();
  void NoteSession();
  void TakeEvents();

  WorldContext* context_;
  WorldClientOptions options_;
  Random random_;
  SkewedClock clock_;
  UniqueText unique_;
  std::vector<ReplicaId> replicas_;  // That were this user's, the present one last.
  Disk disk_;
  std::unique_ptr<Process> process_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_
