#include "sync/update_log.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <span>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "document/check.h"
#include "sync/message.h"
#include "sync/pieces.h"

namespace cotext::sync {
namespace {

Expected<std::string> Merge(const std::vector<std::string>& updates) {
  if (updates.empty()) return std::string();
  if (updates.size() == 1) return updates[0];
  const std::vector<std::string_view> parts(updates.begin(), updates.end());
  return MergeUpdates(parts, {}, UpdateLimits::ForAccepted());
}

}  // namespace

void UpdateLog::BeginBehind(VersionVector horizon) {
  COTEXT_CHECK(version_.empty());
  version_ = horizon;
  horizon_ = std::move(horizon);
}

Expected<void> UpdateLog::Add(std::string_view update) {
  Expected<UpdateRange> range = RangeOfUpdate(update);
  if (!range) return std::unexpected(std::move(range.error()));
  if (!version_.Covers(range->needs)) {
    return MakeError(ErrorCode::kMissingDependency, "an update follows one that is not there");
  }
  version_.Join(range->reaches);
  bytes_ += update.size();
  Kept added{.update = std::string(update), .reaches = std::move(range->reaches), .level = 0};
  if (IsPiece(update.size())) {
    AddPiece(std::move(added));
    return {};
  }
  open_bytes_ += update.size();
  updates_.push_back(std::move(added));

  const auto are_level = [this] {
    if (updates_.size() - sealed_ < kFanOut) return false;
    const auto last = std::span(updates_).last(kFanOut);
    return std::ranges::all_of(last,
                               [&](const Kept& kept) { return kept.level == last.back().level; });
  };
  // What is too much to be one update stays several.
  while (are_level() && MergeLast(kFanOut)) continue;
  if (open_bytes_ < piece_bytes_) return {};
  if (!Seal()) {
    sealed_ = updates_.size();
    open_bytes_ = 0;
  }
  return {};
}

// To merge it with what is open, and cut both anew, would cost as much as all its bytes and make
// little of them shorter.
void UpdateLog::AddPiece(Kept piece) {
  const size_t open = updates_.size() - sealed_;
  // What is too much to be one update stays several.
  if (open > 1) static_cast<void>(MergeLast(open));
  updates_.push_back(std::move(piece));
  sealed_ = updates_.size();
  open_bytes_ = 0;
}

Expected<void> UpdateLog::MergeLast(size_t count) {
  std::vector<std::string_view> parts;
  Kept merged;
  merged.level = updates_.back().level + 1;
  size_t before = 0;
  for (const Kept& kept : std::span(updates_).last(count)) {
    parts.emplace_back(kept.update);
    merged.reaches.Join(kept.reaches);
    merged.level = std::max(merged.level, kept.level + 1);
    before += kept.update.size();
  }
  Expected<std::string> bytes = MergeUpdates(parts, {}, UpdateLimits::ForAccepted());
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  merged.update = std::move(*bytes);
  bytes_ = bytes_ - before + merged.update.size();
  open_bytes_ = open_bytes_ - before + merged.update.size();
  updates_.resize(updates_.size() - count);
  updates_.push_back(std::move(merged));
  return {};
}

Expected<void> UpdateLog::Seal() {
  if (updates_.size() - sealed_ > 1) COTEXT_RETURN_IF_ERROR(MergeLast(updates_.size() - sealed_));
  const Kept& whole = updates_.back();
  // Merging may have made it short again.
  if (whole.update.size() < piece_bytes_) return {};
  Expected<std::vector<std::string>> pieces =
      SplitUpdate(whole.update, piece_bytes_, UpdateLimits::ForAccepted());
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  std::vector<Kept> kept;
  size_t bytes = 0;
  for (std::string& piece : *pieces) {
    Expected<UpdateRange> range = RangeOfUpdate(piece);
    if (!range) return std::unexpected(std::move(range.error()));
    bytes += piece.size();
    kept.push_back(Kept{
        .update = std::move(piece), .reaches = std::move(range->reaches), .level = whole.level});
  }
  bytes_ = bytes_ - whole.update.size() + bytes;
  open_bytes_ = kept.back().update.size();
  updates_.pop_back();
  std::ranges::move(kept, std::back_inserter(updates_));
  sealed_ = updates_.size() - 1;
  return {};
}

std::vector<std::string> UpdateLog::OpenUpdates() const {
  std::vector<std::string> open;
  for (const Kept& kept : std::span(updates_).subspan(sealed_)) open.push_back(kept.update);
  if (open.size() < 2) return open;
  Expected<std::string> merged = Merge(open);
  if (merged) open.assign(1, *std::move(merged));
  return open;
}

Expected<std::string> UpdateLog::Since(const VersionVector& known) const {
  std::vector<std::string> slices;
  for (const Kept& kept : updates_) {
    if (known.Covers(kept.reaches)) continue;
    Expected<std::string> slice = SliceUpdate(kept.update, known, UpdateLimits::ForAccepted());
    if (!slice) return std::unexpected(std::move(slice.error()));
    slices.push_back(std::move(*slice));
  }
  return Merge(slices);
}

Expected<UpdateLog::Piece> UpdateLog::NextPiece(const VersionVector& known, size_t position) const {
  COTEXT_CHECK(known.Covers(horizon_));
  Piece piece{.update = {}, .position = std::min(position, sealed_)};
  std::vector<std::string> slices;
  size_t bytes = 0;
  for (size_t i = piece.position; i < updates_.size(); ++i) {
    const Kept& kept = updates_[i];
    if (known.Covers(kept.reaches)) {
      // Where nothing is lacking there is nothing to be looked for again.
      if (slices.empty()) piece.position = std::min(i + 1, sealed_);
      continue;
    }
    Expected<std::string> slice = SliceUpdate(kept.update, known, UpdateLimits::ForAccepted());
    if (!slice) return std::unexpected(std::move(slice.error()));
    if (!slices.empty() && bytes + slice->size() > piece_bytes_) break;
    bytes += slice->size();
    slices.push_back(std::move(*slice));
  }
  Expected<std::string> update = Merge(slices);
  if (!update) return std::unexpected(std::move(update.error()));
  piece.update = std::move(*update);
  return piece;
}

void UpdateLog::Describe(Description& to) const {
  to.Bytes(horizon_.Encode());
  to.Number(updates_.size());
  for (const Kept& kept : updates_) {
    to.Bytes(kept.update);
    to.Number(kept.level);
  }
  to.Number(sealed_);
  to.Number(open_bytes_);
}

}  // namespace cotext::sync
