// The network side of a client: a thread with one connection to the server at a time, and what
// comes and goes over it.
//
//     application's thread                     this thread
//     Connect, Send, Disconnect --tasks--> a WebSocket, or long polling --> the server
//     TakeEvents <---------------events--- (transport_choice.h chooses)
//
// Where WebSockets are blocked it polls, and tries them again now and then: once one is made, the
// connection is lost for the application, and the next Connect has it. So the session is taken up
// over another transport as after any loss (docs/PROTOCOL.md §2).
//
// What came and was not taken is bounded: past kIncomingBytesMax the connection is lost. A server
// sends no more than its window unless that was acknowledged, so that is for servers that are none.
//
// All but the callback are for the thread of the application.
#ifndef COTEXT_NET_CLIENT_CLIENT_CONNECTION_H_
#define COTEXT_NET_CLIENT_CLIENT_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "net/base/resolver.h"
#include "net/base/url.h"
#include "net/client/client_transport.h"
#include "net/client/poll_session.h"
#include "net/client/transport_choice.h"

namespace cotext::net {

inline constexpr size_t kIncomingBytesMax = size_t{1} << 24U;

struct ConnectionOptions {
  ServerUrl url;
  TlsOptions tls = {};
  TransportChoiceOptions choice = {};
  PollSessionOptions poll = {};
  // For WebSockets; polling leaves it to libcurl, or to the proxy that it goes through.
  LookUp look_up = LookUpBySystem;
  // Called in the connection's thread when there are events, or the time of WakeAt has come. It
  // must not call this connection.
  std::function<void()> on_news = {};
};

struct ConnectionEvent {
  enum class Kind : uint8_t {
    kOpened,
    kPiece,
    kPacket,
    kLost
  };  // A piece of a packet, which lives.
  Kind kind = Kind::kOpened;
  std::string packet = {};
  ConnectionEnd end = {};
};

struct ConnectionCounters {
  uint64_t websockets = 0;  // Connections that were made.
  uint64_t polls = 0;
  uint64_t failures = 0;  // Connections that brought nothing.
  uint64_t packets_in = 0;
  uint64_t bytes_in = 0;
  uint64_t packets_out = 0;
  uint64_t bytes_out = 0;
};

class ClientConnection {
 public:
  // kIo: no thread or loop, or the certificates cannot be used.
  static Expected<std::unique_ptr<ClientConnection>> Create(ConnectionOptions options);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  // What was sent goes out if that takes no longer than kFinishMsMax.
  ~ClientConnection();

  uint64_t NowMs() const;

  // Makes a connection in place of the one that is there; of that, nothing is told any more.
  void Connect(std::string token);
  void Send(std::string packet);
  // Ends the connection when all is sent. Nothing more is told of it.
  void Disconnect();
  void WakeAt(std::optional<uint64_t> at_ms);

  std::vector<ConnectionEvent> TakeEvents();
  // Of the connection that there is, or was last.
  TransportKind transport() const;
  ConnectionCounters counters() const;

 private:
  class Worker;
  explicit ClientConnection(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
  uint64_t generation_ = 0;  // Of the connection that was asked for last.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_CLIENT_CONNECTION_H_
