// One connection of a client to a server, by WebSocket or by long polling: packets go out and come
// in, each whole and in order, until it ends.
//
//     made -> on_open -> on_packet ... -> on_end
//
// Destroying it ends it without a word. What it tells, it tells in the loop's thread; it must not
// be destroyed inside that.
#ifndef COTEXT_NET_CLIENT_CLIENT_TRANSPORT_H_
#define COTEXT_NET_CLIENT_CLIENT_TRANSPORT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext::net {

enum class TransportKind : uint8_t { kWebSocket, kPoll };

// How the server is known, and who asks.
struct TlsOptions {
  std::string ca_file = {};  // PEM, of those who vouch for servers; empty: the system's.
};

// What waits to go out: a client has no more than the window of its link and a few controls.
inline constexpr size_t kOutgoingBytesMax = size_t{1} << 23U;
// How long making a connection may take.
inline constexpr uint64_t kConnectMsMax = 10'000;
// And so long what is left to be sent when it is to end.
inline constexpr uint64_t kFinishMsMax = 1'000;

struct ConnectionEnd {
  Error error;
  bool is_final = false;  // The server said that trying again is of no use.
};

struct TransportEvents {
  std::function<void()> on_open;
  // Some of a packet came.
  std::function<void()> on_piece;
  std::function<void(std::string_view packet)> on_packet;
  std::function<void(const ConnectionEnd& end)> on_end;  // Once, and nothing after it.
};

class ClientTransport {
 public:
  ClientTransport() = default;
  ClientTransport(const ClientTransport&) = delete;
  ClientTransport& operator=(const ClientTransport&) = delete;
  virtual ~ClientTransport() = default;

  // After the end, and more than kOutgoingBytesMax, nothing is sent; the latter ends it.
  virtual void Send(std::string packet) = 0;
  // Ends it when all that was given to Send has gone out, or after kFinishMsMax.
  virtual void Finish() = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_CLIENT_TRANSPORT_H_
