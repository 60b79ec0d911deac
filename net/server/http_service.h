// HTTP and who may come in, put together for a server: what there is beside WebSockets on its port,
// and what those ask when somebody connects.
//
//     listener -- protocol, mounts --> HttpServer --> HttpApi --> driver, store
//     WebSocketServer -- Admit, OnConnected, OnGone --> Access
//
// For the loop's thread. REQUIRES: loop, driver and store outlive it, and it outlives the loop's
// Close.
#ifndef COTEXT_NET_SERVER_HTTP_SERVICE_H_
#define COTEXT_NET_SERVER_HTTP_SERVICE_H_

#include <libwebsockets.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "document/error.h"
#include "net/access/access.h"
#include "net/access/access_watch.h"
#include "net/access/admission.h"
#include "net/access/origin_list.h"
#include "net/access/rate_limiter.h"
#include "net/access/restrictions.h"
#include "net/base/client_address.h"
#include "net/base/event_loop.h"
#include "net/base/schedule.h"
#include "net/driver/document_catalog.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/http_api.h"
#include "net/endpoints/metrics.h"
#include "net/http/http_server.h"
#include "net/server/http_options.h"
#include "storage/sqlite_store.h"
#include "sync/grants.h"
#include "sync/server_session.h"

namespace cotext::net {

class HttpService {
 public:
  // Errors: kBadRequest, an origin, proxy or key that is none.
  static Expected<std::unique_ptr<HttpService>> Create(EventLoop& loop, ServerDriver& driver,
                                                       SqliteStore& store,
                                                       const HttpOptions& options);
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  // For the listener.
  lws_protocols protocol() { return server_->protocol(); }
  const lws_http_mount* mounts() const { return server_->mounts(); }

  // For WebSockets. The connection that was admitted last is the next to be told of.
  Expected<sync::Identity> Admit(const ConnectionRequest& request);
  void OnConnected(sync::ConnectionId connection);
  void OnGone(sync::ConnectionId connection);

  // Whether many clients are behind an address.
  bool IsProxy(std::string_view address) const;

  // Reads the file of restrictions again, if there is one; what changed is true at once. Nothing
  // changes if that fails. Errors: those of ReadRestrictions and ApplyRestrictions.
  Expected<void> Restrict();

  // The server is to end: feeds end, and it is not ready any more.
  void Drain() { api_->Drain(); }
  // Whether edits wait for the store; answers them all the same.
  bool has_edits() const { return api_->has_edits(); }
  void GiveUpEdits() { api_->GiveUpEdits(); }
  // Whether all that was asked is answered.
  bool is_drained() const { return server_->counters().open == 0; }

  // A document could not be loaded.
  void OnUnreadable(std::string_view document, ErrorCode why) { api_->OnUnreadable(document, why); }
  // A connection was closed, as one address makes too many, or too many at once.
  void OnTooManyConnections() { metrics_.Add(Counter::kRateLimited); }

  Access& access() { return *access_; }
  AccessWatch& watch() { return *watch_; }

 private:
  HttpService(EventLoop& loop, ServerDriver& driver, SqliteStore& store);
  Expected<void> Open(const HttpOptions& options);
  void OpenApi(const HttpOptions& options, OriginList origins);
  void Measure();
  void CountTo(Counter counter, uint64_t total);
  Expected<sync::Identity> RefuseSocket(const IpAddress& client, const Error& error);
  void LogRefusal(const IpAddress& client, std::string_view code);

  EventLoop* loop_;
  ServerDriver* driver_;
  SqliteStore* store_;

  Timer timer_;
  Schedule schedule_;
  DocumentCatalog catalog_;
  Metrics metrics_;
  std::unordered_map<Counter, uint64_t> counted_;  // What metrics were told.
  std::map<ErrorCode, uint64_t> counted_closed_;
  size_t sockets_ = 0;
  std::string restrictions_file_;
  Restrictions restrictions_;
  TrustedProxies proxies_;
  std::unique_ptr<RateLimiter> requests_;
  RateLimiter logged_{{.per_s = 5, .burst = 100}, 1};  // Lines of the log.
  std::unique_ptr<Access> access_;
  std::unique_ptr<AccessWatch> watch_;
  std::unique_ptr<OriginList> origins_;
  std::unique_ptr<HttpApi> api_;
  std::unique_ptr<HttpServer> server_;

  std::optional<Admission> admitted_;
  std::unordered_map<sync::ConnectionId, AccessWatch::Id> watched_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_HTTP_SERVICE_H_
