// What all subcommands of the `cotext` binary have in common.
#ifndef COTEXT_TOOLS_COMMAND_H_
#define COTEXT_TOOLS_COMMAND_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "document/error.h"

namespace cotext {

// Part of the command line's contract.
enum class ExitCode : uint8_t {
  kDone = 0,
  kCheckFailed = 1,    // A text differs, or a file is damaged.
  kBadInput = 2,       // Wrong usage, or input that cannot be read.
  kNetworkFailed = 3,  // A server that cannot be reached, or did not do what was asked in time.
};

// The whole of a main function: parses, by what `add` adds, and returns the process's exit code.
int RunCommandLine(int argc, char** argv, const std::function<void(CLI::App&, ExitCode&)>& add);

// Adds a subcommand with --help and --version.
CLI::App& AddCommand(CLI::App& parent, const std::string& name, const std::string& description);

// Writes named values: one JSON object on a line, or one value a line for people.
void WriteReport(std::ostream& out, const nlohmann::ordered_json& fields, bool as_json);

// Writes an error's line to standard error, without what a terminal would obey: the words may be
// another's. Returns kBadInput.
ExitCode ReportError(const Error& error);

}  // namespace cotext

#endif  // COTEXT_TOOLS_COMMAND_H_
