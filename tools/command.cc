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

// CLI11 itself adds --help.
void AddVersionFlag(CLI::App& command) { command.set_version_flag("--version", kVersion); }

}  // namespace

int RunCommandLine(int argc, char** argv, const std::function<void(CLI::App&, ExitCode&)>& add) {
  ExitCode exit_code = ExitCode::kDone;
  CLI::App app(
      "A collaborative plain-text engine: RGA and OT documents, a server and its clients,\n"
      "simulations, editing traces",
      "cotext");
  AddVersionFlag(app);
  app.require_subcommand(1);
  add(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kBadInput);
  }
  if (!std::cout.flush()) {
    std::cerr << "cotext: cannot write to standard output\n";
    exit_code = ExitCode::kBadInput;
  }
  return static_cast<int>(exit_code);
}

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
