#include "benchmarks/net/load_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

constexpr uint8_t kBinary = 2;
constexpr uint8_t kClose = 8;
constexpr uint8_t kPing = 9;
constexpr uint8_t kPong = 10;

sockaddr_in Place(const std::string& address, uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  COTEXT_CHECK(inet_pton(AF_INET, address.c_str(), &place.sin_addr) == 1);
  return place;
}

int Connected(uint16_t port, const std::string& from) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  COTEXT_CHECK(socket >= 0);
  const int one = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  const sockaddr_in own = Place(from, 0);
  const sockaddr_in other = Place("127.0.0.1", port);
  COTEXT_CHECK(bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) == 0);
  COTEXT_CHECK(connect(socket, reinterpret_cast<const sockaddr*>(&other), sizeof(other)) == 0);
  return socket;
}

}  // namespace

LoadSocket::LoadSocket(uint16_t port, const std::string& from, const std::string& path,
                       const std::string& subprotocol)
    : socket_(Connected(port, from)) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
  request += "\r\n";
  COTEXT_CHECK(send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(request.size()));
  std::array<char, 4096> bytes{};
  while (!received_.contains(kEnd)) {
    const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
    COTEXT_CHECK(size > 0);
    received_.append(bytes.data(), static_cast<size_t>(size));
  }
  COTEXT_CHECK(received_.starts_with("HTTP/1.1 101"));
  received_.erase(0, received_.find(kEnd) + kEnd.size());
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
}

LoadSocket::LoadSocket(LoadSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      received_(std::move(other.received_)),
      waiting_(std::move(other.waiting_)),
      pongs_(other.pongs_) {}

LoadSocket::~LoadSocket() {
  if (socket_ >= 0) close(socket_);
}

void LoadSocket::Send(std::string_view message) { SendFrame(kBinary, message); }

void LoadSocket::Ping() { SendFrame(kPing, {}); }

void LoadSocket::SendFrame(uint8_t opcode, std::string_view payload) {
  // With a mask of zeros the payload stays as it is.
  const size_t size = payload.size();
  const unsigned length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  waiting_ += static_cast<char>(0x80U | opcode);
  waiting_ += static_cast<char>(0x80U | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (unsigned i = length_bytes; i > 0; --i) waiting_ += static_cast<char>(size >> 8 * (i - 1));
  waiting_.append(4, '\0');
  waiting_ += payload;
  Flush();
}

void LoadSocket::Flush() {
  while (!waiting_.empty()) {
    const ssize_t sent = send(socket_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    waiting_.erase(0, static_cast<size_t>(sent));
  }
}

bool LoadSocket::Receive(const OnMessage& on_message) {
  std::array<char, 65536> bytes;  // Not initialised: this is called a hundred thousand times.
  const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  received_.append(bytes.data(), static_cast<size_t>(size));
  return Take(on_message);
}

bool LoadSocket::Take(const OnMessage& on_message) {
  std::string_view left = received_;
  while (left.size() >= 2) {
    const uint8_t opcode = static_cast<uint8_t>(left[0]) & 15U;
    size_t size = static_cast<uint8_t>(left[1]) & 127U;
    const size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (left.size() < 2 + more) break;
    if (more > 0) size = 0;
    for (size_t i = 0; i < more; ++i) size = size << 8U | static_cast<uint8_t>(left[2 + i]);
    if (left.size() < 2 + more + size) break;
    const std::string_view payload = left.substr(2 + more, size);
    if (opcode == kClose) return false;
    if (opcode == kPing) {
      SendFrame(kPong, payload);
    } else if (opcode == kPong) {
      ++pongs_;
    } else {
      on_message(payload);
    }
    left.remove_prefix(2 + more + size);
  }
  received_.erase(0, received_.size() - left.size());
  return true;
}

}  // namespace cotext
