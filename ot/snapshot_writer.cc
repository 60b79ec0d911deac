#include "ot/snapshot_writer.h"

#include <algorithm>
#include <string_view>

#include "document/check.h"
#include "document/offset.h"
#include "document/text_buffer.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"

namespace cotext {
namespace {

// What encoding a commit costs beside its bytes, in bytes that are copied.
constexpr size_t kCommitCost = 100;

}  // namespace

bool OtSnapshotWriter::Write(const OtServerState& state, size_t bytes) {
  for (size_t done = 0; phase_ != Phase::kWhole && done < bytes;) {
    done += WriteSome(state, bytes - done);
  }
  return phase_ == Phase::kWhole;
}

void OtSnapshotWriter::OnCommit(const Delta& operation) {
  if (!is_fixed()) copy_.OnEdit(operation);
}

size_t OtSnapshotWriter::WriteSome(const OtServerState& state, size_t bytes) {
  switch (phase_) {
    case Phase::kCopying: {
      const uint64_t before = copy_.text().metrics().bytes;
      if (copy_.Copy(state.text(), bytes)) Fix(state);
      return static_cast<size_t>(copy_.text().metrics().bytes - before);
    }
    case Phase::kCommits: {
      if (next_revision_ <= fixed_.revision) return WriteCommit(state);
      BeginText();
      return 0;
    }
    case Phase::kText: return WriteText(bytes);
    case Phase::kTail: return WriteTail(bytes);
    case Phase::kWhole: return 0;
  }
  return 0;
}

void OtSnapshotWriter::Fix(const OtServerState& state) {
  fixed_ = state.SnapshotWithoutTexts();
  next_revision_ = state.horizon() + 1;
  AppendOtSnapshotTables(tail_, fixed_);
  phase_ = Phase::kCommits;
}

size_t OtSnapshotWriter::WriteCommit(const OtServerState& state) {
  const size_t before = tail_.size();
  AppendCommit(tail_, state.CommitAt(next_revision_++), numbers_);
  return tail_.size() - before + kCommitCost;
}

// All that is left fits, so that nothing is moved.
void OtSnapshotWriter::BeginText() {
  const auto text_bytes = static_cast<size_t>(copy_.text().metrics().bytes);
  AppendOtSnapshotHead(bytes_, fixed_, text_bytes);
  bytes_.reserve(bytes_.size() + text_bytes + tail_.size());
  phase_ = Phase::kText;
}

size_t OtSnapshotWriter::WriteText(size_t bytes) {
  const TextBuffer& text = copy_.text();
  const size_t before = bytes_.size();
  const uint64_t end =
      chars_written_ + std::min<uint64_t>(bytes, text.metrics().code_points - chars_written_);
  const auto written = text.ForEachChunk(CodePointOffset{chars_written_}, CodePointOffset{end},
                                         [this](std::string_view chunk) { bytes_ += chunk; });
  COTEXT_CHECK(written.has_value());
  chars_written_ = end;
  if (end == text.metrics().code_points) {
    copy_ = {};
    phase_ = Phase::kTail;
  }
  return bytes_.size() - before;
}

size_t OtSnapshotWriter::WriteTail(size_t bytes) {
  const size_t count = std::min(bytes, tail_.size() - tail_written_);
  bytes_.append(tail_, tail_written_, count);
  tail_written_ += count;
  if (tail_written_ == tail_.size()) phase_ = Phase::kWhole;
  return count;
}

}  // namespace cotext
