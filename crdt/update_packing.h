// Between the two forms of an update: by ids, as replicas name things, and by its own numbers.
#ifndef COTEXT_CRDT_UPDATE_PACKING_H_
#define COTEXT_CRDT_UPDATE_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crdt/bit_ranges.h"
#include "crdt/causal_graph.h"
#include "crdt/change.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/packed_update.h"

namespace cotext {

// Returns the operations of `stretches`, ascending and disjoint, as one change each: what
// ExportChanges returns. O(runs * log(stretches)), O(runs) for a whole history.
// REQUIRES: there are at most PackedUpdate::kOperationsMax.
PackedUpdate ExportPacked(const History& history, std::span<const CausalGraph::Stretch> stretches);

// Both are O(n log n).
// REQUIRES: ids, lengths and text are valid; parents are in ascending order; every change's first
// counter is 1 + the greatest among its parents; at most kOperationsMax operations.
PackedUpdate Pack(const Update& update);
Update Unpack(const PackedUpdate& update);

// Unpacks change by change. O(operations) to construct; O(change * log operations) a change.
class Unpacker {
 public:
  // The update stays where it is.
  explicit Unpacker(const PackedUpdate& update);

  // Returns changes [begin, end).
  // REQUIRES: begin <= end <= the number of changes.
  Update Unpack(size_t begin, size_t end);

 private:
  // Elements that were inserted by operations with consecutive numbers.
  struct Run {
    uint32_t element;
    uint32_t operation;
    uint32_t length;
  };
  // Elements with consecutive ids, from `low` on.
  struct Part {
    OpId low;
    uint32_t length;
  };

  void AddChange(size_t index);
  void AddDelete(const PackedOperation& operation);
  OpId OriginOf(Reference origin) const;
  Part PartFrom(uint32_t element, uint32_t limit) const;

  const PackedUpdate& update_;
  std::vector<Run> runs_;
  Update result_;
};

// Returns the elements of an update that it deletes itself.
BitRanges DeletedElements(const PackedUpdate& update);

}  // namespace cotext

#endif  // COTEXT_CRDT_UPDATE_PACKING_H_
