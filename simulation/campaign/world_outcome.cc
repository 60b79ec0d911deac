#include "simulation/campaign/world_outcome.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "document/check.h"
#include "document/utf8.h"
#include "simulation/histogram.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

Json ToJson(const NetworkCounts& counts) {
  return {counts.sent,       counts.sent_bytes, counts.delivered, counts.lost,
          counts.duplicated, counts.reordered,  counts.corrupted, counts.resets};
}

NetworkCounts CountsOf(const Json& json) {
  return {.sent = json[0],
          .sent_bytes = json[1],
          .delivered = json[2],
          .lost = json[3],
          .duplicated = json[4],
          .reordered = json[5],
          .corrupted = json[6],
          .resets = json[7]};
}

Json ToJson(const WorldStatistics& statistics) {
  Json spread = Json::array();
  for (const auto& [bucket, times] : statistics.spread_us.buckets()) {
    spread.push_back({bucket, times});
  }
  return {{"spread_us", spread},
          {"missing", statistics.missing},
          {"pairs", statistics.pairs},
          {"torn", statistics.torn_pairs},
          {"buffers", statistics.buffers}};
}

WorldStatistics StatisticsOf(const Json& json) {
  WorldStatistics statistics{.spread_us = {},
                             .missing = json["missing"],
                             .pairs = json["pairs"],
                             .torn_pairs = json["torn"],
                             .buffers = json["buffers"].get<std::map<std::string, uint64_t>>()};
  for (const Json& bucket : json["spread_us"]) statistics.spread_us.Add(bucket[0], bucket[1]);
  return statistics;
}

}  // namespace

Expected<WorldOutcome> SimulateScenario(const Scenario& scenario, const WorldOptions& options) {
  const auto world = World::Make(scenario, options);
  COTEXT_RETURN_IF_ERROR(world);
  WorldResult result = (*world)->Run();
  return WorldOutcome{.violations = std::move(result.violations),
                      .actions = scenario.actions.size(),
                      .operations = result.operations,
                      .lost_operations = result.lost_operations,
                      .handed_back = result.handed_back,
                      .attacks = result.attacks,
                      .failovers = result.failovers,
                      .virtual_us = result.virtual_us,
                      .settled_after_us = result.settled_after_us,
                      .server_lives = result.server_lives,
                      .network = result.network,
                      .fingerprint = result.fingerprint,
                      .final_chars = CountCodePoints(result.text),
                      .statistics = std::move(result.statistics)};
}

std::string EncodeOutcome(const WorldOutcome& outcome) {
  Json violations = Json::array();
  for (const Violation& violation : outcome.violations) {
    violations.push_back({violation.promise, violation.what});
  }
  const Json json = {
      {"violations", violations},
      {"actions", outcome.actions},
      {"operations", outcome.operations},
      {"lost", outcome.lost_operations},
      {"handed_back", outcome.handed_back},
      {"attacks", outcome.attacks},
      {"failovers", outcome.failovers},
      {"virtual_us", outcome.virtual_us},
      {"settled_us", outcome.settled_after_us ? Json(*outcome.settled_after_us) : Json()},
      {"lives", outcome.server_lives},
      {"network", ToJson(outcome.network)},
      {"fingerprint", outcome.fingerprint},
      {"chars", outcome.final_chars},
      {"statistics", ToJson(outcome.statistics)}};
  // What a checker says may quote damaged bytes.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

WorldOutcome DecodeOutcome(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  COTEXT_CHECK(json.is_object());
  WorldOutcome outcome{.actions = json["actions"],
                       .operations = json["operations"],
                       .lost_operations = json["lost"],
                       .handed_back = json["handed_back"],
                       .attacks = json["attacks"],
                       .failovers = json["failovers"],
                       .virtual_us = json["virtual_us"],
                       .settled_after_us = {},
                       .server_lives = json["lives"],
                       .network = CountsOf(json["network"]),
                       .fingerprint = json["fingerprint"],
                       .final_chars = json["chars"],
                       .statistics = StatisticsOf(json["statistics"])};
  if (!json["settled_us"].is_null()) outcome.settled_after_us = json["settled_us"].get<uint64_t>();
  for (const Json& violation : json["violations"]) {
    outcome.violations.push_back({violation[0], violation[1]});
  }
  return outcome;
}

WorldOutcome OutcomeOfFailure(const std::string& failure) {
  return {.violations = {{.promise = "no crash", .what = failure}}};
}

}  // namespace cotext
