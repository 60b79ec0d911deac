// Attacks on a server, each as the packet that does it, and what it may come to.
#ifndef COTEXT_SIMULATION_WORLD_HOSTILE_ATTACK_H_
#define COTEXT_SIMULATION_WORLD_HOSTILE_ATTACK_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/message.h"
#include "sync/messages.h"

namespace cotext {

// How far a connection has come.
enum class HostileStage : uint8_t { kConnected, kGreeted, kOpened };

struct HostileState {
  Engine engine = Engine::kRga;
  NodeNumber server = 0;
  HostileStage stage = HostileStage::kConnected;
  HostileStage wanted = HostileStage::kConnected;  // Where to attack.
  bool has_greeted = false;
  bool is_spent = false;  // Nobody knows any more how far the connection has come.
  uint64_t next_number = 1;
  uint64_t received = 0;
  uint64_t next_request = 1;
  sync::Channel channel = 0;
  std::vector<sync::Message> seen = {};  // Edits of others.
};

struct HostileAttack {
  std::string what;
  std::string packet;
  // See HostileAct.
  std::set<ErrorCode> codes = {};
  bool may_go_on = false;
};

// Returns an attack for the stage that the connection has come to; nothing if the one that was
// drawn is not possible now. Its messages are numbered on from the state's.
std::optional<HostileAttack> DrawAttack(HostileState& state, const WorldContext& context,
                                        Random& random);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_HOSTILE_ATTACK_H_
