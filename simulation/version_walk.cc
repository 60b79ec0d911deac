#include "simulation/version_walk.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext {

VersionWalk::VersionWalk(const Trace& trace)
    : trace_(&trace),
      current_(trace.agent_count()),
      made_(trace.agent_count()),
      children_(trace.transaction_count()),
      slots_(trace.transaction_count()) {
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const uint32_t parent : trace.parents(t)) ++children_[parent];
  }
}

bool VersionWalk::Next() {
  if (next_ > 0) Leave();
  if (next_ == trace_->transaction_count()) return false;
  const auto parents = trace_->parents(next_++);
  if (parents.empty()) {
    current_.assign(trace_->agent_count(), 0);
  } else {
    current_ = TakeOrCopy(parents[0]);
    for (const uint32_t parent : parents.subspan(1)) Join(parent);
  }
  return true;
}

VersionWalk::Counts VersionWalk::TakeOrCopy(uint32_t parent) {
  if (children_[parent] > 1) {
    --children_[parent];
    return versions_[slots_[parent]];
  }
  Counts version = std::move(versions_[slots_[parent]]);
  Release(parent);
  return version;
}

void VersionWalk::Join(uint32_t parent) {
  const Counts& other = versions_[slots_[parent]];
  for (size_t agent = 0; agent < current_.size(); ++agent) {
    current_[agent] = std::max(current_[agent], other[agent]);
  }
  Release(parent);
}

// Forgets one child to come of `parent`, and its version with the last of them.
void VersionWalk::Release(uint32_t parent) {
  COTEXT_DCHECK(children_[parent] > 0);
  if (--children_[parent] > 0) return;
  versions_[slots_[parent]] = Counts();
  free_slots_.push_back(slots_[parent]);
}

// Adds the current transaction to its own version and keeps that for its children, if any.
void VersionWalk::Leave() {
  const uint32_t agent = trace_->agent(transaction());
  current_[agent] = ++made_[agent];
  if (children_[transaction()] == 0) return;
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(versions_.size()));
    versions_.emplace_back();
  }
  slots_[transaction()] = free_slots_.back();
  free_slots_.pop_back();
  versions_[slots_[transaction()]] = std::move(current_);
}

}  // namespace cotext
