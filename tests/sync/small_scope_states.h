// The states of one node of a small-scope walk, each named by a number: one for each sequence of
// inputs that it was given, from its root on. A step is taken by a real node once and remembered.
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

#include "sync/packet.h"
#include "tests/sync/small_scope_node.h"

namespace cotext::sync {

// Packets by number; those that are equal have the same.
class PacketTable {
 public:
  uint32_t Add(const Packet& packet) {
    const auto next = static_cast<uint32_t>(packets_.size());
    const auto [at, is_new] = numbers_.try_emplace(BytesOf(packet), next);
    if (is_new) packets_.push_back(packet);
    return at->second;
  }
  const Packet& Get(uint32_t number) const { return packets_[number]; }

 private:
  static std::string BytesOf(const Packet& packet) {
    const PacketHead& head = packet.head;
    std::string bytes =
        std::to_string(head.first) + "," + std::to_string(head.received) + (head.again ? "!" : ".");
    for (const Message& message : packet.messages) {
      bytes += std::to_string(static_cast<int>(message.kind)) + "," +
               std::to_string(message.channel) + ",";
      for (const uint64_t value : message.numbers) bytes += std::to_string(value) + ",";
      for (const std::string& text : message.bytes) {
        bytes += std::to_string(text.size()) + ":" + text;
      }
    }
    return bytes;
  }

  std::map<std::string, uint32_t> numbers_;
  std::deque<Packet> packets_;
};

template <typename Node>
class LocalStates {
 public:
  using StateId = uint32_t;

  struct Step {
    ScopeInput input;
    StateId next = 0;
    std::array<std::vector<uint32_t>, kScopeClients> packets = {};
    bool disconnects = false;
  };

  explicit LocalStates(PacketTable& packets) : packets_(&packets) {}

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
    ScopeOutput output = node->Take(input, PacketOf(input));
    Step step{.input = input, .disconnects = output.disconnects};
    for (size_t i = 0; i < kScopeClients; ++i) {
      for (const Packet& packet : output.packets[i]) {
        step.packets[i].push_back(packets_->Add(packet));
      }
    }
    step.next = output.restart ? RootOf(*output.restart)
                               : Add({.root = states_[from].root, .before = from, .by = input},
                                     std::move(node));
    states_[from].steps.push_back(std::move(step));
    return states_[from].steps.back();
  }

  const ScopeFacts& Look(StateId state) const { return states_[state].facts; }
  size_t size() const { return states_.size(); }

 private:
  static constexpr StateId kNone = ~StateId{0};
  static constexpr size_t kNodesKept = 4096;

  struct Root {
    ScopeRoot root;
    StateId state = 0;
  };
  struct Local {
    size_t root = 0;
    StateId before = kNone;  // The state that it came from,
    ScopeInput by = {};      // and by which input.
    ScopeFacts facts = {};
    std::unique_ptr<Node> node = {};  // In this state; nothing if none is any more.
    std::vector<Step> steps = {};
  };

  const Packet& PacketOf(const ScopeInput& input) const {
    static const Packet kNoPacket;
    return input.kind == ScopeInputKind::kPacket ? packets_->Get(input.value) : kNoPacket;
  }

  StateId Add(Local state, std::unique_ptr<Node> node) {
    const auto id = static_cast<StateId>(states_.size());
    state.facts = node->Look();
    state.node = std::move(node);
    states_.push_back(std::move(state));
    kept_.push_back(id);
    if (kept_.size() > kNodesKept) {
      states_[kept_.front()].node.reset();
      kept_.pop_front();
    }
    return id;
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

  PacketTable* packets_;
  std::vector<Root> roots_;
  std::deque<Local> states_;
  std::deque<StateId> kept_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SMALL_SCOPE_STATES_H_
