// A walk over a trace that knows, at each transaction, exactly what its parents cover.
//
// A version is written as one number per agent: how many of its transactions are covered. That says
// everything, because an agent's transactions are a chain (invariant 3 of Trace, which the walk can
// also be used to check: see SeesOwnPast). Versions are kept only while a transaction to come still
// names them as a parent.
//
// Over the whole walk: O(transactions + parents) where a parent has one child, as while somebody
// types, and O(agents) for every further child or parent. Memory: agents x versions kept at a time.
#ifndef COTEXT_SIMULATION_VERSION_WALK_H_
#define COTEXT_SIMULATION_VERSION_WALK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simulation/trace.h"

namespace cotext {

class VersionWalk {
 public:
  using Counts = std::vector<uint32_t>;

  // REQUIRES: the trace outlives the walk, unchanged; invariants 1 and 2 hold.
  explicit VersionWalk(const Trace& trace);

  // Moves to the next transaction, at first to number 0. Returns whether there is one.
  // REQUIRES: it has not returned false before.
  bool Next();

  // REQUIRES here and below: the last Next returned true.
  size_t transaction() const { return next_ - 1; }

  // Returns what the current transaction's parents cover, by agent.
  const Counts& covered() const { return current_; }
  // Returns how many earlier transactions of its own agent there are in the file.
  uint32_t own_earlier() const { return made_[trace_->agent(transaction())]; }
  // Returns whether the current transaction's parents cover all of its agent's earlier ones.
  bool SeesOwnPast() const { return current_[trace_->agent(transaction())] == own_earlier(); }

 private:
  Counts TakeOrCopy(uint32_t parent);
  void Join(uint32_t parent);
  void Release(uint32_t parent);
  void Leave();

  const Trace* trace_;
  size_t next_ = 0;  // One more than the current transaction.
  Counts current_;
  Counts made_;                       // By agent: transactions before the current one.
  std::vector<uint32_t> children_;    // By transaction: children that are still to come.
  std::vector<Counts> versions_;      // By slot: the version that a transaction made.
  std::vector<uint32_t> slots_;       // By transaction; meaningless once it has no child to come.
  std::vector<uint32_t> free_slots_;  // Of versions_.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_VERSION_WALK_H_
