#include "sync/update_log.h"

#include <algorithm>
#include <ranges>
#include <span>
#include <utility>

#include "crdt/codec/update_tools.h"

namespace cotext::sync {

Expected<void> UpdateLog::Add(std::string_view update) {
  Expected<UpdateRange> range = RangeOfUpdate(update);
  if (!range) return std::unexpected(std::move(range.error()));
  if (!version_.Covers(range->needs)) {
    return MakeError(ErrorCode::kMissingDependency, "an update follows one that is not there");
  }
  version_.Join(range->reaches);
  bytes_ += update.size();
  updates_.push_back(
      Kept{.update = std::string(update), .reaches = std::move(range->reaches), .level = 0});

  const auto are_level = [this] {
    if (updates_.size() < kFanOut) return false;
    const auto last = std::span(updates_).last(kFanOut);
    return std::ranges::all_of(last,
                               [&](const Kept& kept) { return kept.level == last.back().level; });
  };
  // What is too much to be one update stays several.
  while (are_level() && MergeLast(kFanOut)) continue;
  return {};
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
  updates_.resize(updates_.size() - count);
  updates_.push_back(std::move(merged));
  return {};
}

Expected<std::string> UpdateLog::Since(const VersionVector& known) const {
  std::vector<std::string> slices;
  for (const Kept& kept : updates_) {
    if (known.Covers(kept.reaches)) continue;
    Expected<std::string> slice = SliceUpdate(kept.update, known, UpdateLimits::ForAccepted());
    if (!slice) return std::unexpected(std::move(slice.error()));
    slices.push_back(std::move(*slice));
  }
  if (slices.empty()) return std::string();
  if (slices.size() == 1) return std::move(slices[0]);
  const std::vector<std::string_view> parts(slices.begin(), slices.end());
  return MergeUpdates(parts, {}, UpdateLimits::ForAccepted());
}

Expected<std::string> UpdateLog::Merged() {
  if (updates_.empty()) return std::string();
  if (updates_.size() > 1) COTEXT_RETURN_IF_ERROR(MergeLast(updates_.size()));
  return updates_[0].update;
}

}  // namespace cotext::sync
