// What goes wrong in a simulation, and when: a list that can be written down, read and shortened.
//
// A plan is all that is random about faults; carrying it out asks no generator but the network's
// and the disks' own. Some faults are there all the time (the paths of the network, the store's
// delays), the others begin at a time and last for a while. At quiet_at_us all of them end.
//
// Nodes: servers have the numbers from 0, then come replicas, then bridges between servers. Times
// in microseconds of virtual time, shares in millionths.
#ifndef COTEXT_SIMULATION_WORLD_FAULT_PLAN_H_
#define COTEXT_SIMULATION_WORLD_FAULT_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "simulation/world/network_path.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/virtual_network.h"
#include "sync/memory_store.h"

namespace cotext {

enum class FaultKind : uint8_t {
  // All the time.
  kLatency,  // Varies, with spikes; without it everything takes the same time.
  kLoss,     // This one and the next three: shares of packets.
  kDuplicate,
  kReorder,
  kCorrupt,
  kSlowStore,  // Answers of stores take time.
  // From a time on, for a while.
  kPartition,      // The nodes are cut off from all others.
  kOneWay,         // Nothing that they send reaches others.
  kReset,          // Their connections break; they may connect again at once.
  kCrash,          // They lose all that they have not saved; without a word if `amount` is 1.
  kServerCrash,    // The same with servers and their disks.
  kLeave,          // They are closed in order, with what they have saved, and opened again.
  kServerRestart,  // Servers are shut down in order, and started again.
  kOffline,        // Without a network for long; their users go on.
  kLate,           // They begin only then.
  // `amount` of writes, and half as many of the loads, fail. Without servers: of what peers save.
  kDisk,
  kSlowReader,  // They read `amount` bytes per second of each connection.
  kClockSkew,   // Their clocks run `amount` faster; 1,000,000 is twice as fast.
  kReadOnly,    // The servers do not let their users write.
  kCutOff,      // Nor read.
  kHostile,     // Somebody attacks these servers (hostile_client.h); `amount` is his seed.
  kFullDisk,    // Their disks have room for `amount` bytes more. Not of stores in memory.
};

inline constexpr FaultKind kFaultKindLast = FaultKind::kFullDisk;

// The names that `--faults` and scenarios use: "latency", "loss", ..., "full-disk".
std::string_view FaultName(FaultKind kind);
std::optional<FaultKind> FaultNamed(std::string_view name);

class FaultKinds {
 public:
  static FaultKinds All() { return FaultKinds(2 * BitOf(kFaultKindLast) - 1); }
  FaultKinds() = default;

  // Reads "all", "none", or names with commas between them. kInvalidTrace names the wrong one.
  static Expected<FaultKinds> Parse(std::string_view list);

  bool Has(FaultKind kind) const { return (bits_ & BitOf(kind)) != 0; }
  void Add(FaultKind kind) { bits_ |= BitOf(kind); }
  void Remove(FaultKind kind) { bits_ &= ~BitOf(kind); }
  friend bool operator==(FaultKinds, FaultKinds) = default;

 private:
  explicit FaultKinds(uint32_t bits) : bits_(bits) {}
  static uint32_t BitOf(FaultKind kind) { return 1U << static_cast<uint8_t>(kind); }

  uint32_t bits_ = 0;
};

struct Fault {
  FaultKind kind{};
  uint64_t at_us = 0;
  uint64_t for_us = 0;
  std::vector<NodeNumber> nodes = {};  // Ascending.
  uint64_t amount = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct FaultPlan {
  ConnectionKind connections = ConnectionKind::kOrdered;
  NetworkPath path;
  sync::MemoryStoreFaults store;
  std::vector<Fault> faults;  // By time.
  uint64_t quiet_at_us = 0;
  friend bool operator==(const FaultPlan&, const FaultPlan&) = default;
};

struct FaultOptions {
  uint64_t seed = 1;
  uint32_t servers = 1;
  uint32_t replicas = 3;
  uint32_t bridges = 0;
  StoreKind store = StoreKind::kMemory;
  uint64_t duration_us = 10'000'000;  // Faults begin within it.
  FaultKinds kinds = FaultKinds::All();
  // In place of random ones.
  std::optional<uint64_t> loss_ppm = {};
  std::optional<uint64_t> duplicate_ppm = {};
  std::optional<uint32_t> partitions = {};
  std::optional<uint32_t> crashes = {};  // Of servers and of clients.
};

// Returns a random plan, the same for the same options on any machine.
FaultPlan GenerateFaultPlan(const FaultOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_FAULT_PLAN_H_
