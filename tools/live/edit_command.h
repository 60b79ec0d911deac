// `cotext edit`: a client that is driven by lines on standard input.
#ifndef COTEXT_TOOLS_LIVE_EDIT_COMMAND_H_
#define COTEXT_TOOLS_LIVE_EDIT_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// The exit code of a run goes to `exit_code`, which outlives the parsing.
void AddEditCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_EDIT_COMMAND_H_
