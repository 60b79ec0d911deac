// `cotext simulate`: users, servers, networks and disks in virtual time, with everything that goes
// wrong; a promise that is broken is made as small as it can and told.
#ifndef COTEXT_TOOLS_SIMULATE_COMMAND_H_
#define COTEXT_TOOLS_SIMULATE_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

void AddSimulateCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_SIMULATE_COMMAND_H_
