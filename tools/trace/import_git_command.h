// `cotext trace import-git`: a trace from a file's git history.
#ifndef COTEXT_TOOLS_TRACE_IMPORT_GIT_COMMAND_H_
#define COTEXT_TOOLS_TRACE_IMPORT_GIT_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command to `trace`; when it runs, it sets `exit_code`, which must outlive `trace`.
void AddImportGitCommand(CLI::App& trace, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_IMPORT_GIT_COMMAND_H_
