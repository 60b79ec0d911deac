// A client of HTTP that sends what a test gives it, right or wrong, byte by byte if need be, over a
// blocking socket.
#ifndef COTEXT_TESTS_NET_RAW_HTTP_H_
#define COTEXT_TESTS_NET_RAW_HTTP_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cotext::net {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

class RawHttp {
 public:
  // Connects from an address of the loopback network.
  explicit RawHttp(uint16_t port, const std::string& from = "127.0.0.1");
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;
  ~RawHttp() { Close(); }

  // Returns whether the system took all of it.
  bool Send(std::string_view bytes);
  // Of a request with that method and target, and more header lines and a body if given.
  bool Ask(const std::string& method, const std::string& target, const std::string& more = {},
           const std::optional<std::string>& body = std::nullopt);

  // Reads a response with its body, as long as its length says; nothing if it does not come whole,
  // and what came of it waits for the next call.
  std::optional<RawResponse> Read(int wait_ms = 5'000, bool has_body = true);
  // Reads until `end` has come, and all up to there; nothing if it does not.
  std::optional<std::string> ReadTo(std::string_view end, int wait_ms = 5'000);
  // Reads until the server closes; what has come by then.
  std::string ReadAll(int wait_ms = 5'000);
  // Whether the server closes within that time; what comes before is dropped.
  bool IsClosed(int wait_ms = 5'000);

  void Close();
  // So that what the server sends soon waits there.
  void SetReceiveBuffer(int bytes);

 private:
  // Returns whether something came.
  bool ReadMore(int wait_ms);
  // The response that has come, if it is there whole.
  std::optional<RawResponse> TakeWhole(bool has_body);

  int socket_ = -1;
  bool is_closed_ = false;  // By the server.
  std::string buffer_;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_RAW_HTTP_H_
