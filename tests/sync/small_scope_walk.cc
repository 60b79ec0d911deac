// Looked at after each step: no end has failed or given up; what a client was told is durable is in
// the store, as after a crash now, and so is what a client has of another; nothing is stored twice.
// Where nothing can happen any more: all texts are the same, and what the edits make in any order;
// versions are the same, of clients and of the store; each operation is there once; all is durable
// by the clients' own counts.
#include "tests/sync/small_scope_walk.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

namespace cotext::sync {
namespace {

constexpr uint64_t kBaseOperations = 3;

uint64_t Mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ (hash >> 29U)) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 32U);
}

// The characters that are left, sorted: none is there twice, as each is typed once.
std::string CharactersAfter(const std::array<uint32_t, kScopeClients>& edits) {
  std::string text;
  if (edits[1] >= 2) text += "B";
  if (edits[0] >= 1) text += "a";
  if (edits[1] >= 1) text += "b";
  return text + (edits[0] >= 2 ? "xy" : "xyz");
}

}  // namespace

SmallScopeWalk::SmallScopeWalk(const SmallScope& scope)
    : scope_(scope), clients_(packets_), servers_(packets_) {}

SmallScopeWalk::State SmallScopeWalk::Begin() {
  const bool is_lossy = scope_.losses > 0;
  State state;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    state.clients[i] = clients_.RootOf({.number = i, .log = {}, .is_lossy = is_lossy});
  }
  state.server = servers_.RootOf({.number = 0, .log = {}, .is_lossy = is_lossy});
  ToClient(state, 0, ScopeInputKind::kEdit, 0);
  if (scope_.begins_connected) Calm(state);
  state.losses = scope_.losses;
  state.duplicates = scope_.duplicates;
  state.reconnects = scope_.reconnects;
  state.crashes = scope_.crashes;
  return state;
}

void SmallScopeWalk::Calm(State& state) {
  while (true) {
    const std::vector<Action> urgent = Urgent(state);
    if (!urgent.empty()) {
      Take(state, urgent.front());
    } else if (NextMs(state) < kScopeNever) {
      Wait(state);
    } else {
      return;
    }
  }
}

SmallScopeReport SmallScopeWalk::Run() {
  State begin = Begin();
  const uint64_t hash = HashOf(begin);
  Enter(std::move(begin), hash);
  while (!frames_.empty() && report_.failure.empty()) {
    Frame& frame = frames_.back();
    if (frame.next == frame.actions.size()) {
      Leave();
      continue;
    }
    State state = frame.state;
    Take(state, frame.actions[frame.next++]);
    ++report_.transitions;
    const uint64_t next_hash = HashOf(state);
    const auto known = paths_.find(next_hash);
    if (known == paths_.end()) {
      Enter(std::move(state), next_hash);
    } else {
      frame.paths += known->second;
    }
  }
  for (const Frame& frame : frames_) {
    if (frame.next > 0) report_.path.push_back(NameOf(frame.actions[frame.next - 1]));
  }
  report_.node_states = clients_.size() + servers_.size();
  return std::exchange(report_, {});
}

void SmallScopeWalk::Enter(State state, uint64_t hash) {
  constexpr uint64_t kProgressEvery = 1'000'000;
  ++report_.states;
  if (scope_.shows_progress && report_.states % kProgressEvery == 0) {
    std::fprintf(stderr, "%llu states, %llu steps, %zu states of nodes, depth %zu\n",
                 static_cast<unsigned long long>(report_.states),
                 static_cast<unsigned long long>(report_.transitions),
                 clients_.size() + servers_.size(), frames_.size());
  }
  Frame frame{.state = std::move(state), .hash = hash};
  report_.failure = CheckAlways(frame.state);
  if (report_.failure.empty() && IsComplete(frame.state)) {
    ++report_.complete_states;
    frame.paths = 1;
    report_.failure = CheckComplete(frame.state);
  }
  frame.actions = Enabled(frame.state);
  frames_.push_back(std::move(frame));
}

void SmallScopeWalk::Leave() {
  const Frame done = std::move(frames_.back());
  frames_.pop_back();
  paths_.emplace(done.hash, done.paths);
  (frames_.empty() ? report_.complete_paths : frames_.back().paths) += done.paths;
}

uint64_t SmallScopeWalk::HashOf(const State& state) {
  uint64_t hash = Mixed(state.now_ms, state.server);
  for (size_t i = 0; i < kScopeClients; ++i) {
    hash = Mixed(hash, state.clients[i]);
    hash = Mixed(hash, 4 * state.edits[i] + (state.is_connected[i] ? 2 : 0) +
                           (state.is_accepted[i] ? 1 : 0));
    for (const auto* const queue : {&state.up[i], &state.down[i]}) {
      hash = Mixed(hash, queue->size());
      for (const uint32_t packet : *queue) hash = Mixed(hash, packet);
    }
  }
  for (const uint32_t left : {state.losses, state.duplicates, state.reconnects, state.crashes}) {
    hash = Mixed(hash, left);
  }
  return hash;
}

std::string SmallScopeWalk::NameOf(const Action& action) {
  static constexpr std::array<std::string_view, 12> kNames = {"deliver up",
                                                              "deliver down",
                                                              "answer",
                                                              "connect",
                                                              "edit",
                                                              "deliver and keep up",
                                                              "deliver and keep down",
                                                              "lose up",
                                                              "lose down",
                                                              "break",
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
  if (Urgent(state).empty() && NextMs(state) <= state.now_ms) {
    return "a timer is due, and nothing comes of it";
  }
  return {};
}

bool SmallScopeWalk::IsComplete(const State& state) const {
  return Urgent(state).empty() && NextMs(state) >= kScopeNever;
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
