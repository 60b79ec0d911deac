// Requests of HTTP and their answers, several at once, in a thread of its own, by libcurl. So
// proxies of the environment (http_proxy, https_proxy, no_proxy) are used, and certificates
// checked.
//
// No redirect is followed, and what an answer may take is bounded. Thread-safe but for the
// destructor, which ends what is under way without a word.
#ifndef COTEXT_NET_CLIENT_HTTP_CLIENT_H_
#define COTEXT_NET_CLIENT_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "document/error.h"
#include "net/client/client_transport.h"

namespace cotext::net {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers = {};  // "Name: value".
  std::string body = {};                  // Of POST.
  // Until the answer begins, and then from one piece of it to the next. A body has as long beside
  // that as it takes over a slow line (sync/slow_line.h): where it is, nobody tells.
  uint64_t timeout_ms = 30'000;
  uint64_t connect_ms_max = kConnectMsMax;
  size_t answer_bytes_max = size_t{1} << 26U;
  // Called in this client's thread when some of the answer's body has come. May be empty.
  std::function<void()> on_piece = {};
};

struct HttpAnswer {
  int status = 0;  // 0: there was none, and `failure` says why.
  std::string body = {};
  std::string tag = {};  // The ETag, without quotation marks.
  std::string failure = {};
  bool has_timed_out = false;  // That is why there was none.
};

class HttpClient {
 public:
  using Done = std::function<void(HttpAnswer)>;

  // kIo: libcurl does not start.
  static Expected<std::unique_ptr<HttpClient>> Create(const TlsOptions& tls);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // Begins a call. `done` is called once, in this client's thread, unless it is cancelled before.
  // Returns the call's number.
  uint64_t Start(HttpCall call, Done done);
  void Cancel(uint64_t call);

  // Makes a call and waits for its answer.
  HttpAnswer Fetch(HttpCall call);

 private:
  struct Parts;
  explicit HttpClient(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_HTTP_CLIENT_H_
