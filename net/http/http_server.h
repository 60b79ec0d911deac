// HTTP/1.1 for the server: requests are read whole, handled as values (http_message.h) and answered
// at once, later, or piece by piece (http_reply.h).
//
//     libwebsockets --> Exchange: one request --> handle --> HttpReply --> Exchange --> socket
//
// Everything is under one mount of callbacks, for libwebsockets tells of a client that has gone
// only there. What comes from outside is bounded, and answered:
//
//     a body of more than body_bytes_max, or of all more than bodies_bytes_max    413, 503
//     a body without its length, in chunks                                        411
//     a body that is not there after body_ms_max, and as long as what came of
//     it takes over a slow line (sync/slow_line.h)                                408
//     more requests than `limit` lets an address make                             429
//     answers that wait for clients beyond answers_bytes_max                      503
//
// After these the connection closes, otherwise it is kept. A client that takes nothing of an answer
// for half a minute is cut off. Headers are bounded by the loop (event_loop.cc); whatever does not
// get so far as to be a request is libwebsockets' to refuse.
//
// A request that comes before the one in front of it was answered ends the connection, behind that
// answer if it is there: clients do not do that any more, and libwebsockets 4.1 cannot (it loses
// the first, takes the head of the second for its body, or never returns).
//
// HEAD is answered like GET without the body. For the loop's thread. REQUIRES: outlives the loop's
// Close.
#ifndef COTEXT_NET_HTTP_HTTP_SERVER_H_
#define COTEXT_NET_HTTP_HTTP_SERVER_H_

#include <libwebsockets.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "net/base/client_address.h"
#include "net/base/event_loop.h"
#include "net/base/schedule.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"

namespace cotext::net {

struct HttpServerOptions {
  std::function<HttpReply(const HttpRequest&)> handle;
  // After how many milliseconds an address may ask again; 0: now.
  std::function<uint64_t(const IpAddress&)> limit = {};
  // Adds header fields to what the server answers by itself, as a handler does to its own: CORS.
  // Of a request that cannot be read, origin and host are there.
  std::function<void(const HttpRequest&, HttpResponse&)> decorate = {};
  // A request was refused, by the server or by a handler: the error's code.
  std::function<void(const HttpRequest&, std::string_view)> on_error = {};
  // Some more of a request's body has come; the request has what came so far. May be empty.
  std::function<void(const HttpRequest&)> on_piece = {};
  TrustedProxies proxies = {};
  size_t body_bytes_max = size_t{1} << 21U;
  size_t bodies_bytes_max = size_t{1} << 26U;
  // Of them from one address (IpAddress::RateKey), so that nobody takes the room of all others.
  size_t address_bodies_bytes_max = size_t{1} << 23U;
  uint64_t body_ms_max = 30'000;
  size_t answers_bytes_max = size_t{1} << 28U;
};

struct HttpServerCounters {
  uint64_t requests = 0;
  uint64_t refused = 0;     // By the server itself.
  uint64_t cut = 0;         // Answers that were ended as too much waited for their readers.
  size_t open = 0;          // Now, requests that were handled, until all of the answer is sent.
  size_t body_bytes = 0;    // Now, of requests that are read.
  size_t answer_bytes = 0;  // Now, of answers that wait.
};

class HttpServer {
 public:
  HttpServer(EventLoop& loop, Schedule& schedule, HttpServerOptions options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // For the listener.
  lws_protocols protocol();
  const lws_http_mount* mounts() const { return &mount_; }

  HttpServerCounters counters() const { return counters_; }

 private:
  class Exchange;
  friend class Exchange;

  bool TakeBodyRoom(const std::string& whose, size_t bytes);
  void GiveBodyRoom(const std::string& whose, size_t bytes);
  static int OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);

  EventLoop* loop_;
  Schedule* schedule_;
  HttpServerOptions options_;
  lws_http_mount mount_{};
  HttpServerCounters counters_;
  std::unordered_map<std::string, size_t> body_bytes_of_;  // By address; none is empty.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_SERVER_H_
