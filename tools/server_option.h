// Which server a command speaks to, and as whom.
#ifndef COTEXT_TOOLS_SERVER_OPTION_H_
#define COTEXT_TOOLS_SERVER_OPTION_H_

#include <CLI/CLI.hpp>
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
};

// Adds URL, --token, --token-file and --ca.
void AddServerOption(CLI::App& command, ServerOption& option);

// Returns the bearer token, empty if none was given. kIo: the file cannot be read.
Expected<std::string> TokenOf(const ServerOption& option);

// Makes a GET of a path at the server, with further header fields.
Expected<net::HttpAnswer> Get(const ServerOption& option, const std::string& path);

// Writes to standard error what a server answered that did not do what was asked. Returns
// kNetworkFailed if asking again may help, otherwise kBadInput.
ExitCode ReportAnswer(const net::HttpAnswer& answer);

}  // namespace cotext

#endif  // COTEXT_TOOLS_SERVER_OPTION_H_
