// A well-behaved client that asks all the time whether the server is there, in a thread of its own,
// and notes how long the answer took.
#ifndef COTEXT_TESTS_NET_SERVER_PING_WATCH_H_
#define COTEXT_TESTS_NET_SERVER_PING_WATCH_H_

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/net/raw_websocket.h"

namespace cotext::net {

class PingWatch {
 public:
  explicit PingWatch(uint16_t port);
  PingWatch(const PingWatch&) = delete;
  PingWatch& operator=(const PingWatch&) = delete;
  ~PingWatch();

  // Until now.
  uint64_t answers() const { return answers_; }
  int64_t longest_ms() const { return longest_ms_; }
  // Whether an answer did not come at all, or the connection was lost.
  bool is_lost() const { return is_lost_; }

 private:
  void Run();
  bool Ask(uint64_t value);

  RawWebSocket socket_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<uint64_t> answers_ = 0;
  std::atomic<int64_t> longest_ms_ = 0;
  std::atomic<bool> is_lost_ = false;
  std::thread thread_;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_SERVER_PING_WATCH_H_
