#include "simulation/world/scenario.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "simulation/json_fields.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kFormat = 1;

constexpr std::array<std::string_view, 3> kTopologies = {"star", "cluster", "mesh"};
constexpr std::array<std::string_view, 2> kEngines = {"rga", "ot"};
constexpr std::array<std::string_view, 2> kConnections = {"ordered", "lossy"};
constexpr std::array<std::string_view, 2> kStores = {StoreName(StoreKind::kMemory),
                                                     StoreName(StoreKind::kSqlite)};
constexpr std::array<std::string_view, 2> kShapes = {"uniform", "exponential"};

// Reads a field that is one of some names.
template <typename Enum, size_t kCount>
Enum ReadName(JsonFields& fields, const char* name,
              const std::array<std::string_view, kCount>& all) {
  const std::string value = fields.Text(name);
  const auto found = std::ranges::find(all, value);
  if (found != all.end()) return static_cast<Enum>(found - all.begin());
  fields.Fail(std::string(name) + " cannot be \"" + value + "\"");
  return Enum{};
}

Json ToJson(const NetworkPath& path) {
  return {{"latency", kShapes.at(static_cast<size_t>(path.latency.shape))},
          {"least_us", path.latency.least_us},
          {"mean_us", path.latency.mean_us},
          {"spikes_ppm", path.latency.spikes_ppm},
          {"spike_us", path.latency.spike_us},
          {"loss_ppm", path.loss_ppm},
          {"duplicate_ppm", path.duplicate_ppm},
          {"reorder_ppm", path.reorder_ppm},
          {"corrupt_ppm", path.corrupt_ppm},
          {"bytes_per_second", path.bytes_per_second}};
}

Expected<NetworkPath> ReadPath(const Json& json) {
  JsonFields fields(json, "network");
  NetworkPath path;
  path.latency.shape = ReadName<Latency::Shape>(fields, "latency", kShapes);
  path.latency.least_us = fields.Number("least_us", kScenarioTimeMaxUs);
  path.latency.mean_us = fields.Number("mean_us", kScenarioTimeMaxUs);
  path.latency.spikes_ppm = fields.Number("spikes_ppm", kMillion);
  path.latency.spike_us = fields.Number("spike_us", kScenarioTimeMaxUs);
  path.loss_ppm = fields.Number("loss_ppm", kMillion);
  path.duplicate_ppm = fields.Number("duplicate_ppm", kMillion);
  path.reorder_ppm = fields.Number("reorder_ppm", kMillion);
  path.corrupt_ppm = fields.Number("corrupt_ppm", kMillion);
  path.bytes_per_second = fields.Number("bytes_per_second", UINT32_MAX);
  COTEXT_RETURN_IF_ERROR(fields.Finish());
  return path;
}

Json ToJson(const sync::MemoryStoreFaults& store) {
  return {{"delay_min_ms", store.delay_min_ms},
          {"delay_max_ms", store.delay_max_ms},
          {"write_failures_ppm", store.write_failures_ppm},
          {"load_failures_ppm", store.load_failures_ppm}};
}

Expected<sync::MemoryStoreFaults> ReadStore(const Json& json) {
  JsonFields fields(json, "store");
  sync::MemoryStoreFaults store;
  store.delay_min_ms = fields.Number("delay_min_ms", kScenarioTimeMaxUs);
  store.delay_max_ms = fields.Number("delay_max_ms", kScenarioTimeMaxUs);
  store.write_failures_ppm = fields.Number("write_failures_ppm", kMillion);
  store.load_failures_ppm = fields.Number("load_failures_ppm", kMillion);
  if (store.delay_max_ms < store.delay_min_ms) fields.Fail("delay_max_ms is below delay_min_ms");
  COTEXT_RETURN_IF_ERROR(fields.Finish());
  return store;
}

Json ToJson(const Fault& fault) {
  Json json = {{"at_us", fault.at_us},
               {"for_us", fault.for_us},
               {"fault", FaultName(fault.kind)},
               {"nodes", fault.nodes}};
  if (fault.amount != 0) json["amount"] = fault.amount;
  return json;
}

Expected<Fault> ReadFault(const Json& json, const std::string& where, uint64_t nodes) {
  JsonFields fields(json, where);
  Fault fault;
  fault.at_us = fields.Number("at_us", kScenarioTimeMaxUs);
  fault.for_us = fields.Number("for_us", kScenarioTimeMaxUs);
  const std::string name = fields.Text("fault");
  const auto kind = FaultNamed(name);
  if (!kind) fields.Fail("there is no fault named \"" + name + "\"");
  fault.kind = kind.value_or(FaultKind{});
  for (const uint64_t node : fields.Numbers("nodes", nodes - 1)) {
    fault.nodes.push_back(static_cast<NodeNumber>(node));
  }
  if (fields.Has("amount")) fault.amount = fields.Number("amount");
  COTEXT_RETURN_IF_ERROR(fields.Finish());
  return fault;
}

Json ToJson(const UserAction& action) {
  Json json = {
      {"at_us", action.at_us}, {"replica", action.replica}, {"do", UserActionName(action.kind)}};
  if (!action.places.empty()) json["places"] = action.places;
  if (action.count != 0) json["count"] = action.count;
  if (!action.text.empty()) json["text"] = action.text;
  return json;
}

Expected<UserAction> ReadAction(const Json& json, const std::string& where, uint64_t replicas) {
  JsonFields fields(json, where);
  UserAction action;
  action.at_us = fields.Number("at_us", kScenarioTimeMaxUs);
  action.replica = static_cast<uint32_t>(fields.Number("replica", replicas - 1));
  const std::string name = fields.Text("do");
  const auto kind = UserActionNamed(name);
  if (!kind) fields.Fail("nobody can do \"" + name + "\"");
  action.kind = kind.value_or(UserAction::Kind{});
  if (fields.Has("places")) action.places = fields.Numbers("places", kWholeText);
  if (fields.Has("count")) action.count = fields.Number("count", UINT32_MAX);
  if (fields.Has("text")) action.text = fields.Text("text");
  const bool needs_place =
      action.kind == UserAction::Kind::kMove || action.kind == UserAction::Kind::kInsertAt;
  if (needs_place && action.places.empty()) fields.Fail("has no places");
  COTEXT_RETURN_IF_ERROR(fields.Finish());
  return action;
}

Expected<std::vector<ScenarioLink>> ReadLinks(const Json& list) {
  const auto fail = [](size_t i, const std::string& what) {
    return MakeError(ErrorCode::kInvalidTrace, "links[" + std::to_string(i) + "]: " + what);
  };
  if (list.size() > kScenarioLinksMax) return fail(kScenarioLinksMax, "is one too many");
  std::vector<ScenarioLink> links;
  for (const Json& json : list) {
    const bool is_pair = json.is_array() && json.size() == 2 && json[0].is_number_unsigned() &&
                         json[1].is_number_unsigned();
    if (!is_pair) return fail(links.size(), "is no pair of numbers");
    const auto first = json[0].get<uint64_t>();
    const auto second = json[1].get<uint64_t>();
    if (second >= kScenarioNodesMax || first >= second) {
      return fail(links.size(), "is no pair of nodes in order");
    }
    links.push_back(
        {.first = static_cast<NodeNumber>(first), .second = static_cast<NodeNumber>(second)});
  }
  return links;
}

// Reads the elements of a list with `read(element, where)`; each is no earlier than the one before.
template <typename Element, typename Read>
Expected<std::vector<Element>> ReadList(const Json& list, const std::string& name, Read read) {
  std::vector<Element> elements;
  for (const Json& json : list) {
    const std::string where = name + "[" + std::to_string(elements.size()) + "]";
    auto element = read(json, where);
    if (!element) return std::unexpected(std::move(element).error());
    if (!elements.empty() && element->at_us < elements.back().at_us) {
      return MakeError(ErrorCode::kInvalidTrace, where + ": is earlier than the one before it");
    }
    elements.push_back(*std::move(element));
  }
  return elements;
}

template <typename Element>
void AppendLines(std::string& out, const char* name, const std::vector<Element>& elements) {
  out += std::string("\"") + name + "\": [";
  std::string_view separator = "\n";
  for (const Element& element : elements) {
    out += separator;
    out += ToJson(element).dump();
    separator = ",\n";
  }
  out += "\n]";
}

void AppendField(std::string& out, const char* name, const Json& value) {
  out += std::string("\"") + name + "\": " + value.dump() + ",\n";
}

Expected<Scenario> ReadFields(const Json& json) {
  JsonFields fields(json, "scenario");
  Scenario scenario;
  if (fields.Number("format") != kFormat) fields.Fail("format is not 1");
  scenario.seed = fields.Number("seed");
  scenario.engine = ReadName<Engine>(fields, "engine", kEngines);
  scenario.topology = ReadName<Topology>(fields, "topology", kTopologies);
  scenario.servers = static_cast<uint32_t>(fields.Number("servers", kScenarioNodesMax));
  scenario.replicas = static_cast<uint32_t>(fields.Number("replicas", kScenarioNodesMax));
  if (scenario.replicas == 0) fields.Fail("has no replicas");
  static const Json kNoLinks = Json::array();
  if (fields.Has("store_kind")) {
    scenario.store = ReadName<StoreKind>(fields, "store_kind", kStores);
  }
  const Json& links = fields.Has("links") ? fields.List("links") : kNoLinks;
  scenario.plan.quiet_at_us = fields.Number("quiet_at_us", kScenarioTimeMaxUs);
  scenario.plan.connections = ReadName<ConnectionKind>(fields, "connections", kConnections);
  const Json& network = fields.Object("network");
  const Json& store = fields.Object("store");
  const Json& faults = fields.List("faults");
  const Json& actions = fields.List("actions");
  COTEXT_RETURN_IF_ERROR(fields.Finish());

  auto read_links = ReadLinks(links);
  COTEXT_RETURN_IF_ERROR(read_links);
  scenario.links = *std::move(read_links);
  COTEXT_RETURN_IF_ERROR(CheckLinks(scenario));
  const auto path = ReadPath(network);
  COTEXT_RETURN_IF_ERROR(path);
  scenario.plan.path = *path;
  const auto delays = ReadStore(store);
  COTEXT_RETURN_IF_ERROR(delays);
  scenario.plan.store = *delays;
  const NodeNumber nodes = NodesOf(scenario);
  auto read_faults = ReadList<Fault>(faults, "faults", [&](const Json& each, const auto& where) {
    return ReadFault(each, where, nodes);
  });
  COTEXT_RETURN_IF_ERROR(read_faults);
  scenario.plan.faults = *std::move(read_faults);
  auto read_actions =
      ReadList<UserAction>(actions, "actions", [&](const Json& each, const auto& where) {
        return ReadAction(each, where, scenario.replicas);
      });
  COTEXT_RETURN_IF_ERROR(read_actions);
  scenario.actions = *std::move(read_actions);
  return scenario;
}

}  // namespace

std::string_view TopologyName(Topology topology) {
  return kTopologies.at(static_cast<size_t>(topology));
}

NodeNumber BridgesOf(const Scenario& scenario) {
  const bool has_bridges = scenario.topology == Topology::kCluster;
  return has_bridges ? static_cast<NodeNumber>(scenario.links.size()) : 0;
}

NodeNumber NodesOf(const Scenario& scenario) {
  return scenario.servers + scenario.replicas + BridgesOf(scenario);
}

Expected<void> CheckLinks(const Scenario& scenario) {
  const auto fail = [](const std::string& what) {
    return MakeError(ErrorCode::kInvalidTrace, "scenario: " + what);
  };
  const bool is_mesh = scenario.topology == Topology::kMesh;
  if (is_mesh != (scenario.servers == 0)) return fail("a mesh, and nothing else, has no servers");
  if (is_mesh && scenario.store != StoreKind::kMemory) {
    return fail("a mesh has no servers that would have a store");
  }
  if (scenario.topology == Topology::kStar) {
    if (!scenario.links.empty()) return fail("a star has no links");
    return {};
  }
  // Of each, one that it is linked to, on the way to the one that stands for all that are.
  std::vector<NodeNumber> group(is_mesh ? scenario.replicas : scenario.servers);
  if (!is_mesh && group.size() < 2) return fail("a cluster has several servers");
  std::iota(group.begin(), group.end(), 0U);
  const auto find = [&](NodeNumber node) {
    while (group[node] != node) node = group[node] = group[group[node]];
    return node;
  };
  std::set<std::pair<NodeNumber, NodeNumber>> seen;
  for (const ScenarioLink& link : scenario.links) {
    if (link.first >= link.second || link.second >= group.size()) {
      return fail("a link is of no two nodes");
    }
    const bool is_new = seen.emplace(link.first, link.second).second;
    if (is_mesh && !is_new) return fail("two peers are linked twice");
    group[find(link.first)] = find(link.second);
  }
  for (NodeNumber node = 1; node < group.size(); ++node) {
    if (find(node) != find(0)) return fail("no links lead to node " + std::to_string(node));
  }
  return {};
}

std::string WriteScenario(const Scenario& scenario) {
  std::string out = "{\n";
  AppendField(out, "format", kFormat);
  AppendField(out, "seed", scenario.seed);
  AppendField(out, "engine", kEngines.at(static_cast<size_t>(scenario.engine)));
  AppendField(out, "topology", TopologyName(scenario.topology));
  AppendField(out, "servers", scenario.servers);
  AppendField(out, "replicas", scenario.replicas);
  if (scenario.store != StoreKind::kMemory) {
    AppendField(out, "store_kind", StoreName(scenario.store));
  }
  if (!scenario.links.empty()) {
    Json links = Json::array();
    for (const ScenarioLink& link : scenario.links) links.push_back({link.first, link.second});
    AppendField(out, "links", links);
  }
  AppendField(out, "quiet_at_us", scenario.plan.quiet_at_us);
  AppendField(out, "connections", kConnections.at(static_cast<size_t>(scenario.plan.connections)));
  AppendField(out, "network", ToJson(scenario.plan.path));
  AppendField(out, "store", ToJson(scenario.plan.store));
  AppendLines(out, "faults", scenario.plan.faults);
  out += ",\n";
  AppendLines(out, "actions", scenario.actions);
  return out + "\n}\n";
}

Expected<Scenario> ReadScenario(std::string_view json) {
  if (json.size() > kScenarioBytesMax) {
    return MakeError(ErrorCode::kTooLarge, "a scenario has at most 256 MB");
  }
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return MakeError(ErrorCode::kInvalidTrace, "scenario: is no JSON");
  return ReadFields(parsed);
}

}  // namespace cotext
