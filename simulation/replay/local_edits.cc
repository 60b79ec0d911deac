#include "simulation/replay/local_edits.h"

#include <cstddef>
#include <cstdint>

#include "document/offset.h"
#include "simulation/trace/trace_error.h"

namespace cotext {
namespace {

// Returns the error of a patch, by its index in the whole trace, that a text of `length` code
// points refused.
Error RefusedPatch(const Trace& trace, size_t index, const TracePatch& patch, uint64_t length,
                   const Error& error) {
  size_t transaction = 0;
  while (index >= trace.patches(transaction).size()) index -= trace.patches(transaction++).size();
  return error.code == ErrorCode::kOutOfRange
             ? PatchRangeError(trace, transaction, index, patch, length)
             : EngineError(trace, transaction, error);
}

}  // namespace

std::vector<LocalEdit> DecodePatches(const Trace& trace, Transactions transactions) {
  std::vector<LocalEdit> edits;
  edits.reserve(trace.patch_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) {
      edits.push_back(LocalEdit{.patch = patch, .ends_transaction = false});
    }
    if (trace.patches(t).size() > 0) edits.back().ends_transaction = true;
  }
  if (transactions == Transactions::kOne) {
    for (LocalEdit& edit : edits) edit.ends_transaction = &edit == &edits.back();
  }
  return edits;
}

Expected<void> ApplyEdits(const Trace& trace, const std::vector<LocalEdit>& edits,
                          Document& document) {
  bool begins_transaction = true;
  for (size_t i = 0; i < edits.size(); ++i) {
    const TracePatch& patch = edits[i].patch;
    if (begins_transaction) document.BeginTransaction();
    const CodePointOffset end{uint64_t{patch.position} + patch.deleted};
    const auto edited = document.Replace(CodePointOffset{patch.position}, end, patch.inserted);
    if (!edited) {
      const uint64_t length = document.metrics().code_points;
      document.CommitTransaction();
      return std::unexpected(RefusedPatch(trace, i, patch, length, edited.error()));
    }
    begins_transaction = edits[i].ends_transaction;
    if (begins_transaction) document.CommitTransaction();
  }
  return {};
}

}  // namespace cotext
