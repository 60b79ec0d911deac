// A port that is listened on, with or without TLS: what is on it are protocols of libwebsockets,
// for WebSockets by their name, for HTTP by a mount.
//
// Connections are counted before anything is read from them, and refused if there are too many, or
// if too many come from one address within a while (as net/base/client_address.h counts addresses).
// Whatever names no protocol is refused. A WebSocket may name any protocol here: one that is for
// HTTP alone must return 1 from LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION.
//
// TLS speaks HTTP/1.1 alone: over HTTP/2, libwebsockets 4.1 loses some headers.
//
// For the loop's thread. REQUIRES: outlives the loop's Close.
#ifndef COTEXT_NET_SERVER_LISTENER_H_
#define COTEXT_NET_SERVER_LISTENER_H_

#include <libwebsockets.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "document/error.h"
#include "net/access/connection_counter.h"
#include "net/access/rate_limiter.h"
#include "net/base/event_loop.h"

namespace cotext::net {

struct ListenOptions {
  std::string address = "127.0.0.1";  // Numeric.
  uint16_t port = 0;                  // 0: any that is free.
  // PEM files; both or neither.
  std::string tls_certificate = {};
  std::string tls_key = {};
  ConnectionLimits limits = {};
  // From one address. The burst is an office that comes back after a restart.
  RateLimit connects = {.per_s = 100, .burst = 1'000};
  // Whether many clients are behind an address: then limits are for each of those.
  std::function<bool(std::string_view)> is_shared = {};
  // A connection was closed because of these limits.
  std::function<void()> on_too_many = {};
};

class Listener {
 public:
  // The protocols' `user` is theirs. REQUIRES: the mounts outlive it.
  // kIo: an option, or a file that one names, is no good; kCannotListen: the port is taken, or the
  // address not this machine's. The message says which.
  static Expected<std::unique_ptr<Listener>> Listen(EventLoop& loop, ListenOptions options,
                                                    const std::vector<lws_protocols>& protocols,
                                                    const lws_http_mount* mounts = nullptr);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  uint16_t port() const { return port_; }
  bool is_tls() const { return !options_.tls_certificate.empty(); }
  // Closes whatever connects from now on.
  void RefuseAll() { is_refusing_ = true; }

  size_t connection_count() const { return counter_.count(); }
  uint64_t refused() const { return refused_; }

 private:
  Listener(EventLoop& loop, ListenOptions options);
  static int OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  bool Accept(int socket);
  bool HasRoom();
  void OnAccepted(lws* wsi);
  void OnDestroyed(lws* wsi);

  EventLoop* loop_;
  ListenOptions options_;
  uint16_t port_ = 0;
  ConnectionCounter counter_;
  RateLimiter connects_;
  std::unordered_map<lws*, std::string> addresses_;  // Of the connections that were counted.
  std::string accepted_;                             // Of the one that is being made.
  bool is_refusing_ = false;
  uint64_t refused_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_LISTENER_H_
