// Which server a command speaks to, and as whom.
#ifndef COTEXT_TOOLS_LIVE_SERVER_OPTION_H_
#define COTEXT_TOOLS_LIVE_SERVER_OPTION_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "document/error.h"
#include "net/client/http_client.h"
#include "tools/command.h"

namespace cotext {

struct ServerOption {
  std::string url;
  std::string token;
  std::string token_file;  // Read each time that the token is asked for.
  std::string ca_file;
  uint64_t timeout_s = 30;  // For an answer to come whole, or what else a command waits for.

  uint64_t timeout_ms() const { return timeout_s * 1000; }
};

// Adds URL, --token, --token-file, --ca and --timeout.
void AddServerOption(CLI::App& command, ServerOption& option);

// Returns the bearer token, empty if none was given. kIo: the file cannot be read, or has none.
Expected<std::string> TokenOf(const ServerOption& option);

// Makes a GET of a path at the server, with further header fields.
Expected<net::HttpAnswer> Get(const ServerOption& option, const std::string& path);

// Writes to standard error what a server answered that did not do what was asked. Returns
// kNetworkFailed if asking again may help, otherwise kBadInput.
ExitCode ReportAnswer(const net::HttpAnswer& answer);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_SERVER_OPTION_H_
