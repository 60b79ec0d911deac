// A server in a simulated world: the sync layer's server on a simulated disk.
//
// A crash loses the server with all sessions, and what the disk had not synced; the disk goes on
// with the next server.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_
#define COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "crdt/rga_document.h"
#include "document/random.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_presence.h"
#include "simulation/world/skewed_clock.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/memory_store.h"
#include "sync/server.h"

namespace cotext {

struct WorldServerOptions {
  NodeNumber node = 0;
  uint64_t seed = 0;
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

  NodeNumber node() const { return options_.node; }
  bool IsSettled() const { return is_running() && server_->is_quiet(); }

  // Returns the document as it is on the disk, whatever happens; as far as it can be read.
  std::unique_ptr<RgaDocument> StoredDocument();

 private:
  uint64_t LocalMs() const { return clock_.LocalMs(context_->now_us); }
  void Pump();
  void End();
  void Do(const sync::ServerAction& action);
  void CallStore(const sync::CallStore& call);
  void NoteStored();
  void NoteBuffers();

  WorldContext* context_;
  WorldServerOptions options_;
  Random random_;
  SkewedClock clock_;
  sync::MemoryStore store_;
  std::unique_ptr<sync::Server> server_;
  bool is_stopping_ = false;
  std::optional<uint64_t> ticked_at_us_;
};

// The most that queues may hold, by the names that the nodes give them.
BufferRecord BuffersOf(const WorldRecord& record, const sync::ServerOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_SERVER_H_
