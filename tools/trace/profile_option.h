// `--profile`: what the bytes that a command makes are compressed for.
#ifndef COTEXT_TOOLS_TRACE_PROFILE_OPTION_H_
#define COTEXT_TOOLS_TRACE_PROFILE_OPTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "storage/compression.h"

namespace cotext {

// Adds the option. `name` is its default before, "small" or "fast" afterwards.
void AddProfileOption(CLI::App& command, std::string& name);

// REQUIRES: a name as AddProfileOption leaves it.
Profile ProfileNamed(const std::string& name);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TRACE_PROFILE_OPTION_H_
