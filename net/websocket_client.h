// WebSockets to a server: the subprotocol cotext.v1, one packet in each binary message.
//
// The server's certificate is checked against its name. No proxy is used, whatever the environment
// says: where there is one that WebSockets must go through, long polling takes its place.
//
// For the loop's thread. REQUIRES: the loop outlives what is here, and closes before it is gone.
#ifndef COTEXT_NET_WEBSOCKET_CLIENT_H_
#define COTEXT_NET_WEBSOCKET_CLIENT_H_

#include <libwebsockets.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "document/error.h"
#include "net/client_transport.h"
#include "net/event_loop.h"
#include "net/url.h"

namespace cotext::net {

struct WebSocketRequest {
  std::string token = {};  // Without one the client is nobody in particular.
  // It counts as open only when a ping was answered: there are proxies that let a handshake pass
  // and nothing after it.
  bool is_probe = false;
};

class WebSocketClient {
 public:
  // kIo: the file of certificates cannot be used.
  static Expected<std::unique_ptr<WebSocketClient>> Create(EventLoop& loop, const ServerUrl& url,
                                                           const TlsOptions& tls);
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;
  ~WebSocketClient();

  // Begins to connect. Looking up a name blocks. `on_refused` is told before on_end if the server,
  // or whoever is in its place, has answered by something else than a WebSocket.
  std::unique_ptr<ClientTransport> Connect(WebSocketRequest request, TransportEvents events,
                                           std::function<void()> on_refused = {});

 private:
  class Connection;
  struct Link;

  WebSocketClient(EventLoop& loop, ServerUrl url);
  void Drop(Link* link);
  static int OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);

  EventLoop* loop_;
  ServerUrl url_;
  lws_vhost* vhost_ = nullptr;
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_WEBSOCKET_CLIENT_H_
