#include "net/websocket_client.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "net/close_code.h"
#include "net/websocket_protocol.h"
#include "proto/wire.h"
#include "storage/file.h"

namespace cotext::net {
namespace {

constexpr size_t kReceiveBytes = 65536;
// In one turn of the loop.
constexpr int kPacketsPerTurn = 16;
// In front of what a close frame says.
constexpr size_t kCloseCodeBytes = 2;

// What a server's close frame means.
ConnectionEnd EndOf(uint16_t code, std::string_view text) {
  ErrorCode error = ErrorCode::kIo;
  if (code >= kCloseFinal && code < kCloseRetry + kCloseRetry - kCloseFinal) {
    error = static_cast<ErrorCode>((code - kCloseFinal) % (kCloseRetry - kCloseFinal));
  }
  const std::string words = text.empty() ? "code " + std::to_string(code) : std::string(text);
  return {.error = {error, "the server has closed the connection: " + words},
          .is_final = IsFinal(code)};
}

// libwebsockets passes over a file that has none.
Expected<void> CheckCertificates(const std::string& path) {
  constexpr uint64_t kFileBytesMax = uint64_t{1} << 24U;
  const auto content = ReadFile(path, kFileBytesMax);
  if (!content) return std::unexpected(content.error());
  if (content->contains("-----BEGIN CERTIFICATE-----")) return {};
  return MakeError(ErrorCode::kIo, path + ": has no certificates");
}

}  // namespace

// What libwebsockets knows of a connection, as long as it knows it.
struct WebSocketClient::Link {
  WebSocketClient* client = nullptr;
  Connection* connection = nullptr;  // Null once nobody wants to hear of it.
  lws* wsi = nullptr;
};

class WebSocketClient::Connection final : public ClientTransport {
 public:
  Connection(WebSocketClient& client, WebSocketRequest request, TransportEvents events,
             std::function<void()> on_refused)
      : client_(&client),
        token_(std::move(request.token)),
        is_probe_(request.is_probe),
        events_(std::move(events)),
        on_refused_(std::move(on_refused)),
        timer_(*client.loop_, [this] { OnTime(); }) {
    timer_.Set(0);
  }
  ~Connection() override { LetGo(); }

  void Send(std::string packet) override;
  void Finish() override {
    if (is_over_) return;
    is_finishing_ = true;
    timer_.Set(client_->loop_->NowMs() + kFinishMsMax);
    if (is_open_) lws_callback_on_writable(link_->wsi);
  }

  // From libwebsockets. Those that return something return what it is to be told.
  int AppendHeaders(char** at, const char* end);
  void OnEstablished();
  void OnPong();
  int OnReceive(std::string_view piece);
  int OnWritable();
  void OnFailed(const char* words);
  void OnPeerCloses(std::string_view frame);
  void OnClosed();
  void OnLinkGone() { link_ = nullptr; }

 private:
  void OnTime();
  void Dial();
  void LetGo();
  void End(const ConnectionEnd& end);
  void Open();

  WebSocketClient* client_;
  std::string token_;
  bool is_probe_;
  TransportEvents events_;
  std::function<void()> on_refused_;
  Timer timer_;
  Link* link_ = nullptr;
  bool is_dialled_ = false;
  bool is_open_ = false;
  bool is_over_ = false;
  bool is_finishing_ = false;
  std::string partial_;
  std::deque<std::string> queue_;  // Each behind LWS_PRE bytes.
  size_t queued_bytes_ = 0;
  std::optional<ConnectionEnd> close_;  // What the server said when it closed.
};

void WebSocketClient::Connection::OnTime() {
  if (!std::exchange(is_dialled_, true)) return Dial();
  LetGo();
  const char* const words =
      is_finishing_ ? "the connection was closed here" : "the server does not answer in time";
  End({.error = {ErrorCode::kTimedOut, words}});
}

void WebSocketClient::Connection::Dial() {
  timer_.Set(client_->loop_->NowMs() + kConnectMsMax);
  auto link = std::make_unique<Link>(Link{.client = client_, .connection = this});
  link_ = link.get();
  client_->links_.push_back(std::move(link));
  const ServerUrl& url = client_->url_;
  const std::string host = HostAndPort(url);
  lws_client_connect_info info{};
  info.context = client_->loop_->context();
  info.vhost = client_->vhost_;
  info.address = url.host.c_str();
  info.port = url.port;
  info.ssl_connection = url.is_tls ? LCCSCF_USE_SSL : 0;
  info.path = kSocketPath;
  info.host = host.c_str();
  info.protocol = kSubprotocol;
  info.local_protocol_name = kSubprotocol;
  info.alpn = "http/1.1";
  info.ietf_version_or_minus_one = -1;
  info.opaque_user_data = link_;
  info.pwsi = &link_->wsi;
  if (lws_client_connect_via_info(&info) != nullptr) return;
  // It may have failed without a word, and the link may be gone.
  if (link_ != nullptr) client_->Drop(std::exchange(link_, nullptr));
  End({.error = {ErrorCode::kIo, "cannot connect to " + host}});
}

void WebSocketClient::Connection::LetGo() {
  timer_.Clear();
  if (link_ == nullptr) return;
  link_->connection = nullptr;
  lws_set_timeout(link_->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  client_->loop_->Nudge();
  link_ = nullptr;
}

void WebSocketClient::Connection::End(const ConnectionEnd& end) {
  timer_.Clear();
  is_open_ = false;
  queue_.clear();
  if (!std::exchange(is_over_, true)) events_.on_end(end);
}

void WebSocketClient::Connection::Send(std::string packet) {
  if (is_over_ || is_finishing_) return;
  queued_bytes_ += packet.size();
  if (queued_bytes_ > kOutgoingBytesMax) {
    LetGo();
    return End({.error = {ErrorCode::kTooSlow, "more waits to be sent than may"}});
  }
  packet.insert(0, LWS_PRE, '\0');
  queue_.push_back(std::move(packet));
  if (is_open_) lws_callback_on_writable(link_->wsi);
}

int WebSocketClient::Connection::AppendHeaders(char** at, const char* end) {
  if (token_.empty()) return 0;
  const std::string header = "Authorization: Bearer " + token_ + "\r\n";
  if (static_cast<size_t>(end - *at) < header.size()) return -1;
  std::memcpy(*at, header.data(), header.size());
  *at += header.size();
  return 0;
}

void WebSocketClient::Connection::OnEstablished() {
  is_probe_ ? static_cast<void>(lws_callback_on_writable(link_->wsi)) : Open();
}

void WebSocketClient::Connection::OnPong() {
  if (is_probe_ && !is_open_ && !is_over_) Open();
}

void WebSocketClient::Connection::Open() {
  timer_.Clear();
  is_open_ = true;
  events_.on_open();
  if (is_open_) lws_callback_on_writable(link_->wsi);
}

int WebSocketClient::Connection::OnReceive(std::string_view piece) {
  lws* const wsi = link_->wsi;
  const size_t left = lws_remaining_packet_payload(wsi);
  if (lws_is_first_fragment(wsi) != 0) partial_.clear();
  if (partial_.size() + piece.size() + left > proto::kPacketBytesMax) {
    close_ = ConnectionEnd{.error = {ErrorCode::kTooLarge, "a message of the server is too large"}};
    lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, nullptr, 0);
    return -1;
  }
  const bool is_final = lws_is_final_fragment(wsi) != 0 && left == 0;
  if (is_final && partial_.empty()) {
    events_.on_packet(piece);
    return 0;
  }
  partial_ += piece;
  if (!is_final) return 0;
  events_.on_packet(partial_);
  partial_ = std::string();
  return 0;
}

int WebSocketClient::Connection::OnWritable() {
  lws* const wsi = link_->wsi;
  if (!is_open_) {
    std::array<unsigned char, LWS_PRE + 1> ping = {};
    return lws_write(wsi, ping.data() + LWS_PRE, 1, LWS_WRITE_PING) < 0 ? -1 : 0;
  }
  for (int sent = 0; sent < kPacketsPerTurn && !queue_.empty(); ++sent) {
    if (lws_send_pipe_choked(wsi) != 0) break;
    std::string packet = std::move(queue_.front());
    queue_.pop_front();
    const size_t size = packet.size() - LWS_PRE;
    queued_bytes_ -= size;
    auto* const bytes = reinterpret_cast<unsigned char*>(packet.data()) + LWS_PRE;
    if (lws_write(wsi, bytes, size, LWS_WRITE_BINARY) < static_cast<int>(size)) return -1;
  }
  if (!queue_.empty()) {
    lws_callback_on_writable(wsi);
    return 0;
  }
  if (!is_finishing_) return 0;
  close_ = ConnectionEnd{.error = {ErrorCode::kIo, "the connection was closed here"}};
  lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
  return -1;
}

void WebSocketClient::Connection::OnFailed(const char* words) {
  // Other refusals may be of whoever is in between, or of what was damaged on its way.
  constexpr int kUnauthorized = 401;
  const auto status = static_cast<int>(lws_http_client_http_response(link_->wsi));
  const bool is_refused = status == kUnauthorized;
  const std::string why = status != 0 ? "HTTP " + std::to_string(status)
                                      : std::string(words == nullptr ? "no answer" : words);
  if (is_refused && on_refused_) on_refused_();
  const std::string where = HostAndPort(client_->url_);
  End({.error = {is_refused ? ErrorCode::kForbidden : ErrorCode::kIo,
                 "cannot connect to " + where + ": " + why},
       .is_final = is_refused});
}

void WebSocketClient::Connection::OnPeerCloses(std::string_view frame) {
  if (frame.size() < kCloseCodeBytes) return;
  const auto code = static_cast<uint16_t>((static_cast<unsigned char>(frame[0]) << 8U) |
                                          static_cast<unsigned char>(frame[1]));
  close_ = EndOf(code, frame.substr(kCloseCodeBytes));
}

void WebSocketClient::Connection::OnClosed() {
  End(close_.value_or(
      ConnectionEnd{.error = {ErrorCode::kIo, "the connection was lost"}, .is_final = false}));
}

Expected<std::unique_ptr<WebSocketClient>> WebSocketClient::Create(EventLoop& loop,
                                                                   const ServerUrl& url,
                                                                   const TlsOptions& tls) {
  std::unique_ptr<WebSocketClient> client(new WebSocketClient(loop, url));
  lws_protocols protocol{};
  protocol.name = kSubprotocol;
  protocol.callback = OnEvent;
  protocol.rx_buffer_size = kReceiveBytes;
  const std::array protocols = {protocol, lws_protocols{}};
  lws_context_creation_info info{};
  info.vhost_name = "cotext-client";
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols.data();
  // Otherwise the one that the environment names is used, for this machine, too.
  if (std::getenv("http_proxy") != nullptr) info.http_proxy_address = "";
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  if (!tls.ca_file.empty()) {
    COTEXT_RETURN_IF_ERROR(CheckCertificates(tls.ca_file));
    info.client_ssl_ca_filepath = tls.ca_file.c_str();
    info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
  }
  client->vhost_ = lws_create_vhost(loop.context(), &info);
  if (client->vhost_ == nullptr) {
    return MakeError(ErrorCode::kIo, "cannot set up TLS");
  }
  return client;
}

WebSocketClient::WebSocketClient(EventLoop& loop, ServerUrl url)
    : loop_(&loop), url_(std::move(url)) {}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::Drop(Link* link) {
  std::erase_if(links_, [&](const auto& each) { return each.get() == link; });
}

std::unique_ptr<ClientTransport> WebSocketClient::Connect(WebSocketRequest request,
                                                          TransportEvents events,
                                                          std::function<void()> on_refused) {
  return std::make_unique<Connection>(*this, std::move(request), std::move(events),
                                      std::move(on_refused));
}

int WebSocketClient::OnEvent(lws* wsi, lws_callback_reasons reason, void* /*user*/, void* in,
                             size_t size) {
  auto* const link = static_cast<Link*>(lws_get_opaque_user_data(wsi));
  if (link == nullptr) return 0;
  Connection* const connection = link->connection;
  if (reason == LWS_CALLBACK_WSI_DESTROY) {
    if (connection != nullptr) connection->OnLinkGone();
    link->client->Drop(link);
    return 0;
  }
  if (connection == nullptr) return 0;
  const std::string_view bytes(static_cast<const char*>(in), in == nullptr ? 0 : size);
  switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: {
      auto* const at = static_cast<char**>(in);
      return connection->AppendHeaders(at, *at + size);
    }
    case LWS_CALLBACK_CLIENT_ESTABLISHED: connection->OnEstablished(); return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE: return connection->OnReceive(bytes);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG: connection->OnPong(); return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE: return connection->OnWritable();
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      connection->OnFailed(static_cast<const char*>(in));
      return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: connection->OnPeerCloses(bytes); return 0;
    case LWS_CALLBACK_CLIENT_CLOSED: connection->OnClosed(); return 0;
    default: return 0;
  }
}

}  // namespace cotext::net
