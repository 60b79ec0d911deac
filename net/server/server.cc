#include "net/server/server.h"

#include <csignal>
#include <expected>
#include <string_view>
#include <utility>

#include "net/access/admission.h"
#include "net/base/log.h"
#include "net/base/secret_bits.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "sync/server.h"

namespace cotext::net {
namespace {

// While it drains it looks so often whether it has.
constexpr uint64_t kDrainCheckMs = 20;

void LogStore(const std::optional<Error>& error) {
  if (!error) return Log(LogLevel::kInfo, "the store takes edits again");
  Log(LogLevel::kError, "the store takes no edits",
      {{"code", ErrorName(error->code)}, {"reason", error->message}});
}

void LogLoad(const sync::UnreadableDocument& unreadable) {
  Log(LogLevel::kError, "a document cannot be read",
      {{"document", unreadable.document},
       {"code", ErrorName(unreadable.why.code)},
       {"reason", unreadable.why.message}});
}

}  // namespace

Expected<std::unique_ptr<Server>> Server::Open(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  COTEXT_RETURN_IF_ERROR(server->OpenParts());
  return server;
}

Expected<void> Server::OpenParts() {
  auto loop = EventLoop::Create();
  if (!loop) return std::unexpected(std::move(loop).error());
  loop_ = *std::move(loop);

  // The driver asks the store first, so it is there when there are answers.
  auto store = SqliteStore::Open(
      {.folder = options_.data_folder,
       .on_answers = [this] { loop_->Post([this] { driver_->OnStoreAnswers(); }); },
       .on_writes_fail = LogStore});
  if (!store) return std::unexpected(std::move(store).error());
  store_ = *std::move(store);

  wake_ = std::make_unique<Timer>(*loop_, [this] { driver_->OnTime(); });
  drain_check_ = std::make_unique<Timer>(*loop_, [this] { CheckDrain(); });
  driver_ = std::make_unique<ServerDriver>(
      *store_, ServerDriverOptions{.now_ms = [this] { return loop_->NowMs(); },
                                   .wake_at = [this](uint64_t at_ms) { wake_->Set(at_ms); },
                                   .random = SecretBits,
                                   .server = options_.sync,
                                   .flush_ms_max = options_.flush_ms_max,
                                   .on_unreadable =
                                       [this](const auto& unreadable) {
                                         LogLoad(unreadable);
                                         http_->OnUnreadable(unreadable.document,
                                                             unreadable.why.code);
                                       }});
  auto http = HttpService::Create(*loop_, *driver_, *store_, options_.http);
  if (!http) return std::unexpected(std::move(http).error());
  http_ = *std::move(http);
  websockets_ = std::make_unique<WebSocketServer>(
      *loop_, *driver_,
      WebSocketOptions{.admit = options_.admit ? options_.admit
                                               : Admit([this](const ConnectionRequest& request) {
                                                   return http_->Admit(request);
                                                 }),
                       .on_connected = [this](auto connection) { http_->OnConnected(connection); },
                       .on_gone = [this](auto connection) { http_->OnGone(connection); },
                       .message_bytes_max = options_.message_bytes_max,
                       .partial_bytes_max = options_.partial_bytes_max,
                       .partial_s_max = options_.partial_s_max});
  options_.listen.is_shared = [this](std::string_view address) { return http_->IsProxy(address); };
  options_.listen.on_too_many = [this] { http_->OnTooManyConnections(); };
  auto listener = Listener::Listen(*loop_, options_.listen,
                                   {websockets_->protocol(), http_->protocol()}, http_->mounts());
  if (!listener) return std::unexpected(std::move(listener).error());
  listener_ = *std::move(listener);
  Log(LogLevel::kInfo, "listening",
      {{"address", options_.listen.address},
       {"port", port()},
       {"tls", listener_->is_tls()},
       {"read_only", store_->is_read_only()}});
  return {};
}

Server::~Server() {
  // Callbacks of libwebsockets use everything else.
  if (loop_ != nullptr) loop_->Close();
}

void Server::Drain() {
  loop_->Post([this] { BeginDrain(); });
}

void Server::Reload() {
  loop_->Post([this] { ReloadNow(); });
}

void Server::HeedSignals() {
  for (const int signal : {SIGTERM, SIGINT}) loop_->OnSignal(signal, [this] { BeginDrain(); });
  loop_->OnSignal(SIGHUP, [this] { ReloadNow(); });
}

void Server::ReloadNow() {
  const Expected<void> read = http_->Restrict();
  if (read) return Log(LogLevel::kInfo, "reloaded");
  Log(LogLevel::kError, "not reloaded",
      {{"code", ErrorName(read.error().code)}, {"reason", read.error().message}});
}

void Server::BeginDrain() {
  if (drain_until_ms_) {
    Log(LogLevel::kWarning, "stopping at once");
    return loop_->Stop();
  }
  Log(LogLevel::kInfo, "draining", {{"connections", driver_->connection_count()}});
  drain_until_ms_ = loop_->NowMs() + options_.drain_ms_max;
  listener_->RefuseAll();
  http_->Drain();
  CheckDrain();
}

// Edits over HTTP are made by clients in this process, which are told to go like all others: so
// first they have half of the time to become durable, and to be answered.
void Server::CheckDrain() {
  const uint64_t now_ms = loop_->NowMs();
  const bool is_late = now_ms >= *drain_until_ms_;
  const bool may_wait = now_ms + options_.drain_ms_max / 2 < *drain_until_ms_;
  if (!has_told_clients_ && !(http_->has_edits() && may_wait)) {
    has_told_clients_ = true;
    http_->GiveUpEdits();
    driver_->ShutDown(options_.retry_after_ms);
  }
  const bool is_drained = has_told_clients_ && driver_->is_drained() && http_->is_drained();
  if (!is_drained && !is_late) return drain_check_->Set(now_ms + kDrainCheckMs);
  Log(is_late ? LogLevel::kWarning : LogLevel::kInfo, is_late ? "drained in part" : "drained",
      {{"connections", driver_->connection_count()}});
  loop_->Stop();
}

}  // namespace cotext::net
