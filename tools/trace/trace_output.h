// What the commands that write a trace have in common.
#ifndef COTEXT_TOOLS_TRACE_TRACE_OUTPUT_H_
#define COTEXT_TOOLS_TRACE_TRACE_OUTPUT_H_

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "simulation/trace/trace.h"
#include "tools/command.h"

namespace cotext {

struct TraceOutput {
  std::string file;
  bool json = false;
};

// Adds the options, which must outlive the command.
void AddTraceOutputOptions(CLI::App& command, TraceOutput& output);

// Writes a trace and reports that it did, with `more` fields.
ExitCode WriteAndReport(const Trace& trace, const TraceOutput& output,
                        const nlohmann::ordered_json& more = nlohmann::ordered_json::object());

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_TRACE_OUTPUT_H_
