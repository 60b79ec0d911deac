// What may stand between a client and its server: a relay of TCP connections that delays, cuts,
// damages and holds up what goes through, by a seed, and may let no WebSockets pass.
//
// It has a thread of its own. Times are real, so a seed gives the same faults but not the same run.
#ifndef COTEXT_TESTS_NET_CLIENT_FAULT_PROXY_H_
#define COTEXT_TESTS_NET_CLIENT_FAULT_PROXY_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "document/random.h"

namespace cotext::net {

// Chances are of each piece that is read, in a thousand.
struct ProxyFaults {
  uint64_t delay_ms_max = 0;
  uint64_t up_bytes_per_s = 0;  // What passes from a client, over each connection; 0: all.
  uint64_t cut = 0;             // The piece is lost, and both ends see the connection end.
  uint64_t freeze = 0;          // Nothing passes any more, and neither end is told.
  uint64_t damage = 0;          // A byte is another one.
  uint64_t drop = 0;            // The piece is left out, and what follows goes on.
  // What a WebSocket's handshake meets.
  enum class WebSockets : uint8_t { kPass, kRefused, kCut, kSwallowed };
  WebSockets websockets = WebSockets::kPass;
};

class FaultProxy {
 public:
  FaultProxy(uint16_t server_port, uint64_t seed);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  uint16_t port() const { return port_; }
  void SetServerPort(uint16_t port) { server_port_ = port; }
  void SetFaults(const ProxyFaults& faults);
  // Ends all connections, or has nothing pass over any of them again.
  void CutAll() { cuts_all_ = true; }
  void FreezeAll() { freezes_all_ = true; }
  // How many connections were made through it.
  uint64_t connections() const { return connections_; }

 private:
  struct Piece {
    uint64_t due_ms = 0;
    std::string bytes;
  };
  struct Direction {
    int from = -1;
    int to = -1;
    bool has_ended = false;
    std::deque<Piece> pieces = {};
    uint64_t read_from_ms = 0;  // Nothing more is read before.
  };
  struct Pair {
    Direction up;    // From the client.
    Direction down;  // From the server.
    bool is_frozen = false;
    bool is_over = false;
    bool is_websocket = false;
    bool has_begun = false;  // The first piece came from the client.
  };

  void Run();
  void Accept();
  void PollOnce();
  void Read(Pair& pair, Direction& direction);
  void MeetWebSocket(Pair& pair, const std::string& bytes);
  void Damage(std::string& bytes);
  void Write(Pair& pair, Direction& direction);
  static void Close(Pair& pair);

  uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<uint16_t> server_port_;
  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> cuts_all_ = false;
  std::atomic<bool> freezes_all_ = false;
  std::atomic<uint64_t> connections_ = 0;

  std::mutex mutex_;  // Of set_faults_.
  ProxyFaults set_faults_;

  // Of the thread.
  ProxyFaults faults_;
  Random random_;
  std::list<Pair> pairs_;
  std::thread thread_;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_CLIENT_FAULT_PROXY_H_
