// What the nodes of a simulated world share: the network, the time, and what they write down for
// the checkers.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_
#define COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "document/document.h"
#include "document/document_id.h"
#include "simulation/check/check_buffers.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/check_handed_back.h"
#include "simulation/check/check_hostile.h"
#include "simulation/check/check_presence.h"
#include "simulation/check/violation.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/virtual_network.h"

namespace cotext {

// A character came to be seen by somebody.
struct Arrival {
  uint64_t at_us = 0;
  NodeNumber node = 0;
  CharacterNumber character = 0;
  bool is_own = false;
};

// A copy of an OT document has come from one revision to another.
struct RevisionStep {
  uint64_t copy = 0;
  uint64_t at_us = 0;
  uint64_t from = 0;
  uint64_t to = 0;
};

struct WorldRecord {
  std::vector<EditRecord> made;
  std::vector<EditRecord> lost;  // Never saved, perhaps never sent.
  std::vector<DurabilityEvent> durability;
  std::vector<Delivery> deliveries;
  std::vector<UserIntent> intents;
  std::vector<Arrival> arrivals;  // By time.
  uint64_t lost_intents = 0;      // OT: that a crash took, unsaved.
  // OT: as which revision each node saw what committed, how copies followed, what was handed back.
  std::map<NodeNumber, std::map<uint64_t, std::string>> commits;
  std::vector<RevisionStep> steps;
  std::vector<HandedBackEdits> handed_back;
  std::vector<HostileAct> attacks;
  PresenceRecord presence;
  // The greatest depth of each buffer of a node.
  std::map<std::pair<NodeNumber, std::string>, BufferSample> buffers;
  // Documents and sessions that were refused, though nobody did anything wrong.
  Violations refusals{"no refusal"};
  bool has_unique_text = true;

  void NoteArrivals(NodeNumber node, const std::vector<ArrivedCharacter>& arrived, uint64_t at_us) {
    for (const auto& [character, is_own] : arrived) {
      arrivals.push_back({.at_us = at_us, .node = node, .character = character, .is_own = is_own});
    }
  }

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
  Engine engine = Engine::kRga;
  std::set<NodeNumber> restricted;  // Whose rights were taken, ever.
  // For whoever is hostile: secrets and packets of others, and writers whose ids each server knows
  // to be theirs for good. An id that nobody has there yet could be stolen by whoever reads others'
  // packets before that server does, and no server can prevent that.
  std::set<std::string> tokens;
  bool is_overheard = false;
  std::deque<std::string> overheard;
  std::map<NodeNumber, std::set<uint64_t>> known_writers;
  // Which of the attacks a connection brings the server, in order.
  std::map<ConnectionNumber, std::deque<std::pair<std::string, size_t>>> coming_attacks;
  DocumentId document_id;       // Chosen by whoever made the document; all zero: its server does.
  NodeNumber first_bridge = 0;  // Bridges have the numbers behind those of users.
  uint32_t bridges = 0;
  // Of peers, whose sessions are their lives: which one is at each end.
  uint64_t peer_lives = 0;
  uint64_t failovers = 0;
  std::map<std::pair<ConnectionNumber, NodeNumber>, SessionName> connection_ends;

  bool IsBridge(NodeNumber node) const {
    return node >= first_bridge && node < first_bridge + bridges;
  }
  WorldRecord record;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_RECORD_H_
