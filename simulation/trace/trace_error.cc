#include "simulation/trace/trace_error.h"

#include <string>

#include "document/utf8.h"

namespace cotext {

Error TransactionError(const Trace& trace, size_t transaction, std::string_view problem) {
  std::string place = "startContent";
  if (!trace.has_start_content()) {
    place = "transaction " + std::to_string(transaction);
  } else if (transaction > 0) {
    place = "transaction " + std::to_string(transaction - 1);
  }
  return Error{ErrorCode::kInvalidTrace, trace.name() + ": " + place + ": " + std::string(problem)};
}

Error PatchRangeError(const Trace& trace, size_t transaction, size_t index, const TracePatch& patch,
                      uint64_t length) {
  std::string problem =
      "patch " + std::to_string(index) + ": position " + std::to_string(patch.position);
  if (patch.deleted > 0) problem += " plus " + std::to_string(patch.deleted) + " deleted";
  problem += " is out of range of a text of " + std::to_string(length) + " code points";
  return TransactionError(trace, transaction, problem);
}

Error EngineError(const Trace& trace, size_t transaction, const Error& error) {
  Error placed = TransactionError(trace, transaction, error.message);
  placed.code = error.code;
  return placed;
}

Expected<uint64_t> CheckPatches(const Trace& trace, size_t transaction, uint64_t length) {
  size_t index = 0;
  for (const TracePatch patch : trace.patches(transaction)) {
    if (patch.position > length || patch.deleted > length - patch.position) {
      return std::unexpected(PatchRangeError(trace, transaction, index, patch, length));
    }
    length = length - patch.deleted + CountCodePoints(patch.inserted);
    ++index;
  }
  return length;
}

}  // namespace cotext
