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

// Returns into how many parts the deletes of an update fall. O(operations * log operations),
// however many these are.
uint64_t CountParts(const PackedUpdate& update);

// Unpacks changes bit by bit. O(operations) to construct; O(parts * log operations) to unpack.
//
// A delete of neighbours falls apart where their ids are not consecutive, so a few bytes can become
// any number of operations. They never need to be there at once: a change is cut after any of them,
// and the rest is one that has the operation before it as its only parent.
class Unpacker {
 public:
  // The update stays where it is.
  explicit Unpacker(const PackedUpdate& update);

  // Goes to changes [begin, end).
  // REQUIRES: begin <= end <= the number of changes.
  void GoTo(size_t begin, size_t end);
  // Whether all of them were returned.
  bool is_done() const { return change_ == end_; }
  // Returns what comes next of them, until that is all or its deletes are so many parts.
  // REQUIRES: parts_max > 0.
  Update Next(uint64_t parts_max);

 private:
  // Adds what is left of the change; returns whether that is not too many parts.
  bool AddRest(uint64_t& parts_left);
  void BeginRest();

  const PackedUpdate& update_;
  ElementIds ids_;
  size_t change_ = 0;  // What is next: of this change,
  size_t end_ = 0;
  size_t run_ = 0;        // this of its operations,
  uint32_t skipped_ = 0;  // less so many targets,
  uint64_t counter_ = 0;  // which has this counter,
  uint32_t text_ = 0;     // and this text.
  Update result_;
};

// Returns the elements of an update that it deletes itself.
BitRanges DeletedElements(const PackedUpdate& update);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_PACKING_H_
