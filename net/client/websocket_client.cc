#include "net/client/websocket_client.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "net/base/close_code.h"
#include "net/base/websocket_protocol.h"
#include "proto/wire.h"

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
        deadline_(*client.loop_, [this] { OnDeadline(); }),
        step_(*client.loop_, [this] { OnStep(); }) {
    step_.Set(0);
  }
  ~Connection() override { LetGo(); }

  void Send(std::string packet) override;
  void Finish() override {
    if (phase_ == Phase::kOver) return;
    is_finishing_ = true;
    deadline_.Set(client_->loop_->NowMs() + kFinishMsMax);
    if (phase_ == Phase::kOpen) lws_callback_on_writable(link_->wsi);
  }

  // From libwebsockets. Those that return something return what it is to be told.
  void OnReached();
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
  enum class Phase : uint8_t {
    kNew,
    kLookingUp,
    kDialling,      // An address.
    kShakingHands,  // With somebody who is there.
    kOpen,
    kOver,
  };

  void OnStep();
  void OnDeadline();
  void LookUpHost();
  void OnAddresses(const Expected<Addresses>& addresses);
  void DialNext();
  bool Dial(const std::string& address);
  void LetGo();
  void HangUp();
  void End(const ConnectionEnd& end);
  void Fail(ErrorCode code, const std::string& why);
  void Open();

  WebSocketClient* client_;
  std::string token_;
  bool is_probe_;
  TransportEvents events_;
  std::function<void()> on_refused_;
  Timer deadline_;
  Timer step_;
  Phase phase_ = Phase::kNew;
  bool is_finishing_ = false;
  Resolver::Id look_up_ = 0;
  Addresses addresses_;
  size_t next_address_ = 0;  // The one behind the one that is dialled.
  Link* link_ = nullptr;
  std::string partial_;
  std::deque<std::string> queue_;  // Each behind LWS_PRE bytes.
  size_t queued_bytes_ = 0;
  std::optional<ConnectionEnd> close_;  // What the server said when it closed.
};

// Finding the server.

void WebSocketClient::Connection::OnStep() {
  if (phase_ == Phase::kNew) return LookUpHost();
  // The address does not answer.
  HangUp();
  DialNext();
}

void WebSocketClient::Connection::LookUpHost() {
  phase_ = Phase::kLookingUp;
  deadline_.Set(client_->loop_->NowMs() + kConnectMsMax);
  look_up_ = client_->resolver_.Resolve(
      [this](const Expected<Addresses>& addresses) { OnAddresses(addresses); });
}

void WebSocketClient::Connection::OnAddresses(const Expected<Addresses>& addresses) {
  look_up_ = 0;
  if (!addresses) return Fail(ErrorCode::kIo, addresses.error().message);
  addresses_ = *addresses;
  const auto worked_last = std::ranges::find(addresses_, client_->worked_last_);
  if (worked_last != addresses_.end()) {
    std::rotate(addresses_.begin(), worked_last, worked_last + 1);
  }
  phase_ = Phase::kDialling;
  DialNext();
}

void WebSocketClient::Connection::DialNext() {
  bool is_dialled = false;
  while (!is_dialled && phase_ == Phase::kDialling && next_address_ < addresses_.size()) {
    is_dialled = Dial(addresses_[next_address_++]);
  }
  if (!is_dialled) return Fail(ErrorCode::kIo, "no address can be reached");
  const bool is_last = next_address_ == addresses_.size();
  if (phase_ == Phase::kDialling && !is_last) {
    step_.Set(client_->loop_->NowMs() + kNextAddressMs);
  }
}

// Returns whether there is something to wait for.
bool WebSocketClient::Connection::Dial(const std::string& address) {
  auto link = std::make_unique<Link>(Link{.client = client_, .connection = this});
  link_ = link.get();
  client_->links_.push_back(std::move(link));
  const ServerUrl& url = client_->url_;
  const std::string host = HostAndPort(url);
  lws_client_connect_info info{};
  info.context = client_->loop_->context();
  info.vhost = client_->vhost_;
  info.address = address.c_str();
  info.port = url.port;
  info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
  // The name is checked, by what stands in the context (client_tls.h).
  if (url.is_tls) info.ssl_connection |= LCCSCF_USE_SSL | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
  info.path = kSocketPath;
  info.host = host.c_str();
  info.protocol = kSubprotocol;
  info.local_protocol_name = kSubprotocol;
  info.alpn = "http/1.1";
  info.ietf_version_or_minus_one = -1;
  info.opaque_user_data = link_;
  lws* const wsi = lws_client_connect_via_info(&info);
  // It may have failed in there, without a word or with one, and the link may be gone.
  if (wsi == nullptr && link_ != nullptr) client_->Drop(std::exchange(link_, nullptr));
  if (link_ != nullptr) link_->wsi = wsi;
  return link_ != nullptr;
}

void WebSocketClient::Connection::OnReached() {
  if (phase_ != Phase::kDialling) return;
  phase_ = Phase::kShakingHands;
  step_.Clear();
}

void WebSocketClient::Connection::OnFailed(const char* words) {
  const bool has_more = phase_ == Phase::kDialling && next_address_ < addresses_.size();
  if (has_more) {
    // What comes of this one is for nobody. The next is not dialled inside its callback.
    std::exchange(link_, nullptr)->connection = nullptr;
    return step_.Set(0);
  }
  // Other refusals may be of whoever is in between, or of what was damaged on its way.
  constexpr int kUnauthorized = 401;
  const auto status = static_cast<int>(lws_http_client_http_response(link_->wsi));
  const bool is_refused = status == kUnauthorized;
  if (is_refused && on_refused_) on_refused_();
  Fail(is_refused ? ErrorCode::kForbidden : ErrorCode::kIo,
       status != 0 ? "HTTP " + std::to_string(status)
                   : std::string(words == nullptr ? "no answer" : words));
}

// Ends.

void WebSocketClient::Connection::OnDeadline() {
  const bool is_looking_up = phase_ == Phase::kLookingUp;
  LetGo();
  if (is_finishing_) {
    return End({.error = {ErrorCode::kTimedOut, "the connection was closed here"}});
  }
  Fail(ErrorCode::kTimedOut,
       is_looking_up ? "its name is not looked up in time" : "the server does not answer in time");
}

void WebSocketClient::Connection::LetGo() {
  deadline_.Clear();
  step_.Clear();
  if (look_up_ != 0) client_->resolver_.Cancel(std::exchange(look_up_, 0));
  HangUp();
}

void WebSocketClient::Connection::HangUp() {
  if (link_ == nullptr) return;
  link_->connection = nullptr;
  lws_set_timeout(link_->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  client_->loop_->Nudge();
  link_ = nullptr;
}

void WebSocketClient::Connection::Fail(ErrorCode code, const std::string& why) {
  End({.error = {code, "cannot connect to " + HostAndPort(client_->url_) + ": " + why},
       .is_final = code == ErrorCode::kForbidden});
}

void WebSocketClient::Connection::End(const ConnectionEnd& end) {
  deadline_.Clear();
  step_.Clear();
  queue_.clear();
  if (std::exchange(phase_, Phase::kOver) != Phase::kOver) events_.on_end(end);
}

// Packets.

void WebSocketClient::Connection::Send(std::string packet) {
  if (phase_ == Phase::kOver || is_finishing_) return;
  queued_bytes_ += packet.size();
  if (queued_bytes_ > kOutgoingBytesMax) {
    LetGo();
    return End({.error = {ErrorCode::kTooSlow, "more waits to be sent than may"}});
  }
  packet.insert(0, LWS_PRE, '\0');
  queue_.push_back(std::move(packet));
  if (phase_ == Phase::kOpen) lws_callback_on_writable(link_->wsi);
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
  if (is_probe_ && phase_ == Phase::kShakingHands) Open();
}

void WebSocketClient::Connection::Open() {
  deadline_.Clear();
  phase_ = Phase::kOpen;
  client_->worked_last_ = addresses_[next_address_ - 1];
  events_.on_open();
  if (phase_ == Phase::kOpen) lws_callback_on_writable(link_->wsi);
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
  if (!is_final) {
    events_.on_piece();
    return 0;
  }
  events_.on_packet(partial_);
  partial_ = std::string();
  return 0;
}

int WebSocketClient::Connection::OnWritable() {
  lws* const wsi = link_->wsi;
  if (phase_ != Phase::kOpen) {
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

Expected<std::unique_ptr<WebSocketClient>> WebSocketClient::Create(
    EventLoop& loop, const WebSocketClientOptions& options) {
  std::unique_ptr<WebSocketClient> client(new WebSocketClient(loop, options));
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
  if (options.url.is_tls) {
    auto tls = MakeTlsContext(options.tls, options.url.host);
    if (!tls) return std::unexpected(std::move(tls).error());
    client->tls_ = *std::move(tls);
    info.provided_client_ssl_ctx = client->tls_.get();
    // Without it the context would not be looked at.
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  }
  client->vhost_ = lws_create_vhost(loop.context(), &info);
  if (client->vhost_ == nullptr) {
    return MakeError(ErrorCode::kIo, "cannot set up TLS");
  }
  return client;
}

WebSocketClient::WebSocketClient(EventLoop& loop, const WebSocketClientOptions& options)
    : loop_(&loop), url_(options.url), resolver_(loop, url_.host, options.look_up) {}

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
  link->wsi = wsi;
  Connection* const connection = link->connection;
  if (reason == LWS_CALLBACK_WSI_DESTROY) {
    if (connection != nullptr) connection->OnLinkGone();
    link->client->Drop(link);
    return 0;
  }
  if (connection == nullptr) return 0;
  const std::string_view bytes(static_cast<const char*>(in), in == nullptr ? 0 : size);
  switch (reason) {
    // TCP has a connection.
    case LWS_CALLBACK_WSI_CREATE: connection->OnReached(); return 0;
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
