// WebSockets with clients: the subprotocol cotext.v1, one packet in each binary message.
//
//     libwebsockets --> WebSocketServer: a connection each --> ServerDriver
//
// A handshake is answered by whoever says who may connect (admission.h). Afterwards a message is
// refused as soon as its length is known to be too much, with close code 1009; so is whatever would
// make the messages that have come in part take more than partial_bytes_max together, with 1013:
// clients cost bounded memory, known or not. A message that has not come whole in time ends its
// connection: in partial_s_max, and as long as what came of it takes over a slow line
// (sync/slow_line.h). Until then each piece is a sign of life. Text is no packet
// (ServerDriver::OnGarbage).
//
// permessage-deflate is not offered: in libwebsockets 4.1 a client can end the process by it.
//
// For the loop's thread. REQUIRES: outlives the loop's Close.
#ifndef COTEXT_NET_SERVER_WEBSOCKET_SERVER_H_
#define COTEXT_NET_SERVER_WEBSOCKET_SERVER_H_

#include <libwebsockets.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "net/access/admission.h"
#include "net/base/event_loop.h"
#include "net/base/websocket_protocol.h"
#include "net/driver/server_driver.h"
#include "proto/wire.h"
#include "sync/grants.h"
#include "sync/server_session.h"

namespace cotext::net {

struct WebSocketOptions {
  Admit admit;
  // Of whoever was admitted last, and later of his end. May be empty.
  std::function<void(sync::ConnectionId)> on_connected = {};
  std::function<void(sync::ConnectionId)> on_gone = {};
  size_t message_bytes_max = proto::kPacketBytesMax;
  // Sixty times the largest message; most come in one piece and are never in here.
  size_t partial_bytes_max = size_t{1} << 26U;
  // A piece of a document's history takes half of it over a slow line.
  int partial_s_max = 60;
  // Of the system, for each connection: what is sent and not taken waits there first.
  int send_buffer_bytes = 1 << 17;
};

struct WebSocketCounters {
  uint64_t refused = 0;      // Handshakes.
  uint64_t too_big = 0;      // Messages.
  uint64_t no_room = 0;      // Messages, for partial_bytes_max.
  size_t partial_bytes = 0;  // Now.
};

class WebSocketServer {
 public:
  // REQUIRES: both outlive it.
  WebSocketServer(EventLoop& loop, ServerDriver& driver, WebSocketOptions options)
      : loop_(&loop), driver_(&driver), options_(std::move(options)) {}
  WebSocketServer(const WebSocketServer&) = delete;
  WebSocketServer& operator=(const WebSocketServer&) = delete;

  // For the listener.
  lws_protocols protocol();

  WebSocketCounters counters() const { return counters_; }

 private:
  class Connection;

  static int OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  // Each returns what libwebsockets is to be told: 0, or that the connection ends.
  int OnHandshake(lws* wsi);
  int Refuse(lws* wsi, const Error& error);
  int OnEstablished(lws* wsi, Connection*& connection);

  EventLoop* loop_;
  ServerDriver* driver_;
  WebSocketOptions options_;
  // The handshake that was let in last: it is established before another one comes.
  std::pair<lws*, std::optional<sync::Identity>> admitted_ = {};
  WebSocketCounters counters_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_WEBSOCKET_SERVER_H_
