// `cotext compare`: the RGA beside OT.
#ifndef COTEXT_TOOLS_TRACE_COMPARE_COMMAND_H_
#define COTEXT_TOOLS_TRACE_COMPARE_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command; when it runs, it sets `exit_code`, which must outlive `root`.
void AddCompareCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_COMPARE_COMMAND_H_
