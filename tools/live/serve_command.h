// `cotext serve`: the server.
#ifndef COTEXT_TOOLS_LIVE_SERVE_COMMAND_H_
#define COTEXT_TOOLS_LIVE_SERVE_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

void AddServeCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_SERVE_COMMAND_H_
