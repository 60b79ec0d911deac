// A user's computer in a simulated world: a document with a disk (world_document.h), the sync
// layer's client, and the user.
//
// A crash loses what is not on the disk; some have no disk at all. Whoever may not read the
// document any longer, or lost it for what he sent before he knew that he may not write, keeps what
// he has, and opens it again until he may.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_
#define COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "document/random.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_document.h"
#include "simulation/world/world_record.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext {

struct WorldClientOptions {
  NodeNumber node = 0;
  NodeNumber server = 0;
  std::vector<NodeNumber> other_servers = {};  // To go to when that is not to be reached for long.
  uint64_t failover_us = 10'000'000;
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
  // What the document has, in a form that is the same for the same.
  std::string version() const { return document_.version(); }
  FinalCopy Final() const { return document_.Final(); }
  std::optional<size_t> HistoryBytes() const { return document_.HistoryBytes(); }
  const std::u32string& recorded_text() const { return process_->recorder->text(); }
  bool is_connected() const;
  SessionName session() const;
  NodeNumber server() const { return server_; }
  const std::string& shown() const { return process_->shown; }
  PresenceSample SeenPresence() const;

 private:
  // What a crash takes, beside the document.
  struct Process {
    std::unique_ptr<IntentRecorder> recorder;
    std::unique_ptr<UserActor> actor;
    std::unique_ptr<sync::Client> client;
    sync::DocumentKey key = 0;
    std::optional<ConnectionNumber> connection;
    SessionName session = 0;
    uint64_t server_life = 0;  // Of the last Welcome.
    std::string shown;
    std::optional<uint64_t> save_at_us;
    std::optional<uint64_t> open_at_us;  // Again, after it was lost.
    std::optional<uint64_t> ticked_at_us;
    std::optional<uint64_t> lost_at_us;  // Since then its server was not reached.
  };

  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Save();
  void OpenAgain();
  void Pump();
  void TakeActions();
  void ChooseServer();
  void OnPacket(const NetworkEvent& event);
  void NoteArrivals();
  void NoteWelcome(const sync::Packet& packet);
  void Send(const sync::Packet& packet);
  void SaveSoon();
  void NoteSession();
  void TakeEvents();
  void OnFailed(const sync::DocumentFailed& failed);

  WorldContext* context_;
  WorldClientOptions options_;
  Random random_;
  SkewedClock clock_;
  UniqueText unique_;
  WorldDocument document_;
  NodeNumber server_;
  std::unique_ptr<Process> process_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_CLIENT_H_
