// `cotext tail`: follows a document at a server.
#ifndef COTEXT_TOOLS_LIVE_TAIL_COMMAND_H_
#define COTEXT_TOOLS_LIVE_TAIL_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// The exit code of a run goes to `exit_code`, which outlives the parsing.
void AddTailCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_TAIL_COMMAND_H_
