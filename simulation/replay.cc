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

// A patch as the edit it is, taken out of the trace's columns.
struct LocalEdit {
  TracePatch patch;
  bool ends_transaction;
};

// Returns all patches in order; a transaction without any leaves no mark.
std::vector<LocalEdit> DecodePatches(const Trace& trace) {
  std::vector<LocalEdit> edits;
  edits.reserve(trace.patch_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) {
      edits.push_back(LocalEdit{.patch = patch, .ends_transaction = false});
    }
    if (trace.patches(t).size() > 0) edits.back().ends_transaction = true;
  }
  return edits;
}

// Returns the error of a patch, by its index in the whole trace, that a text of `length` code
// points refused.
Error RefusedPatch(const Trace& trace, size_t index, const TracePatch& patch, uint64_t length,
                   const Error& error) {
  size_t transaction = 0;
  while (index >= trace.patches(transaction).size()) index -= trace.patches(transaction++).size();
  return error.code == ErrorCode::kOutOfRange
             ? PatchRangeError(trace, transaction, index, patch, length)
             : EngineError(trace, transaction, error);
}

// Makes the edits, which are the trace's, in an empty document.
Expected<void> ApplyEdits(const Trace& trace, const std::vector<LocalEdit>& edits,
                          Document& document) {
  bool begins_transaction = true;
  for (size_t i = 0; i < edits.size(); ++i) {
    const TracePatch& patch = edits[i].patch;
    if (begins_transaction) document.BeginTransaction();
    const CodePointOffset end{uint64_t{patch.position} + patch.deleted};
    const auto edited = document.Replace(CodePointOffset{patch.position}, end, patch.inserted);
    if (!edited) {
      const uint64_t length = document.metrics().code_points;
      document.CommitTransaction();
      return std::unexpected(RefusedPatch(trace, i, patch, length, edited.error()));
    }
    begins_transaction = edits[i].ends_transaction;
    if (begins_transaction) document.CommitTransaction();
  }
  return {};
}

class Replayer {
 public:
  Replayer(const Trace& trace, const ReplayOptions& options) : trace_(trace), options_(options) {}

  Expected<ReplayResult> Run() {
    if (options_.mode == ReplayMode::kMerge) {
      COTEXT_RETURN_IF_ERROR(PrepareHistory());
    } else {
      edits_ = DecodePatches(trace_);
    }
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
  Expected<void> PrepareHistory() {
    auto history = BuildHistory(trace_, [this](uint64_t done, uint64_t) { Report(done); });
    if (!history) return std::unexpected(std::move(history).error());
    auto sent = AsSentByPeer(trace_, history->changes);
    if (!sent) return std::unexpected(std::move(sent).error());
    history_ = *std::move(sent);
    result_.changes = history_.size();
    result_.operations = CountOperations(history_);
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
  Update history_;                // For kMerge.
  std::vector<LocalEdit> edits_;  // For kLocal.
  ReplayResult result_;
  uint64_t steps_done_ = 0;
};

Expected<void> Replayer::RunOnce() {
  const bool is_merge = options_.mode == ReplayMode::kMerge;
  const uint64_t live_before = Call(options_.memory.live_bytes);
  if (options_.memory.reset_peak) options_.memory.reset_peak();
  const auto begin = Clock::now();
  // A local document is agent 0's; one that only merges is nobody's.
  RgaDocument document(is_merge ? ReaderOf(trace_) : ReplicaId{1});
  if (is_merge) {
    COTEXT_RETURN_IF_ERROR(Merge(document));
  } else {
    COTEXT_RETURN_IF_ERROR(ApplyEdits(trace_, edits_, document));
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
