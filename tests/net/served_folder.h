// A server over a store's folder that can be stopped and started again on the same port.
#ifndef COTEXT_TESTS_NET_SERVED_FOLDER_H_
#define COTEXT_TESTS_NET_SERVED_FOLDER_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "net/server/server_options.h"
#include "tests/net/running_server.h"

namespace cotext::net {

class ServedFolder {
 public:
  explicit ServedFolder(ServerOptions options) : options_(std::move(options)) { Start(); }

  uint16_t port() const { return options_.listen.port; }

  void Start() {
    server_.emplace(options_);
    options_.listen.port = server_->port();
  }
  // Drains it.
  void Stop() { server_.reset(); }

 private:
  ServerOptions options_;
  std::optional<RunningServer> server_;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_SERVED_FOLDER_H_
