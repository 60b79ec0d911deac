#include "simulation/replay.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/common_ends.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/utf8.h"
#include "simulation/trace_error.h"
#include "simulation/trace_history.h"

namespace cotext {
namespace {

using Clock = std::chrono::steady_clock;

uint64_t Call(const std::function<uint64_t()>& function) { return function ? function() : 0; }

// Applies every patch of the trace to an empty document.
Expected<void> ApplyPatches(const Trace& trace, Document& document) {
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    size_t index = 0;
    document.BeginTransaction();
    for (const TracePatch patch : trace.patches(t)) {
      const uint64_t end = uint64_t{patch.position} + patch.deleted;
      const auto edited =
          document.Replace(CodePointOffset{patch.position}, CodePointOffset{end}, patch.inserted);
      if (!edited) {
        const uint64_t length = document.metrics().code_points;
        document.CommitTransaction();
        return std::unexpected(edited.error().code == ErrorCode::kOutOfRange
                                   ? PatchRangeError(trace, t, index, patch, length)
                                   : EngineError(trace, t, edited.error()));
      }
      ++index;
    }
    document.CommitTransaction();
  }
  return {};
}

class Replayer {
 public:
  Replayer(const Trace& trace, const ReplayOptions& options) : trace_(trace), options_(options) {}

  Expected<ReplayResult> Run() {
    if (options_.mode == ReplayMode::kMerge) COTEXT_RETURN_IF_ERROR(Prepare());
    result_.ms.reserve(options_.repeat);  // Not to be counted as the document's.
    for (uint32_t run = 0; run < options_.repeat; ++run) {
      std::string().swap(result_.text);
      COTEXT_RETURN_IF_ERROR(RunOnce());
      steps_done_ += trace_.transaction_count();
      Report(0);
    }
    return std::move(result_);
  }

 private:
  Expected<void> Prepare() {
    auto history = BuildHistory(trace_, [this](uint64_t done, uint64_t) { Report(done); });
    if (!history) return std::unexpected(std::move(history).error());
    history_ = std::move(history->changes);
    steps_done_ += trace_.transaction_count();
    return {};
  }

  Expected<void> RunOnce();
  Expected<void> Merge(RgaDocument& document) const;

  void Report(uint64_t steps) const {
    if (!options_.progress) return;
    const uint64_t rounds = options_.repeat + (options_.mode == ReplayMode::kMerge ? 1 : 0);
    options_.progress(steps_done_ + steps, rounds * trace_.transaction_count());
  }

  const Trace& trace_;
  const ReplayOptions& options_;
  Update history_;
  ReplayResult result_;
  uint64_t steps_done_ = 0;
};

Expected<void> Replayer::RunOnce() {
  const bool is_merge = options_.mode == ReplayMode::kMerge;
  const uint64_t live_before = Call(options_.memory.live_bytes);
  if (options_.memory.reset_peak) options_.memory.reset_peak();
  const auto begin = Clock::now();
  // A local document is agent 0's; one that only merges is nobody's.
  RgaDocument document(ReplicaId{is_merge ? uint64_t{trace_.agent_count()} + 1 : 1});
  if (is_merge) {
    COTEXT_RETURN_IF_ERROR(Merge(document));
  } else {
    COTEXT_RETURN_IF_ERROR(ApplyPatches(trace_, document));
  }
  result_.text = is_merge ? document.Text() : std::string();
  const auto end = Clock::now();
  result_.ms.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
  result_.peak_bytes = Call(options_.memory.peak_bytes) - live_before;
  // The text that was read is no part of the document. Only swapping is sure to free it.
  std::string().swap(result_.text);
  result_.steady_bytes = Call(options_.memory.live_bytes) - live_before;

  result_.text = document.Text();
  result_.final_chars = document.metrics().code_points;
  result_.first_difference = FirstDifference(result_.text, trace_.end_content());
  return {};
}

Expected<void> Replayer::Merge(RgaDocument& document) const {
  const auto merged = document.MergeUpdate(history_);
  if (merged) return {};
  return MakeError(merged.error().code, trace_.name() + ": " + merged.error().message);
}

}  // namespace

double ReplayResult::MedianMs() const {
  COTEXT_CHECK(!ms.empty());
  std::vector<double> sorted = ms;
  std::ranges::sort(sorted);
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double ReplayResult::MinMs() const {
  COTEXT_CHECK(!ms.empty());
  return std::ranges::min(ms);
}

ReplayMode DefaultMode(const Trace& trace) {
  return trace.kind() == Trace::Kind::kSequential ? ReplayMode::kLocal : ReplayMode::kMerge;
}

Expected<ReplayResult> Replay(const Trace& trace, const ReplayOptions& options) {
  COTEXT_CHECK(options.repeat > 0);
  if (options.mode == ReplayMode::kLocal && !IsLinear(trace)) {
    return MakeError(ErrorCode::kUnsupported,
                     trace.name() + ": a concurrent trace cannot be replayed as local edits");
  }
  return Replayer(trace, options).Run();
}

std::optional<uint64_t> FirstDifference(const std::string& left, const std::string& right) {
  if (left == right) return std::nullopt;
  const size_t common = CommonPrefixBytes(left, right);
  return CountCodePoints(std::string_view(left).substr(0, common));
}

}  // namespace cotext
