#include "net/client/poll_client.h"

#include <utility>

#include "net/base/poll_frames.h"

namespace cotext::net {

PollClient::PollClient(EventLoop& loop, HttpClient& http, const ServerUrl& url, std::string token,
                       TransportEvents events, const PollSessionOptions& options)
    : loop_(&loop),
      http_(&http),
      origin_(HttpOrigin(url)),
      token_(std::move(token)),
      events_(std::move(events)),
      session_(loop.NowMs(), options),
      timer_(loop, [this] {
        session_.OnTick(loop_->NowMs());
        Pump();
      }) {
  timer_.Set(0);
}

PollClient::~PollClient() {
  session_.Abort();
  for (PollCall& call : session_.TakeCalls(loop_->NowMs())) Make(std::move(call));
  *self_ = nullptr;
  for (const uint64_t call : calls_) http_->Cancel(call);
}

void PollClient::Send(std::string packet) {
  session_.Send(std::move(packet));
  // What is sent in this turn of the loop goes in one request.
  timer_.Set(0);
}

void PollClient::Finish() {
  session_.Finish(loop_->NowMs());
  timer_.Set(0);
}

void PollClient::Make(PollCall call) {
  HttpCall http{.method = std::move(call.method),
                .url = origin_ + call.path,
                .headers = {"Content-Type: application/octet-stream"},
                .body = std::move(call.body),
                .timeout_ms = call.timeout_ms,
                .answer_bytes_max = kPollBodyBytesMax};
  if (!token_.empty()) http.headers.push_back("Authorization: Bearer " + token_);
  // That the server is told of the end is not waited for.
  if (http.method == "DELETE") {
    http_->Start(std::move(http), [](const HttpAnswer& /*answer*/) {});
    return;
  }
  if (http.method == "GET") {
    http.on_piece = [loop = loop_, self = self_] {
      loop->Post([self] {
        if (*self != nullptr && !(*self)->is_end_told_) (*self)->events_.on_piece();
      });
    };
  }
  const auto number = std::make_shared<uint64_t>(0);
  *number = http_->Start(
      std::move(http), [loop = loop_, self = self_, number, call = call.number](HttpAnswer answer) {
        loop->Post([loop, self, number, call, answer = std::move(answer)] {
          if (*self == nullptr) return;
          (*self)->calls_.erase(*number);
          (*self)->session_.OnAnswer(call, answer, loop->NowMs());
          (*self)->Pump();
        });
      });
  calls_.insert(*number);
}

void PollClient::Pump() {
  if (is_end_told_) return;
  if (session_.is_open() && !std::exchange(is_open_told_, true)) events_.on_open();
  for (const std::string& frame : session_.TakeFrames()) events_.on_packet(frame);
  for (PollCall& call : session_.TakeCalls(loop_->NowMs())) Make(std::move(call));
  if (const auto& end = session_.end()) {
    is_end_told_ = true;
    timer_.Clear();
    return events_.on_end(*end);
  }
  if (const auto next = session_.NextTimeMs()) timer_.Set(*next);
}

}  // namespace cotext::net
