#include "net/server/websocket_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "net/base/close_code.h"
#include "net/driver/transport.h"
#include "net/http/handshake_refusal.h"
#include "net/http/http_headers.h"
#include "net/http/http_message.h"
#include "sync/slow_line.h"

namespace cotext::net {
namespace {

// A message that came whole in one piece of this is never copied. Pages of it that nothing was
// written to take no memory.
constexpr size_t kReceiveBytes = 4096;
// So many packets go out in one turn of the loop, so that no connection keeps the others waiting.
constexpr int kPacketsPerTurn = 16;
// What a control frame has room for, behind the code.
constexpr size_t kCloseTextMax = 123;
// Of a header that is looked at.
constexpr size_t kHeaderMax = 8192;
constexpr uint64_t kRetryMs = 1'000;  // Whoever came too often.

// Nothing if it is longer than may be.
std::optional<std::string> Header(lws* wsi, lws_token_indexes token) {
  std::string value(kHeaderMax, '\0');
  if (lws_hdr_total_length(wsi, token) == 0) return std::string();
  const int size = lws_hdr_copy(wsi, value.data(), static_cast<int>(value.size()), token);
  if (size < 0) return std::nullopt;
  value.resize(static_cast<size_t>(size));
  return value;
}

std::string QueryArgument(lws* wsi, const char* name_and_equals) {
  std::string value(kHeaderMax, '\0');
  const char* const found =
      lws_get_urlarg_by_name(wsi, name_and_equals, value.data(), static_cast<int>(value.size()));
  return found == nullptr ? std::string() : std::string(found);
}

// libwebsockets upgrades whatever method asks for it.
bool IsGetOfSocketPath(lws* wsi) {
  char* path = nullptr;
  int size = 0;
  if (lws_http_get_uri_and_method(wsi, &path, &size) != LWSHUMETH_GET) return false;
  return std::string_view(path, static_cast<size_t>(size)) == kSocketPath;
}

}  // namespace

class WebSocketServer::Connection final : public Transport {
 public:
  Connection(WebSocketServer& server, lws* wsi, sync::Identity identity)
      : server_(&server), wsi_(wsi), id_(server.driver_->OnConnect(*this, std::move(identity))) {}
  ~Connection() override {
    DropPartial();
    if (server_->options_.on_gone) server_->options_.on_gone(id_);
    server_->driver_->OnGone(id_);
  }

  void OnPacketsWait() override;
  void Finish(const CloseReason& reason) override {
    finish_ = reason;
    lws_callback_on_writable(wsi_);
  }
  // The system drops what the other end has not taken, and tells it by a reset: it would keep that,
  // and its memory, for minutes.
  void Kill() override {
    is_deaf_ = true;
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    server_->loop_->Nudge();
  }

  int OnReceive(std::string_view piece);
  int OnWritable();
  sync::ConnectionId id() const { return id_; }
  void OnPong() { server_->driver_->OnSignOfLife(id_); }

 private:
  enum class Sent : uint8_t { kAll, kMore, kFailed };
  Sent SendWaiting();
  // Returns whether the connection is still good.
  bool Send(std::string packet);
  int CloseWith(uint16_t code, std::string_view text);
  bool TakePiece(std::string_view piece);
  void SetDeadline();
  void OnMessage(std::string_view message);
  void DropPartial();

  WebSocketServer* server_;
  lws* wsi_;
  sync::ConnectionId id_;
  std::string partial_;      // What has come of a message that came in part.
  bool is_partial_ = false;  // Such a message has begun, and a time-out runs.
  uint64_t partial_since_ms_ = 0;
  std::optional<CloseReason> finish_;
  bool is_deaf_ = false;  // Is being closed for what it sent.
};

int WebSocketServer::Connection::OnReceive(std::string_view piece) {
  if (is_deaf_ || finish_) return 0;
  const bool is_final = lws_is_final_fragment(wsi_) != 0 && lws_remaining_packet_payload(wsi_) == 0;
  if (lws_is_first_fragment(wsi_) != 0) DropPartial();
  const size_t size = partial_.size() + piece.size() + lws_remaining_packet_payload(wsi_);
  if (size > server_->options_.message_bytes_max) {
    ++server_->counters_.too_big;
    return CloseWith(kCloseTooBig, "a message is too large");
  }
  if (is_final && partial_.empty()) {
    OnMessage(piece);
    return 0;
  }
  if (!TakePiece(piece)) {
    ++server_->counters_.no_room;
    return CloseWith(kCloseTryLater, "too much has come in part");
  }
  if (!is_final) return 0;
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  is_partial_ = false;
  OnMessage(partial_);
  DropPartial();
  return 0;
}

bool WebSocketServer::Connection::TakePiece(std::string_view piece) {
  size_t& all = server_->counters_.partial_bytes;
  if (all + piece.size() > server_->options_.partial_bytes_max) return false;
  if (!std::exchange(is_partial_, true)) partial_since_ms_ = server_->loop_->NowMs();
  all += piece.size();
  partial_ += piece;
  SetDeadline();
  server_->driver_->OnPiece(id_);
  return true;
}

// What comes more slowly than over a slow line is too late some day, however often a piece comes.
void WebSocketServer::Connection::SetDeadline() {
  constexpr uint64_t kMsPerS = 1000;
  const auto base_ms = static_cast<uint64_t>(server_->options_.partial_s_max) * kMsPerS;
  const uint64_t due_ms = partial_since_ms_ + base_ms + sync::SlowLineMs(partial_.size());
  const uint64_t now_ms = server_->loop_->NowMs();
  const uint64_t left_s = (due_ms - std::min(due_ms, now_ms) + kMsPerS - 1) / kMsPerS;
  if (left_s == 0) return Kill();
  lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, static_cast<int>(left_s));
}

void WebSocketServer::Connection::DropPartial() {
  server_->counters_.partial_bytes -= partial_.size();
  partial_ = std::string();
}

void WebSocketServer::Connection::OnMessage(std::string_view message) {
  if (lws_frame_is_binary(wsi_) == 0) {
    return server_->driver_->OnGarbage(id_, {ErrorCode::kBadMessage, "text instead of packets"});
  }
  server_->driver_->OnBytes(id_, message);
}

// To be told when the socket can be written to, which it mostly can, costs three calls of the
// system.
void WebSocketServer::Connection::OnPacketsWait() {
  if (is_deaf_) return;
  const Sent sent = SendWaiting();
  if (sent == Sent::kFailed) return Kill();
  if (sent == Sent::kMore) lws_callback_on_writable(wsi_);
}

int WebSocketServer::Connection::OnWritable() {
  if (is_deaf_) return 0;
  const Sent sent = SendWaiting();
  if (sent == Sent::kFailed) return -1;
  if (sent == Sent::kMore) {
    lws_callback_on_writable(wsi_);
  } else if (finish_) {
    return CloseWith(CloseCodeOf(*finish_), finish_->error.message);
  }
  return 0;
}

// What the system does not take of a packet libwebsockets keeps, and sends before it says that the
// socket can be written to: so much more waits for a connection than the driver knows of.
WebSocketServer::Connection::Sent WebSocketServer::Connection::SendWaiting() {
  for (int sent = 0; sent < kPacketsPerTurn; ++sent) {
    if (lws_partial_buffered(wsi_) != 0) return Sent::kMore;
    auto packet = server_->driver_->TakePacket(id_, LWS_PRE);
    if (!packet) return Sent::kAll;
    if (!Send(*std::move(packet))) return Sent::kFailed;
  }
  return Sent::kMore;
}

bool WebSocketServer::Connection::Send(std::string packet) {
  const size_t size = packet.size() - LWS_PRE;
  auto* const bytes = reinterpret_cast<unsigned char*>(packet.data()) + LWS_PRE;
  const int written = lws_write(wsi_, bytes, size, LWS_WRITE_BINARY);
  return written >= static_cast<int>(size);
}

int WebSocketServer::Connection::CloseWith(uint16_t code, std::string_view text) {
  is_deaf_ = true;
  std::string bytes(text.substr(0, kCloseTextMax));
  lws_close_reason(wsi_, static_cast<lws_close_status>(code),
                   reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  return -1;
}

lws_protocols WebSocketServer::protocol() {
  lws_protocols protocol{};
  protocol.name = kSubprotocol;
  protocol.callback = OnEvent;
  protocol.per_session_data_size = sizeof(Connection*);
  protocol.rx_buffer_size = kReceiveBytes;
  protocol.user = this;
  return protocol;
}

int WebSocketServer::Refuse(lws* wsi, const Error& error) {
  ++counters_.refused;
  const bool may_retry = error.code == ErrorCode::kRateLimited;
  AnswerHandshake(wsi, ErrorResponse(error, may_retry ? kRetryMs : 0));
  return 1;
}

int WebSocketServer::OnHandshake(lws* wsi) {
  if (!IsRequestLineWhole(wsi) || !IsGetOfSocketPath(wsi))
    return Refuse(wsi, {ErrorCode::kNotFound, "WebSockets are at " + std::string(kSocketPath)});
  const auto host = Header(wsi, WSI_TOKEN_HOST);
  const auto origin = Header(wsi, WSI_TOKEN_ORIGIN);
  const auto authorization = Header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
  const auto forwarded_for = Header(wsi, WSI_TOKEN_X_FORWARDED_FOR);
  if (!host || !origin || !authorization || !forwarded_for) {
    return Refuse(wsi, {ErrorCode::kBadRequest, "a header is too long"});
  }
  std::array<char, 64> address{};
  lws_get_peer_simple(wsi, address.data(), address.size());
  auto identity = options_.admit({.peer_address = address.data(),
                                  .forwarded_for = *forwarded_for,
                                  .host = *host,
                                  .origin = *origin,
                                  .authorization = *authorization,
                                  .ticket = QueryArgument(wsi, "ticket=")});
  if (!identity) return Refuse(wsi, identity.error());
  admitted_ = {wsi, *std::move(identity)};
  return 0;
}

int WebSocketServer::OnEstablished(lws* wsi, Connection*& connection) {
  auto [whose, identity] = std::exchange(admitted_, {});
  COTEXT_CHECK(whose == wsi && identity.has_value());
  const int bytes = options_.send_buffer_bytes;
  setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  connection = new Connection(*this, wsi, *std::move(identity));
  if (options_.on_connected) options_.on_connected(connection->id());
  return 0;
}

int WebSocketServer::OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in,
                             size_t size) {
  const auto server = [wsi] { return static_cast<WebSocketServer*>(lws_get_protocol(wsi)->user); };
  // A handshake that was refused has no connection, and is closed all the same.
  auto* const connection = static_cast<Connection**>(user);
  switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return server()->OnHandshake(wsi);
    case LWS_CALLBACK_ESTABLISHED: return server()->OnEstablished(wsi, *connection);
    case LWS_CALLBACK_RECEIVE:
      return (*connection)->OnReceive({static_cast<const char*>(in), size});
    case LWS_CALLBACK_RECEIVE_PONG: (*connection)->OnPong(); return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return *connection == nullptr ? 0 : (*connection)->OnWritable();
    case LWS_CALLBACK_CLOSED:
      if (connection != nullptr) delete std::exchange(*connection, nullptr);
      return 0;
    case LWS_CALLBACK_HTTP: return -1;  // Nothing is mounted here.
    default: return 0;
  }
}

}  // namespace cotext::net
