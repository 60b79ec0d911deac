// `cotext trim`: documents of a store without their older history.
#ifndef COTEXT_TOOLS_STORE_TRIM_COMMAND_H_
#define COTEXT_TOOLS_STORE_TRIM_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

void AddTrimCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_STORE_TRIM_COMMAND_H_
