#include "tools/command.h"

#include <iostream>

#include "tools/terminal_text.h"

namespace cotext {
namespace {

constexpr const char* kVersion = "cotext 0.1.0";

std::string ForPeople(const nlohmann::ordered_json& value) {
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return WithoutControls(value.is_string() ? value.get<std::string>()
                                           : value.dump(-1, ' ', false, kReplace));
}

}  // namespace

void AddVersionFlag(CLI::App& command) { command.set_version_flag("--version", kVersion); }

CLI::App& AddCommand(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& command = *parent.add_subcommand(name, description);
  AddVersionFlag(command);
  return command;
}

void WriteReport(std::ostream& out, const nlohmann::ordered_json& fields, bool as_json) {
  if (as_json) {
    // File names need not be UTF-8; what is not shows as U+FFFD.
    constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
    out << fields.dump(-1, ' ', false, kReplace) << '\n';
    return;
  }
  for (const auto& [name, value] : fields.items()) out << name << ": " << ForPeople(value) << '\n';
}

ExitCode ReportError(const Error& error) {
  std::cerr << "cotext: " << WithoutControls(error.message) << '\n';
  return ExitCode::kBadInput;
}

}  // namespace cotext
