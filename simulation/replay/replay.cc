#include "simulation/replay/replay.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "crdt/codec/compression.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/document_id.h"
#include "document/utf8.h"
#include "simulation/replay/local_edits.h"
#include "simulation/replay/ot_replay.h"
#include "simulation/replay/run_meter.h"
#include "simulation/trace/trace_history.h"
#include "storage/file_encoding.h"

namespace cotext {
namespace {

// A document's whole history as bytes.
struct StoredHistory {
  std::string update;
  std::string file;
  StoredSizes sizes;
  uint64_t changes = 0;
  uint64_t operations = 0;
};

StoredHistory Store(const Rga& rga, Profile profile) {
  const PackedUpdate update = rga.PackedSince({});
  FileEncoding encoding = EncodingFor(profile);
  StoredHistory stored{.update = EncodeUpdateFile(update, encoding),
                       .file = EncodeDocumentFile(rga, DocumentId{}, encoding),
                       .sizes = {},
                       .changes = update.changes.size(),
                       .operations = update.operations.size()};
  encoding.drops_deleted_text = true;
  stored.sizes = StoredSizes{.history = stored.update.size(),
                             .compact = EncodeUpdateFile(update, encoding).size(),
                             .file = stored.file.size()};
  Rga trimmed = rga;
  if (trimmed.Trim(trimmed.version_vector())) {
    stored.sizes.trimmed = EncodeDocumentFile(trimmed, DocumentId{}, encoding).size();
  }
  return stored;
}

Expected<void> MergeBytes(std::string_view bytes, RgaDocument& document) {
  auto update = DecodeUpdateFile(bytes, NativeDecompressor());
  if (!update) return std::unexpected(std::move(update).error());
  return document.MergePacked(*std::move(update));
}

Expected<std::string> ReadText(std::string_view bytes) {
  const auto file = DocumentFile::Open(bytes, NativeDecompressor());
  if (!file) return std::unexpected(file.error());
  return file->Text();
}

Expected<Rga> LoadReplica(std::string_view bytes, ReplicaId replica) {
  const auto file = DocumentFile::Open(bytes, NativeDecompressor());
  if (!file) return std::unexpected(file.error());
  return file->Load(replica);
}

class Replayer {
 public:
  Replayer(const Trace& trace, const ReplayOptions& options) : trace_(trace), options_(options) {}

  Expected<ReplayResult> Run();

 private:
  Expected<void> Prepare();
  Expected<void> RunAll();
  Expected<void> Repeat(Expected<void> (Replayer::*run)());
  Expected<void> RunLocal();
  Expected<void> RunMerge();
  Expected<void> MeasureParts();
  Expected<void> RunText();
  Expected<void> RunLoad();

  // Compares a text that a run ended in; the first difference that was found stays.
  void Compare(std::string text) {
    if (result_.ok()) result_.first_difference = FirstDifference(text, trace_.end_content());
    result_.text = std::move(text);
  }
  std::unexpected<Error> Refused(const Error& error) const {
    return MakeError(error.code, trace_.name() + ": " + error.message);
  }
  void Report(uint64_t steps) const {
    if (!options_.progress) return;
    const uint64_t rounds =
        options_.mode == ReplayMode::kLocal ? options_.repeat : 2 * uint64_t{options_.repeat} + 1;
    options_.progress(steps_done_ + steps, rounds * trace_.transaction_count());
  }

  const Trace& trace_;
  const ReplayOptions& options_;
  std::vector<LocalEdit> edits_;  // For kLocal.
  StoredHistory stored_;          // For kMerge and kLoad.
  ReplayResult result_;
  uint32_t runs_left_ = 0;
  uint64_t steps_done_ = 0;
};

Expected<ReplayResult> Replayer::Run() {
  COTEXT_RETURN_IF_ERROR(Prepare());
  // Not to be counted as the document's.
  for (auto* times : {&result_.ms, &result_.editable_ms}) times->reserve(options_.repeat);
  COTEXT_RETURN_IF_ERROR(RunAll());
  result_.final_chars = CountCodePoints(result_.text);
  return std::move(result_);
}

Expected<void> Replayer::Prepare() {
  if (options_.mode == ReplayMode::kLocal) {
    edits_ = DecodePatches(
        trace_, options_.one_transaction ? Transactions::kOne : Transactions::kAsRecorded);
    return {};
  }
  const auto peer = BuildPeer(trace_, [this](uint64_t done, uint64_t) { Report(done); });
  if (!peer) return std::unexpected(peer.error());
  stored_ = Store(*peer, options_.profile);
  result_.sizes = stored_.sizes;
  result_.changes = stored_.changes;
  result_.operations = stored_.operations;
  steps_done_ += trace_.transaction_count();
  return {};
}

// What is measured is repeated by itself: what else runs in between would take the caches and the
// branch predictor from it.
Expected<void> Replayer::RunAll() {
  switch (options_.mode) {
    case ReplayMode::kLocal: return Repeat(&Replayer::RunLocal);
    case ReplayMode::kLoad:
      COTEXT_RETURN_IF_ERROR(Repeat(&Replayer::RunText));
      return Repeat(&Replayer::RunLoad);
    case ReplayMode::kMerge: break;
  }
  COTEXT_RETURN_IF_ERROR(Repeat(&Replayer::RunMerge));
  return Repeat(&Replayer::MeasureParts);
}

Expected<void> Replayer::Repeat(Expected<void> (Replayer::*run)()) {
  for (runs_left_ = options_.repeat; runs_left_ > 0; --runs_left_) {
    std::string().swap(result_.text);
    COTEXT_RETURN_IF_ERROR((this->*run)());
    steps_done_ += trace_.transaction_count();
    Report(0);
  }
  return {};
}

Expected<void> Replayer::RunLocal() {
  const RunMeter meter(options_.memory, options_.clock);
  RgaDocument document(ReplicaId{1});  // Agent 0's.
  COTEXT_RETURN_IF_ERROR(ApplyEdits(trace_, edits_, document));
  result_.ms.push_back(meter.Milliseconds());
  result_.peak_bytes = meter.PeakBytes();
  result_.steady_bytes = meter.LiveBytes();
  Compare(document.Text());
  if (runs_left_ == 1) result_.sizes = Store(document.rga(), options_.profile).sizes;
  return {};
}

Expected<void> Replayer::RunMerge() {
  const RunMeter meter(options_.memory, options_.clock);
  RgaDocument document(ReaderOf(trace_));
  const auto merged = MergeBytes(stored_.update, document);
  if (!merged) return Refused(merged.error());
  std::string text = document.Text();
  result_.ms.push_back(meter.Milliseconds());
  result_.peak_bytes = meter.PeakBytes();
  // The text that was read is no part of the document. Only swapping is sure to free it.
  std::string().swap(text);
  result_.steady_bytes = meter.LiveBytes();
  Compare(document.Text());
  return {};
}

// Merges with a clock between the parts.
Expected<void> Replayer::MeasureParts() {
  double decompress_ms = 0;
  const Stopwatch decoding(options_.clock);
  auto update = DecodeUpdateFile(stored_.update, TimedDecompressor(decompress_ms, options_.clock));
  const double decoding_ms = decoding.Milliseconds();
  if (!update) return Refused(update.error());

  const Stopwatch integrating(options_.clock);
  RgaDocument document(ReaderOf(trace_));
  const auto merged = document.MergePacked(*std::move(update));
  if (!merged) return Refused(merged.error());
  std::string text = document.Text();
  result_.integrate_ms.push_back(integrating.Milliseconds());
  result_.decompress_ms.push_back(decompress_ms);
  result_.decode_ms.push_back(decoding_ms - decompress_ms);
  Compare(std::move(text));
  return {};
}

Expected<void> Replayer::RunText() {
  const RunMeter meter(options_.memory, options_.clock);
  auto text = ReadText(stored_.file);
  result_.ms.push_back(meter.Milliseconds());
  result_.text_peak_bytes = meter.PeakBytes();
  if (!text) return Refused(text.error());
  Compare(*std::move(text));
  return {};
}

Expected<void> Replayer::RunLoad() {
  const RunMeter meter(options_.memory, options_.clock);
  const auto replica = LoadReplica(stored_.file, ReaderOf(trace_));
  result_.editable_ms.push_back(meter.Milliseconds());
  if (!replica) return Refused(replica.error());
  result_.peak_bytes = meter.PeakBytes();
  result_.steady_bytes = meter.LiveBytes();
  Compare(VisibleText(*replica));
  return {};
}

}  // namespace

ReplayMode DefaultMode(const Trace& trace) {
  return trace.kind() == Trace::Kind::kSequential ? ReplayMode::kLocal : ReplayMode::kMerge;
}

Expected<ReplayResult> Replay(const Trace& trace, const ReplayOptions& options) {
  COTEXT_CHECK(options.repeat > 0);
  if (options.mode == ReplayMode::kLocal && !IsLinear(trace)) {
    return MakeError(ErrorCode::kUnsupported,
                     trace.name() + ": a concurrent trace cannot be replayed as local edits");
  }
  if (options.engine == Engine::kOt) return ReplayOt(trace, options);
  return Replayer(trace, options).Run();
}

}  // namespace cotext
