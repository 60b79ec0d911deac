// Reads an editing trace, strictly.
//
// The format is JSON, gzipped or not:
//   sequential  {"startContent": "", "endContent": TEXT, "txns": [{"patches": [PATCH, ...]}, ...]}
//   concurrent  {"kind": "concurrent", "endContent": TEXT, "numAgents": N,
//                "txns": [{"parents": [INDEX, ...], "agent": N, "patches": [PATCH, ...]}, ...]}
//   PATCH       [position, deleted characters, inserted text], or with a time behind, to be ignored
// Other keys are ignored, in any place, but must be JSON; known keys must not come twice. A
// startContent that is not empty becomes a transaction of its own in front of the file's own (see
// Trace::has_start_content); a concurrent trace begins empty and may not have one.
//
// Linear in the file. Besides the trace it takes, while reading, the unpacked file and about as
// much again for the parser. Every error is one line with the file, and the transaction where there
// is one: kInvalidTrace, kInvalidUtf8, or kIo and kTooLarge as in gzip_file.h.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_READER_H_
#define COTEXT_SIMULATION_TRACE_TRACE_READER_H_

#include <string>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns the trace in the file at `path`, which becomes its name.
Expected<Trace> ReadTrace(const std::string& path);

// Returns the trace in `json`, under the given name.
Expected<Trace> ParseTrace(std::string json, const std::string& name);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_READER_H_
