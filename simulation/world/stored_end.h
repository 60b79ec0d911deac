// What a server's disk has of a document in the end, of either engine.
#ifndef COTEXT_SIMULATION_WORLD_STORED_END_H_
#define COTEXT_SIMULATION_WORLD_STORED_END_H_

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/violation.h"
#include "simulation/world/ot_records.h"

namespace cotext {

struct StoredEnd {
  std::vector<FinalCopy> copies = {};  // As it is read; OT: and as its whole log comes to.
  EditExtent extent = {};
  std::vector<EditRecord> applied = {};
  std::vector<OtLogCommit> commits = {};  // OT.
  std::vector<EditRecord> refused = {};   // OT.
  bool is_ot = false;
  std::vector<Violation> violations = {};  // What cannot be read.

  // Whether an edit, by the last of its operations or its submission, is in the document.
  bool Has(OpId last) const {
    if (last.counter == 0) return false;
    if (is_ot) return committed.contains({last.replica.value, last.counter});
    const auto found = extent.find(last.replica.value);
    return found != extent.end() && found->second >= last.counter;
  }

  std::set<std::pair<uint64_t, uint64_t>> committed = {};  // OT: of `commits`.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_STORED_END_H_
