// Errors in traces: one line with the file, the transaction by the file's own index, and the
// problem.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_ERROR_H_
#define COTEXT_SIMULATION_TRACE_TRACE_ERROR_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns kInvalidTrace with a problem of a transaction.
Error TransactionError(const Trace& trace, size_t transaction, std::string_view problem);

// Returns kInvalidTrace for a patch, by its index in its transaction, that is out of range of a
// text of `length` code points.
Error PatchRangeError(const Trace& trace, size_t transaction, size_t index, const TracePatch& patch,
                      uint64_t length);

// Returns an engine's own error, such as kTooLarge, with the transaction that it stopped at.
Error EngineError(const Trace& trace, size_t transaction, const Error& error);

// Returns the length of a text of `length` code points after the patches of a transaction, or
// PatchRangeError for the first one out of range.
Expected<uint64_t> CheckPatches(const Trace& trace, size_t transaction, uint64_t length);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_ERROR_H_
