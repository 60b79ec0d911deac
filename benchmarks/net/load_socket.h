// A WebSocket of a load generator: one of thousands in a thread, never waits, does no more for a
// message than it must, so that what a server costs shows and not what its clients do.
#ifndef COTEXT_BENCHMARKS_NET_LOAD_SOCKET_H_
#define COTEXT_BENCHMARKS_NET_LOAD_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cotext {

class LoadSocket {
 public:
  using OnMessage = std::function<void(std::string_view message)>;

  // Connects to a port of this machine from 127.0.0.0/8, and waits for the handshake to be done.
  LoadSocket(uint16_t port, const std::string& from, const std::string& path,
             const std::string& subprotocol);
  LoadSocket(LoadSocket&& other) noexcept;
  LoadSocket& operator=(LoadSocket&&) = delete;
  ~LoadSocket();

  int socket() const { return socket_; }
  // Sends one binary message. What the system does not take waits, and goes with the next Flush.
  void Send(std::string_view message);
  void Flush();
  // Sends a ping, to which any server answers with a pong by itself; and how many of these came.
  void Ping();
  uint64_t pongs() const { return pongs_; }
  // Reads what has come; answers pings. Returns whether the connection is still there.
  bool Receive(const OnMessage& on_message);

 private:
  void SendFrame(uint8_t opcode, std::string_view payload);
  bool Take(const OnMessage& on_message);

  int socket_ = -1;
  std::string received_;
  std::string waiting_;  // To be sent.
  uint64_t pongs_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_NET_LOAD_SOCKET_H_
