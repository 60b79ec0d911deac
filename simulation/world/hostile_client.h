// Somebody who attacks a server in a simulated world: he connects, gets as far as an attack needs,
// does it, and sees whether he still has a session; then the next one, until his time is over. He
// is a user like others, with the right to read and write, and keeps to the rules between attacks.
//
// Attacks: bytes that are no packet, cut packets, too large ones; messages in the wrong state, of
// the wrong engine, for unknown channels; edits under ids of others, tokens of others, packets of
// others; floods of opens. What each may come to is in the record, see check_hostile.h.
#ifndef COTEXT_SIMULATION_WORLD_HOSTILE_CLIENT_H_
#define COTEXT_SIMULATION_WORLD_HOSTILE_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/random.h"
#include "simulation/world/hostile_attack.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/message.h"
#include "sync/packet.h"

namespace cotext {

struct HostileClientOptions {
  NodeNumber node = 0;
  NodeNumber server = 0;
  uint64_t seed = 0;
  uint64_t from_us = 0;
  uint64_t until_us = 0;
};

class HostileClient {
 public:
  // REQUIRES: the context outlives this.
  HostileClient(WorldContext& context, const HostileClientOptions& options)
      : context_(&context), options_(options), random_(options.seed), act_at_us_(options.from_us) {}

  NodeNumber node() const { return options_.node; }
  void OnNetwork(const NetworkEvent& event);
  void OnTime();
  // When OnTime is due.
  std::optional<uint64_t> NextTimeUs() const { return act_at_us_; }

 private:
  void Wait(uint64_t most_us) { act_at_us_ = context_->now_us + random_.Below(most_us) + 1; }
  void Connect();
  void GiveUp();
  // Takes the next step towards the attack.
  void Advance();
  void Attack();
  void OnPacket(const NetworkEvent& event);
  void OnMessage(const sync::Message& message, ConnectionNumber connection);
  void SendControl(const sync::Message& message);
  void SendNumbered(const sync::Message& message);
  void NoteGone();

  WorldContext* context_;
  HostileClientOptions options_;
  Random random_;
  std::optional<uint64_t> act_at_us_;
  bool has_started_ = false;
  std::optional<ConnectionNumber> connection_;
  bool is_open_ = false;
  bool has_asked_ = false;  // For the document.
  HostileState state_;
  SessionName session_ = 0;
  uint64_t attacks_left_ = 0;  // On this connection.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_HOSTILE_CLIENT_H_
