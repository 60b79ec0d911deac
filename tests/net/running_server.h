// A server that runs in a thread of its own, as long as this lives.
#ifndef COTEXT_TESTS_NET_RUNNING_SERVER_H_
#define COTEXT_TESTS_NET_RUNNING_SERVER_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "net/server/server.h"
#include "net/server/server_options.h"

namespace cotext::net {

class RunningServer {
 public:
  explicit RunningServer(const ServerOptions& options) {
    auto server = Server::Open(options);
    if (!server) {
      ADD_FAILURE() << server.error().message;
      return;
    }
    server_ = *std::move(server);
    thread_ = std::thread([this] { server_->Run(); });
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() { Drain(); }

  uint16_t port() const { return server_->port(); }
  void Reload() { server_->Reload(); }
  uint64_t TakeLongestTurnUs() { return server_->TakeLongestTurnUs(); }
  // Begins, and does not wait.
  void BeginDrain() {
    if (!std::exchange(is_draining_, true)) server_->Drain();
  }
  // Drains it, waits until it has, and frees it.
  void Drain() {
    if (server_ == nullptr) return;
    BeginDrain();
    thread_.join();
    server_.reset();
  }

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool is_draining_ = false;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_RUNNING_SERVER_H_
