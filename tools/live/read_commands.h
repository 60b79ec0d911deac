// `cotext cat` and `cotext ls`: the text of a document at a server, and what documents it has, by
// HTTP.
#ifndef COTEXT_TOOLS_LIVE_READ_COMMANDS_H_
#define COTEXT_TOOLS_LIVE_READ_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// The exit code of a run goes to `exit_code`, which outlives the parsing.
void AddReadCommands(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_READ_COMMANDS_H_
