// The steps of a walk: which there are from a state, and what each does.
#include <algorithm>
#include <utility>

#include "tests/sync/small_scope_walk.h"

namespace cotext::sync {

// What can happen.

std::vector<SmallScopeWalk::Action> SmallScopeWalk::Urgent(const State& state) const {
  std::vector<Action> actions;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (!state.up[i].empty()) actions.push_back({Kind::kDeliverUp, i});
    if (!state.down[i].empty()) actions.push_back({Kind::kDeliverDown, i});
    if (!state.is_connected[i]) actions.push_back({Kind::kConnect, i});
  }
  if (servers_.Look(state.server).outstanding > 0) actions.push_back({Kind::kAnswer});
  return actions;
}

std::optional<SmallScopeWalk::Action> SmallScopeWalk::Private(const State& state) const {
  if (state.losses + state.duplicates + state.reconnects + state.crashes > 0) return std::nullopt;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.edits[i] < scope_.edits[i]) continue;
    if (!state.is_connected[i]) return Action{Kind::kConnect, i};
    if (!state.down[i].empty()) return Action{Kind::kDeliverDown, i};
  }
  if (servers_.Look(state.server).outstanding > 0) return std::nullopt;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.edits[i] < scope_.edits[i]) return std::nullopt;
    const auto is_bare = [&](uint32_t packet) { return packets_.Get(packet).messages.empty(); };
    if (!std::ranges::all_of(state.up[i], is_bare)) return std::nullopt;
  }
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (!state.up[i].empty()) return Action{Kind::kDeliverUp, i};
  }
  return std::nullopt;
}

std::vector<SmallScopeWalk::Action> SmallScopeWalk::Enabled(const State& state) const {
  if (const auto action = Private(state)) return {*action};
  std::vector<Action> actions = Urgent(state);
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.edits[i] < scope_.edits[i]) actions.push_back({Kind::kEdit, i});
  }
  if (actions.empty() && NextMs(state) < kScopeNever) actions.push_back({Kind::kWait});
  AddFaults(state, actions);
  return actions;
}

void SmallScopeWalk::AddFaults(const State& state, std::vector<Action>& actions) const {
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    const bool is_duplicated = state.duplicates > 0;
    if (is_duplicated && !state.up[i].empty()) actions.push_back({Kind::kKeepUp, i});
    if (is_duplicated && !state.down[i].empty()) actions.push_back({Kind::kKeepDown, i});
    const bool is_lost = state.losses > 0;
    if (is_lost && !state.up[i].empty()) actions.push_back({Kind::kLoseUp, i});
    if (is_lost && !state.down[i].empty()) actions.push_back({Kind::kLoseDown, i});
    if (state.reconnects > 0 && state.is_connected[i]) actions.push_back({Kind::kBreak, i});
  }
  if (state.crashes == 0) return;
  const size_t outstanding = servers_.Look(state.server).outstanding;
  for (uint32_t kept = 0; kept <= outstanding; ++kept) actions.push_back({Kind::kCrash, kept});
}

uint64_t SmallScopeWalk::NextMs(const State& state) const {
  uint64_t next = servers_.Look(state.server).next_ms;
  for (const uint32_t client : state.clients) {
    next = std::min(next, clients_.Look(client).next_ms);
  }
  return next;
}

// Steps.

void SmallScopeWalk::ToClient(State& state, uint32_t client, ScopeInputKind kind, uint32_t value) {
  const auto& step =
      clients_.Go(state.clients[client], {.kind = kind, .value = value, .now_ms = state.now_ms});
  state.clients[client] = step.next;
  if (state.is_connected[client]) {
    state.up[client].insert(state.up[client].end(), step.packets[0].begin(), step.packets[0].end());
  }
  if (step.disconnects && state.is_connected[client]) CutOff(state, client);
}

void SmallScopeWalk::ToServer(State& state, uint32_t client, ScopeInputKind kind, uint32_t value) {
  const auto& step = servers_.Go(
      state.server, {.kind = kind, .client = client, .value = value, .now_ms = state.now_ms});
  state.server = step.next;
  for (size_t i = 0; i < kScopeClients; ++i) {
    if (!state.is_connected[i]) continue;
    state.down[i].insert(state.down[i].end(), step.packets[i].begin(), step.packets[i].end());
  }
}

void SmallScopeWalk::CutOff(State& state, uint32_t client) {
  state.is_connected[client] = false;
  state.up[client].clear();
  state.down[client].clear();
  if (!std::exchange(state.is_accepted[client], false)) return;
  ToServer(state, client, ScopeInputKind::kDisconnect);
}

void SmallScopeWalk::Break(State& state, uint32_t client) {
  CutOff(state, client);
  ToClient(state, client, ScopeInputKind::kDisconnect);
}

void SmallScopeWalk::Crash(State& state, uint32_t kept) {
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (!state.is_connected[i]) continue;
    CutOff(state, i);
    ToClient(state, i, ScopeInputKind::kDisconnect);
  }
  ToServer(state, 0, ScopeInputKind::kCrash, kept);
}

void SmallScopeWalk::Wait(State& state) {
  state.now_ms = NextMs(state);
  if (servers_.Look(state.server).next_ms <= state.now_ms) {
    ToServer(state, 0, ScopeInputKind::kTick);
  }
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    const bool is_due = clients_.Look(state.clients[i]).next_ms <= state.now_ms;
    if (is_due) ToClient(state, i, ScopeInputKind::kTick);
  }
}

void SmallScopeWalk::Take(State& state, const Action& action) {
  const uint32_t i = action.value;
  const auto deliver = [&](bool is_up, bool keeps) {
    std::vector<uint32_t>& queue = is_up ? state.up[i] : state.down[i];
    const uint32_t packet = queue.front();
    if (!keeps) queue.erase(queue.begin());
    if (is_up && !std::exchange(state.is_accepted[i], true)) {
      ToServer(state, i, ScopeInputKind::kConnect);
    }
    is_up ? ToServer(state, i, ScopeInputKind::kPacket, packet)
          : ToClient(state, i, ScopeInputKind::kPacket, packet);
    if (keeps) --state.duplicates;
  };
  switch (action.kind) {
    case Kind::kDeliverUp: return deliver(true, false);
    case Kind::kDeliverDown: return deliver(false, false);
    case Kind::kKeepUp: return deliver(true, true);
    case Kind::kKeepDown: return deliver(false, true);
    case Kind::kAnswer: return ToServer(state, 0, ScopeInputKind::kAnswer);
    case Kind::kEdit: return ToClient(state, i, ScopeInputKind::kEdit, ++state.edits[i]);
    case Kind::kWait: return Wait(state);
    case Kind::kConnect:
      state.is_connected[i] = true;
      return ToClient(state, i, ScopeInputKind::kConnect);
    case Kind::kLoseUp:
    case Kind::kLoseDown: {
      std::vector<uint32_t>& queue = action.kind == Kind::kLoseUp ? state.up[i] : state.down[i];
      queue.erase(queue.begin());
      --state.losses;
      return;
    }
    case Kind::kBreak: --state.reconnects; return Break(state, i);
    case Kind::kCrash: --state.crashes; return Crash(state, i);
  }
}

}  // namespace cotext::sync
