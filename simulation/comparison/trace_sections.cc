#include "simulation/comparison/trace_sections.h"

#include <filesystem>
#include <string>
#include <utility>

#include "simulation/comparison/report_values.h"

namespace cotext {
namespace {

constexpr double kMicroseconds = 1e3;  // In a millisecond.
constexpr double kNanoseconds = 1e6;

// Adds columns that every table of traces begins with.
ReportTable MakeTable(const char* name, const char* title,
                      std::initializer_list<ReportColumn> columns) {
  ReportTable table{.name = name,
                    .title = title,
                    .columns = {{.key = "trace", .title = "Trace"},
                                {.key = "engine", .title = "Engine"},
                                {.key = "control", .title = "Control"}}};
  table.columns.insert(table.columns.end(), columns);
  return table;
}

std::vector<ReportValue> BeginRow(const TraceCosts& costs) {
  std::string name = std::filesystem::path(costs.trace).filename();
  for (const char* const ending : {".gz", ".json"}) {
    if (name.ends_with(ending)) name.resize(name.size() - std::string(ending).size());
  }
  return {std::move(name), NameOf(costs.engine), costs.control};
}

// A chart of dots, a trace each.
ReportChart ByTrace(const ReportTable& table, const char* column, const char* title,
                    const char* unit) {
  ReportChart chart =
      ChartOf(table, {.x = "trace", .y = {column}, .label = {"engine"}}, title, unit);
  chart.y_scale = ChartScale::kLogarithmic;
  return chart;
}

std::vector<ReportValue> TimeRow(const TraceCosts& costs) {
  const TraceTimes& times = costs.times;
  std::vector<ReportValue> row = BeginRow(costs);
  row.insert(
      row.end(),
      {costs.ok, costs.transactions, costs.patches, costs.final_chars, ValueOf(times.local_ms),
       RatioOf(times.local_ms, static_cast<double>(costs.typed_patches), kNanoseconds),
       ValueOf(times.remote_ms),
       RatioOf(times.remote_ms, static_cast<double>(costs.bytes.messages), kMicroseconds),
       ValueOf(times.server_ms), ValueOf(times.merge_ms), ValueOf(times.open_ms),
       ValueOf(times.editable_ms)});
  return row;
}

}  // namespace

ReportSection TimeSection(const std::vector<TraceCosts>& traces, uint32_t repeat) {
  ReportTable table =
      MakeTable("times", "Time by trace and engine",
                {{.key = "ok", .title = "Text right"},
                 {.key = "transactions", .title = "Transactions"},
                 {.key = "patches", .title = "Patches"},
                 {.key = "final_chars", .title = "Final characters"},
                 {.key = "local_ms", .title = "Local, ms"},
                 {.key = "local_ns_per_patch", .title = "Local, ns a patch"},
                 {.key = "remote_ms", .title = "Remote, ms"},
                 {.key = "remote_us_per_transaction", .title = "Remote, \u00b5s a transaction"},
                 {.key = "server_ms", .title = "Server, ms"},
                 {.key = "merge_ms", .title = "Bulk merge, ms"},
                 {.key = "open_ms", .title = "Cold open to the text, ms"},
                 {.key = "editable_ms", .title = "Cold open to edits, ms"}});
  for (const TraceCosts& costs : traces) table.rows.push_back(TimeRow(costs));
  ReportSection section{
      .title = "Time",
      .paragraphs = {
          "Milliseconds of processor time on one thread, medians of " + std::to_string(repeat) +
              " runs; inputs are made before the clock runs. Local: every patch typed into one "
              "document (a concurrent trace as somebody sees it who receives it). Remote: every "
              "transaction received from its bytes, up to the event that an editor draws. For OT "
              "the server has transformed it already; Server is what that took: commit by "
              "commit, or, where the trace is concurrent, by the control of the merge in one go. "
              "Bulk merge: from the bytes of the whole history to the text. Cold open: a saved "
              "document to its text, and to a document that can be edited, which for OT holds no "
              "history.",
          "Control says what put concurrent edits in order: rga; jupiter, an OT server's order; "
          "ttf, OT with tombstones, where no server's order would do. What jupiter does here is "
          "told who wins a tie, so that its text is the trace's."}};
  section.charts = {
      ByTrace(table, "local_ns_per_patch", "Local edits", "ns a patch"),
      ByTrace(table, "remote_us_per_transaction", "Remote edits", "\u00b5s a transaction"),
      ByTrace(table, "merge_ms", "Bulk merge", "ms"),
      ByTrace(table, "open_ms", "Cold open to the text", "ms")};
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection MemorySection(const std::vector<TraceCosts>& traces) {
  ReportTable table =
      MakeTable("memory", "Memory by trace and engine",
                {{.key = "peak_bytes", .title = "Peak, bytes"},
                 {.key = "steady_bytes", .title = "Steady, bytes"},
                 {.key = "text_bytes", .title = "The text alone, bytes"},
                 {.key = "metadata_bytes", .title = "Merge metadata, bytes"},
                 {.key = "metadata_per_char", .title = "The same per character"},
                 {.key = "without_history_bytes", .title = "Document without history, bytes"}});
  for (const TraceCosts& costs : traces) {
    const TraceMemory& memory = costs.memory;
    std::vector<ReportValue> row = BeginRow(costs);
    row.insert(row.end(), {memory.peak, memory.steady, memory.text, memory.metadata,
                           RatioOf(static_cast<double>(memory.metadata),
                                   static_cast<double>(costs.final_chars)),
                           memory.without_history});
    table.rows.push_back(std::move(row));
  }
  ReportSection section{
      .title = "Memory",
      .paragraphs = {
          "Live allocated bytes that a bulk merge adds at most, and in the end. Merge metadata "
          "is what is kept so that edits which come late can be merged. RGA: all of the steady "
          "bytes but the text. OT with tombstones (ttf): likewise. OT with a server (jupiter): "
          "the log of all submissions, which is beside the steady bytes; a server that moves its "
          "horizon keeps less, down to a hundred bytes a client. The last column is a document "
          "that dropped its history: the RGA trimmed at its last version, OT opened from its "
          "text."}};
  section.charts = {ByTrace(table, "steady_bytes", "Steady memory", "bytes"),
                    ByTrace(table, "metadata_bytes", "Merge metadata", "bytes")};
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection ByteSection(const std::vector<TraceCosts>& traces, const std::string& profile) {
  ReportTable table = MakeTable("bytes", "Bytes by trace and engine",
                                {{.key = "messages", .title = "Messages"},
                                 {.key = "sent_bytes", .title = "Sent, bytes"},
                                 {.key = "sent_per_patch", .title = "Sent per patch"},
                                 {.key = "heard_bytes", .title = "Heard by a reader, bytes"},
                                 {.key = "heard_per_patch", .title = "Heard per patch"},
                                 {.key = "history_bytes", .title = "History on disk, bytes"},
                                 {.key = "compact_bytes", .title = "Without deleted text, bytes"},
                                 {.key = "file_bytes", .title = "Document file, bytes"}});
  for (const TraceCosts& costs : traces) {
    const TraceBytes& bytes = costs.bytes;
    const auto patches = static_cast<double>(costs.patches);
    std::vector<ReportValue> row = BeginRow(costs);
    row.insert(row.end(), {bytes.messages, bytes.wire_sent,
                           RatioOf(static_cast<double>(bytes.wire_sent), patches), bytes.wire_heard,
                           RatioOf(static_cast<double>(bytes.wire_heard), patches),
                           bytes.stored.history, bytes.stored.compact, bytes.stored.file});
    table.rows.push_back(std::move(row));
  }
  ReportSection section{
      .title = "Bytes",
      .paragraphs = {
          "On the wire: one message per transaction, as its author sends it and as a reader "
          "hears it, without frames, on a connection that knows document and authors. In the "
          "sequential traces a patch is mostly a keystroke. Not compressed. OT's messages have a "
          "format of this comparison: a number, a revision, components as varints, deletes "
          "without text.",
          "On disk: profile " + profile +
              ". History is what somebody needs who has nothing. OT's lacks the text of deletes, "
              "since positions and counts suffice; its compact form is the text alone, which is "
              "all that a server keeps that dropped its history, while the RGA's can still be "
              "merged with."}};
  section.charts = {ByTrace(table, "sent_per_patch", "Sent per patch", "bytes"),
                    ByTrace(table, "file_bytes", "Document file", "bytes")};
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace cotext
