#include "tools/live/serve_command.h"

#include <sys/resource.h>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/access/jwt_key.h"
#include "net/access/rate_limiter.h"
#include "net/base/log.h"
#include "net/server/http_options.h"
#include "net/server/server.h"
#include "net/server/server_options.h"
#include "proto/wire.h"
#include "sync/server.h"
#include "web/web_files.h"

namespace cotext {
namespace {

constexpr uint64_t kConnectsMax = 1'000'000;

struct Options {
  std::string listen = "127.0.0.1:8650";
  net::ServerOptions server = {.data_folder = "cotext-data"};
  net::LogOptions log = {};
  bool is_anonymous = false;
  bool has_no_web = false;
  std::vector<std::string> auth_keys = {};
  std::string config;
};

// ADDR:PORT, of IPv6 [ADDR]:PORT.
std::optional<std::pair<std::string, uint16_t>> ParsePlace(std::string_view place) {
  const size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view address = place.substr(0, colon);
  const std::string_view digits = place.substr(colon + 1);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.contains(':')) {
    return std::nullopt;
  }
  uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || parsed != end || address.empty()) return std::nullopt;
  return std::pair(std::string(address), port);
}

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

std::string UrlOf(const net::ServerOptions& options, uint16_t port) {
  const std::string& address = options.listen.address;
  const std::string scheme = options.listen.tls_certificate.empty() ? "http://" : "https://";
  return scheme + (address.contains(':') ? "[" + address + "]" : address) + ":" +
         std::to_string(port);
}

// A connection is a file to the system, which lets a process have few unless it asks.
void AllowManyFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// What is wrong with the store, a file, or how it was asked for, is bad input.
ExitCode Report(const Error& error) {
  const ExitCode code = ReportError(error);
  return error.code == ErrorCode::kCannotListen ? ExitCode::kNetworkFailed : code;
}

// Who may come in; returns what is wrong with that.
std::optional<Error> ReadAccess(Options& options) {
  net::HttpOptions& http = options.server.http;
  for (const std::string& argument : options.auth_keys) {
    Expected<net::JwtKey> key = net::ReadJwtKey(argument);
    if (!key) return key.error();
    http.keys.push_back(*std::move(key));
  }
  const std::string& address = options.server.listen.address;
  if (http.keys.empty() && !IsLoopback(address) && !options.is_anonymous) {
    return Error{ErrorCode::kIo, address +
                                     " can be reached from elsewhere: --auth-key says who may "
                                     "come in, --anonymous lets anyone in who comes"};
  }
  if (!http.keys.empty() && !options.is_anonymous) http.anonymous_rights.reset();
  return std::nullopt;
}

ExitCode Serve(Options options) {
  const auto place = ParsePlace(options.listen);
  if (!place) {
    return ReportError({ErrorCode::kIo, "--listen takes ADDR:PORT, not " + options.listen});
  }
  net::ListenOptions& listen = options.server.listen;
  std::tie(listen.address, listen.port) = *place;
  if (const auto error = ReadAccess(options)) return ReportError(*error);
  if (!options.has_no_web) options.server.http.web_files = WebFiles();
  net::SetUpLog(options.log);
  AllowManyFiles();
  auto server = net::Server::Open(options.server);
  if (!server) return Report(server.error());
  (*server)->HeedSignals();
  std::cout << "cotext: listening on " << UrlOf(options.server, (*server)->port()) << std::endl;
  (*server)->Run();
  return ExitCode::kDone;
}

// Every option has a variable of the environment.
class OptionAdder {
 public:
  explicit OptionAdder(CLI::App& command) : command_(&command) {}

  template <typename T>
  CLI::Option* Add(const std::string& name, T& value, const std::string& description) {
    return command_->add_option("--" + name, value, description)
        ->envname(Variable(name))
        ->capture_default_str();
  }
  CLI::Option* AddFlag(const std::string& name, bool& value, const std::string& description) {
    return command_->add_flag("--" + name, value, description)->envname(Variable(name));
  }

 private:
  static std::string Variable(const std::string& name) {
    std::string variable = "COTEXT_SERVE_";
    for (const char letter : name) {
      variable += letter == '-' ? '_' : static_cast<char>(letter - 'a' + 'A');
    }
    return variable;
  }

  CLI::App* command_;
};

void AddConnections(OptionAdder& add, Options& options) {
  net::ListenOptions& listen = options.server.listen;
  add.Add("listen", options.listen, "Where clients connect; port 0 is any that is free")
      ->type_name("ADDR:PORT");
  add.Add("tls-cert", listen.tls_certificate, "The certificate, and those that vouch for it, PEM")
      ->type_name("FILE");
  add.Add("tls-key", listen.tls_key, "Its key, PEM")->type_name("FILE");
  add.AddFlag("anonymous", options.is_anonymous,
              "Let anyone in who comes, also from other machines");
  add.Add("connections-max", listen.limits.connections_max, "Connections at once");
  add.Add("connections-per-address-max", listen.limits.per_address_max,
          "Connections at once from one address, or IPv6 network");
  add.Add("connects-per-address-per-s", listen.connects.per_s,
          "New connections a second from one address, or IPv6 network")
      ->check(CLI::Range(uint64_t{1}, kConnectsMax));
  add.Add("connects-per-address-burst", listen.connects.burst, "How many of those may come at once")
      ->check(CLI::Range(uint64_t{1}, kConnectsMax));
}

void AddAccess(OptionAdder& add, Options& options) {
  net::HttpOptions& http = options.server.http;
  add.Add("auth-key", options.auth_keys, "A key of tokens: hs256:FILE, rs256:FILE or es256:FILE")
      ->type_name("ALG:FILE");
  add.Add("auth-issuer", http.rules.issuer, "Who is to have made the tokens");
  add.Add("auth-audience", http.rules.audience, "Whom they are to be for");
  add.Add("restrictions", http.restrictions_file,
          "Users who may do less than their tokens say, {\"user\": [\"read\"]}; SIGHUP reads it "
          "again")
      ->type_name("FILE");
  add.Add("read-only", http.read_only,
          "A document, or with * at its end all that begin so, in which nobody writes but who may "
          "relay")
      ->type_name("NAME");
  add.Add("allow-origin", http.allowed_origins,
          "Web pages that are let in, such as https://notes.example.org or *")
      ->type_name("ORIGIN");
  add.Add("trusted-proxy", http.trusted_proxies,
          "Proxies whose X-Forwarded-For is believed, by address or network")
      ->type_name("ADDR");
  add.Add("web", http.web_folder, "A folder of files for browsers, in place of the editor's page")
      ->type_name("DIR");
  add.AddFlag("no-web", options.has_no_web, "Show browsers no page");
  add.Add("requests-per-s", http.requests.per_s, "Requests from one address, on average")
      ->check(CLI::Range(uint64_t{1}, net::kRateTokensMax));
  add.Add("requests-burst", http.requests.burst, "Requests from one address at once")
      ->check(CLI::Range(uint64_t{1}, net::kRateTokensMax));
}

void AddLimits(OptionAdder& add, Options& options) {
  sync::ServerOptions& sync = options.server.sync;
  add.Add("sessions-max", sync.sessions_max, "Sessions at once");
  add.Add("documents-max", sync.hubs_max, "Documents in memory at once");
  add.Add("documents-bytes-max", sync.documents_bytes_max, "What they may take in memory, about");
  add.Add("documents-per-session-max", sync.channels_max, "Documents open in one session");
  add.Add("document-idle-ms", sync.hub_idle_ms,
          "How long a document that nobody has open stays in memory");
  add.Add("session-messages-per-s", sync.messages.per_s,
          "Messages of a session, on average; 0: any number");
  add.Add("session-messages-burst", sync.messages.burst, "How many of those may come at once")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40U));
  add.Add("session-bytes-per-s", sync.bytes.per_s,
          "Bytes that a session sends, on average; 0: any number");
  add.Add("session-bytes-burst", sync.bytes.burst, "How many of those may come at once")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40U));
  add.Add("session-expiry-ms", sync.expiry_ms, "How long a session outlives its connection");
  add.Add("silence-ms", sync.silence_ms, "How long a client may say nothing");
  add.Add("session-queue-bytes-max", sync.queue_bytes_max, "What may wait for a session");
  add.Add("message-bytes-max", options.server.message_bytes_max, "Of a WebSocket message")
      ->check(CLI::Range(size_t{1} << 12U, proto::kPacketBytesMax));
  add.Add("flush-ms", options.server.flush_ms_max,
          "How long messages may wait to share packets, if there are many");
  add.Add("drain-ms", options.server.drain_ms_max,
          "How long it waits at its end for clients to go, and for the disk");
  add.Add("retry-after-ms", options.server.retry_after_ms,
          "When clients are to come back after its end");
}

void AddLog(OptionAdder& add, Options& options) {
  const std::map<std::string, net::LogLevel> levels = {{"debug", net::LogLevel::kDebug},
                                                       {"info", net::LogLevel::kInfo},
                                                       {"warning", net::LogLevel::kWarning},
                                                       {"error", net::LogLevel::kError},
                                                       {"off", net::LogLevel::kOff}};
  add.Add("log-level", options.log.level, "What is logged, to standard error")
      ->default_str("info")
      // Its own description is of numbers.
      ->transform(CLI::CheckedTransformer(levels).description(""))
      ->type_name("debug|info|warning|error|off");
  add.AddFlag("log-json", options.log.is_json, "Log JSON objects, one a line");
}

void AddConfig(OptionAdder& add, Options& options) {
  add.Add("config", options.config, "A file of these options, a line each: tls-cert = \"FILE\"")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
}

// Gives an option the values that a file has for it, if nothing else has.
void TakeConfigItem(CLI::App& command, const CLI::ConfigItem& item) {
  CLI::Option* const option = command.get_option_no_throw("--" + item.name);
  const bool is_known = item.parents.empty() && option != nullptr && item.name != "config" &&
                        item.name != "help" && item.name != "version";
  if (!is_known) throw CLI::ConfigError::Extras(item.fullname());
  if (option->count() > 0) return;
  const bool is_flag = option->get_expected_min() == 0;
  for (const std::string& input : item.inputs) {
    option->add_result(is_flag ? option->get_flag_value(item.name, input) : input);
  }
  option->run_callback();
}

// CLI11 reads such a file for the whole program only, not for a subcommand.
void TakeConfig(CLI::App& command, const std::string& file) {
  if (file.empty()) return;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(file)) {
    TakeConfigItem(command, item);
  }
}

constexpr char kFooter[] =
    "Every option may also be set by a variable of the environment, --tls-cert by\n"
    "COTEXT_SERVE_TLS_CERT, or in the file of --config. The command line comes first, the\n"
    "environment next.\n"
    "SIGHUP has the file of --restrictions read again.\n"
    "SIGTERM and SIGINT end it: clients are told to come back later, what they sent is kept.\n"
    "Exit code: 0 after that; 2 if an option, a file that one names, or the store is no good; 3 "
    "if\n"
    "the port is taken, or the address is not this machine's.";

}  // namespace

void AddServeCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(root, "serve", "The server: documents for many to edit at once");
  auto options = std::make_shared<Options>();
  OptionAdder add(command);
  AddConnections(add, *options);
  AddAccess(add, *options);
  add.Add("data", options->server.data_folder, "The store's folder, made if there is none")
      ->type_name("DIR");
  AddLimits(add, *options);
  AddLog(add, *options);
  AddConfig(add, *options);
  command.footer(kFooter);
  command.callback([options, &command, &exit_code] {
    TakeConfig(command, options->config);
    exit_code = Serve(*options);
  });
}

}  // namespace cotext
