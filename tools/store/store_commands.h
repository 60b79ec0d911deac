// `cotext check`, `compact`, `backup`, `export`, `import`: what is done to the store of a server.
#ifndef COTEXT_TOOLS_STORE_STORE_COMMANDS_H_
#define COTEXT_TOOLS_STORE_STORE_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the commands; when one runs, it sets `exit_code`, which must outlive `root`.
void AddStoreCommands(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_STORE_STORE_COMMANDS_H_
