// A server: a store, a port, and the sync layer between them, in one thread beside the store's.
//
//     Open -> Run ... Drain (a signal, or another thread) -> Run returns
//
// Draining refuses new connections, waits for the edits over HTTP that the store has not answered,
// half of drain_ms_max at most, tells all clients to come back later, closes their connections with
// code 1012, and waits until the store has answered, all requests are, and they are gone,
// drain_ms_max at most. What was acknowledged is kept however it ends.
#ifndef COTEXT_NET_SERVER_SERVER_H_
#define COTEXT_NET_SERVER_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "document/error.h"
#include "net/base/event_loop.h"
#include "net/driver/server_driver.h"
#include "net/server/http_service.h"
#include "net/server/listener.h"
#include "net/server/server_options.h"
#include "net/server/websocket_server.h"
#include "storage/sqlite_store.h"

namespace cotext::net {

class Server {
 public:
  // Listens from now on, and answers once it runs. Errors: those of SqliteStore and Listener.
  static Expected<std::unique_ptr<Server>> Open(const ServerOptions& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  uint16_t port() const { return listener_->port(); }

  // Until it is drained.
  void Run() { loop_->Run(); }
  // From any thread. A second time: at once.
  void Drain();
  // Reads again what may change while it runs: who is restricted. From any thread.
  void Reload();
  // Drains on SIGTERM and SIGINT, reloads on SIGHUP. One server of a process.
  void HeedSignals();

  // For any thread, see EventLoop.
  uint64_t TakeLongestTurnUs() { return loop_->TakeLongestTurnUs(); }
  // For the thread that runs it, both.
  HttpService& http() { return *http_; }
  ServerDriver& driver() { return *driver_; }

 private:
  explicit Server(const ServerOptions& options) : options_(options) {}
  Expected<void> OpenParts();
  void ReloadNow();
  void BeginDrain();
  void CheckDrain();

  ServerOptions options_;
  std::unique_ptr<EventLoop> loop_;  // Outlives what is below.
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<ServerDriver> driver_;
  std::unique_ptr<Timer> wake_;
  std::unique_ptr<Timer> drain_check_;
  std::unique_ptr<HttpService> http_;
  std::unique_ptr<WebSocketServer> websockets_;
  std::unique_ptr<Listener> listener_;
  std::optional<uint64_t> drain_until_ms_;
  bool has_told_clients_ = false;  // That it drains.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_SERVER_H_
