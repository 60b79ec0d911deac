#include "simulation/comparison/live_sections.h"

#include <cstdint>
#include <string>
#include <utility>

#include "simulation/comparison/report_values.h"

namespace cotext {
namespace {

constexpr double kThousand = 1000;

double ToDouble(uint64_t count) { return static_cast<double>(count); }

std::vector<ReportValue> RowOf(const TypistRun& run) {
  const TypistResult& result = run.result;
  const double keys = ToDouble(result.keys);
  return {run.options.round_trip_ms,
          uint64_t{run.options.typists},
          NameOf(run.engine),
          result.ok,
          result.keys,
          result.messages_sent,
          RatioOf(keys, ToDouble(result.messages_sent)),
          result.keys_per_message_max,
          result.bytes_sent,
          RatioOf(ToDouble(result.bytes_sent), keys),
          result.bytes_heard,
          result.client_transforms,
          result.server_transforms,
          Rounded(result.seen_ms_mean),
          Rounded(result.seen_ms_max),
          Rounded(result.acknowledged_ms_mean),
          Rounded(result.acknowledged_ms_max)};
}

std::vector<ReportValue> RowOf(const AnomalyCount& count) {
  return {count.shape,
          count.engine,
          count.control,
          count.rounds,
          count.passages,
          count.interleaved,
          RatioOf(ToDouble(count.interleaved), ToDouble(count.passages), kThousand),
          count.fixed_pairs,
          count.order_anomalies,
          count.rounds_with_order_anomaly,
          RatioOf(ToDouble(count.rounds_with_order_anomaly), ToDouble(count.rounds), kThousand),
          count.tied_pairs,
          count.other_ties,
          RatioOf(ToDouble(count.other_ties), ToDouble(count.tied_pairs), kThousand),
          count.lost};
}

}  // namespace

ReportSection TypistSection(const std::vector<TypistRun>& runs) {
  ReportTable table{
      .name = "typist",
      .title = "One fast typist on a slow line",
      .columns = {{.key = "round_trip_ms", .title = "Round trip, ms"},
                  {.key = "typists", .title = "Typists"},
                  {.key = "engine", .title = "Engine"},
                  {.key = "ok", .title = "Texts equal"},
                  {.key = "keys", .title = "Keys"},
                  {.key = "messages", .title = "Messages sent"},
                  {.key = "keys_per_message", .title = "Keys per message"},
                  {.key = "keys_per_message_max", .title = "Keys, at most"},
                  {.key = "bytes_sent", .title = "Bytes sent"},
                  {.key = "bytes_per_key", .title = "Bytes per key"},
                  {.key = "bytes_heard", .title = "Bytes heard"},
                  {.key = "client_transforms", .title = "Transforms, client"},
                  {.key = "server_transforms", .title = "Transforms, server"},
                  {.key = "seen_ms", .title = "Seen after, ms (mean)"},
                  {.key = "seen_ms_max", .title = "Seen, at most"},
                  {.key = "acknowledged_ms", .title = "Acknowledged after, ms (mean)"},
                  {.key = "acknowledged_ms_max", .title = "Acknowledged, at most"}}};
  for (const TypistRun& run : runs) table.rows.push_back(RowOf(run));
  const auto chart = [&table](const char* column, const char* title, const char* unit) {
    return ChartOf(table, {.x = "round_trip_ms", .y = {column}, .label = {"engine", "typists"}},
                   title, unit);
  };
  ReportSection section{
      .title = "A typist on a slow line",
      .paragraphs = {
          "Virtual time: a key every 50 to 110 ms, two clients as far from the server as each "
          "other, nothing takes time but the line. OT keeps one submission in flight and puts "
          "what is typed meanwhile into the next; the RGA sends every key. With two typists the "
          "other client types as fast, elsewhere in the text. Numbers are those of the first "
          "typist, but for the server's transforms. The series are named by engine and number of "
          "typists."}};
  section.charts = {chart("seen_ms", "Until the other client sees a key", "ms (mean)"),
                    chart("keys_per_message", "Keys per message", "keys"),
                    chart("bytes_per_key", "Bytes sent per key", "bytes")};
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection AnomalySection(const std::vector<AnomalyCount>& counts) {
  ReportTable table{.name = "anomalies",
                    .title = "Order and interleaving beside the tombstone oracle",
                    .columns = {{.key = "shape", .title = "Rounds"},
                                {.key = "engine", .title = "Engine"},
                                {.key = "control", .title = "Control"},
                                {.key = "rounds", .title = "Number"},
                                {.key = "passages", .title = "Passages"},
                                {.key = "interleaved", .title = "Interleaved"},
                                {.key = "interleaved_per_1000", .title = "Per 1,000 passages"},
                                {.key = "fixed_pairs", .title = "Pairs of fixed order"},
                                {.key = "order_anomalies", .title = "In wrong order"},
                                {.key = "rounds_with_order_anomaly", .title = "Rounds with any"},
                                {.key = "with_order_anomaly_per_1000", .title = "Per 1,000 rounds"},
                                {.key = "tied_pairs", .title = "Pairs of free order"},
                                {.key = "other_ties", .title = "Not as the oracle"},
                                {.key = "other_ties_per_1000", .title = "Per 1,000 pairs"},
                                {.key = "lost", .title = "Characters lost or doubled"}}};
  for (const AnomalyCount& count : counts) table.rows.push_back(RowOf(count));
  const auto chart = [&table](const char* column, const char* title, const char* unit) {
    return ChartOf(table, {.x = "shape", .y = {column}, .label = {"engine", "control"}}, title,
                   unit);
  };
  ReportSection section{
      .title = "Order and interleaving",
      .paragraphs = {
          "Random rounds: three authors edit a text of twelve characters and know nothing of "
          "each other; each writes two passages of three to six keys, in some rounds beside one "
          "and the same character. Controls: rga; ttf, OT with tombstones; one, an OT server "
          "with one operation per author; each, an OT server that transforms every key by itself.",
          "The order of two characters is fixed if an author saw both, or if a character of the "
          "first text stood between them: behind the one when its author typed it, in front of "
          "the other when its author did. In wrong order are pairs of fixed order that came out "
          "the other way. Pairs of free order have no right order; counted is how many an engine "
          "puts otherwise than the oracle, by the server's order instead of by ids. A passage is "
          "interleaved if a character of another author stands between two of its own."}};
  section.charts = {
      chart("interleaved_per_1000", "Interleaved passages", "per 1,000 passages"),
      chart("with_order_anomaly_per_1000", "Rounds with a wrong order", "per 1,000 rounds")};
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace cotext
