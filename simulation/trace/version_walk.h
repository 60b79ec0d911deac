// A walk over a trace that knows, at each transaction, exactly what its parents cover.
//
// Versions are counts of transactions by agent (live_versions.h), which invariant 3 of Trace makes
// possible; the walk can also be used to check that invariant: see SeesOwnPast. They are kept only
// while a transaction to come still names them as a parent.
//
// Over the whole walk: O(transactions + parents) where a parent has one child, as while somebody
// types, and O(agents) for every further child or parent. Memory: agents x versions kept at a time.
#ifndef COTEXT_SIMULATION_TRACE_VERSION_WALK_H_
#define COTEXT_SIMULATION_TRACE_VERSION_WALK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulation/trace/live_versions.h"
#include "simulation/trace/trace.h"

namespace cotext {

class VersionWalk {
 public:
  using Counts = LiveVersions::Counts;

  // REQUIRES: the trace outlives the walk, unchanged; invariants 1 and 2 hold.
  explicit VersionWalk(const Trace& trace);

  // Moves to the next transaction, at first to number 0. Returns whether there is one.
  // REQUIRES: it has not returned false before.
  bool Next();

  // REQUIRES here and below: the last Next returned true.
  size_t transaction() const { return next_ - 1; }

  // Returns what the current transaction's parents cover: a number for each agent.
  const Counts& covered() const { return current_; }
  // Returns how many earlier transactions of its own agent there are in the file.
  uint32_t own_earlier() const { return made_[trace_->agent(transaction())]; }
  // Returns whether the current transaction's parents cover all of its agent's earlier ones.
  bool SeesOwnPast() const { return current_[trace_->agent(transaction())] == own_earlier(); }

 private:
  void Leave();

  const Trace* trace_;
  size_t next_ = 0;  // One more than the current transaction.
  Counts current_;
  Counts made_;                     // By agent: transactions before the current one.
  std::vector<uint32_t> children_;  // By transaction.
  LiveVersions versions_;           // Held once for each child to come.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_VERSION_WALK_H_
