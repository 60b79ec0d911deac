// Which faults of a plan there are at a time, and what that comes to for each node: two partitions
// of one node are one, and it is up again when the last of its crashes is over.
#ifndef COTEXT_SIMULATION_WORLD_FAULT_STATE_H_
#define COTEXT_SIMULATION_WORLD_FAULT_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "simulation/world/fault_plan.h"
#include "simulation/world/virtual_network.h"
#include "sync/messages.h"

namespace cotext {

// How a node goes; of several ways, the worst counts.
enum class Ending : uint8_t { kInOrder, kKilled, kSilent };

struct FaultEffects {
  std::map<NodeNumber, Ending> down;
  std::set<std::pair<NodeNumber, NodeNumber>> blocked;
  std::map<NodeNumber, uint64_t> read_rates;
  std::map<NodeNumber, uint64_t> disk_failures_ppm;
  std::map<NodeNumber, uint64_t> disk_room;  // Bytes more that they take.
  std::map<NodeNumber, uint64_t> clock_rates_ppm;
  std::map<NodeNumber, sync::Rights> taken_rights;  // Those that their users do not have now.
  friend bool operator==(const FaultEffects&, const FaultEffects&) = default;
};

class FaultState {
 public:
  // REQUIRES: the plan outlives this; its faults are for nodes below `nodes`.
  FaultState(const FaultPlan& plan, NodeNumber nodes);

  // When the next fault begins or ends, or all of them do; nothing behind the last one.
  std::optional<uint64_t> NextTimeUs() const;

  struct Step {
    uint64_t at_us = 0;
    FaultEffects effects;            // From now on.
    std::vector<NodeNumber> resets;  // Nodes whose connections break now.
    bool is_quiet = false;           // All faults are over.
  };
  // REQUIRES: NextTimeUs() is something.
  Step Take();

 private:
  FaultEffects EffectsAt(uint64_t now_us) const;
  void AddEffect(const Fault& fault, FaultEffects& effects) const;

  const FaultPlan* plan_;
  NodeNumber nodes_;
  std::vector<uint64_t> times_us_;
  size_t next_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_FAULT_STATE_H_
