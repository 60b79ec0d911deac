#include "simulation/campaign/campaign_report.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cotext {
namespace {

constexpr double kMillisecondUs = 1000;
constexpr std::array<uint64_t, 9> kPermille = {100, 250, 500, 750, 900, 950, 990, 999, 1000};

double Per(uint64_t number, uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(number) / static_cast<double>(of);
}

ReportValue Milliseconds(std::optional<uint64_t> us) {
  if (!us) return std::monostate();
  return static_cast<double>(*us) / kMillisecondUs;
}

ReportValue Name(Engine engine) { return std::string(EngineName(engine)); }

ReportSection WorldsSection(const Campaign& campaign) {
  ReportTable table{.name = "worlds",
                    .title = "What was simulated",
                    .columns = {{"engine", "Engine"},
                                {"worlds", "Worlds"},
                                {"failed", "Failed"},
                                {"actions", "Actions of users"},
                                {"operations", "Edits"},
                                {"lost", "Lost in crashes before they were saved"},
                                {"handed_back", "Handed back as too old"},
                                {"attacks", "Attacks"},
                                {"failovers", "Changes of server"},
                                {"server_lives", "Lives of servers"},
                                {"virtual_hours", "Virtual time, hours"}}};
  constexpr double kHourUs = 3.6e9;
  for (const auto& [engine, totals] : campaign.totals) {
    table.rows.push_back({Name(engine), totals.worlds, totals.failed, totals.actions,
                          totals.operations, totals.lost_operations, totals.handed_back,
                          totals.attacks, totals.failovers, totals.server_lives,
                          static_cast<double>(totals.virtual_us) / kHourUs});
  }
  return {.title = "Worlds", .paragraphs = campaign.conditions, .tables = {std::move(table)}};
}

ReportSection NetworkSection(const Campaign& campaign) {
  ReportTable table{.name = "network",
                    .title = "Packets, all told, and for each edit",
                    .columns = {{"engine", "Engine"},
                                {"packets", "Packets"},
                                {"bytes", "Bytes"},
                                {"packets_per_edit", "Packets an edit"},
                                {"bytes_per_edit", "Bytes an edit"},
                                {"lost", "Lost, or late for that"},
                                {"duplicated", "Twice"},
                                {"reordered", "Overtaken"},
                                {"corrupted", "Damaged"},
                                {"resets", "Broken connections"}}};
  for (const auto& [engine, totals] : campaign.totals) {
    const NetworkCounts& network = totals.network;
    table.rows.push_back(
        {Name(engine), network.sent, network.sent_bytes, Per(network.sent, totals.operations),
         Per(network.sent_bytes, totals.operations), network.lost, network.duplicated,
         network.reordered, network.corrupted, network.resets});
  }
  return {
      .title = "The network",
      .paragraphs = {"Everything counts: connecting again, presence, acknowledgements, what was "
                     "sent twice."},
      .tables = {std::move(table)}};
}

ReportSection ConvergenceSection(const Campaign& campaign) {
  ReportTable table{.name = "convergence",
                    .title = "How long it took",
                    .columns = {{"share", "Share, %"},
                                {"engine", "Engine"},
                                {"spread_ms", "Until everybody saw a character, ms"},
                                {"settled_ms", "Until a world had settled, ms"}}};
  for (const auto& [engine, totals] : campaign.totals) {
    for (const uint64_t permille : kPermille) {
      table.rows.push_back({static_cast<double>(permille) / 10, Name(engine),
                            Milliseconds(totals.spread_us.Quantile(permille)),
                            Milliseconds(totals.settled_after_us.Quantile(permille))});
    }
  }
  ReportSection section{
      .title = "Convergence",
      .paragraphs = {
          "The first time runs from when a character was typed to when the last of those who ever "
          "saw it did, however long they were away; the second from when nobody edits and nothing "
          "goes wrong any more to when all have the same and everything is durable. Both are at "
          "most a sixteenth too long."}};
  section.charts.push_back(ChartOf(table, {.x = "share", .y = {"spread_ms"}, .label = {"engine"}},
                                   "Until everybody saw a character", "ms"));
  section.charts.back().y_scale = ChartScale::kLogarithmic;
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection StalenessSection(const Campaign& campaign) {
  ReportTable table{.name = "staleness",
                    .title = "What people lacked",
                    .columns = {{"time", "Time, % of that until it was quiet"},
                                {"engine", "Engine"},
                                {"missing", "Characters that a person lacked"}}};
  for (const auto& [engine, totals] : campaign.totals) {
    for (size_t sample = 0; sample < kStalenessSamples; ++sample) {
      table.rows.push_back({100 * static_cast<double>(sample) / kStalenessParts, Name(engine),
                            Per(totals.missing[sample], totals.nodes)});
    }
  }
  ReportSection section{
      .title = "Staleness",
      .paragraphs = {"Characters that were typed by then and that a person saw only later, on the "
                     "average over all people and worlds."}};
  section.charts.push_back(ChartOf(table, {.x = "time", .y = {"missing"}, .label = {"engine"}},
                                   "What people lacked", "Characters"));
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection BuffersSection(const Campaign& campaign) {
  ReportTable table{.name = "buffers",
                    .title = "The deepest that a buffer was in each world, bytes",
                    .columns = {{"engine", "Engine"},
                                {"buffer", "Buffer"},
                                {"median", "In half of the worlds at most"},
                                {"p99", "In 99 % at most"},
                                {"max", "In all at most"}}};
  for (const auto& [engine, totals] : campaign.totals) {
    for (const auto& [buffer, depths] : totals.buffers) {
      table.rows.push_back({Name(engine), buffer, depths.Quantile(500).value_or(0),
                            depths.Quantile(990).value_or(0), depths.Quantile(1000).value_or(0)});
    }
  }
  return {.title = "Buffers", .tables = {std::move(table)}};
}

ReportSection InterleavingSection(const Campaign& campaign) {
  ReportTable table{.name = "interleaving",
                    .title = "Characters that one person typed side by side",
                    .columns = {{"engine", "Engine"},
                                {"pairs", "Pairs that are there in the end"},
                                {"torn", "Of these torn apart"},
                                {"torn_percent", "%"}}};
  for (const auto& [engine, totals] : campaign.totals) {
    table.rows.push_back({Name(engine), totals.pairs, totals.torn_pairs,
                          100 * Per(totals.torn_pairs, totals.pairs)});
  }
  return {
      .title = "Interleaving",
      .paragraphs = {"A pair is torn apart if something stands between the two that others typed "
                     "without having seen both."},
      .tables = {std::move(table)}};
}

ReportSection FailuresSection(const Campaign& campaign) {
  ReportTable table{.name = "failures",
                    .title = "Broken promises",
                    .columns = {{"engine", "Engine"},
                                {"seed", "Seed"},
                                {"promise", "Promise"},
                                {"what", "What was seen"}}};
  for (const CampaignFailure& failure : campaign.failures) {
    for (const Violation& violation : failure.violations) {
      table.rows.push_back({Name(failure.engine), failure.seed, violation.promise, violation.what});
    }
  }
  return {.title = "Failures", .tables = {std::move(table)}};
}

}  // namespace

void CampaignTotals::Add(const WorldOutcome& outcome, uint32_t replicas) {
  ++worlds;
  failed += outcome.violations.empty() ? 0 : 1;
  nodes += replicas;
  actions += outcome.actions;
  operations += outcome.operations;
  lost_operations += outcome.lost_operations;
  handed_back += outcome.handed_back;
  attacks += outcome.attacks;
  failovers += outcome.failovers;
  virtual_us += outcome.virtual_us;
  server_lives += outcome.server_lives;
  network.sent += outcome.network.sent;
  network.sent_bytes += outcome.network.sent_bytes;
  network.delivered += outcome.network.delivered;
  network.lost += outcome.network.lost;
  network.duplicated += outcome.network.duplicated;
  network.reordered += outcome.network.reordered;
  network.corrupted += outcome.network.corrupted;
  network.resets += outcome.network.resets;
  if (outcome.settled_after_us) settled_after_us.Add(*outcome.settled_after_us);
  spread_us.Add(outcome.statistics.spread_us);
  for (size_t i = 0; i < missing.size(); ++i) missing[i] += outcome.statistics.missing[i];
  pairs += outcome.statistics.pairs;
  torn_pairs += outcome.statistics.torn_pairs;
  for (const auto& [buffer, depth] : outcome.statistics.buffers) buffers[buffer].Add(depth);
}

std::string_view EngineName(Engine engine) { return engine == Engine::kRga ? "rga" : "ot"; }

Report MakeCampaignReport(const Campaign& campaign) {
  Report report{
      .title = "cotext simulate: " + std::string(TopologyName(campaign.topology)),
      .paragraphs = {"People with clients, servers, a network and disks in virtual time; the real "
                     "code of the engines and of the sync layer runs in it.",
                     campaign.failures.empty() ? "No promise was broken."
                                               : "PROMISES WERE BROKEN; see the failures."},
      .sections = {WorldsSection(campaign), ConvergenceSection(campaign),
                   StalenessSection(campaign), NetworkSection(campaign), BuffersSection(campaign),
                   InterleavingSection(campaign)}};
  if (!campaign.failures.empty()) report.sections.push_back(FailuresSection(campaign));
  return report;
}

}  // namespace cotext
