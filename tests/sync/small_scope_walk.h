// Every interleaving of two clients and a server that a few edits and a few faults leave possible,
// each state visited once.
//
// A state is that of the three nodes (small_scope_states.h), what is on its way, and the budgets of
// edits and faults that are left. From each, every step is taken that can be:
//
//     a client makes its next edit, or connects; the server accepts that with the first packet
//     the next packet of a direction is delivered, or delivered and kept, or lost
//     the store answers its oldest call
//     a connection breaks: the client is told, and what was on its way to it is lost; then, at any
//         time but before it connects again, the same for the server
//     the server and its store crash; of the calls that were not answered, the first are kept, any
//         number of them
//     time goes on to the next timer, if nothing is under way
//
// Orders of steps that come to the same are not all taken (small_scope_steps.cc says which, and
// why every end is come to all the same; a test compares the ends with those of all orders).
//
// The walk begins where both clients have a document open that has some text, and nothing is under
// way; or before anything has happened. What is looked at after each step and at the end: .cc. A
// walk that comes back to where it was on its way is a failure too: it could go on for ever.
//
// States are told apart by 64-bit hashes: two of n collide with a probability of n^2 / 2^65. A
// step takes about a microsecond if the nodes know theirs, one that they do not some 50. Memory:
// some 10 bytes a state, and 500 each of the nodes'.
#ifndef COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_
#define COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "document/random.h"
#include "tests/sync/packet_queues.h"
#include "tests/sync/small_scope_node.h"
#include "tests/sync/small_scope_states.h"
#include "tests/sync/state_set.h"

namespace cotext::sync {

struct SmallScope {
  std::array<uint32_t, kScopeClients> edits = {1, 1};  // Of each client, 2 at most.
  uint32_t losses = 0;
  uint32_t duplicates = 0;
  uint32_t reconnects = 0;
  uint32_t crashes = 0;
  bool begins_connected = true;
  bool takes_all_orders = false;  // Of steps that come to the same, too.
  bool shows_progress = false;
};

struct SmallScopeReport {
  uint64_t states = 0;
  uint64_t transitions = 0;
  uint64_t complete_states = 0;  // In which nothing but edits and faults can happen ever.
  uint64_t ends = 0;             // What those are: the sum of hashes.
  size_t node_states = 0;
  uint64_t merged = 0;                 // Steps of nodes that led to a state that was known.
  std::string failure = {};            // What went wrong; empty: nothing did.
  std::vector<std::string> path = {};  // The steps that led there.
};

class SmallScopeWalk {
 public:
  explicit SmallScopeWalk(const SmallScope& scope);

  SmallScopeReport Run();

  // After Run: sees whether states of nodes that were taken for one are (LocalStates::Follow).
  // Returns what shows that they are not.
  std::string Follow(Random& random);

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
    kNotice,
    kDoom,
    kCrash,
    kWait
  };
  // What becomes of a connection that the client has lost, as long as the server has not.
  static constexpr uint8_t kNone = 0;
  static constexpr uint8_t kBroken = 1;
  static constexpr uint8_t kDoomed = 2;  // The server will crash.
  struct Action {
    Kind kind{};
    uint32_t value = 0;  // Which client, or how many calls are kept.
  };
  // Has no gaps: its bytes are what is hashed.
  struct State {
    std::array<uint32_t, kScopeClients> clients{};
    uint32_t server = 0;
    std::array<uint32_t, kScopeClients> up{};
    std::array<uint32_t, kScopeClients> down{};
    std::array<uint8_t, kScopeClients> is_connected{};
    std::array<uint8_t, kScopeClients> is_accepted{};  // The server knows of that.
    std::array<uint8_t, kScopeClients> edits{};
    uint8_t losses = 0;
    uint8_t duplicates = 0;
    uint8_t reconnects = 0;
    uint8_t crashes = 0;
    std::array<uint8_t, kScopeClients> fates{};
  };
  using Actions = std::vector<Action>;
  struct Frame {
    State state;
    uint64_t hash = 0;
    Actions actions = {};
    size_t next = 0;
  };
  static constexpr uint32_t kEmpty = PacketQueues::kEmpty;

  State Begin();
  // Takes steps other than faults until there are none.
  void Calm(State& state);
  // Goes on from a state, unless it is known.
  void Enter(const State& state);
  void ShowProgress() const;
  static uint64_t HashOf(const State& state);
  static std::string NameOf(const Action& action);

  // Whether nothing is under way.
  bool IsCalm(const State& state) const;
  void AddOfClient(const State& state, uint32_t i, Actions& actions) const;
  void AddOthers(const State& state, Actions& actions) const;
  std::optional<Action> Last(const State& state) const;
  // Return which steps are taken from a state, and all that there are.
  Actions Enabled(const State& state) const;
  Actions AllOf(const State& state) const;
  uint64_t WaitMs(const State& state) const;
  uint64_t DescribeEnd(const State& state) const;

  void Take(State& state, const Action& action);
  void Deliver(State& state, uint32_t client, bool is_up, bool keeps);
  void ToClient(State& state, uint32_t client, ScopeInputKind kind, uint32_t value = 0);
  void ToServer(State& state, uint32_t client, ScopeInputKind kind, uint32_t value = 0);
  void Lose(State& state, uint32_t client);
  void Notice(State& state, uint32_t client);
  void Crash(State& state, uint32_t kept);
  void Wait(State& state);

  // Return what is wrong; empty if nothing is.
  std::string CheckAlways(const State& state) const;
  std::string CheckComplete(const State& state) const;
  bool IsComplete(const State& state) const;

  SmallScope scope_;
  PacketQueues queues_;
  LocalStates<ScopeClient> clients_;
  LocalStates<ScopeServer> servers_;
  StateSet known_;
  std::vector<Frame> frames_;            // The way to where it is.
  std::unordered_set<uint64_t> on_way_;  // Their hashes.
  SmallScopeReport report_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SMALL_SCOPE_WALK_H_
