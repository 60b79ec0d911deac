#include "simulation/world/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/random.h"
#include "simulation/world/world_checks.h"

namespace cotext {
namespace {

constexpr NodeNumber kServer = 0;
constexpr uint64_t kLookUs = 500'000;  // Between two looks at who sees whom.
// How long a packet is waited for on connections that lose some.
constexpr uint64_t kResendMs = 1000;

// Limits are lower in some worlds, so that they are reached.
sync::ServerOptions DrawServerOptions(Random& random) {
  sync::ServerOptions options;
  if (random.Chance(30)) {
    options.lag_bytes = 300;
    options.pull_bytes = 200;
    if (random.Chance(50)) options.queue_bytes_max = 3000;
  }
  if (random.Chance(30)) options.link.packet_bytes = 200;
  if (random.Chance(30)) options.link.window_bytes = 1000;
  if (random.Chance(30)) options.hub.compact_bytes_min = 100;
  if (random.Chance(30)) options.expiry_ms = 2000;
  if (random.Chance(30)) options.hub_idle_ms = 1000;
  return options;
}

NetworkPath CalmPath() { return {.latency = {.least_us = 20'000}}; }

}  // namespace

Expected<std::unique_ptr<World>> World::Make(const Scenario& scenario,
                                             const WorldOptions& options) {
  if (scenario.topology != Topology::kStar || scenario.engine != Engine::kRga ||
      scenario.servers != 1) {
    return MakeError(ErrorCode::kUnsupported, "only a star of RGA documents can be simulated");
  }
  return std::unique_ptr<World>(new World(scenario, options));
}

World::World(const Scenario& scenario, const WorldOptions& options)
    : scenario_(&scenario),
      options_(options),
      context_(scenario.seed, {.path = scenario.plan.path}),
      faults_(scenario.plan, scenario.servers + scenario.replicas) {
  context_.connections = scenario.plan.connections;
  quiet_since_us_ = scenario.plan.quiet_at_us;
  if (!scenario.actions.empty()) {
    quiet_since_us_ = std::max(quiet_since_us_, scenario.actions.back().at_us);
  }
  MakeNodes();
}

void World::MakeNodes() {
  Random random(scenario_->seed ^ 0x776f726c64000000U);
  server_options_ = DrawServerOptions(random);
  if (context_.connections == ConnectionKind::kLossy) server_options_.link.resend_ms = kResendMs;
  sync::ClientOptions client_options;
  client_options.link = server_options_.link;
  server_ =
      std::make_unique<WorldServer>(context_, WorldServerOptions{.node = kServer,
                                                                 .seed = random.Next(),
                                                                 .store = scenario_->plan.store,
                                                                 .server = server_options_});
  for (uint32_t replica = 0; replica < scenario_->replicas; ++replica) {
    clients_.push_back(
        std::make_unique<WorldClient>(context_, WorldClientOptions{.node = kServer + 1 + replica,
                                                                   .server = kServer,
                                                                   .replica = replica,
                                                                   .replicas = scenario_->replicas,
                                                                   .seed = random.Next(),
                                                                   .saves = random.Chance(70),
                                                                   .client = client_options}));
  }
}

// Running.

WorldResult World::Run() {
  while (!IsOver()) {
    const auto next = NextTimeUs();
    COTEXT_CHECK(next.has_value());
    COTEXT_CHECK(*next >= context_.now_us);
    Step(*next);
  }
  WorldResult result{.operations = context_.record.made.size(),
                     .lost_operations = context_.record.lost.size(),
                     .virtual_us = context_.now_us,
                     .server_lives = context_.server_life,
                     .network = context_.network.counts(),
                     .fingerprint = fingerprint_};
  if (settled_at_us_) result.settled_after_us = *settled_at_us_ - quiet_since_us_;
  Check(result);
  return result;
}

bool World::GoesInCircles() const {
  const uint64_t size = scenario_->actions.size() + scenario_->replicas + 1;
  return steps_ >= options_.steps_max * size;
}

bool World::IsOver() const {
  const uint64_t now_us = context_.now_us;
  if (GoesInCircles()) return true;
  if (now_us >= quiet_since_us_ + options_.patience_us) return true;
  return settled_at_us_ && now_us >= quiet_since_us_ + options_.rest_us;
}

std::optional<uint64_t> World::NextTimeUs() const {
  std::optional<uint64_t> next = look_at_us_;
  const auto consider = [&](std::optional<uint64_t> time_us) {
    if (time_us) next = std::min(*next, *time_us);
  };
  consider(faults_.NextTimeUs());
  consider(context_.network.NextTimeUs());
  if (next_action_ < scenario_->actions.size()) consider(scenario_->actions[next_action_].at_us);
  consider(server_->NextTimeUs());
  for (const auto& client : clients_) consider(client->NextTimeUs());
  return next;
}

// What happens at the same time happens in this order.
void World::Step(uint64_t now_us) {
  context_.now_us = now_us;
  ++steps_;
  if (faults_.NextTimeUs().value_or(UINT64_MAX) <= now_us) return OnFaults();
  if (context_.network.NextTimeUs().value_or(UINT64_MAX) <= now_us) return OnNetwork();
  if (next_action_ < scenario_->actions.size() &&
      scenario_->actions[next_action_].at_us <= now_us) {
    const UserAction& action = scenario_->actions[next_action_++];
    return clients_[action.replica]->Do(action);
  }
  OnTimers();
  if (look_at_us_ <= now_us) Look();
}

void World::OnTimers() {
  const auto is_due = [&](const auto& node) {
    return node->NextTimeUs().value_or(UINT64_MAX) <= context_.now_us;
  };
  if (is_due(server_)) server_->OnTime();
  for (const auto& client : clients_) {
    if (is_due(client)) client->OnTime();
  }
}

void World::OnNetwork() {
  auto event = context_.network.TakeEvent(context_.now_us);
  if (!event) return;
  Fingerprint(*event);
  if (event->node == kServer) return server_->OnNetwork(*std::move(event));
  clients_[event->node - kServer - 1]->OnNetwork(*std::move(event));
}

// FNV-1a (Fowler, Noll, Vo).
void World::Fingerprint(const NetworkEvent& event) {
  const auto add = [&](uint64_t byte) { fingerprint_ = (fingerprint_ ^ byte) * 0x100000001b3U; };
  for (const uint64_t number :
       {context_.now_us, uint64_t{event.node}, static_cast<uint64_t>(event.kind)}) {
    for (unsigned i = 0; i < 8; ++i) add(number >> (8 * i) & 0xffU);
  }
  for (const char byte : event.packet) add(static_cast<unsigned char>(byte));
}

// Faults.

void World::OnFaults() {
  const FaultState::Step step = faults_.Take();
  if (step.is_quiet) {
    context_.network.SetPath(CalmPath());
    server_->SetStoreFaults({});
  }
  ApplyEffects(step.effects);
  for (const ConnectionNumber connection : context_.network.OpenConnections()) {
    const bool breaks = std::ranges::any_of(
        step.resets, [&](NodeNumber node) { return context_.network.IsOpen(connection, node); });
    if (breaks) context_.network.Reset(connection, context_.now_us);
  }
}

void World::ApplyEffects(const FaultEffects& effects) {
  VirtualNetwork& network = context_.network;
  for (const auto& [from, to] : effects.blocked) {
    if (!effects_.blocked.contains({from, to})) network.Block(from, to);
  }
  for (const auto& [from, to] : effects_.blocked) {
    if (!effects.blocked.contains({from, to})) network.Free(from, to, context_.now_us);
  }
  const auto value_of = [](const std::map<NodeNumber, uint64_t>& values, NodeNumber node) {
    const auto found = values.find(node);
    return found == values.end() ? 0 : found->second;
  };
  for (NodeNumber node = 0; node < scenario_->servers + scenario_->replicas; ++node) {
    network.SetReadRate(node, value_of(effects.read_rates, node));
    const uint64_t clock_ppm = value_of(effects.clock_rates_ppm, node);
    if (node == kServer) {
      server_->SetClockRate(clock_ppm);
    } else {
      clients_[node - kServer - 1]->SetClockRate(clock_ppm);
    }
    SetDown(node, effects);
  }
  if (const uint64_t ppm = value_of(effects.disk_failures_ppm, kServer);
      ppm != value_of(effects_.disk_failures_ppm, kServer)) {
    sync::MemoryStoreFaults store = scenario_->plan.store;
    store.write_failures_ppm = ppm;
    store.load_failures_ppm = ppm / 2;
    server_->SetStoreFaults(store);
  }
  effects_ = effects;
}

void World::SetDown(NodeNumber node, const FaultEffects& effects) {
  const auto down = effects.down.find(node);
  const bool should_run = down == effects.down.end();
  const bool runs =
      node == kServer ? server_->is_running() : clients_[node - kServer - 1]->is_running();
  if (runs == should_run) return;
  if (should_run) {
    node == kServer ? server_->Start() : clients_[node - kServer - 1]->Start();
  } else {
    End(node, down->second);
  }
}

void World::End(NodeNumber node, Ending ending) {
  if (ending == Ending::kInOrder) {
    // A server goes on until its disk has answered.
    if (node == kServer) return server_->ShutDown();
    clients_[node - kServer - 1]->Leave();
  } else {
    node == kServer ? server_->Crash() : clients_[node - kServer - 1]->Crash();
  }
  if (ending == Ending::kSilent) {
    context_.network.Stop(node);
  } else {
    context_.network.Kill(node, context_.now_us);
  }
}

// Looking around.

void World::Look() {
  look_at_us_ = context_.now_us + kLookUs;
  for (const auto& client : clients_) {
    if (!client->is_running() || !client->is_connected()) continue;
    if (effects_.read_rates.contains(client->node())) continue;
    context_.record.presence.samples.push_back(client->SeenPresence());
  }
  if (context_.now_us < quiet_since_us_ || settled_at_us_ || !IsSettled()) return;
  settled_at_us_ = context_.now_us;
}

bool World::IsSettled() const {
  if (!server_->IsSettled()) return false;
  for (const auto& client : clients_) {
    if (!client->IsSettled()) return false;
    if (client->document().version_vector() != clients_[0]->document().version_vector()) {
      return false;
    }
  }
  return true;
}

// The end.

void World::Check(WorldResult& result) {
  if (GoesInCircles()) context_.record.refusals.Add("nobody comes to rest");
  result.violations = CheckWorld(context_, {.quiet_since_us = quiet_since_us_,
                                            .settled_at_us = settled_at_us_,
                                            .patience_us = options_.patience_us,
                                            .ghost_us = options_.ghost_us,
                                            .server_options = &server_options_,
                                            .server = server_.get(),
                                            .clients = clients_});
  if (clients_[0]->is_running()) result.text = clients_[0]->document().Text();
}

}  // namespace cotext
