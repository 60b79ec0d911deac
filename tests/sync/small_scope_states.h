// The states of one node of a small-scope walk, each named by a number: one for each description
// (small_scope_node.h), however it was come by. A step is taken by a real node once and remembered.
//
// Descriptions are told apart by hashes of 128 bits. Whether they say enough is tested: Follow
// gives a real node a random sequence of remembered steps, through states that were merged, and
// sees that it does at each what was remembered, and is described as remembered.
//
// A node cannot be copied. One that is needed where none is any more is made by giving a new one
// the same inputs; some are kept, so that a step that goes on from the last one is cheap.
//
// Complexity: Go is O(inputs of the state) at worst, and O(steps known from there) if it is known.
#ifndef COTEXT_TESTS_SYNC_SMALL_SCOPE_STATES_H_
#define COTEXT_TESTS_SYNC_SMALL_SCOPE_STATES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "sync/packet.h"
#include "tests/sync/packet_queues.h"
#include "tests/sync/small_scope_node.h"

// Only the functions that are used are compiled.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#include "xxhash.h"

namespace cotext::sync {

template <typename Node>
class LocalStates {
 public:
  using StateId = uint32_t;
  using QueueId = PacketQueues::QueueId;

  struct Step {
    ScopeInput input;
    StateId next = 0;
    std::array<QueueId, kScopeClients> packets = {};
    bool disconnects = false;
    bool restarts = false;
  };

  explicit LocalStates(PacketQueues& queues) : queues_(&queues) {}

  StateId RootOf(const ScopeRoot& root) {
    const auto found = std::ranges::find(roots_, root, &Root::root);
    if (found != roots_.end()) return found->state;
    const StateId state = Add({.root = roots_.size()}, std::make_unique<Node>(root));
    roots_.push_back({.root = root, .state = state});
    return state;
  }

  // Good until the next call.
  const Step& Go(StateId from, const ScopeInput& input) {
    const auto found = std::ranges::find(states_[from].steps, input, &Step::input);
    if (found != states_[from].steps.end()) return *found;
    std::unique_ptr<Node> node = TakeNode(from);
    const ScopeOutput output = node->Take(input, PacketOf(input));
    Step step = StepOf(input, output);
    step.next = output.restart ? RootOf(*output.restart)
                               : Add({.root = states_[from].root, .before = from, .by = input},
                                     std::move(node));
    states_[from].steps.push_back(step);
    return states_[from].steps.back();
  }

  const ScopeFacts& Look(StateId state) const { return states_[state].facts; }
  // Half of what tells it apart from others, in any walk.
  uint64_t HashOf(StateId state) const { return states_[state].hash.first; }
  size_t size() const { return states_.size(); }
  uint64_t merged() const { return merged_; }

  // Gives a new node random steps that are known. Returns what it does that was not remembered.
  std::string Follow(Random& random) {
    const Root& root = roots_[random.Below(roots_.size())];
    Node node(root.root);
    StateId at = root.state;
    // A node for itself may go on for ever.
    for (size_t i = 0; i < kFollowedMax && !states_[at].steps.empty(); ++i) {
      const Step& step = states_[at].steps[random.Below(states_[at].steps.size())];
      const ScopeOutput output = node.Take(step.input, PacketOf(step.input));
      const Step taken = StepOf(step.input, output);
      if (taken.packets != step.packets) return "other packets";
      if (taken.disconnects != step.disconnects || taken.restarts != step.restarts) {
        return "another end of the connection";
      }
      if (step.restarts) return RootOf(*output.restart) == step.next ? "" : "another restart";
      at = step.next;
      if (node.Look() != states_[at].facts) return "other facts";
      if (DescriptionHash(node.Describe()) != states_[at].hash) return "another description";
    }
    return {};
  }

 private:
  using Hash = std::pair<uint64_t, uint64_t>;
  static constexpr StateId kNone = ~StateId{0};
  static constexpr size_t kNodesKept = 4096;
  static constexpr size_t kFollowedMax = 200;

  struct Root {
    ScopeRoot root;
    StateId state = 0;
  };
  struct Local {
    size_t root = 0;
    StateId before = kNone;  // The state that it came from first,
    ScopeInput by = {};      // and by which input.
    Hash hash = {};
    ScopeFacts facts = {};
    std::unique_ptr<Node> node = {};  // In this state; nothing if none is any more.
    std::vector<Step> steps = {};
  };

  static Hash DescriptionHash(const std::string& description) {
    const XXH128_hash_t hash = XXH3_128bits(description.data(), description.size());
    return {hash.high64, hash.low64};
  }

  const Packet& PacketOf(const ScopeInput& input) const {
    static const Packet kNoPacket;
    return input.kind == ScopeInputKind::kPacket ? queues_->packet(input.value) : kNoPacket;
  }

  Step StepOf(const ScopeInput& input, const ScopeOutput& output) {
    Step step{
        .input = input, .disconnects = output.disconnects, .restarts = output.restart.has_value()};
    for (size_t i = 0; i < kScopeClients; ++i) {
      step.packets[i] = queues_->QueueOf(output.packets[i]);
    }
    return step;
  }

  StateId Add(Local state, std::unique_ptr<Node> node) {
    state.hash = DescriptionHash(node->Describe());
    const auto id = static_cast<StateId>(states_.size());
    const auto [known, is_new] = numbers_.try_emplace(state.hash, id);
    if (!is_new) {
      ++merged_;
      if (states_[known->second].node == nullptr) Keep(known->second, std::move(node));
      return known->second;
    }
    state.facts = node->Look();
    states_.push_back(std::move(state));
    Keep(id, std::move(node));
    return id;
  }

  void Keep(StateId state, std::unique_ptr<Node> node) {
    states_[state].node = std::move(node);
    kept_.push_back(state);
    if (kept_.size() <= kNodesKept) return;
    states_[kept_.front()].node.reset();
    kept_.pop_front();
  }

  std::unique_ptr<Node> TakeNode(StateId state) {
    if (states_[state].node != nullptr) return std::move(states_[state].node);
    std::vector<ScopeInput> inputs;
    for (StateId at = state; states_[at].before != kNone; at = states_[at].before) {
      inputs.push_back(states_[at].by);
    }
    auto node = std::make_unique<Node>(roots_[states_[state].root].root);
    for (auto input = inputs.rbegin(); input != inputs.rend(); ++input) {
      static_cast<void>(node->Take(*input, PacketOf(*input)));
    }
    return node;
  }

  PacketQueues* queues_;
  std::vector<Root> roots_;
  std::deque<Local> states_;
  std::map<Hash, StateId> numbers_;
  std::deque<StateId> kept_;
  uint64_t merged_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SMALL_SCOPE_STATES_H_
