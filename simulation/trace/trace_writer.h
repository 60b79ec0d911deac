// Writes an editing trace in the format that trace_reader.h describes.
//
// The bytes depend on the trace alone. A line holds one transaction, so that two traces can be
// compared by line. A startContent that became a transaction is written as that transaction.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_WRITER_H_
#define COTEXT_SIMULATION_TRACE_TRACE_WRITER_H_

#include <string>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Writes the trace to the file at `path`, gzipped if its name ends in ".gz". Errors: kIo.
Expected<void> WriteTrace(const Trace& trace, const std::string& path);

// Returns what WriteTrace writes, unpacked.
std::string SerializeTrace(const Trace& trace);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_WRITER_H_
