// An operation that waits for others: it grows by what is done after it, and lets pass what was
// done beside it. Clients keep their unsent edits in one, servers a submission that is behind.
//
// Where X is the operation, Compose appends an edit of the text after X, and TransformPast takes
// one of the text before X: it hands out that edit for the text after X, and makes X what it is for
// the text after that edit. Both come to exactly, component by component, what Compose and
// TransformPair of Deltas would. The others are transformed one after the other, and never
// composed, which would not be the same (docs/OT.md).
//
// Complexity, for X of n components and k small steps: O((n + k) log n) altogether, and linear in
// the text; O(1) amortised for a text typed on or taken back at its end. Memory: O(n), and about
// twice X's text. As long as it is small, X is kept as a Delta.
//
// Errors are those of Compose and TransformPair; after one, nothing is changed. Nothing here knows
// how long the document is: whoever does compares base_length() with it.
#ifndef COTEXT_OT_PENDING_OPERATION_H_
#define COTEXT_OT_PENDING_OPERATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "document/delta.h"
#include "document/error.h"
#include "ot/component_tree.h"
#include "ot/transform.h"

namespace cotext {

class PendingOperation {
 public:
  // What a Delta may have at most to be kept as one. Up to here copying it costs less than the
  // tree's searches and allocations.
  static constexpr size_t kSmallComponents = 8;
  static constexpr size_t kSmallTextBytes = 256;

  // How it is represented; results do not depend on it.
  struct Options {
    uint32_t fanout = ComponentTree::kMaxFanout;
    size_t small_components = kSmallComponents;
  };

  // The operation that does nothing, or `delta`.
  PendingOperation() = default;
  explicit PendingOperation(Delta delta) : PendingOperation(std::move(delta), Options()) {}
  // With other options, for tests.
  PendingOperation(Delta delta, Options options);

  // Makes this the composition of this and `then`.
  Expected<void> Compose(const Delta& then);

  // Returns `other`, which has the same base, for the text after this operation, and makes this
  // operation what it is for the text after `other`. `side` is that of this operation.
  Expected<Delta> TransformPast(const Delta& other, Side side);

  // Returns the operation. Linear.
  Delta ToDelta() const { return tree_ ? tree_->ToDelta() : small_; }

  bool empty() const { return base_length() == 0 && target_length() == 0; }
  // As Delta has them.
  uint64_t base_length() const { return tree_ ? tree_->base_length() : small_.base_length(); }
  uint64_t target_length() const { return tree_ ? tree_->target_length() : small_.target_length(); }

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  // Takes a new value while this is small.
  void Set(Delta delta);

  Delta small_;  // Empty once there is a tree, which stays.
  std::optional<ComponentTree> tree_;
  Options options_;
};

}  // namespace cotext

#endif  // COTEXT_OT_PENDING_OPERATION_H_
