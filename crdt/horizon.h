// Where a trimmed history begins: a version that every operation left comes after as a whole.
//
// What the version has is gone, but for the elements that were visible at it (base_ids.h). The
// greatest counter of a version is that of one of its frontier, since an operation has a greater
// one than whatever it comes after.
#ifndef COTEXT_CRDT_HORIZON_H_
#define COTEXT_CRDT_HORIZON_H_

#include <cstdint>
#include <vector>

#include "crdt/ids.h"
#include "crdt/version_vector.h"

namespace cotext {

// Empty where nothing was trimmed.
struct Horizon {
  VersionVector version;
  std::vector<OpId> frontier;  // Of the version, in id order.

  bool empty() const { return version.empty(); }
  // Returns whether an operation is one that was trimmed.
  bool Covers(OpId id) const { return id.counter > 0 && version.Covers(id); }
  uint64_t max_counter() const { return frontier.empty() ? 0 : frontier.back().counter; }
  friend bool operator==(const Horizon&, const Horizon&) = default;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_HORIZON_H_
