// The sync layer's client with one document, over a raw WebSocket: as a program would use it, but
// in the test's thread.
#ifndef COTEXT_TESTS_NET_SOCKET_CLIENT_H_
#define COTEXT_TESTS_NET_SOCKET_CLIENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/rga_document.h"
#include "document/random.h"
#include "sync/client.h"
#include "tests/net/raw_websocket.h"

namespace cotext::net {

class SocketClient {
 public:
  // The replica is also the seed of its waits.
  SocketClient(uint16_t port, uint64_t replica, const std::string& document = "notes");

  // Takes what has come, and sends what there is to send.
  void Step();

  RgaDocument& document() { return document_; }
  const sync::Client& client() const { return client_; }
  void Insert(std::string_view text);
  // Whether it is connected, and the server has all of it durably.
  bool IsDurable() const;
  bool IsReady() const { return client_.IsOpen(key_) && client_.IsCaughtUp(key_); }
  std::string Text() const { return document_.Text(); }

  // Goes on with another server, as the same program; what is on its way is lost.
  void MoveTo(uint16_t port);
  void Cut();
  // Of the connection that was closed last by the server; nothing if none was.
  std::optional<uint16_t> close_code() const { return close_code_; }

 private:
  void Connect();
  void Lose(bool is_final);
  void Read();

  uint16_t port_;
  Random random_;
  RgaDocument document_;
  sync::Client client_;
  sync::DocumentKey key_ = 0;
  std::optional<RawWebSocket> socket_;
  std::optional<uint16_t> close_code_;
};

// Steps all of them until that holds; returns whether it did in time.
bool RunUntil(const std::vector<SocketClient*>& clients, const std::function<bool()>& holds,
              int wait_ms = 20'000);

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_SOCKET_CLIENT_H_
