#include "tools/live/server_option.h"

#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "net/base/url.h"
#include "storage/file.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

constexpr uint64_t kTokenFileBytesMax = 65'536;
// Eleven days.
constexpr uint64_t kTimeoutSMax = 1'000'000;
// Of a document's text.
constexpr size_t kAnswerBytesMax = size_t{1} << 32U;

}  // namespace

void AddServerOption(CLI::App& command, ServerOption& option) {
  command.add_option("URL", option.url, "The server: ws://, wss://, http:// or https://HOST:PORT")
      ->required();
  auto* const token =
      command
          .add_option("--token", option.token, "The bearer token; others can see it: --token-file")
          ->envname("COTEXT_TOKEN");
  command.add_option("--token-file", option.token_file, "The file that has the bearer token")
      ->envname("COTEXT_TOKEN_FILE")
      ->excludes(token)
      ->type_name("FILE");
  command
      .add_option("--ca", option.ca_file, "Who vouches for the server, PEM; else the system says")
      ->envname("COTEXT_CA")
      ->type_name("FILE");
  command.add_option("--timeout", option.timeout_s, "How long the server is waited for")
      ->type_name("SECONDS")
      ->check(CLI::Range(uint64_t{1}, kTimeoutSMax).description(""))
      ->capture_default_str();
}

Expected<std::string> TokenOf(const ServerOption& option) {
  if (option.token_file.empty()) return option.token;
  auto content = ReadFile(option.token_file, kTokenFileBytesMax);
  if (!content) return std::unexpected(std::move(content).error());
  const size_t end = content->find_last_not_of(" \t\r\n");
  if (end == content->npos) {
    return MakeError(ErrorCode::kIo, option.token_file + ": has no token");
  }
  content->resize(end + 1);
  return *std::move(content);
}

Expected<net::HttpAnswer> Get(const ServerOption& option, const std::string& path) {
  const auto url = net::ParseServerUrl(option.url);
  if (!url) return std::unexpected(url.error());
  const auto token = TokenOf(option);
  if (!token) return std::unexpected(token.error());
  const auto http = net::HttpClient::Create({.ca_file = option.ca_file});
  if (!http) return std::unexpected(http.error());
  net::HttpCall call{.url = net::HttpOrigin(*url) + path,
                     .timeout_ms = option.timeout_ms(),
                     .connect_ms_max = option.timeout_ms(),
                     .answer_bytes_max = kAnswerBytesMax};
  if (!token->empty()) call.headers.push_back("Authorization: Bearer " + *token);
  net::HttpAnswer answer = (*http)->Fetch(std::move(call));
  if (answer.has_timed_out) {
    answer.failure = "no whole answer came within " + std::to_string(option.timeout_s) +
                     " s (--timeout): " + answer.failure;
  }
  return answer;
}

ExitCode ReportAnswer(const net::HttpAnswer& answer) {
  constexpr int kServerErrors = 500;
  std::string words = answer.failure;
  if (answer.status != 0) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    const auto at = nlohmann::json::json_pointer("/error/message");
    const bool has_words = json.is_object() && json.contains(at) && json.at(at).is_string();
    words = has_words ? json.at(at).get<std::string>()
                      : "the server answered HTTP " + std::to_string(answer.status);
  }
  std::cerr << "cotext: " << WithoutControls(words) << '\n';
  const bool may_retry = answer.status == 0 || answer.status >= kServerErrors;
  return may_retry ? ExitCode::kNetworkFailed : ExitCode::kBadInput;
}

}  // namespace cotext
