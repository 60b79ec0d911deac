// `cotext trace convert`: a trace to a stored document.
#ifndef COTEXT_TOOLS_TRACE_TRACE_CONVERT_COMMAND_H_
#define COTEXT_TOOLS_TRACE_TRACE_CONVERT_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command to `cotext trace`; when it runs, it sets `exit_code`, which must outlive
// `parent`.
void AddTraceConvertCommand(CLI::App& parent, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_TRACE_CONVERT_COMMAND_H_
