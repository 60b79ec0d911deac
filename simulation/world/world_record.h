// What the nodes of a simulated world share: the network, the time, and what they write down for
// the checkers.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_
#define COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulation/check/check_buffers.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/check_presence.h"
#include "simulation/check/violation.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/virtual_network.h"

namespace cotext {

struct WorldRecord {
  std::vector<EditRecord> made;
  std::vector<EditRecord> lost;  // Never saved, perhaps never sent.
  std::vector<DurabilityEvent> durability;
  std::vector<Delivery> deliveries;
  std::vector<UserIntent> intents;
  PresenceRecord presence;
  // The greatest depth of each buffer of a node.
  std::map<std::pair<NodeNumber, std::string>, BufferSample> buffers;
  // Documents and sessions that were refused, though nobody did anything wrong.
  Violations refusals{"no refusal"};
  bool has_unique_text = true;

  void NoteBuffer(NodeNumber node, const std::string& buffer, uint64_t depth, uint64_t at_us) {
    BufferSample& deepest = buffers[{node, buffer}];
    if (depth < deepest.depth) return;
    deepest = BufferSample{.at_us = at_us, .node = node, .buffer = buffer, .depth = depth};
  }
};

struct WorldContext {
  WorldContext(uint64_t seed, const NetworkOptions& options) : network(seed, options) {}

  VirtualNetwork network;
  ConnectionKind connections = ConnectionKind::kOrdered;
  uint64_t now_us = 0;
  uint64_t next_copy = 1;    // Of the document.
  uint64_t server_life = 0;  // Sessions of another life are other sessions.
  std::map<ConnectionNumber, uint64_t> connection_lives;  // In which they opened.
  WorldRecord record;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_
