// What a handler of HTTP returns: an answer, or a task that will write one, now or later, in one
// piece or for as long as the client listens.
//
//     handler -> HttpStart -> task: keeps the output -> Answer, or Begin, Write ..., End
//
// The task is made when all of the request has come and lives until the answer is sent or the
// client is gone, whichever comes first; its destructor is where it stops. It may be destroyed by
// nobody else, and never is inside a call of its output.
#ifndef COTEXT_NET_HTTP_HTTP_REPLY_H_
#define COTEXT_NET_HTTP_HTTP_REPLY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "net/http/http_message.h"

namespace cotext::net {

class HttpOutput {
 public:
  HttpOutput() = default;
  HttpOutput(const HttpOutput&) = delete;
  HttpOutput& operator=(const HttpOutput&) = delete;
  virtual ~HttpOutput() = default;

  // Answers; nothing can follow. What is called after the end does nothing.
  virtual void Answer(HttpResponse response) = 0;

  // Begins an answer of which the length is not known. Its body is what is written until End.
  virtual void Begin(HttpResponse head) = 0;
  // REQUIRES: Begin was called. Bytes may be shared with other outputs.
  virtual void Write(std::shared_ptr<const std::string> bytes) = 0;
  virtual void End() = 0;
  // Ends at once, with the connection; what waits is dropped.
  virtual void Cut() = 0;

  // Of the body, what the system has not taken yet.
  virtual size_t waiting_bytes() const = 0;
};

class HttpTask {
 public:
  HttpTask() = default;
  HttpTask(const HttpTask&) = delete;
  HttpTask& operator=(const HttpTask&) = delete;
  virtual ~HttpTask() = default;
};

// The output outlives the task.
using HttpStart = std::function<std::unique_ptr<HttpTask>(HttpOutput& output)>;

struct HttpReply {
  HttpReply(HttpResponse response) : what(std::move(response)) {}
  HttpReply(HttpStart start) : what(std::move(start)) {}

  std::variant<HttpResponse, HttpStart> what;
  // For whatever a task answers: what handlers do not know of, as CORS.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_REPLY_H_
