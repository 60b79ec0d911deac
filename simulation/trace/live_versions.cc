#include "simulation/trace/live_versions.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "document/check.h"

namespace cotext {

void LiveVersions::Keep(uint32_t transaction, Counts version, uint32_t holds) {
  if (holds == 0) return;
  if (transaction >= held_.size()) held_.resize(size_t{transaction} + 1);
  COTEXT_DCHECK(held_[transaction].holds == 0);
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(versions_.size()));
    versions_.emplace_back();
  }
  held_[transaction] = Held{.holds = holds, .slot = free_slots_.back()};
  free_slots_.pop_back();
  versions_[held_[transaction].slot] = std::move(version);
}

const LiveVersions::Counts& LiveVersions::Get(uint32_t transaction) const {
  COTEXT_DCHECK(held_[transaction].holds > 0);
  return versions_[held_[transaction].slot];
}

void LiveVersions::Hold(uint32_t transaction, uint32_t holds) {
  COTEXT_DCHECK(held_[transaction].holds > 0);
  held_[transaction].holds += holds;
}

void LiveVersions::Release(uint32_t transaction) {
  Held& held = held_[transaction];
  COTEXT_DCHECK(held.holds > 0);
  if (--held.holds > 0) return;
  versions_[held.slot] = Counts();
  free_slots_.push_back(held.slot);
}

LiveVersions::Counts LiveVersions::Take(uint32_t transaction) {
  const Held& held = held_[transaction];
  Counts& kept = versions_[held.slot];
  Counts version;
  if (held.holds == 1) {
    version.swap(kept);
  } else {
    version = kept;
  }
  Release(transaction);
  return version;
}

void Join(LiveVersions::Counts& version, const LiveVersions::Counts& other) {
  if (version.size() < other.size()) version.resize(other.size());
  for (size_t agent = 0; agent < other.size(); ++agent) {
    version[agent] = std::max(version[agent], other[agent]);
  }
}

}  // namespace cotext
