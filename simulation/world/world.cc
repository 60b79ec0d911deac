#include "simulation/world/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "document/check.h"
#include "document/random.h"
#include "simulation/check/check_handed_back.h"
#include "simulation/check/check_hostile.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/world_checks.h"
#include "sync/hub.h"

namespace cotext {
namespace {

constexpr uint64_t kLookUs = 500'000;  // Between two looks at who sees whom.
// Who is there is told behind all edits: so long after those, all are to be seen.
constexpr uint64_t kSeeUs = 10'000'000;
// How long a packet is waited for on connections that lose some.
constexpr uint64_t kResendMs = 1000;
// How long clients of a cluster go without their server before they try another.
constexpr uint64_t kFailoverUsMin = 2'000'000;
constexpr uint64_t kFailoverUsMax = 20'000'000;

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

// Beside those, without a change to them.
void DrawMoreOptions(const Scenario& scenario, sync::ServerOptions& options) {
  Random random(scenario.seed ^ 0x6d6f726500000000U);
  if (random.Chance(70)) options.hub.ot.hash_interval = random.Between(1, 10);
  if (random.Chance(60)) options.hub.commits_max = random.Between(2, 40);
  // What somebody missed is one piece in documents as small as these, and has to fit.
  constexpr size_t kActionBytes = 20;
  options.queue_bytes_max =
      std::max(options.queue_bytes_max, kActionBytes * scenario.actions.size());
  const bool is_attacked = std::ranges::any_of(
      scenario.plan.faults, [](const Fault& fault) { return fault.kind == FaultKind::kHostile; });
  if (!is_attacked) return;
  options.channels_max = random.Between(2, 20);
  // In a cluster all may come to one server.
  options.sessions_max = scenario.replicas + BridgesOf(scenario) + random.Between(2, 20);
  options.hubs_max = random.Between(4, 40);
}

// What takes long in large documents is done in steps: here in such as small ones need several of,
// with a history in pieces, in some worlds.
void DrawStepSizes(uint64_t seed, sync::HubOptions& options) {
  Random random(seed ^ 0x7374657073000000U);
  if (!random.Chance(40)) return;
  options.copy_bytes = random.Between(1, 300);
  options.merge_bytes = random.Between(1, 300);
  options.piece_bytes = random.Between(kSplitMin, 400);
  if (random.Chance(70)) options.compact_bytes_min = 100;
}

uint64_t HandedBack(const WorldRecord& record) {
  uint64_t edits = 0;
  for (const HandedBackEdits& each : record.handed_back) edits += each.edits;
  return edits;
}

uint64_t AttacksThatCame(const WorldRecord& record) {
  return static_cast<uint64_t>(std::ranges::count_if(record.attacks, &HostileAct::has_come));
}

// What a node has of the document; those of peers and bridges are RGA documents.
template <typename Node>
std::string VersionOf(const Node& node) {
  if constexpr (requires { node.version(); }) {
    return node.version();
  } else {
    return node.document().version().bytes;
  }
}

template <typename Node>
std::string TextOf(const Node& node) {
  if constexpr (requires { node.Final(); }) {
    return node.Final().text;
  } else {
    return node.document().Text();
  }
}

NetworkPath CalmPath() { return {.latency = {.least_us = 20'000}}; }

}  // namespace

Expected<std::unique_ptr<World>> World::Make(const Scenario& scenario,
                                             const WorldOptions& options) {
  COTEXT_RETURN_IF_ERROR(CheckLinks(scenario));
  if (scenario.engine != Engine::kRga && scenario.topology != Topology::kStar) {
    return MakeError(ErrorCode::kUnsupported, "OT has one order, that of a star's server");
  }
  if (scenario.topology == Topology::kStar && scenario.servers != 1) {
    return MakeError(ErrorCode::kUnsupported, "a star has one server");
  }
  return std::unique_ptr<World>(new World(scenario, options));
}

World::World(const Scenario& scenario, const WorldOptions& options)
    : scenario_(&scenario),
      options_(options),
      context_(scenario.seed, {.path = scenario.plan.path}),
      faults_(scenario.plan, NodesOf(scenario)) {
  context_.connections = scenario.plan.connections;
  context_.engine = scenario.engine;
  quiet_since_us_ = scenario.plan.quiet_at_us;
  if (!scenario.actions.empty()) {
    quiet_since_us_ = std::max(quiet_since_us_, scenario.actions.back().at_us);
  }
  if (options.keeps_log) {
    context_.network.SetObserver([this](const PacketFate& fate) { log_.NoteFate(fate); });
  }
  MakeNodes();
}

void World::MakeNodes() {
  due_us_.assign(NodesOf(*scenario_), UINT64_MAX);
  Random random(scenario_->seed ^ 0x776f726c64000000U);
  server_options_ = DrawServerOptions(random);
  DrawMoreOptions(*scenario_, server_options_);
  DrawStepSizes(scenario_->seed, server_options_.hub);
  if (context_.connections == ConnectionKind::kLossy) server_options_.link.resend_ms = kResendMs;
  sync::ClientOptions client_options;
  client_options.link = server_options_.link;
  for (NodeNumber node = 0; node < scenario_->servers; ++node) {
    servers_.push_back(
        std::make_unique<WorldServer>(context_, WorldServerOptions{.node = node,
                                                                   .seed = random.Next(),
                                                                   .store_kind = scenario_->store,
                                                                   .store = scenario_->plan.store,
                                                                   .server = server_options_}));
  }
  if (scenario_->topology != Topology::kStar) context_.document_id.bytes[0] = 1;
  if (scenario_->topology == Topology::kMesh) return MakePeers(random);
  MakeUsers(client_options, random);
  if (scenario_->topology == Topology::kCluster) MakeBridges(client_options, random);
  MakeHostiles();
}

void World::MakeUsers(const sync::ClientOptions& options, Random& random) {
  for (uint32_t replica = 0; replica < scenario_->replicas; ++replica) {
    WorldClientOptions client{.node = scenario_->servers + replica,
                              .server = replica % scenario_->servers,
                              .replica = replica,
                              .replicas = scenario_->replicas,
                              .seed = random.Next(),
                              .saves = random.Chance(70),
                              .client = options};
    for (NodeNumber other = 1; other < scenario_->servers; ++other) {
      client.other_servers.push_back((client.server + other) % scenario_->servers);
    }
    if (!client.other_servers.empty()) {
      client.failover_us = random.Between(kFailoverUsMin, kFailoverUsMax);
    }
    clients_.push_back(std::make_unique<WorldClient>(context_, client));
  }
}

void World::MakeBridges(const sync::ClientOptions& options, Random& random) {
  context_.first_bridge = scenario_->servers + scenario_->replicas;
  context_.bridges = static_cast<uint32_t>(scenario_->links.size());
  for (NodeNumber node = context_.first_bridge; const ScenarioLink& link : scenario_->links) {
    bridges_.push_back(std::make_unique<WorldBridge>(
        context_, WorldBridgeOptions{.node = node++,
                                     .servers = {link.first, link.second},
                                     .seed = random.Next(),
                                     .client = options}));
  }
}

void World::MakePeers(Random& random) {
  peer_options_.link = server_options_.link;
  for (NodeNumber node = 0; node < scenario_->replicas; ++node) {
    WorldPeerOptions peer{.node = node,
                          .replicas = scenario_->replicas,
                          .seed = random.Next(),
                          .saves = random.Chance(70),
                          .connection = peer_options_};
    for (const ScenarioLink& link : scenario_->links) {
      if (link.first == node) peer.neighbours.push_back(link.second);
      if (link.second == node) peer.neighbours.push_back(link.first);
    }
    peers_.push_back(std::make_unique<WorldPeer>(context_, peer));
  }
}

// Each attacker has a node of its own, behind the others.
void World::MakeHostiles() {
  NodeNumber node = NodesOf(*scenario_);
  for (const Fault& fault : scenario_->plan.faults) {
    if (fault.kind != FaultKind::kHostile) continue;
    for (const NodeNumber server : fault.nodes) {
      const uint64_t until_us = std::min(fault.at_us + fault.for_us, scenario_->plan.quiet_at_us);
      hostiles_.push_back(std::make_unique<HostileClient>(
          context_, HostileClientOptions{.node = node++,
                                         .server = server,
                                         .seed = scenario_->seed ^ fault.amount,
                                         .from_us = fault.at_us,
                                         .until_us = until_us}));
    }
  }
  context_.is_overheard = !hostiles_.empty();
}

// Running.

WorldResult World::Run() {
  while (!IsOver()) {
    const uint64_t next_us = NextTimeUs();
    COTEXT_CHECK(next_us >= context_.now_us);
    Step(next_us);
  }
  WorldResult result{.operations = context_.record.made.size(),
                     .lost_operations = context_.record.lost.size() + context_.record.lost_intents,
                     .handed_back = HandedBack(context_.record),
                     .attacks = AttacksThatCame(context_.record),
                     .virtual_us = context_.now_us,
                     .server_lives = context_.server_life,
                     .failovers = context_.failovers,
                     .network = context_.network.counts(),
                     .fingerprint = fingerprint_};
  if (settled_at_us_) result.settled_after_us = *settled_at_us_ - quiet_since_us_;
  Check(result);
  if (options_.keeps_log) result.log = TakeLog();
  return result;
}

std::vector<LogLine> World::TakeLog() {
  for (const DurabilityEvent& event : context_.record.durability) {
    if (event.kind == DurabilityEvent::Kind::kFound) {
      log_.NoteExtent(event.node, event.extent, event.at_us);
    }
  }
  return log_.Take();
}

bool World::GoesInCircles() const {
  const uint64_t size = scenario_->actions.size() + NodesOf(*scenario_);
  return steps_ >= options_.steps_max * size;
}

bool World::IsOver() const {
  const uint64_t now_us = context_.now_us;
  if (GoesInCircles()) return true;
  if (now_us >= quiet_since_us_ + options_.patience_us) return true;
  if (!settled_at_us_ || now_us < quiet_since_us_ + options_.rest_us) return false;
  return now_us >= *settled_at_us_ + kSeeUs;
}

// Has to be called when something happened to a node.
void World::NoteDue(NodeNumber node) {
  due_us_[node] =
      With(node, [](const auto& each) { return each.NextTimeUs(); }).value_or(UINT64_MAX);
}

uint64_t World::NextTimeUs() const {
  uint64_t next = look_at_us_;
  const auto consider = [&](std::optional<uint64_t> time_us) {
    if (time_us) next = std::min(next, *time_us);
  };
  consider(faults_.NextTimeUs());
  consider(context_.network.NextTimeUs());
  if (next_action_ < scenario_->actions.size()) consider(scenario_->actions[next_action_].at_us);
  for (const uint64_t due_us : due_us_) next = std::min(next, std::max(due_us, context_.now_us));
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
    return DoNext();
  }
  OnTimers();
  if (look_at_us_ <= now_us) Look();
}

void World::DoNext() {
  const UserAction& action = scenario_->actions[next_action_++];
  peers_.empty() ? clients_[action.replica]->Do(action) : peers_[action.replica]->Do(action);
  NoteDue(scenario_->servers + action.replica);
}

void World::OnTimers() {
  for (NodeNumber node = 0; node < NodesOf(*scenario_); ++node) {
    if (due_us_[node] > context_.now_us) continue;
    With(node, [](auto& each) { each.OnTime(); });
    NoteDue(node);
  }
  for (const auto& hostile : hostiles_) {
    if (hostile->NextTimeUs().value_or(UINT64_MAX) <= context_.now_us) hostile->OnTime();
  }
}

void World::OnNetwork() {
  auto event = context_.network.TakeEvent(context_.now_us);
  if (!event) return;
  Fingerprint(*event);
  if (options_.keeps_log) log_.NoteEvent(*event, context_.now_us);
  const NodeNumber node = event->node;
  if (const NodeNumber first = NodesOf(*scenario_); node >= first) {
    return hostiles_[node - first]->OnNetwork(*event);
  }
  With(node, [&](auto& each) { each.OnNetwork(*std::move(event)); });
  NoteDue(node);
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
    for (const auto& server : servers_) server->SetStoreFaults({});
  }
  ApplyEffects(step.effects);
  for (NodeNumber node = 0; node < NodesOf(*scenario_); ++node) NoteDue(node);
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
  for (NodeNumber node = 0; node < NodesOf(*scenario_); ++node) {
    network.SetReadRate(node, value_of(effects.read_rates, node));
    const uint64_t clock_ppm = value_of(effects.clock_rates_ppm, node);
    SetTakenRights(node, effects);
    With(node, [&](auto& each) { each.SetClockRate(clock_ppm); });
    SetDown(node, effects);
    const uint64_t ppm = value_of(effects.disk_failures_ppm, node);
    if (ppm != value_of(effects_.disk_failures_ppm, node)) SetDiskFailures(node, ppm);
    SetDiskRoom(node, effects);
  }
  effects_ = effects;
}

void World::SetTakenRights(NodeNumber node, const FaultEffects& effects) {
  const auto taken = effects.taken_rights.find(node);
  if (taken != effects.taken_rights.end()) context_.restricted.insert(node);
  for (const auto& server : servers_) {
    server->SetTakenRights(node, taken == effects.taken_rights.end() ? 0 : taken->second);
  }
}

void World::SetDiskFailures(NodeNumber node, uint64_t failures_ppm) {
  if (!peers_.empty()) return peers_[node]->SetDiskFailures(failures_ppm);
  if (node >= servers_.size()) return;
  sync::MemoryStoreFaults store = scenario_->plan.store;
  store.write_failures_ppm = failures_ppm;
  store.load_failures_ppm = failures_ppm / 2;
  servers_[node]->SetStoreFaults(store);
}

// Only where it changes: the room is what there is from then on.
void World::SetDiskRoom(NodeNumber node, const FaultEffects& effects) {
  if (node >= servers_.size()) return;
  const auto room_in = [&](const FaultEffects& all) {
    const auto found = all.disk_room.find(node);
    return found == all.disk_room.end() ? std::nullopt : std::optional(found->second);
  };
  const std::optional<uint64_t> room = room_in(effects);
  if (room != room_in(effects_)) servers_[node]->SetDiskRoom(room);
}

void World::SetDown(NodeNumber node, const FaultEffects& effects) {
  const auto down = effects.down.find(node);
  const bool should_run = down == effects.down.end();
  const bool runs = With(node, [](auto& each) { return each.is_running(); });
  if (runs == should_run) return;
  if (should_run) {
    With(node, [](auto& each) { each.Start(); });
  } else {
    End(node, down->second);
  }
}

void World::End(NodeNumber node, Ending ending) {
  if (ending == Ending::kInOrder) {
    // A server goes on until its disk has answered.
    if (node < servers_.size()) return servers_[node]->ShutDown();
    With(node, [](auto& each) {
      if constexpr (requires { each.Leave(); }) each.Leave();
    });
  } else {
    With(node, [](auto& each) { each.Crash(); });
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
  for (const auto& peer : peers_) {
    if (!peer->is_running() || effects_.read_rates.contains(peer->node())) continue;
    context_.record.presence.samples.push_back(peer->SeenPresence());
  }
  if (context_.now_us < quiet_since_us_ || settled_at_us_ || !IsSettled()) return;
  settled_at_us_ = context_.now_us;
}

bool World::IsSettled() {
  std::optional<std::string> all;
  const auto is_settled = [&](const auto& node) {
    if (!node->IsSettled()) return false;
    const std::string version = VersionOf(*node);
    if (!all) all = version;
    return version == *all;
  };
  for (const auto& server : servers_) {
    if (!server->IsSettled()) return false;
  }
  return std::ranges::all_of(clients_, is_settled) && std::ranges::all_of(peers_, is_settled) &&
         std::ranges::all_of(bridges_, is_settled) && AllStoresHave(*all);
}

bool World::AllStoresHave(const std::string& version) const {
  // A single server gives its clients nothing that is not in its store.
  if (servers_.size() < 2) return true;
  return std::ranges::all_of(servers_, [&](const auto& server) {
    const StoredEnd stored = server->ReadStored();
    return !stored.copies.empty() && stored.copies[0].version == version;
  });
}

// The end.

void World::Check(WorldResult& result) {
  if (GoesInCircles()) context_.record.refusals.Add("nobody comes to rest");
  result.violations = CheckWorld(context_, {.quiet_since_us = quiet_since_us_,
                                            .settled_at_us = settled_at_us_,
                                            .patience_us = options_.patience_us,
                                            .ghost_us = options_.ghost_us,
                                            .server_options = &server_options_,
                                            .peer_options = &peer_options_,
                                            .servers = servers_,
                                            .clients = clients_,
                                            .peers = peers_,
                                            .bridges = bridges_});
  const auto take_text = [&](const auto& node) {
    if (node->is_running()) result.text = TextOf(*node);
  };
  peers_.empty() ? take_text(clients_[0]) : take_text(peers_[0]);
  result.statistics =
      MeasureWorld(context_.record, result.text, std::max<uint64_t>(quiet_since_us_, 1));
}

}  // namespace cotext
