// WebSockets to a server: the subprotocol cotext.v1, one packet in each binary message.
//
// The server's name is looked up beside the loop, and its addresses are tried one after the other,
// of both families in turn; the one that worked last comes first. Its certificate is checked
// against its name (client_tls.h). No redirect is followed: the token is for this server. No proxy
// is used, whatever the environment says: where there is one that WebSockets must go through, long
// polling takes its place.
//
// For the loop's thread. REQUIRES: the loop outlives what is here, and closes before it is gone.
#ifndef COTEXT_NET_CLIENT_WEBSOCKET_CLIENT_H_
#define COTEXT_NET_CLIENT_WEBSOCKET_CLIENT_H_

#include <libwebsockets.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "document/error.h"
#include "net/base/event_loop.h"
#include "net/base/resolver.h"
#include "net/base/url.h"
#include "net/client/client_tls.h"
#include "net/client/client_transport.h"

namespace cotext::net {

// An address that does not answer for so long makes room for the next one. It is enough for one
// packet to be lost: TCP begins anew after a second.
inline constexpr uint64_t kNextAddressMs = 2'000;

struct WebSocketClientOptions {
  ServerUrl url;
  TlsOptions tls = {};
  LookUp look_up = LookUpBySystem;
};

struct WebSocketRequest {
  std::string token = {};  // Without one the client is nobody in particular.
  // It counts as open only when a ping was answered: there are proxies that let a handshake pass
  // and nothing after it.
  bool is_probe = false;
};

class WebSocketClient {
 public:
  // kIo: the file of certificates cannot be used.
  static Expected<std::unique_ptr<WebSocketClient>> Create(EventLoop& loop,
                                                           const WebSocketClientOptions& options);
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;
  ~WebSocketClient();

  // Begins to connect. `on_refused` is told before on_end if the server,
  // or whoever is in its place, has answered by something else than a WebSocket.
  std::unique_ptr<ClientTransport> Connect(WebSocketRequest request, TransportEvents events,
                                           std::function<void()> on_refused = {});

 private:
  class Connection;
  struct Link;

  WebSocketClient(EventLoop& loop, const WebSocketClientOptions& options);
  void Drop(Link* link);
  static int OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);

  EventLoop* loop_;
  ServerUrl url_;
  TlsContext tls_;  // Of one that speaks TLS.
  lws_vhost* vhost_ = nullptr;
  Resolver resolver_;
  std::string worked_last_;  // Of the addresses.
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_WEBSOCKET_CLIENT_H_
