#include "simulation/trace/version_walk.h"

#include <utility>

namespace cotext {

VersionWalk::VersionWalk(const Trace& trace)
    : trace_(&trace),
      current_(trace.agent_count()),
      made_(trace.agent_count()),
      children_(trace.transaction_count()) {
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
    return true;
  }
  current_ = versions_.Take(parents[0]);
  for (const uint32_t parent : parents.subspan(1)) {
    Join(current_, versions_.Get(parent));
    versions_.Release(parent);
  }
  return true;
}

// Adds the current transaction to its own version and keeps that for its children.
void VersionWalk::Leave() {
  const auto left = static_cast<uint32_t>(transaction());
  const uint32_t agent = trace_->agent(left);
  current_[agent] = ++made_[agent];
  versions_.Keep(left, std::move(current_), children_[left]);
}

}  // namespace cotext
