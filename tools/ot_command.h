// `cotext ot`: operations applied, composed, inverted and transformed, a line of JSON each.
#ifndef COTEXT_TOOLS_OT_COMMAND_H_
#define COTEXT_TOOLS_OT_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace cotext {

// Adds the command; when it runs, it sets `exit_code`, which must outlive `root`.
void AddOtCommand(CLI::App& root, ExitCode& exit_code);

}  // namespace cotext

#endif  // COTEXT_TOOLS_OT_COMMAND_H_
