#include "net/server/http_service.h"

#include <chrono>
#include <string>
#include <vector>

#include "net/base/log.h"
#include "net/base/secret_bits.h"
#include "net/http/http_error.h"
#include "net/http/http_message.h"
#include "net/http/http_router.h"

namespace cotext::net {
namespace {

uint64_t WallMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

Expected<std::unique_ptr<HttpService>> HttpService::Create(EventLoop& loop, ServerDriver& driver,
                                                           SqliteStore& store,
                                                           const HttpOptions& options) {
  std::unique_ptr<HttpService> service(new HttpService(loop, driver, store));
  COTEXT_RETURN_IF_ERROR(service->Open(options));
  return service;
}

HttpService::HttpService(EventLoop& loop, ServerDriver& driver, SqliteStore& store)
    : loop_(&loop),
      driver_(&driver),
      store_(&store),
      timer_(loop, [this] { schedule_.OnTime(); }),
      schedule_({.now_ms = [this] { return loop_->NowMs(); },
                 .wake_at = [this](uint64_t at_ms) { timer_.Set(at_ms); }}),
      // The store's thread may still call this when the service is gone.
      catalog_(store, [loop = &loop](std::function<void()> task) { loop->Post(std::move(task)); }) {
}

Expected<void> HttpService::Open(const HttpOptions& options) {
  Expected<TrustedProxies> proxies = TrustedProxies::Parse(options.trusted_proxies);
  if (!proxies) return std::unexpected(std::move(proxies).error());
  proxies_ = *std::move(proxies);
  const auto callers =
      options.anonymous_rights ? OriginList::Callers::kAnonymous : OriginList::Callers::kKnown;
  Expected<OriginList> origins = OriginList::Parse(options.allowed_origins, callers);
  if (!origins) return std::unexpected(std::move(origins).error());
  if (options.keys.size() > kJwtKeysMax) {
    return MakeError(ErrorCode::kBadRequest, "there are more keys than may be");
  }
  std::optional<JwtVerifier> verifier;
  if (!options.keys.empty()) verifier.emplace(options.keys, options.rules);
  requests_ = std::make_unique<RateLimiter>(options.requests);
  access_ = std::make_unique<Access>(
      AccessOptions{.anonymous_rights = options.anonymous_rights, .read_only = options.read_only},
      std::move(verifier), SecretBits);
  watch_ = std::make_unique<AccessWatch>(*access_, schedule_, WallMs);
  OpenApi(options, *std::move(origins));
  restrictions_file_ = options.restrictions_file;
  return Restrict();
}

Expected<void> HttpService::Restrict() {
  if (restrictions_file_.empty()) return {};
  Expected<Restrictions> wanted = ReadRestrictions(restrictions_file_);
  if (!wanted) return std::unexpected(std::move(wanted).error());
  COTEXT_RETURN_IF_ERROR(ApplyRestrictions(*access_, restrictions_, *std::move(wanted)));
  watch_->Check();
  return {};
}

void HttpService::OpenApi(const HttpOptions& options, OriginList origins) {
  origins_ = std::make_unique<OriginList>(origins);
  HttpApiOptions api_options{.origins = std::move(origins)};
  api_options.web_folder = options.web_folder;
  api_options.web_files = options.web_files;
  api_ = std::make_unique<HttpApi>(HttpApiParts{.driver = driver_,
                                                .schedule = &schedule_,
                                                .watch = watch_.get(),
                                                .catalog = &catalog_,
                                                .metrics = &metrics_,
                                                .random = SecretBits,
                                                .measure = [this] { Measure(); }},
                                   std::move(api_options));
  HttpServerOptions server_options;
  server_options.handle = [this](const HttpRequest& request) { return api_->Handle(request); };
  server_options.limit = [this](const IpAddress& address) {
    return requests_->Take(address.RateKey(), 1, loop_->NowMs());
  };
  server_options.decorate = [this](const HttpRequest& request, HttpResponse& response) {
    if (origins_->Allows(request.origin, request.host)) AddCorsHeaders(request, response);
  };
  server_options.on_error = [this](const HttpRequest& request, std::string_view code) {
    if (code == ErrorName(ErrorCode::kRateLimited)) metrics_.Add(Counter::kRateLimited);
    metrics_.CountError(code);
    LogRefusal(request.client, code);
  };
  server_options.on_piece = [this](const HttpRequest& request) { api_->OnPiece(request); };
  server_options.proxies = proxies_;
  server_ = std::make_unique<HttpServer>(*loop_, schedule_, std::move(server_options));
}

// Who was not let in. Those who try often do not fill the disk with it: `cotext_errors_total`
// counts them all.
void HttpService::LogRefusal(const IpAddress& client, std::string_view code) {
  const bool is_of_access = code == ErrorName(ErrorCode::kUnauthenticated) ||
                            code == ErrorName(ErrorCode::kForbidden) ||
                            code == ErrorName(ErrorCode::kRateLimited);
  if (!is_of_access || !IsLogged(LogLevel::kInfo)) return;
  if (logged_.Take("", 1, loop_->NowMs()) > 0) return;
  Log(LogLevel::kInfo, "refused", {{"address", client.ToText()}, {"code", code}});
}

// WebSockets.

Expected<sync::Identity> HttpService::RefuseSocket(const IpAddress& client, const Error& error) {
  metrics_.CountError(error.code);
  LogRefusal(client, ErrorName(error.code));
  return std::unexpected(error);
}

Expected<sync::Identity> HttpService::Admit(const ConnectionRequest& request) {
  const IpAddress peer = IpAddress::Parse(request.peer_address).value_or(IpAddress());
  const IpAddress client = ClientAddress(peer, request.forwarded_for, proxies_);
  if (requests_->Take(client.RateKey(), 1, loop_->NowMs()) > 0) {
    metrics_.Add(Counter::kRateLimited);
    return RefuseSocket(client, {ErrorCode::kRateLimited, "too many requests"});
  }
  // Pages say where they came from when they open a WebSocket.
  if (!request.origin.empty() && !origins_->Allows(request.origin, request.host)) {
    metrics_.Add(Counter::kOriginsRefused);
    return RefuseSocket(
        client, {ErrorCode::kForbidden, "pages of this origin are not let in: see --allow-origin"});
  }
  Expected<Admission> admission =
      access_->Admit({.authorization = request.authorization, .ticket = request.ticket}, WallMs());
  if (!admission) {
    if (admission.error().code == ErrorCode::kUnauthenticated) {
      metrics_.Add(Counter::kAuthenticationFailures);
    }
    return RefuseSocket(client, admission.error());
  }
  admitted_ = *std::move(admission);
  return admitted_->identity;
}

void HttpService::OnConnected(sync::ConnectionId connection) {
  metrics_.Add(Counter::kConnectionsAccepted);
  ++sockets_;
  if (!admitted_) return;
  watched_[connection] = watch_->Add(
      *std::exchange(admitted_, std::nullopt),
      [this, connection](Expected<std::vector<sync::Grant>> grants) {
        if (grants) return driver_->SetGrants(connection, *std::move(grants));
        // With another token he may come back.
        driver_->End(connection, {.error = grants.error(),
                                  .may_retry = grants.error().code == ErrorCode::kUnauthenticated});
      });
}

void HttpService::OnGone(sync::ConnectionId connection) {
  --sockets_;
  const auto found = watched_.find(connection);
  if (found == watched_.end()) return;
  watch_->Remove(found->second);
  watched_.erase(found);
}

bool HttpService::IsProxy(std::string_view address) const {
  const std::optional<IpAddress> read = IpAddress::Parse(address);
  return read && proxies_.Has(*read);
}

// Metrics.

void HttpService::CountTo(Counter counter, uint64_t total) {
  uint64_t& told = counted_[counter];
  metrics_.Add(counter, total - std::exchange(told, total));
}

void HttpService::Measure() {
  const ServerDriverCounters driver = driver_->counters();
  CountTo(Counter::kFramesReceived, driver.packets_in);
  CountTo(Counter::kFramesSent, driver.packets_out);
  CountTo(Counter::kBytesReceived, driver.bytes_in);
  CountTo(Counter::kBytesSent, driver.bytes_out);
  const HttpServerCounters http = server_->counters();
  CountTo(Counter::kRequests, http.requests);
  CountTo(Counter::kSlowClosed, driver.slow + http.cut + api_->poll().overflows());
  for (const auto& [code, count] : driver.closed) {
    metrics_.CountError(code, count - std::exchange(counted_closed_[code], count));
  }
  const SqliteStoreCounters store = store_->counters();
  CountTo(Counter::kStoreTransactions, store.transactions);
  CountTo(Counter::kStoreFailures, store.failed_writes + store.failed_loads);
  metrics_.Set(Gauge::kConnections, sockets_);
  metrics_.Set(Gauge::kPollConnections, api_->poll().count());
  metrics_.Set(Gauge::kEventStreams, api_->events().count());
  metrics_.Set(Gauge::kSessions, driver_->server().session_count());
  metrics_.Set(Gauge::kDocuments, driver_->server().hub_count());
  metrics_.Set(Gauge::kMessageBytes, driver_->server().message_bytes());
  metrics_.Set(Gauge::kQueueBytes,
               driver_->waiting_bytes() + api_->poll().waiting_bytes() + http.answer_bytes);
  metrics_.Set(Gauge::kStoreWaiting, store.waiting);
  metrics_.Set(Gauge::kStoreWaitingBytes, store.waiting_bytes);
}

}  // namespace cotext::net
