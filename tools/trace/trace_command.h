// `cotext trace`: information about traces, and making them.
#ifndef COTEXT_TOOLS_TRACE_TRACE_COMMAND_H_
#define COTEXT_TOOLS_TRACE_TRACE_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command and its own subcommands; when one runs, it sets `exit_code`, which must outlive
// `root`.
void AddTraceCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_TRACE_COMMAND_H_
