#include "net/server/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "document/error.h"
#include "net/base/client_address.h"
#include "net/http/handshake_refusal.h"
#include "net/http/http_error.h"
#include "net/http/http_message.h"
#include "net/server/tls_files.h"

namespace cotext::net {
namespace {

// Of the protocol that refuses: no client has reason to name it.
constexpr char kNone[] = "cotext.none";

bool IsIpv6(const std::string& address) { return address.contains(':'); }

std::string Place(const ListenOptions& options) {
  const std::string port = ":" + std::to_string(options.port);
  return IsIpv6(options.address) ? "[" + options.address + "]" + port : options.address + port;
}

std::string PeerOf(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
  const void* address = &reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr;
  if (peer.ss_family == AF_INET6)
    address = &reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(peer.ss_family, address, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

// libwebsockets says that it cannot listen, but not why.
int TryToBind(const ListenOptions& options) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (IsIpv6(options.address)) {
    auto& six = reinterpret_cast<sockaddr_in6&>(address);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(options.port);
    size = sizeof(six);
    if (inet_pton(AF_INET6, options.address.c_str(), &six.sin6_addr) != 1) return EINVAL;
  } else {
    auto& four = reinterpret_cast<sockaddr_in&>(address);
    four.sin_family = AF_INET;
    four.sin_port = htons(options.port);
    size = sizeof(four);
    if (inet_pton(AF_INET, options.address.c_str(), &four.sin_addr) != 1) return EINVAL;
  }
  const int socket = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const int one = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  const bool is_bound = bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                        listen(socket, 1) == 0;
  const int error = is_bound ? 0 : errno;
  close(socket);
  return error;
}

std::unexpected<Error> CannotListen(const ListenOptions& options, const std::string& why) {
  return MakeError(ErrorCode::kCannotListen, "cannot listen on " + Place(options) + ": " + why);
}

Expected<void> Check(const ListenOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return MakeError(ErrorCode::kIo, "TLS takes a certificate and its key");
  }
  if (!options.tls_certificate.empty()) {
    COTEXT_RETURN_IF_ERROR(CheckTlsFiles(options.tls_certificate, options.tls_key));
  }
  const int error = TryToBind(options);
  if (error == EINVAL) {
    return MakeError(ErrorCode::kIo, options.address + " is no numeric address");
  }
  if (error != 0) return CannotListen(options, std::strerror(error));
  return {};
}

}  // namespace

Listener::Listener(EventLoop& loop, ListenOptions options)
    : loop_(&loop),
      options_(std::move(options)),
      counter_(options_.limits),
      connects_(options_.connects) {}

Expected<std::unique_ptr<Listener>> Listener::Listen(EventLoop& loop, ListenOptions options,
                                                     const std::vector<lws_protocols>& protocols,
                                                     const lws_http_mount* mounts) {
  COTEXT_RETURN_IF_ERROR(Check(options));
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(options)));
  const ListenOptions& own = listener->options_;
  std::vector<lws_protocols> all(1);
  all[0].name = kNone;
  all[0].callback = OnEvent;
  all[0].user = listener.get();
  all.insert(all.end(), protocols.begin(), protocols.end());
  all.push_back({});

  lws_context_creation_info info{};
  info.vhost_name = "cotext";
  info.port = own.port;
  info.iface = own.address.c_str();
  info.protocols = all.data();
  info.mounts = mounts;
  info.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
  if (!IsIpv6(own.address)) info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
  if (listener->is_tls()) {
    // It is asked for each port: without it that speaks plainly, files or no files.
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = own.tls_certificate.c_str();
    info.ssl_private_key_filepath = own.tls_key.c_str();
    info.alpn = "http/1.1";
  }
  lws_vhost* const vhost = lws_create_vhost(loop.context(), &info);
  if (vhost == nullptr) {
    return CannotListen(own, "libwebsockets refuses");
  }
  listener->port_ = static_cast<uint16_t>(lws_get_vhost_listen_port(vhost));
  return listener;
}

bool Listener::Accept(int socket) {
  accepted_ = PeerOf(socket);
  if (!is_refusing_) {
    if (HasRoom()) return true;
    if (options_.on_too_many) options_.on_too_many();
  }
  ++refused_;
  return false;
}

bool Listener::HasRoom() {
  const bool is_shared = options_.is_shared && options_.is_shared(accepted_);
  if (!counter_.HasRoom(accepted_, is_shared)) return false;
  if (is_shared) return true;
  const auto address = IpAddress::Parse(accepted_);
  return connects_.Take(address ? address->RateKey() : accepted_, 1, loop_->NowMs()) == 0;
}

void Listener::OnAccepted(lws* wsi) {
  if (!addresses_.emplace(wsi, accepted_).second) return;
  counter_.Add(accepted_);
}

void Listener::OnDestroyed(lws* wsi) {
  const auto found = addresses_.find(wsi);
  if (found == addresses_.end()) return;
  counter_.Remove(found->second);
  addresses_.erase(found);
}

int Listener::OnEvent(lws* wsi, lws_callback_reasons reason, void* /*user*/, void* in,
                      size_t /*size*/) {
  const auto listener = [wsi] {
    return static_cast<Listener*>(lws_vhost_name_to_protocol(lws_get_vhost(wsi), kNone)->user);
  };
  switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
      return listener()->Accept(static_cast<int>(reinterpret_cast<intptr_t>(in))) ? 0 : 1;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: listener()->OnAccepted(wsi); return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      if (std::string_view(static_cast<const char*>(in)) == "websocket") return 0;
      AnswerHandshake(wsi, ErrorResponse(HttpError{.status = 505,
                                                   .code = "http_version_not_supported",
                                                   .message = "HTTP/1.1 is spoken here"}));
      return -1;
    case LWS_CALLBACK_WSI_DESTROY: listener()->OnDestroyed(wsi); return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      AnswerHandshake(
          wsi, ErrorResponse(Error{ErrorCode::kBadRequest, "a WebSocket names a subprotocol"}));
      return 1;
    case LWS_CALLBACK_HTTP:
      AnswerHandshake(wsi,
                      ErrorResponse(Error{ErrorCode::kNotFound, "only WebSockets are served"}));
      return -1;
    default: return 0;
  }
}

}  // namespace cotext::net
