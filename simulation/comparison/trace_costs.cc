#include "simulation/comparison/trace_costs.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "crdt/change.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/text_buffer.h"
#include "document/utf8.h"
#include "ot/client_state.h"
#include "ot/ot_document.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "simulation/comparison/ot_message.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace_edits.h"
#include "simulation/trace/trace_flatten.h"
#include "simulation/trace/trace_history.h"

namespace cotext {
namespace {

using Messages = std::vector<std::string>;

uint64_t TotalBytes(const Messages& messages) {
  uint64_t bytes = 0;
  for (const std::string& message : messages) bytes += message.size();
  return bytes;
}

// Returns each change as it travels where both ends know the replicas by number.
Messages EncodeChanges(const Update& changes, const ReplicaTable& replicas) {
  Messages messages;
  for (size_t i = 0; i < changes.size(); ++i) {
    Update one;
    one.Append(changes[i]);
    messages.push_back(EncodeUpdate(one, {.known = &replicas}));
  }
  return messages;
}

// Returns a transaction's patches as one operation on the text at its parents.
Delta OperationOf(const Trace& trace, size_t transaction) {
  std::vector<Delta> steps;
  for (const TracePatch patch : trace.patches(transaction)) {
    Delta& step = steps.emplace_back();
    step.Retain(patch.position).Insert(patch.inserted).Delete(patch.deleted);
  }
  Expected<Delta> operation = ComposeAll(steps);
  COTEXT_CHECK(operation);
  return *std::move(operation);
}

// Returns each transaction as its author submits it: his number for it, the last of the server's
// revisions that he knows.
Messages EncodeSubmissions(const Trace& trace) {
  Messages messages;
  std::vector<uint64_t> numbers(trace.agent_count());
  std::vector<uint64_t> revision_of(trace.transaction_count());
  for (size_t i = 0; i < trace.transaction_count(); ++i) {
    uint64_t base = 0;
    for (const uint32_t parent : trace.parents(i)) base = std::max(base, revision_of[parent]);
    revision_of[i] = base;
    OtMessage message{.operation = OperationOf(trace, i)};
    if (message.operation.empty()) continue;
    message.number = ++numbers[trace.agent(i)];
    message.revision = base;
    messages.push_back(EncodeOtMessage(message));
    revision_of[i] = messages.size();
  }
  return messages;
}

// Returns the operations as a server sends them that has transformed them.
Messages EncodeCommits(const std::vector<Delta>& operations) {
  Messages messages;
  for (const Delta& operation : operations) {
    messages.push_back(EncodeOtMessage(
        OtMessage{.number = 1, .revision = messages.size() + 1, .operation = operation}));
  }
  return messages;
}

// What a document costs that receives everything.
struct Reading {
  double ms = 0;
  uint64_t without_history = 0;
  std::string text = {};
};

class Comparer {
 public:
  Comparer(const Trace& trace, const TraceCostOptions& options)
      : trace_(trace), options_(options), typed_(trace) {}

  Expected<std::vector<TraceCosts>> Run();

 private:
  static constexpr uint64_t kMeasurements = 10;

  Expected<void> Prepare();
  Expected<TraceCosts> MeasureOn(Engine engine);
  Expected<ReplayResult> ReplayOn(Engine engine, ReplayMode mode, TraceCosts& costs);
  Expected<void> MeasureReplays(TraceCosts& costs);
  Expected<void> MeasureRemote(TraceCosts& costs);
  Expected<Reading> ReadOnRga() const;
  Expected<Reading> ReadOnOt() const;
  Expected<double> Serve() const;
  Expected<void> MeasureMemory(TraceCosts& costs);
  void Step() {
    if (options_.progress) options_.progress(std::min(++done_, kMeasurements), kMeasurements);
  }

  const Trace& trace_;
  const TraceCostOptions& options_;
  Trace typed_;            // As one document's own edits.
  ReplicaTable replicas_;  // All of the trace's.
  Messages changes_;       // What is received on the RGA,
  Messages commits_;       // and on OT.
  Messages submissions_;
  uint64_t done_ = 0;
};

Expected<std::vector<TraceCosts>> Comparer::Run() {
  COTEXT_RETURN_IF_ERROR(Prepare());
  std::vector<TraceCosts> all;
  for (const Engine engine : {Engine::kRga, Engine::kOt}) {
    Expected<TraceCosts> costs = MeasureOn(engine);
    if (!costs) return std::unexpected(std::move(costs).error());
    all.push_back(*std::move(costs));
  }
  return all;
}

Expected<void> Comparer::Prepare() {
  const auto history = BuildHistory(trace_);
  if (!history) return std::unexpected(history.error());
  const auto edits = AsReceived(trace_, history->changes);
  if (!edits) return std::unexpected(edits.error());
  if (!IsLinear(trace_)) typed_ = AsTyped(trace_, *edits);
  for (uint64_t agent = 0; agent < trace_.agent_count(); ++agent) {
    replicas_.Add(ReplicaId{agent + 1});
  }
  changes_ = EncodeChanges(history->changes, replicas_);
  commits_ = EncodeCommits(*edits);
  submissions_ = EncodeSubmissions(trace_);
  return {};
}

Expected<TraceCosts> Comparer::MeasureOn(Engine engine) {
  TraceCosts costs{.trace = trace_.name(),
                   .engine = engine,
                   .control = {},
                   .ok = true,
                   .transactions = trace_.transaction_count(),
                   .patches = trace_.patch_count(),
                   .typed_patches = typed_.patch_count(),
                   .final_chars = CountCodePoints(trace_.end_content())};
  COTEXT_RETURN_IF_ERROR(MeasureReplays(costs));
  COTEXT_RETURN_IF_ERROR(MeasureRemote(costs));
  COTEXT_RETURN_IF_ERROR(MeasureMemory(costs));
  return costs;
}

Expected<ReplayResult> Comparer::ReplayOn(Engine engine, ReplayMode mode, TraceCosts& costs) {
  const Trace& trace = mode == ReplayMode::kLocal ? typed_ : trace_;
  Expected<ReplayResult> result = Replay(trace, {.engine = engine,
                                                 .mode = mode,
                                                 .profile = options_.profile,
                                                 .repeat = options_.repeat,
                                                 .clock = ClockKind::kProcessor,
                                                 .memory = options_.memory});
  if (result) costs.ok = costs.ok && result->text == trace_.end_content();
  Step();
  return result;
}

Expected<void> Comparer::MeasureReplays(TraceCosts& costs) {
  const auto local = ReplayOn(costs.engine, ReplayMode::kLocal, costs);
  if (!local) return std::unexpected(local.error());
  const auto merged = ReplayOn(costs.engine, ReplayMode::kMerge, costs);
  if (!merged) return std::unexpected(merged.error());
  const auto loaded = ReplayOn(costs.engine, ReplayMode::kLoad, costs);
  if (!loaded) return std::unexpected(loaded.error());
  costs.times.local_ms = local->MedianMs();
  costs.times.merge_ms = merged->MedianMs();
  costs.times.open_ms = loaded->MedianMs();
  costs.times.editable_ms = MedianOf(loaded->editable_ms);
  if (costs.engine == Engine::kOt) costs.times.server_ms = MedianOf(merged->integrate_ms);
  costs.control = merged->control;
  costs.memory.peak = merged->peak_bytes;
  costs.memory.steady = merged->steady_bytes;
  costs.memory.without_history = loaded->steady_bytes;
  costs.bytes.stored = merged->sizes;
  return {};
}

Expected<void> Comparer::MeasureRemote(TraceCosts& costs) {
  const bool is_rga = costs.engine == Engine::kRga;
  std::vector<double> ms;
  std::vector<double> server_ms;
  for (uint32_t run = 0; run < options_.repeat; ++run) {
    const Expected<Reading> reading = is_rga ? ReadOnRga() : ReadOnOt();
    if (!reading) return std::unexpected(reading.error());
    ms.push_back(reading->ms);
    costs.ok = costs.ok && reading->text == trace_.end_content();
    if (is_rga) costs.memory.without_history = reading->without_history;
    if (is_rga || !IsLinear(trace_)) continue;
    const Expected<double> served = Serve();
    if (!served) return std::unexpected(served.error());
    server_ms.push_back(*served);
  }
  costs.times.remote_ms = MedianOf(ms);
  if (!server_ms.empty()) costs.times.server_ms = MedianOf(server_ms);
  costs.bytes.messages = is_rga ? changes_.size() : submissions_.size();
  costs.bytes.wire_sent = TotalBytes(is_rga ? changes_ : submissions_);
  costs.bytes.wire_heard = TotalBytes(is_rga ? changes_ : commits_);
  Step();
  return {};
}

Expected<Reading> Comparer::ReadOnRga() const {
  const RunMeter meter(options_.memory, ClockKind::kProcessor);
  RgaDocument document(ReaderOf(trace_));
  uint64_t heard = 0;
  document.Subscribe([&heard](const DeltaEvent& event) { heard += event.delta.size(); });
  for (const std::string& message : changes_) {
    auto update = DecodePackedUpdate(message, {}, &replicas_);
    if (!update) return std::unexpected(std::move(update).error());
    COTEXT_RETURN_IF_ERROR(document.MergePacked(*std::move(update)));
  }
  Reading reading{.ms = meter.Milliseconds()};
  COTEXT_RETURN_IF_ERROR(document.Trim(document.version_vector()));
  reading.without_history = meter.LiveBytes();
  reading.text = document.Text();
  COTEXT_CHECK(heard > 0 || reading.text.empty());
  return reading;
}

// Reads as a client that has nothing of its own.
Expected<Reading> Comparer::ReadOnOt() const {
  const OtClientId reader{ReaderOf(trace_).value};
  const Stopwatch watch(ClockKind::kProcessor);
  OtDocument document;
  OtClientState client(reader, 0, 0);
  uint64_t heard = 0;
  document.Subscribe([&heard](const DeltaEvent& event) { heard += event.delta.size(); });
  for (const std::string& message : commits_) {
    Expected<OtMessage> commit = DecodeOtMessage(message);
    if (!commit) return std::unexpected(commit.error());
    const auto effects = client.OnCommitted({.revision = commit->revision,
                                             .client = OtClientId{commit->number},
                                             .seq = 1,
                                             .operation = std::move(commit->operation)});
    if (!effects) return std::unexpected(effects.error());
    COTEXT_RETURN_IF_ERROR(document.ApplyRemote(effects->change));
  }
  Reading reading{.ms = watch.Milliseconds()};
  reading.text = document.Text();
  COTEXT_CHECK(heard > 0 || reading.text.empty());
  return reading;
}

// Returns the milliseconds in which a server commits the submissions of a linear trace.
Expected<double> Comparer::Serve() const {
  const Stopwatch watch(ClockKind::kProcessor);
  OtServerState server;
  const OtClientId author{1};
  for (const std::string& message : submissions_) {
    Expected<OtMessage> submission = DecodeOtMessage(message);
    if (!submission) return std::unexpected(submission.error());
    const OtOutcome outcome = server.Apply({.client = author,
                                            .seq = server.revision() + 1,
                                            .base = server.revision(),
                                            .operation = std::move(submission->operation)});
    if (!outcome.revision) return std::unexpected(outcome.revision.error());
  }
  const double ms = watch.Milliseconds();
  COTEXT_CHECK(server.revision() == submissions_.size());
  return ms;
}

Expected<void> Comparer::MeasureMemory(TraceCosts& costs) {
  const auto live_of = [this](const auto& make) {
    const RunMeter meter(options_.memory);
    const auto made = make();
    return meter.LiveBytes();
  };
  TraceMemory& memory = costs.memory;
  memory.text = live_of([this] { return TextBuffer::FromText(trace_.end_content()); });
  memory.metadata = memory.steady - std::min(memory.steady, memory.text);
  if (costs.engine == Engine::kOt && costs.control == "jupiter") {
    memory.metadata = live_of([this] { return EditsOf(trace_); });
  }
  Step();
  return {};
}

}  // namespace

Expected<std::vector<TraceCosts>> MeasureTraceCosts(const Trace& trace,
                                                    const TraceCostOptions& options) {
  COTEXT_CHECK(options.repeat > 0);
  return Comparer(trace, options).Run();
}

}  // namespace cotext
