// A trace's patches as edits of one document.
#ifndef COTEXT_SIMULATION_REPLAY_LOCAL_EDITS_H_
#define COTEXT_SIMULATION_REPLAY_LOCAL_EDITS_H_

#include <cstdint>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// A patch as the edit it is, taken out of the trace's columns.
struct LocalEdit {
  TracePatch patch;
  bool ends_transaction;
};

// Returns all patches in order; a transaction without any leaves no mark.
enum class Transactions : uint8_t { kAsRecorded, kOne };
std::vector<LocalEdit> DecodePatches(const Trace& trace,
                                     Transactions transactions = Transactions::kAsRecorded);

// Makes the edits, which are the trace's, in an empty document. Errors: kInvalidTrace with the
// transaction's index if a position is out of range.
Expected<void> ApplyEdits(const Trace& trace, const std::vector<LocalEdit>& edits,
                          Document& document);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_LOCAL_EDITS_H_
