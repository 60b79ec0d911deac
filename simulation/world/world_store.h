// The store of a server in a simulated world with its disk, of either kind, driven in virtual time.
//
// Both kinds keep the contract of sync/store.h; only the second one has a disk that can be full, or
// a process that ends in order.
//
// Thread-compatible.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_STORE_H_
#define COTEXT_SIMULATION_WORLD_WORLD_STORE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "simulation/virtual_store.h"
#include "simulation/world/store_kind.h"
#include "sync/memory_store.h"
#include "sync/store.h"

namespace cotext {

class WorldStore {
 public:
  WorldStore(StoreKind kind, uint64_t seed, const sync::MemoryStoreFaults& faults);

  // What the server's calls go to.
  sync::Store& calls();

  // As of MemoryStore.
  void SetFaults(const sync::MemoryStoreFaults& faults);
  void SetTime(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs() const;
  void Crash();
  sync::StoredLog Synced(std::string_view document) const;

  // Lets the disk take so many bytes more than it has now; nothing: as many as come.
  void SetRoom(std::optional<uint64_t> bytes);
  // The process ends in order. REQUIRES: every call was answered.
  void Close();

 private:
  std::variant<sync::MemoryStore, VirtualStore> store_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_STORE_H_
