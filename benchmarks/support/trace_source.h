// The real editing traces, from the folder that the environment variable COTEXT_DATA names: there,
// traces/NAME.json.gz.
#ifndef COTEXT_BENCHMARKS_SUPPORT_TRACE_SOURCE_H_
#define COTEXT_BENCHMARKS_SUPPORT_TRACE_SOURCE_H_

#include <string>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Reads a trace. kIo if there is no such file or no COTEXT_DATA.
Expected<Trace> ReadNamedTrace(const std::string& name);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_TRACE_SOURCE_H_
