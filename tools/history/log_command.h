// `cotext log`: the history of a stored document, change by change.
#ifndef COTEXT_TOOLS_HISTORY_LOG_COMMAND_H_
#define COTEXT_TOOLS_HISTORY_LOG_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command; when it runs, it sets `exit_code`, which must outlive `root`.
void AddLogCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_HISTORY_LOG_COMMAND_H_
