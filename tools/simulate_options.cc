#include "tools/simulate_options.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "simulation/trace/trace_reader.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/scenario_generator.h"
#include "simulation/world/store_kind.h"
#include "storage/file.h"

namespace cotext {
namespace {

constexpr uint32_t kReplicasMax = 1000;
constexpr uint32_t kEditsMax = 100'000;

std::optional<uint64_t> ReadNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Reads "A..B", or "A" alone.
Expected<void> ReadSeeds(SimulateOptions& options) {
  const std::string_view text = options.seeds;
  const size_t dots = text.find("..");
  const auto first = ReadNumber(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : ReadNumber(text.substr(dots + 2));
  if (!first || !last || *last < *first || *last == UINT64_MAX) {
    return MakeError(ErrorCode::kOutOfRange,
                     "--seeds takes A..B with A at most B, not \"" + options.seeds + "\"");
  }
  options.first_seed = *first;
  options.last_seed = *last;
  return {};
}

std::optional<uint64_t> InMillionths(const std::optional<double>& share) {
  constexpr double kOne = 1e6;
  if (!share) return std::nullopt;
  return static_cast<uint64_t>(*share * kOne);
}

Topology TopologyNamed(std::string_view name) {
  if (name == "mesh") return Topology::kMesh;
  return name == "cluster" ? Topology::kCluster : Topology::kStar;
}

Expected<void> ReadGivenScenario(SimulateOptions& options) {
  const auto bytes = ReadFile(options.scenario, kScenarioBytesMax);
  COTEXT_RETURN_IF_ERROR(bytes);
  auto scenario = ReadScenario(*bytes);
  if (!scenario) {
    return MakeError(scenario.error().code, options.scenario + ": " + scenario.error().message);
  }
  options.given = *std::move(scenario);
  options.engines = {options.given->engine};
  options.first_seed = options.last_seed = options.given->seed;
  return {};
}

}  // namespace

void AddSimulateOptions(CLI::App& command, SimulateOptions& options) {
  const auto add = [&command](const char* name, auto& value, const char* description) {
    return command.add_option(name, value, description)->capture_default_str();
  };
  add("--engine", options.engine, "rga, ot or both")->check(CLI::IsMember({"rga", "ot", "both"}));
  add("--replicas", options.replicas, "People, each with a replica")
      ->check(CLI::Range(1U, kReplicasMax));
  add("--edits", options.edits, "Edits of each of them")->check(CLI::Range(0U, kEditsMax));
  add("--seeds", options.seeds, "A..B; each seed is a world, the same everywhere");
  add("--topology", options.topology,
      "star: around one server; cluster: of servers; mesh: of peers, without a server")
      ->check(CLI::IsMember({"star", "cluster", "mesh"}));
  add("--servers", options.servers, "Servers of a cluster")->check(CLI::Range(2U, 100U));
  add("--faults", options.faults, "all, none, or some of them with commas between; see below");
  const auto share = [](CLI::Option* option) { option->check(CLI::Range(0.0, 1.0)); };
  share(command.add_option("--loss", options.loss, "Share of packets that are lost"));
  share(command.add_option("--duplicate", options.duplicate, "Share of packets that come twice"));
  command.add_flag("--reorder", options.reorder, "Packets overtake each other");
  command.add_option("--partitions", options.partitions, "Partitions in each world")
      ->check(CLI::Range(0U, 1000U));
  command.add_option("--crashes", options.crashes, "Crashes of servers and of clients")
      ->check(CLI::Range(0U, 1000U));
  add("--store", options.store,
      "What servers keep documents in: memory, or sqlite, the real store on a simulated disk")
      ->check(CLI::IsMember({"memory", "sqlite"}));
  command.add_option("--trace", options.trace,
                     "A linear trace that is dealt out to the people, in place of random edits");
  command.add_option("--scenario", options.scenario,
                     "Simulate what a file says, in place of seeds and all of the above");
  add("--settle-within", options.settle_within_s,
      "Seconds of virtual time in which everything must come to rest once it can")
      ->check(CLI::Range(0.0, 86'400.0));
  add("--jobs", options.jobs, "Processes at a time; 0: one for each core")
      ->check(CLI::Range(0U, 1024U));
  add("--max-failures", options.failures_max, "Stop after so many seeds that failed; 0: never");
  add("--failures", options.failures, "Folder for the scenarios of seeds that failed");
  add("--shrink", options.shrink_tries, "Tries to make the first failure smaller");
  command.add_flag("--account", options.account, "Tell what happens in the first world");
  command.add_option("--report", options.report,
                     "Write a page of HTML with charts, which needs nothing else");
  command.add_flag("--json", options.json, "Report one JSON object per line");
}

Expected<void> ReadSimulateOptions(SimulateOptions& options) {
  if (options.jobs == 0) options.jobs = std::max(1U, std::thread::hardware_concurrency());
  if (!options.scenario.empty()) return ReadGivenScenario(options);
  COTEXT_RETURN_IF_ERROR(ReadSeeds(options));
  if (options.engine != "ot") options.engines.push_back(Engine::kRga);
  if (options.engine != "rga") options.engines.push_back(Engine::kOt);
  if (options.topology != "star" && options.engine != "rga") {
    return MakeError(ErrorCode::kUnsupported, "OT has one order, its server's: --topology " +
                                                  options.topology + " needs --engine rga");
  }
  if (options.topology == "mesh" && options.store != "memory") {
    return MakeError(ErrorCode::kUnsupported,
                     "--store is what servers keep documents in: --topology mesh has none");
  }
  if (!options.trace.empty()) {
    auto trace = ReadTrace(options.trace);
    COTEXT_RETURN_IF_ERROR(trace);
    if (!IsLinear(*trace)) {
      return MakeError(ErrorCode::kInvalidTrace,
                       options.trace +
                           ": people worked at the same time in it; only a linear trace "
                           "can be dealt out (cotext trace flatten)");
    }
    options.dealt = *std::move(trace);
  }
  COTEXT_RETURN_IF_ERROR(FaultKinds::Parse(options.faults));
  return {};
}

Expected<Scenario> ScenarioOf(const SimulateOptions& options, Engine engine, uint64_t seed) {
  if (options.given) return *options.given;
  auto kinds = FaultKinds::Parse(options.faults);
  COTEXT_RETURN_IF_ERROR(kinds);
  if (options.reorder) kinds->Add(FaultKind::kReorder);
  const Topology topology = TopologyNamed(options.topology);
  const uint32_t servers = topology == Topology::kCluster ? options.servers
                           : topology == Topology::kStar  ? 1
                                                          : 0;
  return GenerateScenario(
      {.engine = engine,
       .topology = topology,
       .servers = servers,
       .replicas = options.replicas,
       .store = options.store == "sqlite" ? StoreKind::kSqlite : StoreKind::kMemory,
       .edits = options.edits,
       .trace = options.dealt ? &*options.dealt : nullptr,
       .kinds = *kinds,
       .loss_ppm = InMillionths(options.loss),
       .duplicate_ppm = InMillionths(options.duplicate),
       .partitions = options.partitions,
       .crashes = options.crashes},
      seed);
}

}  // namespace cotext
