// A server of HTTP that answers what a test says, byte for byte.
#ifndef COTEXT_TESTS_NET_CLIENT_STUB_HTTP_SERVER_H_
#define COTEXT_TESTS_NET_CLIENT_STUB_HTTP_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cotext::net {

class StubHttpServer {
 public:
  // Takes a request's head and body as they came; its answer is all bytes, behind which the
  // connection is closed. Nothing: it stays open without a word.
  using Answer = std::function<std::optional<std::string>(const std::string& request)>;

  explicit StubHttpServer(Answer answer);
  StubHttpServer(const StubHttpServer&) = delete;
  StubHttpServer& operator=(const StubHttpServer&) = delete;
  ~StubHttpServer();

  // From now on connections stay open behind their answers, and nothing is read from them.
  void HoldAnswered() { holds_answered_ = true; }

  uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void Run();

  Answer answer_;
  uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> holds_answered_ = false;
  std::vector<int> held_;
  std::thread thread_;
};

// An answer with a body.
std::string HttpText(int status, const std::string& body, const std::string& headers = "");

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_CLIENT_STUB_HTTP_SERVER_H_
