// An answer that somebody else gives, who may do so when the request is gone.
//
//     auto [reply, answer] = AnswerLater();   answer(response), once, from the loop's thread
#ifndef COTEXT_NET_HTTP_LATER_ANSWER_H_
#define COTEXT_NET_HTTP_LATER_ANSWER_H_

#include <functional>
#include <memory>
#include <utility>

#include "net/http/http_message.h"
#include "net/http/http_reply.h"

namespace cotext::net {

using GiveAnswer = std::function<void(HttpResponse)>;

// Calls `ask` when the request is there, with what takes the answer; it may be called at once.
inline HttpReply AnswerLater(std::function<void(GiveAnswer)> ask) {
  class Task final : public HttpTask {
   public:
    explicit Task(HttpOutput& output) : output_(std::make_shared<HttpOutput*>(&output)) {}
    ~Task() override { *output_ = nullptr; }
    GiveAnswer Giver() const {
      return [output = output_](HttpResponse response) {
        if (*output != nullptr) (*output)->Answer(std::move(response));
      };
    }

   private:
    std::shared_ptr<HttpOutput*> output_;  // Null when the request is gone.
  };
  return HttpStart([ask = std::move(ask)](HttpOutput& output) -> std::unique_ptr<HttpTask> {
    auto task = std::make_unique<Task>(output);
    ask(task->Giver());
    return task;
  });
}

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_LATER_ANSWER_H_
