// Between the two forms of an update: by ids, as replicas name things, and by its own numbers.
#ifndef COTEXT_CRDT_CODEC_UPDATE_PACKING_H_
#define COTEXT_CRDT_CODEC_UPDATE_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crdt/bit_ranges.h"
#include "crdt/causal_graph.h"
#include "crdt/change.h"
#include "crdt/codec/element_ids.h"
#include "crdt/codec/packed_update.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "document/error.h"

namespace cotext {

// Returns the operations of `stretches`, ascending and disjoint, as one change each: what
// ExportChanges returns. O(runs * log(stretches)), O(runs) for a whole history.
// REQUIRES: there are at most PackedUpdate::kOperationsMax.
PackedUpdate ExportPacked(const History& history, std::span<const CausalGraph::Stretch> stretches);

// Both are O(n log n).
// REQUIRES: ids, lengths and text are valid; parents are in ascending order; every change's first
// counter is 1 + the greatest among its parents; at most kOperationsMax operations.
PackedUpdate Pack(const Update& update);
// REQUIRES: no deletes fall apart into more parts than Unpacker allows.
Update Unpack(const PackedUpdate& update);

// Unpacks change by change. O(operations) to construct; O(change * log operations) a change.
//
// A delete of neighbours falls apart where their ids are not consecutive, so a few bytes can become
// any number of operations: kTooLarge if all changes so far came to more parts than PartsMax
// allows.
class Unpacker {
 public:
  // The update stays where it is.
  explicit Unpacker(const PackedUpdate& update);

  // Returns changes [begin, end).
  // REQUIRES: begin <= end <= the number of changes.
  Expected<Update> Unpack(size_t begin, size_t end);

 private:
  // Returns whether there are not too many parts.
  bool AddChange(size_t index);

  const PackedUpdate& update_;
  ElementIds ids_;
  uint64_t parts_left_;
  Update result_;
};

// Returns the elements of an update that it deletes itself.
BitRanges DeletedElements(const PackedUpdate& update);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_PACKING_H_
