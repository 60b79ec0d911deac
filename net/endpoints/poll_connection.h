// A connection that is made of requests, for clients that cannot have another: reliable and in
// order both ways, whatever is lost, repeated or overtaken. What travels are packets, as frames.
//
//     up:    POST with frames and the number of the first, from 1. Those that came are passed over;
//            if one before is missing, none is taken and the client sends that first.
//     down:  GET with the number of the last frame that came. It acknowledges all up to that. The
//            answer waits for later ones, and has as many as may go at once; or, after held_ms,
//            none. One is held at a time: a newer one ends the older with none.
//
// 1. Frames down are kept until they are acknowledged, so an answer that was lost comes again.
// 2. A GET that acknowledges less than one before was overtaken, and is answered with none.
// 3. More than queue_bytes_max or queue_frames_max waiting ends the connection: it overflows.
// 4. It is lost when no GET is held and none came for absent_ms.
//
// Use: call inputs; then, at the end of a turn of the loop, TakeAnswers and send them. So all that
// was sent in a turn goes in one answer. It does nothing by itself: TakeAnswers is due at
// NextTimeMs. Requests have numbers of the caller's. Times are of one clock that does not go back,
// in milliseconds. Linear in the frames. Thread-compatible.
#ifndef COTEXT_NET_ENDPOINTS_POLL_CONNECTION_H_
#define COTEXT_NET_ENDPOINTS_POLL_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "net/base/poll_frames.h"

namespace cotext::net {

struct PollOptions {
  uint64_t held_ms = 25'000;
  uint64_t absent_ms = 15'000;
  // Of frames that were not acknowledged. More than a session's queue may hold at once.
  size_t queue_bytes_max = size_t{1} << 23U;
  size_t queue_frames_max = 16'384;
  size_t answer_bytes_max = size_t{1} << 18U;  // One frame at least goes, however large.
};

// An answer to a GET.
struct PollAnswer {
  enum class Kind : uint8_t { kFrames, kNone, kGone };
  uint64_t request = 0;
  Kind kind = Kind::kNone;
  std::string body = {};  // The frames.
};

// What became of a POST.
struct PollPost {
  // Frames were missing before these: none was taken.
  bool is_gap = false;
  uint64_t received = 0;                 // The last that came, of all.
  std::vector<std::string_view> frames;  // Those that are new, in order; they lie in the body.
};

class PollConnection {
 public:
  explicit PollConnection(uint64_t now_ms, const PollOptions& options = {})
      : options_(options), absent_since_ms_(now_ms) {}

  // What makes no sense is an error and changes nothing: kBadMessage, kTooLarge.
  // REQUIRES: !is_over().
  Expected<PollPost> OnPost(uint64_t first, std::string_view body);
  // `request` is answered by TakeAnswers, sooner or later, unless it returns an error.
  Expected<void> OnGet(uint64_t request, uint64_t after, uint64_t now_ms);

  // The client has given up waiting for an answer to a GET.
  void OnRequestGone(uint64_t request, uint64_t now_ms);

  // Queues a frame. REQUIRES: it has no more than kPollFrameBytesMax bytes.
  void Send(std::string frame);

  // Ends it once all that was sent is acknowledged. Nothing more is taken from the client.
  void Close() { is_closing_ = true; }

  std::vector<PollAnswer> TakeAnswers(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs() const;

  // What ended it; after that every GET is answered kGone.
  enum class End : uint8_t { kNot, kClosed, kOverflow, kLost };
  End end() const { return end_; }
  bool is_over() const { return end_ != End::kNot; }
  bool is_closing() const { return is_closing_; }

  // Whether a GET waits for frames: what it is given now goes at once.
  bool is_held() const { return held_.has_value(); }
  size_t queued_bytes() const { return queued_bytes_; }
  uint64_t received() const { return received_; }

 private:
  void Acknowledge(uint64_t up_to);
  void Answer(PollAnswer::Kind kind, std::string body, uint64_t now_ms);
  std::string TakeBody() const;

  PollOptions options_;
  uint64_t received_ = 0;          // The last frame that came up.
  uint64_t acknowledged_ = 0;      // The last frame down that is sure to have come.
  std::deque<std::string> queue_;  // Those after that one.
  size_t queued_bytes_ = 0;

  struct Held {
    uint64_t request = 0;
    uint64_t until_ms = 0;
  };
  std::optional<Held> held_ = std::nullopt;
  uint64_t absent_since_ms_;  // While none is held.
  std::vector<PollAnswer> answers_;
  bool is_closing_ = false;
  End end_ = End::kNot;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_POLL_CONNECTION_H_
