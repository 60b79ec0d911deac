// A server in a simulated world: the sync layer's server on a simulated disk.
//
// A crash loses the server with all sessions, and what the disk had not synced; the disk goes on
// with the next server.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_
#define COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/check/check_buffers.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_hostile.h"
#include "simulation/world/ot_archive.h"
#include "simulation/world/ot_records.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/stored_end.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "simulation/world/world_store.h"
#include "sync/grants.h"
#include "sync/hub_output.h"
#include "sync/memory_store.h"
#include "sync/messages.h"
#include "sync/server.h"
#include "sync/store.h"

namespace cotext {

struct WorldServerOptions {
  NodeNumber node = 0;
  uint64_t seed = 0;
  StoreKind store_kind = StoreKind::kMemory;
  sync::MemoryStoreFaults store = {};
  sync::ServerOptions server = {};
};

class WorldServer {
 public:
  // REQUIRES: the context outlives this.
  WorldServer(WorldContext& context, const WorldServerOptions& options);

  bool is_running() const { return server_ != nullptr && !is_stopping_; }
  // REQUIRES: is not running.
  void Start();
  // Both do nothing if it is not running.
  void Crash();
  // Ends it once the disk has answered, or the next one is started.
  void ShutDown();

  // While it is not running nothing happens, here and below.
  void OnNetwork(NetworkEvent event);
  void OnTime();
  std::optional<uint64_t> NextTimeUs() const;
  void SetClockRate(uint64_t faster_ppm) { clock_.SetRate(faster_ppm, context_->now_us); }
  void SetStoreFaults(const sync::MemoryStoreFaults& faults) { store_.SetFaults(faults); }
  // As of WorldStore.
  void SetDiskRoom(std::optional<uint64_t> bytes) { store_.SetRoom(bytes); }

  NodeNumber node() const { return options_.node; }
  bool IsSettled() const { return is_running() && server_->is_quiet(); }

  // Takes rights away from the user of a node, or gives them back: all but these are his.
  void SetTakenRights(NodeNumber node, sync::Rights taken);

  // Returns the document as it is on the disk, whatever happens; as far as it can be read.
  StoredEnd ReadStored() const;

 private:
  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Pump();
  void End();
  void Do(const sync::ServerAction& action);
  void CallStore(const sync::CallStore& call);
  void OnStoreAnswer(sync::StoreAnswer answer);
  void OnPacket(const NetworkEvent& event);
  void OnWelcome(sync::ConnectionId connection, const sync::Message& message);
  sync::Rights RightsOf(NodeNumber node) const;
  sync::Identity IdentityOf(NodeNumber node) const;
  void CheckMayWrite(const sync::HubAppend& append) const;
  HostileAct* ComingAttack(const NetworkEvent& event);
  Expected<EditExtent> StoredExtent() const;
  Expected<std::unique_ptr<RgaDocument>> ReadRga() const;
  Expected<OtLog> ReadOt() const;
  void ReadStoredOt(StoredEnd& end) const;
  void NoteStored();
  void NoteBuffers();

  WorldContext* context_;
  WorldServerOptions options_;
  Random random_;
  SkewedClock clock_;
  WorldStore store_;
  std::unique_ptr<sync::Server> server_;
  bool is_stopping_ = false;
  uint64_t life_ = 0;
  std::optional<uint64_t> ticked_at_us_;

  std::map<NodeNumber, sync::Rights> taken_rights_;
  std::optional<NodeNumber> talking_;                          // Whose packet is being taken in.
  std::map<sync::SessionId, NodeNumber> sessions_;             // Of this life, whose they are.
  std::map<sync::ConnectionId, NodeNumber> connections_;       // Likewise.
  std::map<sync::ConnectionId, ErrorCode> closed_;             // Likewise, by the server.
  std::map<sync::Ticket, std::vector<sync::Record>> appends_;  // Of the document; not answered.
  std::set<sync::Ticket> loads_;                               // Likewise.
  OtArchive archive_;
};

// The most that queues may hold, by the names that the nodes give them.
BufferRecord BuffersOf(const WorldRecord& record, const sync::ServerOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_
