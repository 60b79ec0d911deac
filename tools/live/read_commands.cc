#include "tools/live/read_commands.h"

#include <cstdint>
#include <ctime>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "net/client/http_client.h"
#include "net/http/http_target.h"
#include "tools/live/server_option.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kOk = 200;
// As many as a server lists at once.
constexpr char kPage[] = "/v1/documents?limit=1000";

struct Options {
  ServerOption server;
  std::string document;
  std::string version;
  bool json = false;
};

// `cotext cat`.

ExitCode Cat(const Options& options) {
  std::string path = "/v1/document?name=" + net::Escape(options.document);
  if (!options.version.empty()) path += "&at=" + net::Escape(options.version);
  const auto answer = Get(options.server, path);
  if (!answer) return ReportError(answer.error());
  if (answer->status != kOk) return ReportAnswer(*answer);
  if (options.json) {
    WriteReport(std::cout,
                {{"document", options.document}, {"version", answer->tag}, {"text", answer->body}},
                true);
  } else {
    std::cout << answer->body;
  }
  return ExitCode::kDone;
}

// `cotext ls`.

std::string Date(uint64_t ms) {
  constexpr uint64_t kMsPerS = 1000;
  const auto seconds = static_cast<time_t>(ms / kMsPerS);
  tm parts{};
  char text[sizeof("2026-01-31 12:00")];
  if (gmtime_r(&seconds, &parts) == nullptr) return "";
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts)};
}

template <typename T>
T FieldOf(const Json& document, const char* name, T otherwise) {
  const auto found = document.find(name);
  if (found == document.end()) return otherwise;
  const bool fits =
      std::is_same_v<T, std::string> ? found->is_string() : found->is_number_unsigned();
  return fits ? found->template get<T>() : otherwise;
}

void Print(const Json& document, bool as_json) {
  if (as_json) return WriteReport(std::cout, document, true);
  std::cout << Date(FieldOf(document, "modified_ms", uint64_t{0})) << '\t'
            << FieldOf(document, "bytes", uint64_t{0}) << '\t'
            << WithoutControls(FieldOf(document, "engine", std::string("?"))) << '\t'
            << WithoutControls(FieldOf(document, "name", std::string())) << '\n';
}

ExitCode List(const Options& options) {
  std::optional<std::string> after;
  while (true) {
    const auto answer =
        Get(options.server, kPage + (after ? "&after=" + net::Escape(*after) : std::string()));
    if (!answer) return ReportError(answer.error());
    if (answer->status != kOk) return ReportAnswer(*answer);
    const Json page = Json::parse(answer->body, nullptr, false);
    if (!page.is_object() || !page.contains("documents") || !page["documents"].is_array()) {
      return ReportError({ErrorCode::kBadMessage, "what answers there is no cotext server"});
    }
    for (const Json& document : page["documents"]) {
      if (document.is_object()) Print(document, options.json);
    }
    const std::string next = FieldOf(page, "next", std::string());
    // A list goes on in the order of names, or it would go on for ever.
    if (next.empty() || (after && next <= *after)) return ExitCode::kDone;
    after = next;
  }
}

}  // namespace

void AddReadCommands(CLI::App& root, ExitCode& exit_code) {
  constexpr char kExitCodes[] =
      "Exit code: 0 done; 2 if the server refuses, or there is no such thing; 3 if it does not "
      "answer.";
  auto options = std::make_shared<Options>();
  CLI::App& cat = AddCommand(root, "cat", "The text of a document at a server");
  AddServerOption(cat, options->server);
  cat.add_option("DOCUMENT", options->document, "The document's name")->required();
  cat.add_option("--at", options->version, "As it was at a version that --json told")
      ->type_name("VERSION");
  cat.add_flag("--json", options->json, "Text and version as one JSON object");
  cat.footer(kExitCodes);
  cat.callback([options, &exit_code] { exit_code = Cat(*options); });

  auto list_options = std::make_shared<Options>();
  CLI::App& list =
      AddCommand(root, "ls", "The documents at a server: modified, bytes, engine, name");
  AddServerOption(list, list_options->server);
  list.add_flag("--json", list_options->json, "One JSON object on a line");
  list.footer(kExitCodes);
  list.callback([list_options, &exit_code] { exit_code = List(*list_options); });
}

}  // namespace cotext
