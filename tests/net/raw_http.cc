#include "tests/net/raw_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <chrono>
#include <utility>

namespace cotext::net {
namespace {

using Clock = std::chrono::steady_clock;

int LeftMs(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

RawResponse ParseHead(std::string_view head) {
  RawResponse response;
  const size_t space = head.find(' ');
  for (size_t at = space + 1; at < head.size() && std::isdigit(head[at]) != 0; ++at) {
    response.status = response.status * 10 + (head[at] - '0');
  }
  while (true) {
    head.remove_prefix(std::min(head.find("\r\n"), head.size() - 2) + 2);
    const size_t colon = head.find(':');
    if (head.empty() || colon == std::string_view::npos) return response;
    std::string name(head.substr(0, colon));
    for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
    std::string_view value = head.substr(colon + 1, head.find("\r\n") - colon - 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    response.headers[name] = value;
  }
}

}  // namespace

RawHttp::RawHttp(uint16_t port, const std::string& from) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  inet_pton(AF_INET, from.c_str(), &own.sin_addr);
  sockaddr_in address = own;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const from_address = reinterpret_cast<const sockaddr*>(&own);
  const auto* const to_address = reinterpret_cast<const sockaddr*>(&address);
  if (bind(socket_, from_address, sizeof(own)) != 0 ||
      connect(socket_, to_address, sizeof(address)) != 0) {
    Close();
  }
}

bool RawHttp::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttp::Ask(const std::string& method, const std::string& target, const std::string& more,
                  const std::optional<std::string>& body) {
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more;
  if (body) request += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  return Send(request + "\r\n" + body.value_or(""));
}

bool RawHttp::ReadMore(int wait_ms) {
  pollfd poll_for{.fd = socket_, .events = POLLIN, .revents = 0};
  if (is_closed_ || socket_ < 0 || poll(&poll_for, 1, wait_ms) <= 0) return false;
  std::array<char, 65536> piece{};
  const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
  if (size <= 0) {
    is_closed_ = true;
    return false;
  }
  buffer_.append(piece.data(), static_cast<size_t>(size));
  return true;
}

std::optional<std::string> RawHttp::ReadTo(std::string_view end, int wait_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(wait_ms);
  while (true) {
    const size_t found = buffer_.find(end);
    if (found != std::string::npos) {
      std::string bytes = buffer_.substr(0, found + end.size());
      buffer_.erase(0, found + end.size());
      return bytes;
    }
    if (!ReadMore(LeftMs(until))) return std::nullopt;
  }
}

std::optional<RawResponse> RawHttp::TakeWhole(bool has_body) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const size_t found = buffer_.find(kEnd);
  if (found == std::string::npos) return std::nullopt;
  const size_t head_size = found + kEnd.size();
  RawResponse response = ParseHead(std::string_view(buffer_).substr(0, head_size));
  const auto length = response.headers.find("content-length");
  const bool reads_body = has_body && length != response.headers.end();
  const size_t size = reads_body ? std::stoul(length->second) : 0;
  if (buffer_.size() < head_size + size) return std::nullopt;
  response.body = buffer_.substr(head_size, size);
  buffer_.erase(0, head_size + size);
  return response;
}

std::optional<RawResponse> RawHttp::Read(int wait_ms, bool has_body) {
  const auto until = Clock::now() + std::chrono::milliseconds(wait_ms);
  while (true) {
    if (auto response = TakeWhole(has_body)) return response;
    if (!ReadMore(LeftMs(until))) return std::nullopt;
  }
}

std::string RawHttp::ReadAll(int wait_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(wait_ms);
  while (ReadMore(LeftMs(until))) {
  }
  return std::exchange(buffer_, {});
}

bool RawHttp::IsClosed(int wait_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(wait_ms);
  while (ReadMore(LeftMs(until))) buffer_.clear();
  return is_closed_;
}

void RawHttp::Close() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
}

void RawHttp::SetReceiveBuffer(int bytes) {
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

}  // namespace cotext::net
