// `cotext info`: what is in a stored document.
#ifndef COTEXT_TOOLS_HISTORY_INFO_COMMAND_H_
#define COTEXT_TOOLS_HISTORY_INFO_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command; when it runs, it sets `exit_code`, which must outlive `root`.
void AddInfoCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_HISTORY_INFO_COMMAND_H_
