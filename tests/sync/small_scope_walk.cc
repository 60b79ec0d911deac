// Looked at after each step: no end has failed or given up; what a client was told is durable is in
// the store, as after a crash now, and so is what a client has of another; nothing is stored twice.
// Where nothing can happen any more: all texts are the same, and what the edits make in any order;
// versions are the same, of clients and of the store; each operation is there once; all is durable
// by the clients' own counts.
#include "tests/sync/small_scope_walk.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cotext::sync {
namespace {

constexpr uint64_t kBaseOperations = 3;

// The characters that are left, sorted: none is there twice, as each is typed once.
std::string CharactersAfter(const std::array<uint8_t, kScopeClients>& edits) {
  std::string text;
  if (edits[1] >= 2) text += "B";
  if (edits[0] >= 1) text += "a";
  if (edits[1] >= 1) text += "b";
  return text + (edits[0] >= 2 ? "xy" : "xyz");
}

}  // namespace

SmallScopeWalk::SmallScopeWalk(const SmallScope& scope)
    : scope_(scope), clients_(queues_), servers_(queues_) {}

SmallScopeWalk::State SmallScopeWalk::Begin() {
  const bool is_lossy = scope_.losses > 0;
  State state;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    state.clients[i] = clients_.RootOf({.number = i, .log = {}, .is_lossy = is_lossy});
  }
  state.server = servers_.RootOf({.number = 0, .log = {}, .is_lossy = is_lossy});
  ToClient(state, 0, ScopeInputKind::kEdit, 0);
  if (scope_.begins_connected) Calm(state);
  state.losses = static_cast<uint8_t>(scope_.losses);
  state.duplicates = static_cast<uint8_t>(scope_.duplicates);
  state.reconnects = static_cast<uint8_t>(scope_.reconnects);
  state.crashes = static_cast<uint8_t>(scope_.crashes);
  return state;
}

void SmallScopeWalk::Calm(State& state) {
  while (!IsCalm(state) || WaitMs(state) < kScopeNever) {
    const Actions actions = Enabled(state);
    const auto is_no_edit = [](const Action& action) { return action.kind != Kind::kEdit; };
    Take(state, *std::ranges::find_if(actions, is_no_edit));
  }
}

SmallScopeReport SmallScopeWalk::Run() {
  Enter(Begin());
  while (!frames_.empty() && report_.failure.empty()) {
    Frame& frame = frames_.back();
    if (frame.next == frame.actions.size()) {
      on_way_.erase(frame.hash);
      frames_.pop_back();
      continue;
    }
    State state = frame.state;
    Take(state, frame.actions[frame.next++]);
    ++report_.transitions;
    Enter(state);
  }
  for (const Frame& frame : frames_) {
    if (frame.next > 0) report_.path.push_back(NameOf(frame.actions[frame.next - 1]));
  }
  report_.node_states = clients_.size() + servers_.size();
  report_.merged = clients_.merged() + servers_.merged();
  return std::exchange(report_, {});
}

void SmallScopeWalk::Enter(const State& state) {
  const uint64_t hash = HashOf(state);
  if (!known_.Add(hash)) {
    if (on_way_.contains(hash)) report_.failure = "it can go on for ever";
    return;
  }
  ++report_.states;
  ShowProgress();
  report_.failure = CheckAlways(state);
  if (report_.failure.empty() && IsComplete(state)) {
    ++report_.complete_states;
    report_.ends += DescribeEnd(state);
    report_.failure = CheckComplete(state);
  }
  frames_.push_back({.state = state, .hash = hash, .actions = Enabled(state)});
  on_way_.insert(hash);
}

void SmallScopeWalk::ShowProgress() const {
  constexpr uint64_t kProgressEvery = 1'000'000;
  if (!scope_.shows_progress || report_.states % kProgressEvery != 0) return;
  std::fprintf(stderr,
               "%llu states, %llu steps, %zu + %zu states of nodes, %zu queues, depth %zu\n",
               static_cast<unsigned long long>(report_.states),
               static_cast<unsigned long long>(report_.transitions), clients_.size(),
               servers_.size(), queues_.size(), frames_.size());
}

std::string SmallScopeWalk::Follow(Random& random) {
  std::string failure = clients_.Follow(random);
  return failure.empty() ? servers_.Follow(random) : failure;
}

uint64_t SmallScopeWalk::HashOf(const State& state) {
  static_assert(std::has_unique_object_representations_v<State>);
  return XXH3_64bits(&state, sizeof(state));
}

// As HashOf, but does not go by numbers that depend on the order of the walk. Nothing is on its
// way.
uint64_t SmallScopeWalk::DescribeEnd(const State& state) const {
  const std::array<uint64_t, 5> parts = {
      clients_.HashOf(state.clients[0]), clients_.HashOf(state.clients[1]),
      servers_.HashOf(state.server), uint64_t{state.edits[0]} << 8U | state.edits[1],
      uint64_t{state.losses} << 24U | uint64_t{state.duplicates} << 16U |
          uint64_t{state.reconnects} << 8U | state.crashes};
  return XXH3_64bits(parts.data(), sizeof(parts));
}

std::string SmallScopeWalk::NameOf(const Action& action) {
  static constexpr std::array<std::string_view, 14> kNames = {"deliver up",
                                                              "deliver down",
                                                              "answer",
                                                              "connect",
                                                              "edit",
                                                              "deliver and keep up",
                                                              "deliver and keep down",
                                                              "lose up",
                                                              "lose down",
                                                              "break",
                                                              "notice",
                                                              "lose, as it will crash,",
                                                              "crash",
                                                              "wait"};
  return std::string(kNames[static_cast<size_t>(action.kind)]) + " " + std::to_string(action.value);
}

// What must be so.

std::string SmallScopeWalk::CheckAlways(const State& state) const {
  const ScopeFacts& server = servers_.Look(state.server);
  if (!server.failure.empty()) return server.failure;
  for (size_t i = 0; i < kScopeClients; ++i) {
    const ScopeFacts& client = clients_.Look(state.clients[i]);
    if (!client.failure.empty()) return client.failure;
    if (client.durable > server.operations[i]) return "what is called durable is not stored";
    const size_t other = 1 - i;
    if (client.operations[other] > server.operations[other]) {
      return "a client has of another what is not stored";
    }
  }
  if (IsCalm(state) && WaitMs(state) == 0) {
    return "a timer is due, and nothing comes of it";
  }
  return {};
}

bool SmallScopeWalk::IsComplete(const State& state) const {
  return IsCalm(state) && WaitMs(state) >= kScopeNever;
}

std::string SmallScopeWalk::CheckComplete(const State& state) const {
  const ScopeFacts& server = servers_.Look(state.server);
  const std::string characters = CharactersAfter(state.edits);
  const std::array<uint64_t, kScopeClients> operations = {kBaseOperations + state.edits[0],
                                                          state.edits[1]};
  if (!server.is_settled) return "the server waits for the store";
  for (size_t i = 0; i < kScopeClients; ++i) {
    const ScopeFacts& client = clients_.Look(state.clients[i]);
    if (!client.is_settled) return "a client is not done";
    if (client.text != server.text) return "the texts are not the same";
    if (client.version != server.version) return "the versions are not the same";
    if (client.operations != operations) return "an operation is missing, or there twice";
  }
  if (server.operations != operations) return "the store lacks an operation, or has one twice";
  std::string sorted = server.text;
  std::ranges::sort(sorted);
  return sorted == characters ? "" : "the text is \"" + server.text + "\"";
}

}  // namespace cotext::sync
