// A client's end of a long-polled connection (poll_connection.h is the server's): which requests
// are to be made when, and what their answers mean. Packets go and come exactly once and in order,
// whatever requests and answers are lost.
//
//     POST /v1/connections -> a secret; then at the same time
//       one POST /v1/connections/SECRET/frames?first=N, with all that waits, again until answered
//       one GET  /v1/connections/SECRET/frames?after=N, held by the server until there are frames
//     and DELETE /v1/connections/SECRET in the end.
//
// 1. A frame is kept until the POST with it was answered; it has the same number each time.
// 2. A GET acknowledges what has come; what an answer that was lost had comes again.
// 3. A request without an answer, or answered 408, 429 or 5xx, is made again after a wait; the
//    connection is lost when that went on for lost_ms. Any other answer but success ends it at
//    once; for good, if a cotext server says to who wants to connect that he may not.
//
// Use: call inputs, then TakeCalls and make them. OnTick is due at NextTimeMs. Times are of one
// clock, in milliseconds. Linear in the frames. Thread-compatible.
#ifndef COTEXT_NET_CLIENT_POLL_SESSION_H_
#define COTEXT_NET_CLIENT_POLL_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/client/client_transport.h"
#include "net/client/http_client.h"

namespace cotext::net {

struct PollSessionOptions {
  // Less than a server waits for a GET before it gives a client up.
  uint64_t lost_ms = 12'000;
  uint64_t retry_ms_min = 100;
  uint64_t retry_ms_max = 3'000;
  uint64_t answer_ms_max = 10'000;  // For what is not held, and the line is not slow (HttpCall).
  // Of a POST, beside one frame, however large. What was answered within quick_ms makes the next
  // one twice as large, what took more than slow_ms half: so that a slow line is not held by one.
  size_t post_bytes_min = size_t{1} << 14U;
  size_t post_bytes_max = size_t{1} << 18U;
  uint64_t quick_ms = 1'000;
  uint64_t slow_ms = 4'000;
  // Answers to what is held come later than the server says by that at most.
  uint64_t late_ms_max = 10'000;
};

// A request to be made: its path comes behind the server's origin.
struct PollCall {
  uint64_t number = 0;
  std::string method = {};
  std::string path = {};
  std::string body = {};
  uint64_t timeout_ms = 0;
};

class PollSession {
 public:
  explicit PollSession(uint64_t now_ms, const PollSessionOptions& options = {})
      : options_(options),
        post_bytes_(options.post_bytes_min),
        connect_{.at_ms = now_ms, .wait_ms = options.retry_ms_min} {}

  void Send(std::string frame);
  // Ends it when all that was given to Send has come, or after kFinishMsMax.
  void Finish(uint64_t now_ms) { finish_by_ms_ = now_ms + kFinishMsMax; }
  // Ends it as it is; the server is told.
  void Abort() { End(ErrorCode::kIo, "the connection was closed here"); }
  // An answer to a call that was taken; others are passed over.
  void OnAnswer(uint64_t call, const HttpAnswer& answer, uint64_t now_ms);
  void OnTick(uint64_t now_ms);

  std::vector<PollCall> TakeCalls(uint64_t now_ms);
  std::vector<std::string> TakeFrames() { return std::exchange(frames_, {}); }
  std::optional<uint64_t> NextTimeMs() const;

  bool is_open() const { return !secret_.empty(); }
  const std::optional<ConnectionEnd>& end() const { return end_; }

 private:
  // Requests of one kind, of which there is one at a time.
  struct Lane {
    uint64_t call = 0;   // Under way; 0: none.
    uint64_t at_ms = 0;  // Not before.
    uint64_t wait_ms = 0;
    std::optional<uint64_t> failing_since_ms = {};
  };

  void OnConnected(const HttpAnswer& answer, uint64_t now_ms);
  void OnPosted(const HttpAnswer& answer);
  void OnGot(const HttpAnswer& answer, uint64_t now_ms);
  // Returns whether the answer means something; if not, sees to it that it is asked again.
  bool TakeAnswer(Lane& lane, const HttpAnswer& answer, uint64_t now_ms);
  void End(ErrorCode code, std::string message, bool is_final = false);
  PollCall NewCall(Lane& lane, const char* method, std::string path);
  PollCall NewPost(uint64_t now_ms);
  void SizePosts(bool is_answered, uint64_t now_ms);

  PollSessionOptions options_;
  size_t post_bytes_;
  size_t posted_bytes_ = 0;
  uint64_t posted_at_ms_ = 0;
  uint64_t next_call_ = 1;
  std::string secret_;
  uint64_t held_ms_ = 0;
  Lane connect_;
  Lane post_ = {};
  Lane get_ = {};
  std::optional<uint64_t> finish_by_ms_;
  bool is_delete_due_ = false;
  std::optional<ConnectionEnd> end_;

  std::deque<std::string> queue_;  // Frames from first_ on.
  size_t queued_bytes_ = 0;
  uint64_t first_ = 1;
  size_t posted_ = 0;      // How many of them are under way.
  uint64_t received_ = 0;  // The last frame that came.
  std::vector<std::string> frames_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_POLL_SESSION_H_
