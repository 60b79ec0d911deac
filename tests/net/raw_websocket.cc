#include "tests/net/raw_websocket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace cotext::net {
namespace {

using Clock = std::chrono::steady_clock;

int LeftMs(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

Clock::time_point After(int ms) { return Clock::now() + std::chrono::milliseconds(ms); }

sockaddr_in Place(const std::string& address, uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  return place;
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<uint8_t>(byte);
  return number;
}

// Returns the size of the frame that bytes begin with, and of its head; nothing while that is
// missing. What comes from a server has no mask.
std::optional<std::pair<size_t, size_t>> FrameSize(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const size_t length = static_cast<uint8_t>(bytes[1]) & 127U;
  const size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + more) return std::nullopt;
  const size_t payload = more == 0 ? length : BigEndian(bytes.substr(2, more));
  return std::pair(2 + more + payload, 2 + more);
}

}  // namespace

uint16_t RawFrame::close_code() const {
  return payload.size() < 2 ? 0 : static_cast<uint16_t>(BigEndian(payload.substr(0, 2)));
}

std::string MaskedFrame(uint8_t opcode, std::string_view payload, bool is_final) {
  constexpr std::array<char, 4> kMask = {0x12, 0x34, 0x56, 0x78};
  std::string frame;
  frame += static_cast<char>((is_final ? 0x80U : 0U) | opcode);
  const size_t size = payload.size();
  const unsigned length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(0x80U | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (unsigned i = length_bytes; i > 0; --i) frame += static_cast<char>(size >> 8 * (i - 1));
  frame.append(kMask.begin(), kMask.end());
  for (size_t i = 0; i < size; ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  }
  return frame;
}

RawWebSocket::RawWebSocket(uint16_t port, const std::string& from, int receive_buffer) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (receive_buffer > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  const sockaddr_in own = Place(from, 0);
  const sockaddr_in other = Place("127.0.0.1", port);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) == 0 &&
      connect(socket_, reinterpret_cast<const sockaddr*>(&other), sizeof(other)) == 0) {
    return;
  }
  close(std::exchange(socket_, -1));
}

RawWebSocket::RawWebSocket(RawWebSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      has_ended_(other.has_ended_),
      refusal_(std::move(other.refusal_)),
      received_(std::move(other.received_)) {}

RawWebSocket::~RawWebSocket() {
  if (socket_ >= 0) close(socket_);
}

void RawWebSocket::Cut() {
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  close(std::exchange(socket_, -1));
}

bool RawWebSocket::SendBytes(std::string_view bytes, int wait_ms) {
  const auto until = After(wait_ms);
  while (!bytes.empty()) {
    pollfd writable = {.fd = socket_, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, LeftMs(until)) <= 0) return false;
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawWebSocket::SendFrame(uint8_t opcode, std::string_view payload, bool is_final, int wait_ms) {
  return SendBytes(MaskedFrame(opcode, payload, is_final), wait_ms);
}

// Reads once. Returns whether there was something.
bool RawWebSocket::Fill(int wait_ms) {
  if (has_ended_ || socket_ < 0) return false;
  pollfd readable = {.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&readable, 1, wait_ms) <= 0) return false;
  std::array<char, 65536> bytes{};
  const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
  has_ended_ = size <= 0;
  if (size > 0) received_.append(bytes.data(), static_cast<size_t>(size));
  return size > 0;
}

int RawWebSocket::Shake(const RawHandshake& handshake) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr int kWaitMs = 15'000;
  std::string request = "GET " + handshake.path + " HTTP/1.1\r\nHost: localhost\r\n" +
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                        "Sec-WebSocket-Version: 13\r\n";
  if (!handshake.subprotocol.empty()) {
    request += "Sec-WebSocket-Protocol: " + handshake.subprotocol + "\r\n";
  }
  for (const std::string& header : handshake.headers) request += header + "\r\n";
  if (!SendBytes(request + "\r\n")) return 0;
  const auto until = After(kWaitMs);
  while (!received_.contains(kEnd) && Fill(LeftMs(until))) {
  }
  const size_t end = received_.find(kEnd);
  if (end == std::string::npos || !received_.starts_with("HTTP/1.")) return 0;
  const int status = std::stoi(received_.substr(9, 3));
  if (status != 101) {
    while (Fill(LeftMs(until))) {
    }
    refusal_ = received_.substr(end + kEnd.size());
  }
  received_.erase(0, end + kEnd.size());
  return status;
}

std::optional<RawFrame> RawWebSocket::Receive(int wait_ms) {
  const auto until = After(wait_ms);
  auto size = FrameSize(received_);
  while (!size || received_.size() < size->first) {
    if (!Fill(LeftMs(until))) return std::nullopt;
    size = FrameSize(received_);
  }
  const auto first = static_cast<uint8_t>(received_[0]);
  RawFrame frame = {.opcode = static_cast<uint8_t>(first & 15U),
                    .is_final = (first & 0x80U) != 0,
                    .payload = received_.substr(size->second, size->first - size->second)};
  received_.erase(0, size->first);
  return frame;
}

bool RawWebSocket::IsClosed(int wait_ms) {
  const auto until = After(wait_ms);
  while (Fill(LeftMs(until))) {
  }
  return has_ended_;
}

uint16_t RawWebSocket::ReceiveClose(int wait_ms) {
  const auto until = After(wait_ms);
  uint16_t code = 0;
  while (const auto frame = Receive(LeftMs(until))) {
    if (frame->opcode != kCloseFrame) continue;
    code = frame->close_code();
    // As whoever closes properly does, so that the server need not wait.
    SendFrame(kCloseFrame, frame->payload, true, LeftMs(until));
  }
  return code;
}

}  // namespace cotext::net
