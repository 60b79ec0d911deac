// The steps of a walk: which there are from a state, which of them are taken, and what each does.
//
// Where a packet is on its way to a client, only what happens next to that client is taken. That is
// one of: the packet is delivered, kept or lost; the client edits; the connection breaks, for the
// client first; the server crashes. But for the last, each of these concerns the client, the head
// of the queue to it and the end of the queue from it, and nobody waits for time to pass. So
// whatever can happen before it that does not concern the client can as well happen after it, and
// it comes to the same. A crash concerns all: it is split. The client loses the packet and its
// connection now, and is doomed to stay without until the crash, which may come any time, and does
// come. So there is a way to every end that begins with one of these steps. (They are a persistent
// set: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996. As no
// walk goes in circles, nothing is put off for ever.)
//
// Of what is looked at in each state nothing is lost: a client that is told early is held against a
// store that has less.
//
// At last, where nothing is left but acknowledgements to the server, they are delivered in one
// order: each concerns its own link.
#include <algorithm>
#include <utility>

#include "tests/sync/small_scope_walk.h"

namespace cotext::sync {

// What can happen.

bool SmallScopeWalk::IsCalm(const State& state) const {
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    const bool is_quiet = state.up[i] == kEmpty && state.down[i] == kEmpty;
    if (!is_quiet || state.is_connected[i] == 0 || state.fates[i] != kNone) return false;
  }
  return servers_.Look(state.server).outstanding == 0;
}

// Whatever happens next to a client with a packet on its way to it.
void SmallScopeWalk::AddOfClient(const State& state, uint32_t i, Actions& actions) const {
  actions.push_back({Kind::kDeliverDown, i});
  if (state.edits[i] < scope_.edits[i]) actions.push_back({Kind::kEdit, i});
  if (state.duplicates > 0) actions.push_back({Kind::kKeepDown, i});
  if (state.losses > 0) actions.push_back({Kind::kLoseDown, i});
  if (state.reconnects > 0) actions.push_back({Kind::kBreak, i});
  if (state.crashes > 0) actions.push_back({Kind::kDoom, i});
}

// Whatever happens next to the server but for a crash, and to clients without packets.
void SmallScopeWalk::AddOthers(const State& state, Actions& actions) const {
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.edits[i] < scope_.edits[i]) actions.push_back({Kind::kEdit, i});
    const bool is_away = state.is_connected[i] == 0;
    if (is_away && state.fates[i] == kNone) actions.push_back({Kind::kConnect, i});
    if (state.fates[i] == kBroken) actions.push_back({Kind::kNotice, i});
    if (!is_away && state.reconnects > 0) actions.push_back({Kind::kBreak, i});
    if (state.up[i] == kEmpty) continue;
    actions.push_back({Kind::kDeliverUp, i});
    if (state.duplicates > 0) actions.push_back({Kind::kKeepUp, i});
    if (state.losses > 0) actions.push_back({Kind::kLoseUp, i});
  }
  if (servers_.Look(state.server).outstanding > 0) actions.push_back({Kind::kAnswer});
}

// A step whose place among all others does not matter, if there is one.
std::optional<SmallScopeWalk::Action> SmallScopeWalk::Last(const State& state) const {
  const bool has_faults = state.losses + state.duplicates + state.reconnects + state.crashes > 0;
  if (has_faults || servers_.Look(state.server).outstanding > 0) return std::nullopt;
  const auto is_bare = [&](uint32_t packet) { return queues_.packet(packet).messages.empty(); };
  std::optional<Action> action;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    const bool is_done = state.edits[i] == scope_.edits[i] && state.is_connected[i] != 0;
    if (!is_done || !std::ranges::all_of(queues_.PacketsOf(state.up[i]), is_bare)) {
      return std::nullopt;
    }
    if (state.up[i] != kEmpty) action = Action{Kind::kDeliverUp, i};
  }
  return action;
}

SmallScopeWalk::Actions SmallScopeWalk::AllOf(const State& state) const {
  Actions actions;
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.down[i] != kEmpty) AddOfClient(state, i, actions);
  }
  AddOthers(state, actions);
  if (IsCalm(state) && WaitMs(state) < kScopeNever) actions.push_back({Kind::kWait});
  if (state.crashes == 0) return actions;
  const size_t outstanding = servers_.Look(state.server).outstanding;
  for (uint32_t kept = 0; kept <= outstanding; ++kept) actions.push_back({Kind::kCrash, kept});
  return actions;
}

SmallScopeWalk::Actions SmallScopeWalk::Enabled(const State& state) const {
  if (scope_.takes_all_orders) {
    Actions actions = AllOf(state);
    std::erase_if(actions, [](const Action& action) { return action.kind == Kind::kDoom; });
    return actions;
  }
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.down[i] == kEmpty) continue;
    Actions actions;
    AddOfClient(state, i, actions);
    return actions;
  }
  if (const auto action = Last(state)) return {*action};
  return AllOf(state);
}

uint64_t SmallScopeWalk::WaitMs(const State& state) const {
  uint64_t wait_ms = servers_.Look(state.server).wait_ms;
  for (const uint32_t client : state.clients) {
    wait_ms = std::min(wait_ms, clients_.Look(client).wait_ms);
  }
  return wait_ms;
}

// Steps.

void SmallScopeWalk::ToClient(State& state, uint32_t client, ScopeInputKind kind, uint32_t value) {
  const auto& step = clients_.Go(state.clients[client], {.kind = kind, .value = value});
  state.clients[client] = step.next;
  if (state.is_connected[client] != 0) {
    state.up[client] = queues_.Join(state.up[client], step.packets[0]);
  }
  if (!step.disconnects || state.is_connected[client] == 0) return;
  state.is_connected[client] = 0;
  state.down[client] = kEmpty;
  Notice(state, client);
}

void SmallScopeWalk::ToServer(State& state, uint32_t client, ScopeInputKind kind, uint32_t value) {
  const auto& step = servers_.Go(state.server, {.kind = kind, .client = client, .value = value});
  state.server = step.next;
  for (size_t i = 0; i < kScopeClients; ++i) {
    if (state.is_connected[i] != 0) state.down[i] = queues_.Join(state.down[i], step.packets[i]);
  }
}

// The client's end of a connection is lost, and with it what was on its way there.
void SmallScopeWalk::Lose(State& state, uint32_t client) {
  state.is_connected[client] = 0;
  state.down[client] = kEmpty;
  ToClient(state, client, ScopeInputKind::kDisconnect);
}

// The server's end is lost, too.
void SmallScopeWalk::Notice(State& state, uint32_t client) {
  state.fates[client] = kNone;
  state.up[client] = kEmpty;
  if (std::exchange(state.is_accepted[client], 0) == 0) return;
  ToServer(state, client, ScopeInputKind::kDisconnect);
}

void SmallScopeWalk::Crash(State& state, uint32_t kept) {
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    if (state.is_connected[i] != 0) Lose(state, i);
    state.fates[i] = kNone;
    state.up[i] = kEmpty;
    state.is_accepted[i] = 0;
  }
  ToServer(state, 0, ScopeInputKind::kCrash, kept);
}

void SmallScopeWalk::Wait(State& state) {
  const auto wait_ms = static_cast<uint32_t>(WaitMs(state));
  ToServer(state, 0, ScopeInputKind::kPass, wait_ms);
  for (uint32_t i = 0; i < kScopeClients; ++i) {
    ToClient(state, i, ScopeInputKind::kPass, wait_ms);
  }
}

void SmallScopeWalk::Deliver(State& state, uint32_t client, bool is_up, bool keeps) {
  uint32_t& queue = is_up ? state.up[client] : state.down[client];
  const uint32_t packet = queues_.Front(queue);
  if (!keeps) queue = queues_.Rest(queue);
  if (keeps) --state.duplicates;
  if (!is_up) return ToClient(state, client, ScopeInputKind::kPacket, packet);
  if (std::exchange(state.is_accepted[client], 1) == 0) {
    ToServer(state, client, ScopeInputKind::kConnect);
  }
  ToServer(state, client, ScopeInputKind::kPacket, packet);
}

void SmallScopeWalk::Take(State& state, const Action& action) {
  const uint32_t i = action.value;
  switch (action.kind) {
    case Kind::kDeliverUp: return Deliver(state, i, true, false);
    case Kind::kDeliverDown: return Deliver(state, i, false, false);
    case Kind::kKeepUp: return Deliver(state, i, true, true);
    case Kind::kKeepDown: return Deliver(state, i, false, true);
    case Kind::kAnswer: return ToServer(state, 0, ScopeInputKind::kAnswer);
    case Kind::kEdit: return ToClient(state, i, ScopeInputKind::kEdit, ++state.edits[i]);
    case Kind::kWait: return Wait(state);
    case Kind::kConnect:
      state.is_connected[i] = 1;
      return ToClient(state, i, ScopeInputKind::kConnect);
    case Kind::kLoseUp:
      --state.losses;
      state.up[i] = queues_.Rest(state.up[i]);
      return;
    case Kind::kLoseDown:
      --state.losses;
      state.down[i] = queues_.Rest(state.down[i]);
      return;
    case Kind::kBreak:
      --state.reconnects;
      state.fates[i] = kBroken;
      return Lose(state, i);
    case Kind::kNotice: return Notice(state, i);
    case Kind::kDoom: state.fates[i] = kDoomed; return Lose(state, i);
    case Kind::kCrash: --state.crashes; return Crash(state, i);
  }
}

}  // namespace cotext::sync
