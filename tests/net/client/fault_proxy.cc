#include "tests/net/client/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "document/check.h"

namespace cotext::net {
namespace {

constexpr size_t kPieceBytes = 4096;
constexpr size_t kSlowPieceBytes = 512;
constexpr int kTurnMs = 2;

uint64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void MakeNonBlocking(int socket) { fcntl(socket, F_SETFL, O_NONBLOCK); }

}  // namespace

FaultProxy::FaultProxy(uint16_t server_port, uint64_t seed)
    : server_port_(server_port), random_(seed) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  COTEXT_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  COTEXT_CHECK(listen(listener_, 64) == 0);
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  MakeNonBlocking(listener_);
  thread_ = std::thread([this] { Run(); });
}

FaultProxy::~FaultProxy() {
  is_ending_ = true;
  thread_.join();
  for (Pair& pair : pairs_) Close(pair);
  close(listener_);
}

void FaultProxy::SetFaults(const ProxyFaults& faults) {
  const std::lock_guard lock(mutex_);
  set_faults_ = faults;
}

void FaultProxy::Run() {
  while (!is_ending_) {
    {
      const std::lock_guard lock(mutex_);
      faults_ = set_faults_;
    }
    PollOnce();
    const bool cuts = cuts_all_.exchange(false);
    const bool freezes = freezes_all_.exchange(false);
    for (Pair& pair : pairs_) {
      pair.is_over |= cuts;
      pair.is_frozen |= freezes;
      if (!pair.is_over) Write(pair, pair.up);
      if (!pair.is_over) Write(pair, pair.down);
      if (pair.is_over) Close(pair);
    }
    pairs_.remove_if([](const Pair& pair) { return pair.is_over; });
  }
}

void FaultProxy::PollOnce() {
  std::vector<pollfd> watched = {{.fd = listener_, .events = POLLIN, .revents = 0}};
  std::vector<std::pair<Pair*, Direction*>> whose = {{nullptr, nullptr}};
  for (Pair& pair : pairs_) {
    for (Direction* const direction : {&pair.up, &pair.down}) {
      if (direction->has_ended || pair.is_frozen || NowMs() < direction->read_from_ms) continue;
      watched.push_back({.fd = direction->from, .events = POLLIN, .revents = 0});
      whose.emplace_back(&pair, direction);
    }
  }
  poll(watched.data(), watched.size(), kTurnMs);
  for (size_t i = 1; i < watched.size(); ++i) {
    if (watched[i].revents != 0 && !whose[i].first->is_over)
      Read(*whose[i].first, *whose[i].second);
  }
  if (watched[0].revents != 0) Accept();
}

void FaultProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(client);
    close(server);
    return;
  }
  MakeNonBlocking(server);
  ++connections_;
  pairs_.push_back({.up = {.from = client, .to = server}, .down = {.from = server, .to = client}});
}

void FaultProxy::Read(Pair& pair, Direction& direction) {
  std::array<char, kPieceBytes> buffer;
  const bool is_slow = &direction == &pair.up && faults_.up_bytes_per_s > 0;
  const size_t room = is_slow ? kSlowPieceBytes : buffer.size();
  const ssize_t size = recv(direction.from, buffer.data(), room, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    direction.has_ended = true;
    pair.is_over |= size < 0;
    return;
  }
  std::string bytes(buffer.data(), static_cast<size_t>(size));
  if (is_slow) {
    const uint64_t pause_ms = 1000 * bytes.size() / faults_.up_bytes_per_s;
    // What was too late by a turn or two is made up for.
    direction.read_from_ms = std::max(direction.read_from_ms, NowMs() - kTurnMs) + pause_ms;
  }
  const auto happens = [&](uint64_t chance) { return random_.Below(1000) < chance; };
  if (&direction == &pair.up && !pair.has_begun) {
    pair.has_begun = true;
    MeetWebSocket(pair, bytes);
  } else if (pair.is_websocket && &direction == &pair.up &&
             faults_.websockets == ProxyFaults::WebSockets::kSwallowed) {
    pair.is_frozen = true;
  }
  if (happens(faults_.cut)) pair.is_over = true;
  if (happens(faults_.freeze)) pair.is_frozen = true;
  if (pair.is_over || pair.is_frozen || happens(faults_.drop)) return;
  if (happens(faults_.damage)) Damage(bytes);
  const uint64_t last = direction.pieces.empty() ? 0 : direction.pieces.back().due_ms;
  const uint64_t delay = faults_.delay_ms_max == 0 ? 0 : random_.Below(faults_.delay_ms_max + 1);
  direction.pieces.push_back(
      {.due_ms = std::max(last, NowMs() + delay), .bytes = std::move(bytes)});
}

void FaultProxy::MeetWebSocket(Pair& pair, const std::string& bytes) {
  pair.is_websocket = bytes.contains("Sec-WebSocket-Key");
  if (!pair.is_websocket) return;
  if (faults_.websockets == ProxyFaults::WebSockets::kCut) pair.is_over = true;
  if (faults_.websockets == ProxyFaults::WebSockets::kRefused) {
    constexpr std::string_view kAnswer =
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    send(pair.up.from, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    pair.is_over = true;
  }
}

void FaultProxy::Damage(std::string& bytes) {
  bytes[random_.Below(bytes.size())] ^= static_cast<char>(random_.Between(1, 255));
}

void FaultProxy::Write(Pair& pair, Direction& direction) {
  if (pair.is_frozen) return;
  while (!direction.pieces.empty() && direction.pieces.front().due_ms <= NowMs()) {
    std::string& bytes = direction.pieces.front().bytes;
    const ssize_t sent = send(direction.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) {
      pair.is_over = true;
      return;
    }
    bytes.erase(0, static_cast<size_t>(sent));
    if (!bytes.empty()) return;
    direction.pieces.pop_front();
  }
  // One end is done: the other one hears of it once everything is there.
  if (direction.has_ended && direction.pieces.empty()) pair.is_over = true;
}

void FaultProxy::Close(Pair& pair) {
  for (const int socket : {pair.up.from, pair.up.to}) close(socket);
}

}  // namespace cotext::net
