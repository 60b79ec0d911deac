// `cotext replay`: traces through the engine, timed and compared with their own end text.
#ifndef COTEXT_TOOLS_TRACE_REPLAY_COMMAND_H_
#define COTEXT_TOOLS_TRACE_REPLAY_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command; when it runs, it sets `exit_code`, which must outlive `root`.
void AddReplayCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_REPLAY_COMMAND_H_
