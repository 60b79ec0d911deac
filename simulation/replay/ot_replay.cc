#include "simulation/replay/ot_replay.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/utf8.h"
#include "ot/jupiter.h"
#include "ot/ot_document.h"
#include "simulation/replay/local_edits.h"
#include "simulation/replay/ot_file.h"
#include "simulation/replay/run_meter.h"
#include "simulation/trace/trace_edits.h"
#include "storage/compression.h"

namespace cotext {
namespace {

std::unexpected<Error> InChange(uint32_t change, const Error& error) {
  return MakeError(error.code, "change " + std::to_string(change) + ": " + error.message);
}

Expected<MergedEdits> MergeByTtf(const EditHistory& history) {
  auto model = std::make_unique<TtfHistory>();
  for (uint32_t i = 0; i < history.change_count(); ++i) {
    model->Begin(history.author(i), history.parents(i));
    Expected<void> applied;
    history.ForEachEdit(i, [&](const TextEdit& edit) {
      applied = model->Apply(edit);
      return applied.has_value();
    });
    if (!applied) return InChange(i, applied.error());
  }
  Expected<TextBuffer> text = TextBuffer::FromText(model->MergedText());
  if (!text) return std::unexpected(std::move(text).error());
  return MergedEdits{.text = *std::move(text), .control = "ttf", .model = std::move(model)};
}

class OtReplayer {
 public:
  OtReplayer(const Trace& trace, const ReplayOptions& options)
      : trace_(trace), options_(options), compressor_(CompressorFor(options.profile)) {}

  Expected<ReplayResult> Run();

 private:
  Expected<void> Prepare();
  Expected<void> RunAll();
  Expected<void> Repeat(Expected<void> (OtReplayer::*run)());
  Expected<void> RunLocal();
  Expected<void> RunMerge();
  Expected<void> MeasureParts();
  Expected<void> RunText();
  Expected<void> RunLoad();

  void Compare(std::string text) {
    if (result_.ok()) result_.first_difference = FirstDifference(text, trace_.end_content());
    result_.text = std::move(text);
  }
  std::unexpected<Error> Refused(const Error& error) const {
    const bool is_range = error.code == ErrorCode::kOutOfRange;
    return MakeError(is_range ? ErrorCode::kInvalidTrace : error.code,
                     trace_.name() + ": " + error.message);
  }

  const Trace& trace_;
  const ReplayOptions& options_;
  Compressor compressor_;
  std::vector<LocalEdit> edits_;  // For kLocal.
  std::string history_;           // Otherwise.
  std::string file_;
  ReplayResult result_;
  uint64_t steps_done_ = 0;
};

Expected<ReplayResult> OtReplayer::Run() {
  COTEXT_RETURN_IF_ERROR(Prepare());
  for (auto* times : {&result_.ms, &result_.editable_ms}) times->reserve(options_.repeat);
  COTEXT_RETURN_IF_ERROR(RunAll());
  result_.final_chars = CountCodePoints(result_.text);
  return std::move(result_);
}

// Makes what a run needs. What is loaded is what the history comes to, whatever the trace says.
Expected<void> OtReplayer::Prepare() {
  const EditHistory history = EditsOf(trace_);
  std::string text = trace_.end_content();
  result_.control = "jupiter";
  if (options_.mode == ReplayMode::kLocal) {
    edits_ = DecodePatches(
        trace_, options_.one_transaction ? Transactions::kOne : Transactions::kAsRecorded);
  } else {
    const Expected<MergedEdits> merged = MergeEdits(history);
    if (!merged) return Refused(merged.error());
    text = merged->text.Text();
    result_.control = merged->control;
    result_.changes = history.change_count();
    result_.operations = history.edit_count();
  }
  history_ = EncodeOtHistory(history, compressor_);
  file_ = EncodeOtFile(text, history, compressor_);
  result_.sizes = StoredSizes{.history = history_.size(),
                              .compact = EncodeOtText(text, compressor_).size(),
                              .file = file_.size()};
  return {};
}

// Each by itself, as Replayer::RunAll does.
Expected<void> OtReplayer::RunAll() {
  switch (options_.mode) {
    case ReplayMode::kLocal: return Repeat(&OtReplayer::RunLocal);
    case ReplayMode::kLoad:
      COTEXT_RETURN_IF_ERROR(Repeat(&OtReplayer::RunText));
      return Repeat(&OtReplayer::RunLoad);
    case ReplayMode::kMerge: break;
  }
  COTEXT_RETURN_IF_ERROR(Repeat(&OtReplayer::RunMerge));
  return Repeat(&OtReplayer::MeasureParts);
}

Expected<void> OtReplayer::Repeat(Expected<void> (OtReplayer::*run)()) {
  const uint64_t kinds = options_.mode == ReplayMode::kLocal ? 1 : 2;
  for (uint32_t i = 0; i < options_.repeat; ++i) {
    std::string().swap(result_.text);
    COTEXT_RETURN_IF_ERROR((this->*run)());
    steps_done_ += trace_.transaction_count();
    if (!options_.progress) continue;
    options_.progress(steps_done_, kinds * options_.repeat * trace_.transaction_count());
  }
  return {};
}

Expected<void> OtReplayer::RunLocal() {
  const RunMeter meter(options_.memory, options_.clock);
  OtDocument document;
  COTEXT_RETURN_IF_ERROR(ApplyEdits(trace_, edits_, document));
  result_.ms.push_back(meter.Milliseconds());
  result_.peak_bytes = meter.PeakBytes();
  result_.steady_bytes = meter.LiveBytes();
  Compare(document.Text());
  return {};
}

Expected<void> OtReplayer::RunMerge() {
  const RunMeter meter(options_.memory, options_.clock);
  Expected<EditHistory> history = DecodeOtHistory(history_, NativeDecompressor());
  if (!history) return Refused(history.error());
  const Expected<MergedEdits> merged = MergeEdits(*history);
  if (!merged) return Refused(merged.error());
  std::string text = merged->text.Text();
  result_.ms.push_back(meter.Milliseconds());
  result_.control = merged->control;
  result_.peak_bytes = meter.PeakBytes();
  // What was read is no part of the document. Only swapping is sure to free it.
  std::string().swap(text);
  {
    EditHistory none;
    std::swap(*history, none);
  }
  result_.steady_bytes = meter.LiveBytes();
  Compare(merged->text.Text());
  return {};
}

// Merges with a clock between the parts.
Expected<void> OtReplayer::MeasureParts() {
  double decompress_ms = 0;
  const Stopwatch decoding(options_.clock);
  const Expected<EditHistory> history =
      DecodeOtHistory(history_, TimedDecompressor(decompress_ms, options_.clock));
  const double decoding_ms = decoding.Milliseconds();
  if (!history) return Refused(history.error());
  const Stopwatch integrating(options_.clock);
  const Expected<MergedEdits> merged = MergeEdits(*history);
  if (!merged) return Refused(merged.error());
  std::string text = merged->text.Text();
  result_.integrate_ms.push_back(integrating.Milliseconds());
  result_.decompress_ms.push_back(decompress_ms);
  result_.decode_ms.push_back(decoding_ms - decompress_ms);
  Compare(std::move(text));
  return {};
}

Expected<void> OtReplayer::RunText() {
  const RunMeter meter(options_.memory, options_.clock);
  Expected<std::string> text = ReadOtText(file_, NativeDecompressor());
  result_.ms.push_back(meter.Milliseconds());
  result_.text_peak_bytes = meter.PeakBytes();
  if (!text) return Refused(text.error());
  Compare(*std::move(text));
  return {};
}

Expected<void> OtReplayer::RunLoad() {
  const RunMeter meter(options_.memory, options_.clock);
  Expected<std::string> text = ReadOtText(file_, NativeDecompressor());
  if (!text) return Refused(text.error());
  const auto document = OtDocument::FromText(*text);
  if (!document) return Refused(document.error());
  result_.editable_ms.push_back(meter.Milliseconds());
  result_.peak_bytes = meter.PeakBytes();
  std::string().swap(*text);
  result_.steady_bytes = meter.LiveBytes();
  Compare((*document)->Text());
  return {};
}

}  // namespace

Expected<MergedEdits> MergeEdits(const EditHistory& history) {
  Jupiter jupiter;
  const Expected<Jupiter::Outcome> outcome = jupiter.Replay(history);
  if (!outcome) return std::unexpected(outcome.error());
  if (*outcome != Jupiter::Outcome::kDone) return MergeByTtf(history);
  return MergedEdits{.text = jupiter.TakeText(), .control = "jupiter"};
}

Expected<ReplayResult> ReplayOt(const Trace& trace, const ReplayOptions& options) {
  return OtReplayer(trace, options).Run();
}

}  // namespace cotext
