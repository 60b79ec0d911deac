#include "tests/net/client/stub_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "document/check.h"

namespace cotext::net {
namespace {

constexpr char kLength[] = "Content-Length: ";

// Reads until the head is there, and as many bytes behind it as it says.
std::string ReadRequest(int socket) {
  std::string request;
  while (true) {
    const size_t head = request.find("\r\n\r\n");
    if (head != request.npos) {
      const size_t at = request.find(kLength);
      const size_t body =
          at < head ? std::stoull(request.substr(at + sizeof(kLength) - 1)) : size_t{0};
      if (request.size() >= head + 4 + body) return request;
    }
    std::array<char, 4096> bytes;
    const ssize_t size = recv(socket, bytes.data(), bytes.size(), 0);
    if (size <= 0) return request;
    request.append(bytes.data(), static_cast<size_t>(size));
  }
}

}  // namespace

StubHttpServer::StubHttpServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  COTEXT_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  COTEXT_CHECK(listen(listener_, 64) == 0);
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

StubHttpServer::~StubHttpServer() {
  is_ending_ = true;
  thread_.join();
  for (const int socket : held_) close(socket);
  close(listener_);
}

void StubHttpServer::Run() {
  while (!is_ending_) {
    pollfd watched{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, 20) <= 0) continue;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::optional<std::string> answer = answer_(ReadRequest(socket));
    if (!answer) {
      held_.push_back(socket);
      continue;
    }
    send(socket, answer->data(), answer->size(), MSG_NOSIGNAL);
    if (holds_answered_) {
      held_.push_back(socket);
    } else {
      close(socket);
    }
  }
}

std::string HttpText(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body;
}

}  // namespace cotext::net
