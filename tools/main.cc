// The one binary. Each group of subcommands has its own file.
#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/history/blame_command.h"
#include "tools/history/checkout_command.h"
#include "tools/history/diff_command.h"
#include "tools/history/info_command.h"
#include "tools/history/log_command.h"
#include "tools/live/edit_command.h"
#include "tools/live/read_commands.h"
#include "tools/live/serve_command.h"
#include "tools/live/tail_command.h"
#include "tools/ot_command.h"
#include "tools/simulate_command.h"
#include "tools/store/store_commands.h"
#include "tools/store/trim_command.h"
#include "tools/trace/compare_command.h"
#include "tools/trace/replay_command.h"
#include "tools/trace/trace_command.h"

namespace {

void AddCommands(CLI::App& app, cotext::ExitCode& exit_code) {
  cotext::AddReplayCommand(app, exit_code);
  cotext::AddCompareCommand(app, exit_code);
  cotext::AddSimulateCommand(app, exit_code);
  cotext::AddTraceCommand(app, exit_code);
  cotext::AddInfoCommand(app, exit_code);
  cotext::AddLogCommand(app, exit_code);
  cotext::AddOtCommand(app, exit_code);
  cotext::AddCheckoutCommand(app, exit_code);
  cotext::AddDiffCommand(app, exit_code);
  cotext::AddBlameCommand(app, exit_code);
  cotext::AddServeCommand(app, exit_code);
  cotext::AddStoreCommands(app, exit_code);
  cotext::AddTrimCommand(app, exit_code);
  cotext::AddEditCommand(app, exit_code);
  cotext::AddTailCommand(app, exit_code);
  cotext::AddReadCommands(app, exit_code);
}

}  // namespace

int main(int argc, char** argv) { return cotext::RunCommandLine(argc, argv, AddCommands); }
