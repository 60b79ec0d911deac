// Every interleaving of two clients and a server that a few edits and a few faults leave possible,
// each state visited once.
//
// A state is that of the three nodes (small_scope_states.h), what is on its way, the budget of
// faults that is left, and the time. From each, every step is taken that can be:
//
//     a client makes its next edit, or connects; the server accepts that with the first packet
//     the next packet of a direction is delivered, or delivered and kept, or lost
//     the store answers its oldest call
//     a connection breaks; what is on its way is lost, and both ends are told
//     the server and its store crash; of the calls that were not answered, the first are kept, any
//         number of them
//     time goes on to the next timer, if none but faults can happen
//
// Once no fault is left, what a client that has made all its edits receives touches nobody else: it
// is delivered at once, as whatever else can happen can happen behind it as well. Nor do
// acknowledgements to the server come in every order, if nothing else is left to happen.
//
// The walk begins where both clients have a document open that has some text, and nothing is under
// way; or before anything has happened. What is looked at after each step and at the end: .cc.
//
// States are told apart by 64-bit hashes: two of n collide with a probability of n^2 / 2^65. No
// path comes to a state twice, so that paths can be counted. Memory: some 50 bytes a state, and the
// nodes'.
#ifndef COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_
#define COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/sync/small_scope_node.h"
#include "tests/sync/small_scope_states.h"

namespace cotext::sync {

struct SmallScope {
  std::array<uint32_t, kScopeClients> edits = {1, 1};  // Of each client, 2 at most.
  uint32_t losses = 0;
  uint32_t duplicates = 0;
  uint32_t reconnects = 0;
  uint32_t crashes = 0;
  bool begins_connected = true;
  bool shows_progress = false;
};

struct SmallScopeReport {
  uint64_t states = 0;
  uint64_t transitions = 0;
  uint64_t complete_states = 0;  // In which nothing but edits and faults can happen ever.
  double complete_paths = 0;     // How many ways were taken to those.
  size_t node_states = 0;
  std::string failure = {};            // What went wrong; empty: nothing did.
  std::vector<std::string> path = {};  // The steps that led there.
};

class SmallScopeWalk {
 public:
  explicit SmallScopeWalk(const SmallScope& scope);

  SmallScopeReport Run();

 private:
  enum class Kind : uint8_t {
    kDeliverUp,
    kDeliverDown,
    kAnswer,
    kConnect,
    kEdit,
    kKeepUp,
    kKeepDown,
    kLoseUp,
    kLoseDown,
    kBreak,
    kCrash,
    kWait
  };
  struct Action {
    Kind kind{};
    uint32_t value = 0;  // Which client, or how many calls are kept.
  };
  struct State {
    std::array<uint32_t, kScopeClients> clients{};
    uint32_t server = 0;
    std::array<std::vector<uint32_t>, kScopeClients> up = {};
    std::array<std::vector<uint32_t>, kScopeClients> down = {};
    std::array<bool, kScopeClients> is_connected{};
    std::array<bool, kScopeClients> is_accepted{};  // The server knows of that.
    std::array<uint32_t, kScopeClients> edits{};
    uint32_t losses = 0;
    uint32_t duplicates = 0;
    uint32_t reconnects = 0;
    uint32_t crashes = 0;
    uint64_t now_ms = 1000;
  };
  struct Frame {
    State state;
    uint64_t hash = 0;
    std::vector<Action> actions = {};
    size_t next = 0;
    double paths = 0;
  };

  State Begin();
  // Takes steps other than faults until there are none.
  void Calm(State& state);
  void Enter(State state, uint64_t hash);
  void Leave();
  static uint64_t HashOf(const State& state);
  static std::string NameOf(const Action& action);

  // What can happen by itself, and at once.
  std::vector<Action> Urgent(const State& state) const;
  // A step whose place among all others does not matter, if there is one.
  std::optional<Action> Private(const State& state) const;
  std::vector<Action> Enabled(const State& state) const;
  void AddFaults(const State& state, std::vector<Action>& actions) const;
  uint64_t NextMs(const State& state) const;

  void Take(State& state, const Action& action);
  void ToClient(State& state, uint32_t client, ScopeInputKind kind, uint32_t value = 0);
  void ToServer(State& state, uint32_t client, ScopeInputKind kind, uint32_t value = 0);
  void CutOff(State& state, uint32_t client);
  void Break(State& state, uint32_t client);
  void Crash(State& state, uint32_t kept);
  void Wait(State& state);

  // Return what is wrong; empty if nothing is.
  std::string CheckAlways(const State& state) const;
  std::string CheckComplete(const State& state) const;
  bool IsComplete(const State& state) const;

  SmallScope scope_;
  PacketTable packets_;
  LocalStates<ScopeClient> clients_;
  LocalStates<ScopeServer> servers_;
  std::unordered_map<uint64_t, double> paths_;  // From each state to complete ones.
  std::vector<Frame> frames_;
  SmallScopeReport report_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_
